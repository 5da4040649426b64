"""Webhooks, and what is delivered to them; and how far the trail was followed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, RowMapping, Select, insert, select, update

from app.store.ids import new_id
from app.store.tables import counters, deliveries, jobs, webhooks

_FOLLOWED = counters.c.name == "followed"


@dataclass(frozen=True, slots=True)
class StoredWebhook:
    """Where to send which events. `sites` empty: of all; `since`: steps of the trail up to that one are not told."""

    id: str
    url: str
    secret: str
    events: tuple[str, ...]
    sites: tuple[str, ...]
    active: bool
    since: int
    created_at: datetime
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class StoredDelivery:
    """One event for one webhook. State, tries and error are those of its job; `status` is the last HTTP status."""

    id: str
    webhook_id: str
    event_id: int
    type: str
    subject: str
    job_id: str
    status: int | None
    answered_at: datetime | None
    created_at: datetime
    state: str
    tries: int
    error: str | None
    runs_at: datetime


def lock_followed(connection: Connection) -> int:
    """The last step of the trail that was followed; nobody else follows it until the transaction ends."""
    return int(connection.execute(select(counters.c.number).where(_FOLLOWED).with_for_update()).scalar_one())


def read_followed(connection: Connection) -> int:
    """The same without a lock."""
    return int(connection.execute(select(counters.c.number).where(_FOLLOWED)).scalar_one())


def move_followed(connection: Connection, step: int) -> None:
    """In the transaction of what followed from it."""
    connection.execute(update(counters).where(_FOLLOWED).values(number=step))


def add_webhook(
    connection: Connection, url: str, secret: str, events: Sequence[str], sites: Sequence[str], since: int, now: datetime
) -> str:  # fmt: skip
    """Its id."""
    webhook_id = new_id("wh")
    fields = {"id": webhook_id, "url": url, "secret": secret, "events": list(events), "sites": list(sites)}
    connection.execute(insert(webhooks).values(**fields, active=True, since=since, created_at=now, changed_at=now))
    return webhook_id


def find_webhook(connection: Connection, webhook_id: str) -> StoredWebhook | None:
    """None where it was deleted too."""
    where = (webhooks.c.id == webhook_id) & webhooks.c.deleted_at.is_(None)
    row = connection.execute(select(webhooks).where(where)).mappings().first()
    return _webhook(row) if row else None


def list_webhooks(connection: Connection) -> Sequence[StoredWebhook]:
    """The oldest first."""
    query = select(webhooks).where(webhooks.c.deleted_at.is_(None)).order_by(webhooks.c.created_at, webhooks.c.id)
    return [_webhook(row) for row in connection.execute(query).mappings()]


def change_webhook(connection: Connection, webhook_id: str, now: datetime, **values: object) -> None:
    """Sets columns."""
    connection.execute(update(webhooks).where(webhooks.c.id == webhook_id).values(changed_at=now, **values))


def delete_webhook(connection: Connection, webhook_id: str, now: datetime) -> None:
    """Nothing more is sent there and its secret is gone; what was delivered stays on record."""
    change_webhook(connection, webhook_id, now, deleted_at=now, active=False, secret="")


def add_delivery(
    connection: Connection, delivery_id: str, webhook_id: str, event_id: int, kind: str, subject: str, job_id: str, now: datetime
) -> None:  # fmt: skip
    """One row an event, type and webhook: a second one is refused by the database."""
    fields = {"id": delivery_id, "webhook_id": webhook_id, "event_id": event_id, "type": kind, "subject": subject}
    connection.execute(insert(deliveries).values(**fields, job_id=job_id, created_at=now))


def is_planned(connection: Connection, webhook_id: str, event_id: int, kind: str) -> bool:
    """Whether the event has its delivery to that webhook."""
    same = (deliveries.c.webhook_id == webhook_id) & (deliveries.c.event_id == event_id) & (deliveries.c.type == kind)
    return connection.execute(select(deliveries.c.id).where(same)).first() is not None


def find_delivery(connection: Connection, delivery_id: str) -> StoredDelivery | None:
    """With the state of its job."""
    row = connection.execute(_joined().where(deliveries.c.id == delivery_id)).mappings().first()
    return _delivery(row) if row else None


def list_deliveries(connection: Connection, webhook_id: str, state: str | None, limit: int) -> Sequence[StoredDelivery]:
    """The newest first."""
    query = _joined().where(deliveries.c.webhook_id == webhook_id)
    query = query if state is None else query.where(jobs.c.state == state)
    rows = connection.execute(query.order_by(deliveries.c.event_id.desc(), deliveries.c.id).limit(limit)).mappings()
    return [_delivery(row) for row in rows]


def note_answer(connection: Connection, delivery_id: str, status: int | None, now: datetime) -> None:
    """What the receiver answered last; None: nothing."""
    connection.execute(update(deliveries).where(deliveries.c.id == delivery_id).values(status=status, answered_at=now))


def _joined() -> Select[tuple[object, ...]]:
    of_job = (jobs.c.state, jobs.c.tries, jobs.c.error, jobs.c.runs_at)
    return select(deliveries, *of_job).join(jobs, jobs.c.id == deliveries.c.job_id)


def _webhook(row: RowMapping) -> StoredWebhook:
    values = {name: row[name] for name in StoredWebhook.__dataclass_fields__}
    return StoredWebhook(**values | {"events": tuple(row["events"]), "sites": tuple(row["sites"])})


def _delivery(row: RowMapping) -> StoredDelivery:
    return StoredDelivery(**{name: row[name] for name in StoredDelivery.__dataclass_fields__})
