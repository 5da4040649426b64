"""Counts for those who watch: how many of each, nothing of anybody."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, Text, cast, func, select

from app.store.tables import audit, drafts, jobs, outbox


def count_waiting_replies(connection: Connection, now: datetime) -> int:
    """Signed replies whose undo window is over and that nobody has confirmed as sent."""
    where = outbox.c.sent_at.is_(None) & (outbox.c.leaves_at <= now)
    return int(connection.execute(select(func.count()).select_from(outbox).where(where)).scalar_one())


def count_jobs(connection: Connection) -> Mapping[tuple[str, str], int]:
    """Background work by kind and state."""
    query = select(jobs.c.kind, jobs.c.state, func.count()).group_by(jobs.c.kind, jobs.c.state)
    return {(str(kind), str(state)): int(count) for kind, state, count in connection.execute(query)}


def count_steps(connection: Connection, actions: Sequence[str], since: datetime) -> Mapping[tuple[str], int]:
    """Steps of the trail at or after that time, by their kind; zero where there is none."""
    where = audit.c.action.in_(actions) & (audit.c.at >= since)
    rows = connection.execute(select(audit.c.action, func.count()).where(where).group_by(audit.c.action))
    return dict.fromkeys(((action,) for action in actions), 0) | {(str(action),): int(count) for action, count in rows}


def count_degraded(connection: Connection) -> int:
    """Pending drafts that say of themselves that a part was missing when they were made."""
    degraded = cast(drafts.c.body, Text).contains('"id": "degraded"')
    query = select(func.count()).select_from(drafts).where((drafts.c.status == "pending") & degraded)
    return int(connection.execute(query).scalar_one())
