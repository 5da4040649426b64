"""Reviews with all that they were about: what feedback is made of."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, RowMapping, and_, exists, select

from app.domain import Analysis, Basis, Corrections, Draft
from app.feedback import Reviewed
from app.store.tables import drafts, messages, reviews, revisions

DECISIONS = ("approved", "edited", "rejected")


def list_reviewed(
    connection: Connection, after: str | None, limit: int, since: datetime | None = None
) -> tuple[Sequence[Reviewed], str | None]:
    """Decisions that stand, newest first, and the id after which the next page begins; None at the end."""
    undone = reviews.alias("undone")
    taken_back = exists().where(
        and_(undone.c.draft_id == reviews.c.draft_id, undone.c.decision == "undone", undone.c.at >= reviews.c.at)
    )
    query = (
        select(reviews, revisions.c.body, drafts.c.basis, messages.c.analysis)
        .join(drafts, drafts.c.id == reviews.c.draft_id)
        .join(messages, messages.c.id == drafts.c.message_id)
        .join(revisions, and_(revisions.c.draft_id == drafts.c.id, revisions.c.revision == reviews.c.revision))
        .where(reviews.c.decision.in_(DECISIONS) & ~taken_back & (messages.c.sender == "buyer"))
        .order_by(reviews.c.at.desc(), reviews.c.id.desc())
    )
    if since is not None:
        query = query.where(reviews.c.at >= since)
    if after is not None:
        last = select(reviews.c.at).where(reviews.c.id == after).scalar_subquery()
        query = query.where((reviews.c.at < last) | ((reviews.c.at == last) & (reviews.c.id < after)))
    found = [_reviewed(row) for row in connection.execute(query.limit(limit + 1)).mappings()]
    return found[:limit], found[limit - 1].id if len(found) > limit else None


def _reviewed(row: RowMapping) -> Reviewed:
    return Reviewed(
        id=row["id"], draft_id=row["draft_id"], at=row["at"], decision=row["decision"], reason=row["reason"], text=row["text"],
        corrected=Corrections.model_validate(row["corrections"] or {}), message=Basis.model_validate(row["basis"]).message,
        analysis=Analysis.model_validate(row["analysis"]) if row["analysis"] else None, draft=Draft.model_validate(row["body"]),
    )  # fmt: skip
