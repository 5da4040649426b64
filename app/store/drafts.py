"""Drafts with their revisions, the queue over them, reviews, and the outbox from which approved replies leave."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, RowMapping, delete, insert, or_, select, update

from app.domain import Analysis, Basis, Draft, Drafted, DraftStatus
from app.store.database import hold
from app.store.ids import new_id
from app.store.queue import IN_SIGHT, PRIORITIES, DraftFilter, keep_words, page_of
from app.store.tables import drafts, messages, outbox, reviews, revisions


@dataclass(frozen=True, slots=True)
class StoredDraft:
    """A draft as kept: identity, state and the body of its newest revision."""

    id: str
    message_id: str
    conversation_id: str
    revision: int
    status: DraftStatus
    edited: bool
    priority: str
    created_at: datetime
    updated_at: datetime
    basis: Basis
    body: Draft
    analysis: Analysis | None  # None: drafted before the reading of a revision was kept
    text: str
    claimed_by: str | None
    claimed_until: datetime | None
    snoozed_until: datetime | None
    approved_by: str | None
    approved_at: datetime | None
    sent_at: datetime | None
    superseded_by: str | None
    market: str | None
    alternative_of: str | None  # the draft in the queue that this one may be signed instead of


def add_draft(
    connection: Connection, message_id: str, conversation_id: str, basis: Basis, drafted: Drafted, now: datetime
) -> str:
    """A first revision; a message that needs no reply is stored with its verdict all the same. Returns the id."""
    draft_id = _insert(connection, message_id, conversation_id, basis, drafted, now)
    connection.execute(update(messages).where(messages.c.id == message_id).values(draft_id=draft_id))
    return draft_id


def add_alternative(connection: Connection, draft: StoredDraft, basis: Basis, drafted: Drafted, now: datetime) -> str:
    """Another draft of the same message, beside the one in the queue. Returns the id."""
    return _insert(connection, draft.message_id, draft.conversation_id, basis, drafted, now, alternative_of=draft.id)


def _insert(
    connection: Connection, message_id: str, conversation_id: str, basis: Basis, drafted: Drafted, now: datetime, alternative_of: str | None = None
) -> str:  # fmt: skip
    draft_id, body = new_id("d"), drafted.draft
    connection.execute(
        insert(drafts).values(
            id=draft_id, message_id=message_id, conversation_id=conversation_id, revision=1, status="pending", edited=False, created_at=now, updated_at=now, alternative_of=alternative_of, **_columns(basis, drafted)
        )
    )  # fmt: skip
    connection.execute(
        insert(revisions).values(
            draft_id=draft_id, revision=1, at=now, body=body.model_dump(mode="json", by_alias=True)
        )
    )
    keep_words(connection, draft_id, basis, body)
    return draft_id


def find_beside(connection: Connection, draft: StoredDraft) -> Sequence[str]:
    """The ids of the pending drafts that one of the same message would be signed instead of."""
    first = draft.alternative_of or draft.id
    same = or_(drafts.c.id == first, drafts.c.alternative_of == first)
    query = select(drafts.c.id).where(same & (drafts.c.id != draft.id) & (drafts.c.status == "pending"))
    return [str(found) for found in connection.execute(query.order_by(drafts.c.id)).scalars()]


def reopen_beside(connection: Connection, draft: StoredDraft, now: datetime) -> None:
    """Makes pending again what was superseded when this draft was signed."""
    same = (drafts.c.message_id == draft.message_id) & (drafts.c.superseded_by == draft.id)
    same &= drafts.c.updated_at == draft.approved_at  # what went before that signature stays out of the way
    connection.execute(update(drafts).where(same).values(status="pending", superseded_by=None, updated_at=now))


def add_revision(
    connection: Connection, draft_id: str, revision: int, basis: Basis, drafted: Drafted, now: datetime
) -> None:
    """The next revision in place of the one before, which is kept."""
    connection.execute(
        update(drafts)
        .where(drafts.c.id == draft_id)
        .values(revision=revision, updated_at=now, **_columns(basis, drafted))
    )
    connection.execute(
        insert(revisions).values(
            draft_id=draft_id, revision=revision, at=now, body=drafted.draft.model_dump(mode="json", by_alias=True)
        )
    )


def _columns(basis: Basis, drafted: Drafted) -> dict[str, object]:
    body, message = drafted.draft, basis.message
    return {
        "verdict": body.verdict, "language": body.language, "intent": drafted.analysis.intents[0].id, "priority": PRIORITIES.index(drafted.analysis.priority.level),
        "basis": basis.model_dump(mode="json", by_alias=True), "body": body.model_dump(mode="json", by_alias=True), "text": body.text,
        "market": _market(basis, body), "emotion": drafted.analysis.emotion.id, "channel": message.channel, "site": message.site, "analysis": drafted.analysis.model_dump(mode="json"),
    }  # fmt: skip


def _market(basis: Basis, body: Draft) -> str | None:
    """The buyer's country where it is known, else the region that the draft is worded for."""
    named = basis.message.options.market
    region = body.language.rpartition("-")[2]
    return (
        named
        if named != "auto"
        else basis.message.buyer.country or (region if len(region) == 2 and region.isupper() else None)
    )


