"""The queue over the drafts: filtered, ordered and counted in one index, without touching the wide rows."""

import base64
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, func, insert, literal, or_, select, union_all

from app.domain import Basis, Draft
from app.errors import InvalidInput, Pointer
from app.store.tables import draft_words, drafts

PRIORITIES = ("low", "normal", "high", "urgent")
FACETS = ("language", "market", "intent", "emotion", "channel", "site", "verdict")
MAX_WORDS = 2000  # characters of one draft that are searched


@dataclass(frozen=True, slots=True)
class DraftFilter:
    """What the queue shows; None means all. `q` is looked for in what the buyer wrote, the reply, names and numbers."""

    status: str | None = None
    language: str | None = None
    market: str | None = None
    intent: str | None = None
    emotion: str | None = None
    channel: str | None = None
    site: str | None = None
    assignee: str | None = None
    verdict: str | None = None
    conversation_id: str | None = None
    q: str | None = None


def page_of(
    connection: Connection, wanted: DraftFilter, now: datetime, limit: int, cursor: str | None, sort: str
) -> tuple[Sequence[str], str | None]:
    """The ids of one page in order, and the cursor of the next page."""
    query = narrowed(select(drafts.c.id, drafts.c.priority, drafts.c.created_at), wanted, now)
    if sort == "priority":
        query = query.order_by(drafts.c.priority.desc(), drafts.c.created_at, drafts.c.id)
    else:
        query = query.order_by(drafts.c.created_at.desc(), drafts.c.id)
    if cursor is not None:
        query = query.where(_after(cursor, sort))
    rows = connection.execute(query.limit(limit + 1)).all()
    return [row.id for row in rows[:limit]], _cursor(rows[limit - 1]) if len(rows) > limit else None


def count_drafts(connection: Connection) -> dict[str, int]:
    """How many drafts are in each status."""
    rows = connection.execute(select(drafts.c.status, func.count()).where(IN_SIGHT).group_by(drafts.c.status))
    return {str(status): int(count) for status, count in rows}


def count_facets(connection: Connection, wanted: DraftFilter, now: datetime) -> Mapping[str, Mapping[str, int]]:
    """Of the drafts that fit, how many have which value; the commonest first."""
    found = narrowed(select(*(drafts.c[name] for name in FACETS)), wanted, now).cte("found")
    each = (select(literal(name), found.c[name], func.count()).group_by(found.c[name]) for name in FACETS)
    counts: dict[str, Counter[str]] = {name: Counter() for name in FACETS}
    for name, value, number in connection.execute(union_all(*each)):
        if value is not None:
            counts[name][str(value)] = number
    return {name: dict(numbers.most_common()) for name, numbers in counts.items()}


def narrowed(query: Select[tuple[object, ...]], wanted: DraftFilter, now: datetime) -> Select[tuple[object, ...]]:
    """With the conditions of the filter."""
    query = query.where(IN_SIGHT)
    for column, value in (
        (drafts.c.status, wanted.status),
        (drafts.c.market, wanted.market),
        (drafts.c.intent, wanted.intent),
        (drafts.c.emotion, wanted.emotion),
        (drafts.c.channel, wanted.channel),
        (drafts.c.site, wanted.site),
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
    if wanted.q is not None:
        query = query.join(draft_words, draft_words.c.draft_id == drafts.c.id)
        for word in wanted.q.casefold().split():
            query = query.where(draft_words.c.words.contains(word, autoescape=True))
    return query


# An alternative is seen beside its draft; in a list it stands only once it was signed.
IN_SIGHT = or_(drafts.c.alternative_of.is_(None), drafts.c.status.in_(("approved", "sent")))


def keep_words(connection: Connection, draft_id: str, basis: Basis, body: Draft) -> None:
    """What a new draft can be found by."""
    message, order = basis.message, basis.message.order
    numbers = (order.id, order.tracking_number) if order else ()
    parts = (draft_id, message.buyer.name, *numbers, message.text, body.text)
    words = " ".join(part for part in parts if part).casefold()[:MAX_WORDS]
    connection.execute(insert(draft_words).values(draft_id=draft_id, words=words))


def _cursor(row: Row[tuple[object, ...]]) -> str:
    return base64.urlsafe_b64encode(json.dumps([row.priority, row.created_at.isoformat(), row.id]).encode()).decode()


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
