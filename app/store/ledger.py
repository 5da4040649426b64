"""What is only ever added to: the audit trail, and the first answers of idempotent writes."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, RowMapping, delete, func, insert, select

from app.store.database import hold
from app.store.tables import answers, audit

KEPT = timedelta(hours=24)  # how long the first answer to an Idempotency-Key stands (contract)


def record(
    connection: Connection, actor: str, action: str, subject: str, now: datetime, conversation_id: str | None = None, **detail: object
) -> None:  # fmt: skip
    """One step of the audit trail. Steps are numbered in the order in which they become visible: who follows the trail misses none."""
    hold(connection, "trail")  # PostgreSQL draws numbers before the commit: they could overtake each other
    connection.execute(
        insert(audit).values(
            at=now, actor=actor, action=action, subject=subject, conversation_id=conversation_id, detail=detail
        )
    )


def trail(connection: Connection, subject: str) -> Sequence[Mapping[str, object]]:
    """All steps about one subject, oldest first."""
    return [
        dict(row)
        for row in connection.execute(select(audit).where(audit.c.subject == subject).order_by(audit.c.id)).mappings()
    ]


def was_told(connection: Connection, action: str, subject: str, since: datetime) -> bool:
    """Whether there is such a step at or after that time."""
    where = (audit.c.action == action) & (audit.c.subject == subject) & (audit.c.at >= since)
    return connection.execute(select(audit.c.id).where(where).limit(1)).first() is not None


def read_newest(connection: Connection, actions: Sequence[str], since: datetime, limit: int) -> Sequence[RowMapping]:
    """Steps of these kinds at or after that time, newest first."""
    where = audit.c.action.in_(actions) & (audit.c.at >= since)
    return connection.execute(select(audit).where(where).order_by(audit.c.id.desc()).limit(limit)).mappings().all()


def newest(connection: Connection) -> int:
    """The number of the newest step; 0 where there is none."""
    return int(connection.execute(select(func.max(audit.c.id))).scalar() or 0)


def find_step(connection: Connection, step: int) -> RowMapping | None:
    """One step by its number."""
    return connection.execute(select(audit).where(audit.c.id == step)).mappings().first()


def read_after(
    connection: Connection, after: int, actions: Sequence[str], conversation_id: str | None, limit: int
) -> Sequence[RowMapping]:
    """Steps with a higher number, oldest first; of one conversation where it is named."""
    where = (audit.c.id > after) & audit.c.action.in_(actions)
    if conversation_id is not None:
        where &= audit.c.conversation_id == conversation_id
    return connection.execute(select(audit).where(where).order_by(audit.c.id).limit(limit)).mappings().all()


def find_answer(connection: Connection, key: str, principal: str, now: datetime) -> Mapping[str, object] | None:
    """The first answer to that key, while it is kept."""
    where = (answers.c.key == key) & (answers.c.principal == principal) & (answers.c.at > now - KEPT)
    row = connection.execute(select(answers).where(where)).mappings().first()
    return dict(row) if row else None


def keep_answer(
    connection: Connection, key: str, principal: str, request_hash: str, status: int, body: object, now: datetime
) -> None:
    """The first answer; an older one of the same key has run out."""
    old = (answers.c.key == key) & (answers.c.principal == principal) & (answers.c.at <= now - KEPT)
    connection.execute(delete(answers).where(old))
    connection.execute(
        insert(answers).values(
            key=key, principal=principal, request_hash=request_hash, status=status, body=body, at=now
        )
    )
