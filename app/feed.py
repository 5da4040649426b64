"""The live feed: the audit trail, followed as it grows. Whatever was stored is told, in the order in which it was stored.

One read a beat serves all who listen in this process; other processes' steps are seen the same way, because all write one trail.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Engine, RowMapping
from sqlalchemy.exc import SQLAlchemyError

from app.store import ledger
from app.store.database import reading

log = logging.getLogger("countersign.feed")
BEAT_S = 0.25  # how often the trail is looked at while somebody listens
PAGE = 500  # steps read at once
BEHIND = 2_000  # a listener further behind is let go; it comes back with the last id that it saw

# What is told to the outside, and under which name (contract, "Outgoing webhooks"); every other step stays inside.
EVENTS: Mapping[str, str] = {
    "message.received": "message.received",
    "draft.made": "draft.ready",
    "draft.regenerated": "draft.ready",
    "draft.escalated": "draft.escalated",
    "draft.superseded": "draft.superseded",
    "draft.claimed": "draft.claimed",
    "draft.released": "draft.released",
    "draft.snoozed": "draft.snoozed",
    "draft.approved": "draft.approved",
    "draft.rejected": "draft.rejected",
    "draft.undone": "draft.undone",
    "reply.sent": "reply.sent",
    "figures.rising": "figures.rising",
    "reading.drifted": "reading.drifted",
    "dispute.due": "dispute.due",
}


@dataclass(frozen=True, slots=True)
class Event:
    """One step of the trail. `id` grows; `subject` is the draft's or message's id, or what a notice is about; `detail` holds ids and labels, never a text."""

    id: int
    type: str
    at: datetime
    actor: str
    subject: str
    conversation_id: str | None
    detail: Mapping[str, object]


def event_of(row: RowMapping) -> Event:
    """A step of the trail as it is told."""
    return Event(
        id=row["id"], type=EVENTS[row["action"]], at=row["at"], actor=row["actor"], subject=row["subject"],
        conversation_id=row["conversation_id"], detail=row["detail"],
    )  # fmt: skip


@dataclass(eq=False, slots=True)
class _Listener:
    conversation_id: str | None
    waiting: "asyncio.Queue[Event | None]" = field(default_factory=lambda: asyncio.Queue(BEHIND))

    def tell(self, event: Event | None) -> bool:
        """False where the listener is too far behind."""
        if event is not None and self.conversation_id not in (None, event.conversation_id):
            return True
        try:
            self.waiting.put_nowait(event)
        except asyncio.QueueFull:
            return False
        return True


class Feed:
    """Built once a process; reads nothing while nobody listens."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._listeners: set[_Listener] = set()
        self._beating: asyncio.Task[None] | None = None
        self._closed = False

    def newest(self) -> int:
        """The id of the newest step; 0 on an empty trail."""
        with reading(self._engine) as connection:
            return ledger.newest(connection)

    def after(self, event_id: int, conversation_id: str | None = None, limit: int = PAGE) -> Sequence[Event]:
        """What was stored after that step, oldest first, at most `limit`."""
        with reading(self._engine) as connection:
            rows = ledger.read_after(connection, event_id, tuple(EVENTS), conversation_id, limit)
        return [event_of(row) for row in rows]

    async def follow(self, event_id: int | None = None, conversation_id: str | None = None) -> AsyncIterator[Event]:
        """Everything after that step (None: after now), for as long as the feed is open and the listener keeps up."""
        listener = _Listener(conversation_id)
        last = await asyncio.to_thread(self.newest) if event_id is None else event_id
        await self._join(listener)
        try:
            while missed := await asyncio.to_thread(self.after, last, conversation_id):
                for event in missed:
                    yield event
                last = missed[-1].id
            while not self._closed and (coming := await listener.waiting.get()) is not None:
                if coming.id > last:  # what was caught up with above may come again
                    yield coming
        finally:
            self._listeners.discard(listener)

    def close(self) -> None:
        """Lets every listener go, so that a stopping server does not wait for them. Safe to call from a signal handler."""
        self._closed = True
        for listener in tuple(self._listeners):
            listener.tell(None)

    def _tell_all(self, event: Event) -> None:
        for listener in [item for item in self._listeners if not item.tell(event)]:
            self._listeners.discard(listener)
            listener.waiting.get_nowait()
            listener.tell(None)

    async def _join(self, listener: _Listener) -> None:
        self._listeners.add(listener)
        if self._beating is None or self._beating.done():
            start = await asyncio.to_thread(self.newest)
            if self._beating is None or self._beating.done():
                self._beating = asyncio.create_task(self._beat(start))

    async def _beat(self, last: int) -> None:
        while self._listeners and not self._closed:
            try:
                found = await asyncio.to_thread(self.after, last)
            except SQLAlchemyError as error:  # a database that is away comes back; nothing is missed meanwhile
                log.warning("the trail cannot be read: %s", type(error).__name__)
                found = ()
            for event in found:
                last = event.id
                self._tell_all(event)
            await asyncio.sleep(BEAT_S)
