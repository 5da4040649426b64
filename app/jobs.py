"""Durable background work, in the database of what it works on: whatever a verb enqueues is stored with it, or neither is.

A job is named by its kind and a key, and enqueued once only. It runs at least once: a run holds a lease that its process
renews, and what a killed process held is taken over when the lease ends. A run that lost its lease can store nothing about
the job; what it does besides must be safe to do twice. A failed run comes again after a pause that grows; the last failure
leaves the job dead, where it can be seen and replayed.
"""

import logging
import random
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from threading import Event, Lock, Thread

from pydantic import JsonValue
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from app.errors import CountersignError, NotFound, WrongState
from app.store import jobs
from app.store.database import reading, writing
from app.store.ids import new_id
from app.store.jobs import StoredJob

log = logging.getLogger("countersign.jobs")
BEAT_S = 0.5  # how often due work is looked for, besides when a run has ended
QUICK, SLOW = 8, 1  # runs at once in a process: deliveries wait for other machines, training needs this one
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=5), timedelta(hours=6)
GROWTH = 4  # 5 s, 20 s, 80 s, ... : twelve tries span about two days


class GiveUp(Exception):
    """Raised by a run that would fail for ever; the job is dead at once. The text is shown to ops, so it holds nothing of a buyer."""


class TryAgain(Exception):
    """Raised by a run that may go well later. The text is shown to ops, so it holds nothing of a buyer."""


class Stopping(Exception):
    """Raised in a run by `tell` when the process is about to end, or has lost the job: let it pass. The job begins anew elsewhere."""


@dataclass(frozen=True, slots=True)
class Task:
    """What a run is told. `tell` stores how far it is, and raises Stopping: long work calls it every few seconds."""

    id: str
    key: str
    payload: Mapping[str, JsonValue]
    tries: int
    tell: Callable[[JsonValue], None]


@dataclass(frozen=True, slots=True)
class Kind:
    """A sort of work. `act` does it and returns its result; `forgets`: the payload is blanked when the job is done."""

    name: str
    act: Callable[[Task], JsonValue]
    tries: int = 12
    slow: bool = False
    forgets: bool = False


