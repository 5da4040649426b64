"""What was drafted and what people made of it, over a span of time: the rows that figures and gaps are made from."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, RowMapping, select

from app.domain import Analysis, Basis, Draft
from app.store.tables import drafts


@dataclass(frozen=True, slots=True)
class Case:
    """A draft with what it was made from and what was signed instead (None: nothing was)."""

    draft_id: str
    message_id: str
    conversation_id: str
    intent: str
    basis: Basis
    body: Draft
    analysis: Analysis | None
    signed: str | None
    agent: str | None


def list_unserved(connection: Connection, since: datetime, until: datetime, limit: int) -> Sequence[Case]:
    """The newest drafts of that time that no vetted reply answered, or whose text an agent changed; newest first."""
    unserved = (drafts.c.verdict == "no_vetted_reply") | drafts.c.edited
    when = (drafts.c.created_at >= since) & (drafts.c.created_at < until)
    standing = drafts.c.alternative_of.is_(None) & (drafts.c.status != "superseded")
    query = select(drafts).where(unserved & when & standing).order_by(drafts.c.created_at.desc(), drafts.c.id)
    return [_case(row) for row in connection.execute(query.limit(limit)).mappings()]


def _case(row: RowMapping) -> Case:
    signed = row["status"] in ("approved", "sent")
    return Case(
        draft_id=str(row["id"]),
        message_id=str(row["message_id"]),
        conversation_id=str(row["conversation_id"]),
        intent=str(row["intent"]),
        basis=Basis.model_validate(row["basis"]),
        body=Draft.model_validate(row["body"]),
        analysis=Analysis.model_validate(row["analysis"]) if row["analysis"] else None,
        signed=str(row["text"]) if signed else None,
        agent=str(row["approved_by"]) if signed else None,
    )
