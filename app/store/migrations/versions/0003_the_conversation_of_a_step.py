"""the conversation that a step of the trail belongs to"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("audit", schema=None) as batch_op:
        batch_op.add_column(sa.Column("conversation_id", sa.String(length=40), nullable=True))
        batch_op.create_index(batch_op.f("ix_audit_conversation_id_id"), ["conversation_id", "id"], unique=False)