class Jobs:
    """Built once a process; kinds are registered before start()."""

    def __init__(
        self,
        engine: Engine,
        lease: timedelta = timedelta(seconds=30),
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._engine, self._lease, self._clock, self._jitter = engine, lease, clock, jitter
        self._kinds: dict[str, Kind] = {}
        self._beats: list[Callable[[], None]] = []
        self._crew: _Crew | None = None
        self._started = 0
        self._stopping = False
        self._lock = Lock()

    def register(self, kind: Kind) -> None:
        """From now on this process does work of that kind."""
        if kind.name in self._kinds:
            raise ValueError(f"the kind {kind.name!r} is registered already")
        self._kinds[kind.name] = kind

    def every_beat(self, act: Callable[[], None]) -> None:
        """Something short that is done before due work is looked for: what finds new work in the database."""
        self._beats.append(act)

    def enqueue(self, kind: str, key: str, payload: Mapping[str, JsonValue], at: datetime | None = None) -> str:
        """The job's id; the same kind and key is the same job. Part of the transaction that is open, if one is."""
        now = self._clock()
        with writing(self._engine) as connection:
            return jobs.add_job(connection, kind, key, payload, at or now, now)

    def get(self, job_id: str) -> StoredJob:
        """Raises NotFound."""
        with reading(self._engine) as connection:
            found = jobs.find_job(connection, job_id)
        if found is None:
            raise NotFound("there is no such job")
        return found

    def list(self, kind: str | None = None, state: str | None = None, limit: int = 50) -> Sequence[StoredJob]:
        """The newest first; `state` is waiting, running, done or dead."""
        with reading(self._engine) as connection:
            return jobs.list_jobs(connection, kind, state, limit)

    def replay(self, job_id: str, even_done: bool = False) -> StoredJob:
        """Runs a dead job anew; a done one only where its owner says so. Raises NotFound or WrongState."""
        states = ("dead", "done") if even_done else ("dead",)
        with writing(self._engine) as connection:
            state = self.get(job_id).state
            if not jobs.revive(connection, job_id, states, self._clock()):
                raise WrongState(f"the job is {state}")
            return self.get(job_id)

    def cancel(self, job_id: str, by: str) -> StoredJob:
        """Ends a job that waits or runs; a run notices when it next tells how far it is. Raises NotFound or WrongState."""
        with writing(self._engine) as connection:
            state = self.get(job_id).state
            if not jobs.end(connection, job_id, f"cancelled by {by}", self._clock()):
                raise WrongState(f"the job is {state}")
            return self.get(job_id)

    # --- running -----------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Begins to work in threads of its own; started twice, it goes on until it is stopped twice."""
        with self._lock:
            self._started += 1
            if self._crew is None:
                self._stopping = False
                self._crew = _Crew(self)

    def stop(self) -> None:
        """Claims nothing more, and waits for the runs that are under way."""
        with self._lock:
            self._started -= 1
            if self._started or self._crew is None:
                return
            self._stopping = True
            self._crew.stop()
            self._crew = None

    def run_due(self) -> int:
        """Does all that is due now, here; returns how many runs there were. For commands and tests."""
        self.beat()
        runs = 0
        while held := self.claim(tuple(self._kinds)):
            self.run(held)
            self.beat()
            runs += 1
        return runs

    def beat(self) -> None:
        """What every_beat() named."""
        for act in self._beats:
            act()

    def kinds(self, slow: bool) -> tuple[str, ...]:
        """The names of the quick or the slow kinds."""
        return tuple(kind.name for kind in self._kinds.values() if kind.slow == slow)

    def claim(self, kinds: Sequence[str]) -> StoredJob | None:
        """The next job that is due, held by a new run."""
        now = self._clock()
        with reading(self._engine) as connection:
            if not jobs.is_any_due(connection, kinds, now):
                return None
        with writing(self._engine) as connection:
            return jobs.claim_due(connection, kinds, new_id("w"), now, now + self._lease)

    def renew(self, held: StoredJob) -> StoredJob:
        """Holds on to the job where the lease is half over."""
        now = self._clock()
        if held.leased_until is None or held.leased_until - now > self._lease / 2:
            return held
        longer = replace(held, leased_until=now + self._lease)
        return longer if self._change({"leased_until": longer.leased_until}, held) else held

    def run(self, held: StoredJob) -> None:
        """One run of a claimed job, whatever comes of it."""
        kind = self._kinds[held.kind]
        if held.tries > kind.tries:  # the runs before left no trace: their processes died
            self._change({"state": "dead", "error": "its process ended during every run"}, held)
            return
        task = Task(held.id, held.key, held.payload, held.tries, lambda progress: self._tell(held, progress))
        try:
            result = kind.act(task)
        except Stopping:
            self._change({"state": "waiting", "tries": held.tries - 1, "runs_at": self._clock()}, held)
        except GiveUp as error:
            self._change({"state": "dead", "error": str(error)}, held)
        except Exception as error:  # whatever went wrong in there, it went wrong with this job only
            self._failed(kind, held, error)
        else:
            forgotten: dict[str, object] = {"payload": {}} if kind.forgets else {}
            self._change({"state": "done", "result": result, "error": None, **forgotten}, held)

    def _failed(self, kind: Kind, held: StoredJob, error: Exception) -> None:
        """Another try after a pause, or none. Only our own errors' texts are shown: others may hold a buyer's words."""
        ours = isinstance(error, TryAgain | CountersignError)
        shown = str(error) if ours else type(error).__name__
        if not ours:
            log.error("job %s (%s) failed: %s", held.id, held.kind, shown)
        if held.tries >= kind.tries:
            self._change({"state": "dead", "error": shown}, held)
        else:
            self._change({"state": "waiting", "error": shown, "runs_at": self._clock() + self._pause(held.tries)}, held)

    def _pause(self, tries: int) -> timedelta:
        """Grows with the tries; spread by half, so that what failed together does not come back together."""
        grown: int = GROWTH ** (tries - 1)
        pause = min(FIRST_PAUSE * grown, LONGEST_PAUSE)
        return pause * (0.75 + 0.5 * self._jitter())

    def _tell(self, held: StoredJob, progress: JsonValue) -> None:
        if not self._change({"progress": progress}, held) or self._stopping:
            raise Stopping

    def _change(self, values: Mapping[str, object], held: StoredJob) -> bool:
        with writing(self._engine) as connection:
            return jobs.change_held(connection, held.id, str(held.worker), self._clock(), **values)


class _Crew:
    """The threads of a process: one that looks for work and renews leases, and those that work."""

    def __init__(self, work: Jobs) -> None:
        self._work, self._stopping = work, Event()
        self._free = Event()  # a run has ended: the next job need not wait for the beat
        self._pools = {slow: ThreadPoolExecutor(SLOW if slow else QUICK, "job") for slow in (False, True)}
        self._held: dict[Future[None], tuple[bool, StoredJob]] = {}
        self._thread = Thread(target=self._look, name="jobs", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._free.set()
        self._thread.join()
        for pool in self._pools.values():
            pool.shutdown(wait=True)

    def _look(self) -> None:
        while not self._stopping.is_set():
            beat_at = time.monotonic() + BEAT_S
            try:
                self._work.beat()
                self._take()
                while (
                    (left := min(BEAT_S, beat_at - time.monotonic())) > 0
                    and self._free.wait(left)
                    and not self._stopping.is_set()
                ):
                    self._free.clear()
                    self._take()
            except SQLAlchemyError as error:  # a database that does not answer now; what was held is taken up later
                log.warning("the database does not take work: %s", type(error).__name__)
                self._stopping.wait(BEAT_S)

    def _take(self) -> None:
        """Renews what is held and fills the free places with what is due."""
        self._held = {run: (slow, self._work.renew(held)) for run, (slow, held) in self._held.items() if not run.done()}
        for slow, pool in self._pools.items():
            free = (SLOW if slow else QUICK) - sum(kind == slow for kind, _ in self._held.values())
            while free > 0 and not self._stopping.is_set() and (held := self._work.claim(self._work.kinds(slow))):
                run = pool.submit(self._work.run, held)
                self._held[run] = (slow, held)
                run.add_done_callback(lambda _: self._free.set())
                free -= 1
