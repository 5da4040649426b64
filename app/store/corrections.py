"""What people say that messages really were: proposed, and learned from after a second decision."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, RowMapping, Select, delete, insert, select, update

from app.domain import Analysis, Basis, BuyerMessage, Corrections
from app.store.ids import new_id
from app.store.tables import corrections, drafts, messages

Whole = Select[tuple[object, ...]]


@dataclass(frozen=True, slots=True)
class Proposal:
    """A correction with the message that it is about, and how that was read."""

    id: str
    draft_id: str
    digest: str
    labels: Corrections
    by: str
    at: datetime
    state: str  # proposed | accepted | refused
    decided_by: str | None
    decided_at: datetime | None
    message: BuyerMessage
    analysis: Analysis | None


def propose(
    connection: Connection, draft_id: str, digest: str, labels: Corrections, by: str, now: datetime
) -> str | None:
    """Keeps a proposal; the same labels for the same words by a second person accept the first one instead.

    Returns the id of what was kept or accepted; None where this person, or a decision, has said so before.
    """
    same = [row for row in _of(connection, digest) if Corrections.model_validate(row["labels"]) == labels]
    if any(row["by"] == by or row["state"] == "accepted" for row in same if row["state"] != "refused"):
        return None
    waiting = next((row for row in same if row["state"] == "proposed"), None)
    if waiting is not None:
        decide(connection, str(waiting["id"]), "accepted", by, now)
        return str(waiting["id"])
    proposal_id = new_id("p")
    values = {"draft_id": draft_id, "digest": digest, "labels": labels.model_dump(mode="json"), "by": by, "at": now}
    connection.execute(insert(corrections).values(id=proposal_id, state="proposed", **values))
    return proposal_id


def decide(connection: Connection, proposal_id: str, state: str, by: str, now: datetime) -> None:
    """Accepts or refuses. What else was said about the same words is refused with an acceptance: one truth a message."""
    decided = {"state": state, "decided_by": by, "decided_at": now}
    connection.execute(update(corrections).where(corrections.c.id == proposal_id).values(**decided))
    if state == "accepted":
        digest = select(corrections.c.digest).where(corrections.c.id == proposal_id).scalar_subquery()
        others = (
            (corrections.c.digest == digest) & (corrections.c.id != proposal_id) & (corrections.c.state != "refused")
        )
        connection.execute(update(corrections).where(others).values(**{**decided, "state": "refused"}))


def withdraw(connection: Connection, draft_id: str, by: str) -> None:
    """A decision about a draft was taken back, and with it what this person proposed; what was accepted since stays."""
    own = (corrections.c.draft_id == draft_id) & (corrections.c.by == by) & (corrections.c.state == "proposed")
    connection.execute(delete(corrections).where(own))


def find_proposal(connection: Connection, proposal_id: str) -> Proposal | None:
    """As it stands now."""
    row = connection.execute(_whole().where(corrections.c.id == proposal_id)).mappings().first()
    return _proposal(row) if row else None


def list_proposals(
    connection: Connection, state: str | None, limit: int, after: str | None = None
) -> tuple[Sequence[Proposal], str | None]:
    """The newest first, and the id after which the next page begins; None at the end."""
    query = _whole().order_by(corrections.c.at.desc(), corrections.c.id.desc())
    if state is not None:
        query = query.where(corrections.c.state == state)
    if after is not None:
        last = select(corrections.c.at).where(corrections.c.id == after).scalar_subquery()
        query = query.where((corrections.c.at < last) | ((corrections.c.at == last) & (corrections.c.id < after)))
    found = [_proposal(row) for row in connection.execute(query.limit(limit + 1)).mappings()]
    return found[:limit], found[limit - 1].id if len(found) > limit else None


def list_accepted(connection: Connection) -> Sequence[Proposal]:
    """All that may be learned from, oldest first."""
    query = _whole().where(corrections.c.state == "accepted").order_by(corrections.c.at, corrections.c.id)
    return [_proposal(row) for row in connection.execute(query).mappings()]


def _of(connection: Connection, digest: str) -> Sequence[RowMapping]:
    query = select(corrections).where(corrections.c.digest == digest).order_by(corrections.c.at)
    return connection.execute(query).mappings().all()


def _whole() -> Whole:
    joined = corrections.join(drafts, drafts.c.id == corrections.c.draft_id)
    joined = joined.join(messages, messages.c.id == drafts.c.message_id)
    return select(corrections, drafts.c.basis, messages.c.analysis).select_from(joined)


def _proposal(row: RowMapping) -> Proposal:
    own = {name: row[name] for name in ("id", "draft_id", "digest", "by", "at", "state", "decided_by", "decided_at")}
    return Proposal(
        **own, labels=Corrections.model_validate(row["labels"]), message=Basis.model_validate(row["basis"]).message,
        analysis=Analysis.model_validate(row["analysis"]) if row["analysis"] else None,
    )  # fmt: skip
