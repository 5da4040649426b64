"""edits of replies and products, and their number"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "reply_edits",
        sa.Column("edit", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("reply_id", sa.String(length=120), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("action", sa.String(length=20), nullable=False),
        sa.Column("by", sa.String(length=120), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("in_use", sa.JSON(none_as_null=True), nullable=True),
        sa.PrimaryKeyConstraint("edit", name=op.f("pk_reply_edits")),
    )
    with op.batch_alter_table("reply_edits", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_reply_edits_reply_id_edit"), ["reply_id", "edit"], unique=False)

    op.create_table(
        "product_edits",
        sa.Column("edit", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("sku", sa.String(length=100), nullable=False),
        sa.Column("by", sa.String(length=120), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("document", sa.JSON(none_as_null=True), nullable=True),
        sa.PrimaryKeyConstraint("edit", name=op.f("pk_product_edits")),
    )
    with op.batch_alter_table("product_edits", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_product_edits_sku_edit"), ["sku", "edit"], unique=False)

    counters = op.create_table(
        "counters",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_counters")),
    )
    op.bulk_insert(counters, [{"name": "knowledge", "number": 0}])


def downgrade() -> None:
    raise NotImplementedError("migrations go forwards; restore a backup to go back")
