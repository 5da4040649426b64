"""sites that are changed over HTTP, and their keys"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "site_edits",
        sa.Column("edit", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("site", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("by", sa.String(length=120), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("edit", name=op.f("pk_site_edits")),
        sa.UniqueConstraint("site", "version", name=op.f("uq_site_edits_site_version")),
    )
    op.create_table(
        "site_keys",
        sa.Column("site", sa.String(length=64), nullable=False),
        sa.Column("publishable", sa.String(length=64), nullable=False),
        sa.Column("identity_secret", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("site", name=op.f("pk_site_keys")),
        sa.UniqueConstraint("publishable", name=op.f("uq_site_keys_publishable")),
    )
