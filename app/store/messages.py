"""Conversations and the messages in them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, RowMapping, func, insert, select, update

from app.domain import Analysis, BuyerMessage, Turn
from app.store.database import hold
from app.store.ids import new_id
from app.store.tables import conversations, messages


@dataclass(frozen=True, slots=True)
class StoredMessage:
    """A message as kept; `analysis` is None for the shop's own."""

    id: str
    conversation_id: str
    sender: str  # buyer | seller | event (nobody wrote: the shop is to write first)
    text: str
    at: datetime
    body: BuyerMessage | None
    analysis: Analysis | None
    draft_id: str | None
    external_id: str | None


def hold_place_of(connection: Connection, message: BuyerMessage, external_id: str | None) -> None:
    """What comes from the same buyer, or under the same id, at the same time is stored one after the other."""
    for kind, value in (("buyer", message.buyer.id), ("message", external_id)):
        if value is not None:
            hold(connection, f"{kind} {message.site} {message.channel} {value}")


def find_by_external_id(connection: Connection, site: str, channel: str, external_id: str) -> StoredMessage | None:
    """The message that came with that id from that channel."""
    where = (messages.c.site == site) & (messages.c.channel == channel) & (messages.c.external_id == external_id)
    row = connection.execute(select(messages).where(where)).mappings().first()
    return _message(row) if row else None


def get_message(connection: Connection, message_id: str) -> StoredMessage:
    """Raises NoResultFound where there is none."""
    return _message(connection.execute(select(messages).where(messages.c.id == message_id)).mappings().one())


def find_conversation(connection: Connection, conversation_id: str) -> Mapping[str, object] | None:
    """The row of a conversation."""
    row = connection.execute(select(conversations).where(conversations.c.id == conversation_id)).mappings().first()
    return dict(row) if row else None


def find_open_conversation(connection: Connection, message: BuyerMessage, rest: timedelta) -> str | None:
    """The conversation of the same site, channel and buyer that has not come to rest."""
    if message.buyer.id is None:
        return None
    same = (
        (conversations.c.site == message.site)
        & (conversations.c.channel == message.channel)
        & (conversations.c.buyer_id == message.buyer.id)
    )
    recent = conversations.c.last_at >= message.received_at - rest
    return connection.execute(
        select(conversations.c.id).where(same & recent).order_by(conversations.c.last_at.desc()).limit(1)
    ).scalar()


def list_disputed(connection: Connection, since: datetime) -> Mapping[str, BuyerMessage]:
    """By conversation: its newest message or event of that time, where the order in it has an open dispute."""
    opened = messages.c.body[("order", "dispute", "opened_at")].as_string()
    newest = (
        select(messages.c.conversation_id, func.max(messages.c.at).label("at"))
        .where((messages.c.at >= since) & messages.c.sender.in_(("buyer", "event")))
        .group_by(messages.c.conversation_id)
        .subquery()
    )
    same = (messages.c.conversation_id == newest.c.conversation_id) & (messages.c.at == newest.c.at)
    query = select(messages.c.conversation_id, messages.c.body).join(newest, same).where(opened.is_not(None))
    return {str(row[0]): BuyerMessage.model_validate(row[1]) for row in connection.execute(query)}


def start_conversation(connection: Connection, message: BuyerMessage) -> str:
    """A new conversation; returns its id."""
    conversation_id = new_id("c")
    values = {"id": conversation_id, "site": message.site, "channel": message.channel, "buyer_id": message.buyer.id}
    connection.execute(
        insert(conversations).values(**values, started_at=message.received_at, last_at=message.received_at)
    )
    return conversation_id


def add_buyer_message(
    connection: Connection,
    conversation_id: str,
    message: BuyerMessage,
    external_id: str | None,
    analysis: Analysis,
    now: datetime,
) -> str:
    """Stores what came in, from the buyer or as an event; returns the message's id."""
    message_id, sender = new_id("m"), "buyer" if message.event is None else "event"
    connection.execute(
        insert(messages).values(
            id=message_id, conversation_id=conversation_id, sender=sender, site=message.site, channel=message.channel, external_id=external_id, text=message.text,
            at=message.received_at, stored_at=now, body=message.model_dump(mode="json", by_alias=True), analysis=analysis.model_dump(mode="json"),
        )
    )  # fmt: skip
    _touch(connection, conversation_id, message.received_at)
    return message_id


def add_seller_message(
    connection: Connection, conversation_id: str, site: str, channel: str, text: str, draft_id: str, now: datetime
) -> str:
    """Stores what went out; returns the message's id."""
    message_id = new_id("m")
    connection.execute(
        insert(messages).values(
            id=message_id,
            conversation_id=conversation_id,
            sender="seller",
            site=site,
            channel=channel,
            text=text,
            at=now,
            stored_at=now,
            body={},
            draft_id=draft_id,
        )
    )
    _touch(connection, conversation_id, now)
    return message_id


def _touch(connection: Connection, conversation_id: str, at: datetime) -> None:
    connection.execute(
        update(conversations)
        .where((conversations.c.id == conversation_id) & (conversations.c.last_at < at))
        .values(last_at=at)
    )


def list_messages(connection: Connection, conversation_id: str) -> Sequence[StoredMessage]:
    """All messages of a conversation, oldest first."""
    rows = connection.execute(
        select(messages)
        .where(messages.c.conversation_id == conversation_id)
        .order_by(messages.c.at, messages.c.stored_at)
    ).mappings()
    return [_message(row) for row in rows]


def turns(stored: Sequence[StoredMessage]) -> tuple[Turn, ...]:
    """Stored messages as the history of a new one; the newest two hundred."""
    found = [
        Turn(
            sender="buyer" if item.sender == "buyer" else "seller",
            text=item.text,
            at=item.at,
            attachments=item.body.attachments if item.body else (),
        )
        for item in stored
        if item.sender != "event"
    ]
    return tuple(found[-200:])


def _message(row: RowMapping) -> StoredMessage:
    has_body = row["sender"] != "seller"
    return StoredMessage(
        id=str(row["id"]), conversation_id=str(row["conversation_id"]), sender=str(row["sender"]), text=str(row["text"]), at=row["at"],
        body=BuyerMessage.model_validate(row["body"]) if has_body else None, analysis=Analysis.model_validate(row["analysis"]) if row["analysis"] else None,
        draft_id=str(row["draft_id"]) if row["draft_id"] else None, external_id=row["external_id"],
    )  # fmt: skip
