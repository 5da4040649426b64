"""events that shops told us of"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "order_events",
        sa.Column("site", sa.String(length=200), nullable=False),
        sa.Column("id", sa.String(length=200), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("type", sa.String(length=60), nullable=False),
        sa.Column("buyer_id", sa.String(length=200), nullable=False),
        sa.Column("about", sa.String(length=260), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("draft_id", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["draft_id"], ["drafts.id"], name=op.f("fk_order_events_draft_id")),
        sa.PrimaryKeyConstraint("site", "id", name=op.f("pk_order_events")),
    )
    op.create_index("ix_order_events_site_buyer_id_at", "order_events", ["site", "buyer_id", "at"], unique=False)