def find_draft(connection: Connection, draft_id: str, lock: bool = False) -> StoredDraft | None:
    """With `lock` the row is held until the transaction ends (PostgreSQL; SQLite's writer holds all).

    Its conversation is held first: who signs one of several drafts and who supersedes them all would wait for each other.
    """
    query = select(drafts).where(drafts.c.id == draft_id)
    if lock:
        hold(
            connection, f"conversation {connection.execute(query.with_only_columns(drafts.c.conversation_id)).scalar()}"
        )
    row = connection.execute(query.with_for_update() if lock else query).mappings().first()
    return _draft(row) if row else None


def list_drafts(
    connection: Connection, wanted: DraftFilter, now: datetime, limit: int, cursor: str | None, sort: str = "priority"
) -> tuple[Sequence[StoredDraft], str | None]:
    """One page of the queue and the cursor of the next; snoozed drafts are left out of the pending ones."""
    ids, following = page_of(connection, wanted, now, limit, cursor, sort)
    rows = connection.execute(select(drafts).where(drafts.c.id.in_(ids))).mappings()
    found = {str(row["id"]): _draft(row) for row in rows}
    return [found[draft_id] for draft_id in ids], following


def find_pending_of(connection: Connection, conversation_id: str) -> Sequence[StoredDraft]:
    """The pending drafts of a conversation, oldest first."""
    rows = connection.execute(
        select(drafts)
        .where((drafts.c.conversation_id == conversation_id) & (drafts.c.status == "pending") & IN_SIGHT)
        .order_by(drafts.c.created_at)
    ).mappings()
    return [_draft(row) for row in rows]


def change(connection: Connection, draft_id: str, now: datetime, **values: object) -> None:
    """Sets columns of a draft."""
    connection.execute(update(drafts).where(drafts.c.id == draft_id).values(updated_at=now, **values))


def add_review(
    connection: Connection, draft_id: str, revision: int, agent: str, decision: str, at: datetime, **more: object
) -> None:
    """What an agent decided; `more`: text, reason, note, corrections, override."""
    connection.execute(
        insert(reviews).values(
            id=new_id("r"), draft_id=draft_id, revision=revision, agent=agent, decision=decision, at=at, **more
        )
    )


def list_reviews(connection: Connection, draft_id: str) -> Sequence[Mapping[str, object]]:
    """All decisions about a draft, oldest first."""
    return [
        dict(row)
        for row in connection.execute(
            select(reviews).where(reviews.c.draft_id == draft_id).order_by(reviews.c.at)
        ).mappings()
    ]


def put_in_outbox(connection: Connection, draft_id: str, text: str, leaves_at: datetime) -> None:
    """The reply waits for its undo window; the draft's id is unique there, so it can leave once only."""
    connection.execute(insert(outbox).values(id=new_id("o"), draft_id=draft_id, text=text, leaves_at=leaves_at))


def find_in_outbox(connection: Connection, draft_id: str) -> Mapping[str, object] | None:
    """The row of a reply that waits or has left."""
    row = connection.execute(select(outbox).where(outbox.c.draft_id == draft_id)).mappings().first()
    return dict(row) if row else None


def take_from_outbox(connection: Connection, draft_id: str) -> None:
    """Undo: the reply no longer waits."""
    connection.execute(delete(outbox).where((outbox.c.draft_id == draft_id) & outbox.c.sent_at.is_(None)))


def mark_sent(connection: Connection, draft_id: str, at: datetime) -> bool:
    """True for the one call that marks it; False where it was marked before."""
    result = connection.execute(
        update(outbox).where((outbox.c.draft_id == draft_id) & outbox.c.sent_at.is_(None)).values(sent_at=at)
    )
    return result.rowcount == 1


def lease(minutes: int, now: datetime) -> datetime:
    """When a claim made now ends."""
    return now + timedelta(minutes=minutes)


def _draft(row: RowMapping) -> StoredDraft:
    values = {
        name: row[name]
        for name in StoredDraft.__dataclass_fields__
        if name not in ("basis", "body", "analysis", "priority")
    }
    return StoredDraft(
        **values,
        basis=Basis.model_validate(row["basis"]),
        body=Draft.model_validate(row["body"]),
        analysis=Analysis.model_validate(row["analysis"]) if row["analysis"] else None,
        priority=PRIORITIES[int(str(row["priority"]))],
    )
