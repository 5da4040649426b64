"""drafts that may be signed instead of another"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("drafts", schema=None) as batch_op:
        batch_op.add_column(sa.Column("alternative_of", sa.String(length=40), nullable=True))
        batch_op.create_index(batch_op.f("ix_drafts_alternative_of"), ["alternative_of"], unique=False)
