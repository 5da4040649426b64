"""Events of shops that a draft was made of. Of the others nothing is kept: they may be told again."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, insert, select

from app.store.tables import conversations, drafts, messages, order_events


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """`about` is the order, product, season or buyer; `digest` is of the event as it came."""

    site: str
    id: str
    digest: str
    type: str
    buyer_id: str
    about: str
    at: datetime
    draft_id: str = ""  # empty: none is made yet


def add_event(connection: Connection, event: StoredEvent) -> None:
    """Keeps an event; its id is unique in its site."""
    values = {name: getattr(event, name) for name in StoredEvent.__dataclass_fields__}
    connection.execute(insert(order_events).values(**values))


def find_event(connection: Connection, site: str, event_id: str) -> StoredEvent | None:
    """The event of that id."""
    where = (order_events.c.site == site) & (order_events.c.id == event_id)
    row = connection.execute(select(order_events).where(where)).mappings().first()
    return StoredEvent(**row) if row else None


def was_drafted(connection: Connection, event: StoredEvent) -> bool:
    """Whether the same buyer was written to about the same matter by the same kind of event."""
    same = (
        (order_events.c.site == event.site)
        & (order_events.c.buyer_id == event.buyer_id)
        & (order_events.c.type == event.type)
        & (order_events.c.about == event.about)
    )
    query = select(order_events.c.id).where(same).limit(1)
    return connection.execute(query).first() is not None


def count_drafted(connection: Connection, event: StoredEvent, since: datetime, types: Collection[str]) -> int:
    """How many drafts of these kinds the buyer's events led to since then."""
    same = (order_events.c.site == event.site) & (order_events.c.buyer_id == event.buyer_id)
    when = (order_events.c.at > since) & (order_events.c.at <= event.at)
    made = order_events.c.type.in_(types)
    return connection.execute(select(func.count()).select_from(order_events).where(same & when & made)).scalar_one()


def has_complaint(connection: Connection, event: StoredEvent, since: datetime, intents: Collection[str]) -> bool:
    """Whether the buyer has written about one of these intents since then, on any channel of the site."""
    query = (
        select(drafts.c.id)
        .join(messages, messages.c.id == drafts.c.message_id)
        .join(conversations, conversations.c.id == drafts.c.conversation_id)
        .where((conversations.c.site == event.site) & (conversations.c.buyer_id == event.buyer_id))
        .where((messages.c.at > since) & drafts.c.intent.in_(intents) & (drafts.c.status != "rejected"))
    )
    return connection.execute(query.limit(1)).first() is not None
