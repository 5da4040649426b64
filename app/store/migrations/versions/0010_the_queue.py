"""what the queue is filtered and searched by"""

import json

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

QUEUE = [
    "status", "priority", "created_at", "id", "language", "market", "intent", "emotion", "channel", "site", "verdict",
    "claimed_by", "claimed_until", "snoozed_until", "alternative_of",
]  # fmt: skip


def upgrade() -> None:
    with op.batch_alter_table("drafts", schema=None) as batch_op:
        batch_op.add_column(sa.Column("market", sa.String(length=2), nullable=True))
        batch_op.add_column(sa.Column("emotion", sa.String(length=40), nullable=True))
        batch_op.add_column(sa.Column("channel", sa.String(length=40), nullable=True))
        batch_op.add_column(sa.Column("site", sa.String(length=200), nullable=True))
        batch_op.add_column(sa.Column("analysis", sa.JSON(none_as_null=True), nullable=True))
        batch_op.drop_index("ix_drafts_status_priority_created_at_id")
        batch_op.create_index("ix_drafts_queue", QUEUE, unique=False)
    op.create_table(
        "draft_words",
        sa.Column("draft_id", sa.String(length=40), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["draft_id"], ["drafts.id"], name=op.f("fk_draft_words_draft_id")),
        sa.PrimaryKeyConstraint("draft_id", name=op.f("pk_draft_words")),
    )
    _fill()


def _fill() -> None:
    """Drafts of before get what their own record tells."""
    drafts = sa.table("drafts", *(sa.column(name) for name in ("id", "basis", "text", "market", "channel", "site")))
    words = sa.table("draft_words", sa.column("draft_id"), sa.column("words"))
    connection = op.get_bind()
    for row in connection.execute(sa.select(drafts.c.id, drafts.c.basis, drafts.c.text)).all():
        basis = row.basis if isinstance(row.basis, dict) else json.loads(row.basis)
        message = basis["message"]
        known = {"market": message["buyer"].get("country"), "channel": message["channel"], "site": message["site"]}
        connection.execute(sa.update(drafts).where(drafts.c.id == row.id).values(**known))
        found = f"{row.id} {message['text']} {row.text}".casefold()[:2000]
        connection.execute(sa.insert(words).values(draft_id=row.id, words=found))
