"""Drafts with their revisions, the queue over them, reviews, and the outbox from which approved replies leave."""

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, RowMapping, Select, and_, delete, func, insert, or_, select, update

from app.domain import Basis, Draft, Drafted, DraftStatus
from app.errors import InvalidInput, Pointer
from app.store.ids import new_id
from app.store.tables import drafts, messages, outbox, reviews, revisions

PRIORITIES = ("low", "normal", "high", "urgent")


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
    text: str
    claimed_by: str | None
    claimed_until: datetime | None
    snoozed_until: datetime | None
    approved_by: str | None
    approved_at: datetime | None
    sent_at: datetime | None
    superseded_by: str | None
    alternative_of: str | None  # the draft in the queue that this one may be signed instead of


@dataclass(frozen=True, slots=True)
class DraftFilter:
    """What the queue shows; None means all."""

    status: str | None = None
    language: str | None = None
    intent: str | None = None
    assignee: str | None = None
    verdict: str | None = None
    conversation_id: str | None = None


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
    body = drafted.draft
    return {
        "verdict": body.verdict, "language": body.language, "intent": drafted.analysis.intents[0].id, "priority": PRIORITIES.index(drafted.analysis.priority.level),
        "basis": basis.model_dump(mode="json", by_alias=True), "body": body.model_dump(mode="json", by_alias=True), "text": body.text,
    }  # fmt: skip


def find_draft(connection: Connection, draft_id: str, lock: bool = False) -> StoredDraft | None:
    """With `lock` the row is held until the transaction ends (PostgreSQL; SQLite's writer holds all)."""
    query = select(drafts).where(drafts.c.id == draft_id)
    row = connection.execute(query.with_for_update() if lock else query).mappings().first()
    return _draft(row) if row else None


def list_drafts(
    connection: Connection, wanted: DraftFilter, now: datetime, limit: int, cursor: str | None, sort: str = "priority"
) -> tuple[Sequence[StoredDraft], str | None]:
    """One page of the queue and the cursor of the next; snoozed drafts are left out of the pending ones."""
    query = _filtered(wanted, now)
    if sort == "priority":
        query = query.order_by(drafts.c.priority.desc(), drafts.c.created_at, drafts.c.id)
    else:
        query = query.order_by(drafts.c.created_at.desc(), drafts.c.id)
    if cursor is not None:
        query = query.where(_after(cursor, sort))
    rows = connection.execute(query.limit(limit + 1)).mappings().all()
    page = [_draft(row) for row in rows[:limit]]
    return page, _cursor(rows[limit - 1]) if len(rows) > limit else None


def count_drafts(connection: Connection) -> dict[str, int]:
    """How many drafts are in each status."""
    rows = connection.execute(select(drafts.c.status, func.count()).where(_IN_SIGHT).group_by(drafts.c.status))
    return {str(status): int(count) for status, count in rows}


# An alternative is seen beside its draft; in a list it stands only once it was signed.
_IN_SIGHT = or_(drafts.c.alternative_of.is_(None), drafts.c.status.in_(("approved", "sent")))


def _filtered(wanted: DraftFilter, now: datetime) -> Select[tuple[object, ...]]:
    query = select(drafts).where(_IN_SIGHT)
    for column, value in (
        (drafts.c.status, wanted.status),
        (drafts.c.intent, wanted.intent),
        (drafts.c.claimed_by, wanted.assignee),
        (drafts.c.verdict, wanted.verdict),
        (drafts.c.conversation_id, wanted.conversation_id),
    ):
        if value is not None:
            query = query.where(column == value)
    if wanted.language is not None:
        query = query.where(or_(drafts.c.language == wanted.language, drafts.c.language.like(f"{wanted.language}-%")))
    if wanted.status == "pending":
        query = query.where(or_(drafts.c.snoozed_until.is_(None), drafts.c.snoozed_until <= now))
    return query


def _cursor(row: RowMapping) -> str:
    created = row["created_at"]
    return base64.urlsafe_b64encode(json.dumps([row["priority"], created.isoformat(), row["id"]]).encode()).decode()


def _after(cursor: str, sort: str) -> ColumnElement[bool]:
    try:
        priority, created, draft_id = json.loads(base64.urlsafe_b64decode(cursor.encode()))
        moment = datetime.fromisoformat(created)
    except (ValueError, TypeError) as error:
        raise InvalidInput("the cursor is not one of ours", (Pointer("/query/cursor", "unreadable"),)) from error
    if sort == "priority":
        later = or_(drafts.c.created_at > moment, and_(drafts.c.created_at == moment, drafts.c.id > draft_id))
        return or_(drafts.c.priority < priority, and_(drafts.c.priority == priority, later))
    return or_(drafts.c.created_at < moment, and_(drafts.c.created_at == moment, drafts.c.id > draft_id))


def find_pending_of(connection: Connection, conversation_id: str) -> Sequence[StoredDraft]:
    """The pending drafts of a conversation, oldest first."""
    rows = connection.execute(
        select(drafts)
        .where((drafts.c.conversation_id == conversation_id) & (drafts.c.status == "pending") & _IN_SIGHT)
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
    values = {name: row[name] for name in StoredDraft.__dataclass_fields__ if name not in ("basis", "body", "priority")}
    return StoredDraft(
        **values,
        basis=Basis.model_validate(row["basis"]),
        body=Draft.model_validate(row["body"]),
        priority=PRIORITIES[int(str(row["priority"]))],
    )
