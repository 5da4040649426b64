"""Background work as it is kept: what is to be done, by whom it is being done, and what became of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic import JsonValue
from sqlalchemy import ColumnElement, Connection, RowMapping, and_, exists, insert, or_, select, update

from app.store.database import hold
from app.store.ids import new_id
from app.store.tables import jobs


@dataclass(frozen=True, slots=True)
class StoredJob:
    """One piece of work. `worker` is the token of the run that holds it; `progress` is what the run last told."""

    id: str
    kind: str
    key: str
    payload: Mapping[str, JsonValue]
    state: str  # waiting | running | done | dead
    tries: int
    runs_at: datetime
    worker: str | None
    leased_until: datetime | None
    progress: JsonValue
    result: JsonValue
    error: str | None
    created_at: datetime
    changed_at: datetime


def add_job(
    connection: Connection, kind: str, key: str, payload: Mapping[str, JsonValue], runs_at: datetime, now: datetime
) -> str:
    """The id of the job of that kind and key; one that is there already stays as it is."""
    hold(connection, f"job {kind} {key}")
    known = connection.execute(select(jobs.c.id).where((jobs.c.kind == kind) & (jobs.c.key == key))).scalar()
    if known is not None:
        return str(known)
    job_id = new_id("j")
    fields = {"id": job_id, "kind": kind, "key": key, "payload": dict(payload), "state": "waiting", "tries": 0}
    connection.execute(insert(jobs).values(**fields, runs_at=runs_at, created_at=now, changed_at=now))
    return job_id


def find_job(connection: Connection, job_id: str) -> StoredJob | None:
    """As it stands now."""
    row = connection.execute(select(jobs).where(jobs.c.id == job_id)).mappings().first()
    return _job(row) if row else None


def list_jobs(connection: Connection, kind: str | None, state: str | None, limit: int) -> Sequence[StoredJob]:
    """The newest ones first."""
    query = select(jobs).order_by(jobs.c.created_at.desc(), jobs.c.id).limit(limit)
    for column, value in ((jobs.c.kind, kind), (jobs.c.state, state)):
        query = query if value is None else query.where(column == value)
    return [_job(row) for row in connection.execute(query).mappings()]


def is_any_due(connection: Connection, kinds: Sequence[str], now: datetime) -> bool:
    """Whether there is anything to claim; takes no lock."""
    return bool(connection.execute(select(exists().where(_due(kinds, now)))).scalar())


def claim_due(
    connection: Connection, kinds: Sequence[str], worker: str, now: datetime, leased_until: datetime
) -> StoredJob | None:
    """The job that has been due for longest, for this worker alone until the lease ends."""
    longest = select(jobs.c.id).where(_due(kinds, now)).order_by(jobs.c.runs_at).limit(1)
    job_id = connection.execute(longest.with_for_update(skip_locked=True)).scalar()
    if job_id is None:
        return None
    held = {"state": "running", "worker": worker, "leased_until": leased_until, "tries": jobs.c.tries + 1}
    connection.execute(update(jobs).where(jobs.c.id == job_id).values(**held, changed_at=now))
    return find_job(connection, str(job_id))


def change_held(connection: Connection, job_id: str, worker: str, now: datetime, **values: object) -> bool:
    """Sets columns of a job that this worker still holds; False where its lease went to another."""
    held = (jobs.c.id == job_id) & (jobs.c.worker == worker) & (jobs.c.state == "running")
    return connection.execute(update(jobs).where(held).values(**values, changed_at=now)).rowcount == 1


def revive(connection: Connection, job_id: str, states: Sequence[str], now: datetime) -> bool:
    """Lets a job in one of those states wait anew, with all its tries; False where it is in another one."""
    ended = (jobs.c.id == job_id) & jobs.c.state.in_(states)
    anew = {"state": "waiting", "tries": 0, "runs_at": now, "worker": None, "error": None, "result": None}
    return connection.execute(update(jobs).where(ended).values(**anew, changed_at=now)).rowcount == 1


def end(connection: Connection, job_id: str, why: str, now: datetime) -> bool:
    """Makes a job dead that waits or runs; whoever runs it can store nothing more. False where it has ended."""
    open_ = (jobs.c.id == job_id) & jobs.c.state.in_(("waiting", "running"))
    dead = {"state": "dead", "error": why, "worker": None}
    return connection.execute(update(jobs).where(open_).values(**dead, changed_at=now)).rowcount == 1


def _due(kinds: Sequence[str], now: datetime) -> ColumnElement[bool]:
    """Waiting long enough, or left behind by a worker whose lease ended."""
    waiting = and_(jobs.c.state == "waiting", jobs.c.runs_at <= now)
    return and_(jobs.c.kind.in_(kinds), or_(waiting, and_(jobs.c.state == "running", jobs.c.leased_until <= now)))


def _job(row: RowMapping) -> StoredJob:
    return StoredJob(**{name: row[name] for name in StoredJob.__dataclass_fields__})
