"""What is only ever added to: the audit trail, and the first answers of idempotent writes."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, select

from app.store.tables import answers, audit

KEPT = timedelta(hours=24)  # how long the first answer to an Idempotency-Key stands (contract)


def record(connection: Connection, actor: str, action: str, subject: str, now: datetime, **detail: object) -> None:
    """One step of the audit trail."""
    connection.execute(insert(audit).values(at=now, actor=actor, action=action, subject=subject, detail=detail))


def trail(connection: Connection, subject: str) -> Sequence[Mapping[str, object]]:
    """All steps about one subject, oldest first."""
    return [
        dict(row)
        for row in connection.execute(select(audit).where(audit.c.subject == subject).order_by(audit.c.id)).mappings()
    ]


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
