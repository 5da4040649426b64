"""Background work: once only, again after a failure, taken over from the dead, and never half stored."""

import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from pydantic import JsonValue
from sqlalchemy import Engine

from app.errors import NotFound, WrongState
from app.jobs import QUICK, GiveUp, Jobs, Kind, Stopping, Task, TryAgain
from app.store.database import open_database, writing
from tests.conftest import Clock

pytestmark = pytest.mark.both_databases


@pytest.fixture
def engine(tmp_path: Path, database: str) -> Iterator[Engine]:
    opened = open_database(database or f"sqlite:///{tmp_path / 'jobs.db'}")
    yield opened
    opened.dispose()


@pytest.fixture
def clock() -> Clock:
    return Clock()


class Done:
    """An act that keeps what it was told, and fails as often as it is told to."""

    def __init__(self, *failures: Exception) -> None:
        self.tasks: list[Task] = []
        self.failures = list(failures)

    def __call__(self, task: Task) -> JsonValue:
        self.tasks.append(task)
        if self.failures:
            raise self.failures.pop(0)
        return {"runs": len(self.tasks)}


def jobs_of(engine: Engine, clock: Clock, act: Callable[[Task], JsonValue], **more: object) -> Jobs:
    jobs = Jobs(engine, timedelta(seconds=30), clock, lambda: 0.5)
    jobs.register(Kind("greet", act, **more))  # type: ignore[arg-type]
    return jobs


def test_a_job_is_run_with_its_payload_and_keeps_its_result(engine: Engine, clock: Clock) -> None:
    act = Done()
    jobs = jobs_of(engine, clock, act)
    job_id = jobs.enqueue("greet", "a", {"name": "Ana"})
    assert jobs.run_due() == 1 and act.tasks[0].payload == {"name": "Ana"}
    assert (jobs.get(job_id).state, jobs.get(job_id).result) == ("done", {"runs": 1})


def test_the_same_key_is_the_same_job(engine: Engine, clock: Clock) -> None:
    jobs = jobs_of(engine, clock, Done())
    first = jobs.enqueue("greet", "a", {})
    jobs.run_due()
    assert jobs.enqueue("greet", "a", {"other": 1}) == first and jobs.run_due() == 0


def test_work_is_stored_with_what_it_follows_from_or_not_at_all(engine: Engine, clock: Clock) -> None:
    jobs = jobs_of(engine, clock, Done())
    with pytest.raises(RuntimeError), writing(engine):
        jobs.enqueue("greet", "a", {})
        raise RuntimeError
    assert jobs.list() == []


def test_a_job_waits_for_its_time(engine: Engine, clock: Clock) -> None:
    jobs = jobs_of(engine, clock, Done())
    jobs.enqueue("greet", "a", {}, at=clock() + timedelta(minutes=1))
    assert jobs.run_due() == 0
    clock.forward(minutes=1)
    assert jobs.run_due() == 1


def test_a_failed_run_comes_again_after_a_growing_pause(engine: Engine, clock: Clock) -> None:
    jobs = jobs_of(engine, clock, Done(TryAgain("no answer"), TryAgain("no answer")))
    job_id = jobs.enqueue("greet", "a", {})
    pauses = []
    for _ in range(2):
        jobs.run_due()
        held = jobs.get(job_id)
        assert (held.state, held.error) == ("waiting", "no answer")
        pauses.append(held.runs_at - clock())
        clock.now = held.runs_at
    assert jobs.run_due() == 1 and jobs.get(job_id).state == "done"
    assert pauses[1] > 2 * pauses[0]


def test_the_last_failure_leaves_the_job_dead_and_it_can_be_replayed(engine: Engine, clock: Clock) -> None:
    act = Done(TryAgain("no answer"), TryAgain("no answer"))
    jobs = jobs_of(engine, clock, act, tries=2)
    job_id = jobs.enqueue("greet", "a", {})
    for _ in range(3):
        jobs.run_due()
        clock.forward(hours=1)
    assert jobs.get(job_id).state == "dead" and len(act.tasks) == 2
    assert jobs.replay(job_id).state == "waiting"
    jobs.run_due()
    assert jobs.get(job_id).state == "done"


def test_what_would_fail_for_ever_is_dead_at_once(engine: Engine, clock: Clock) -> None:
    jobs = jobs_of(engine, clock, Done(GiveUp("it is gone")))
    job_id = jobs.enqueue("greet", "a", {})
    jobs.run_due()
    assert (jobs.get(job_id).state, jobs.get(job_id).error) == ("dead", "it is gone")


def test_a_surprise_is_shown_by_its_name_only(engine: Engine, clock: Clock) -> None:
    jobs = jobs_of(engine, clock, Done(ValueError("my parcel, says Ana")))
    job_id = jobs.enqueue("greet", "a", {})
    jobs.run_due()
    assert jobs.get(job_id).error == "ValueError"


def test_what_has_not_ended_is_not_replayed(engine: Engine, clock: Clock) -> None:
    jobs = jobs_of(engine, clock, Done())
    with pytest.raises(WrongState):
        jobs.replay(jobs.enqueue("greet", "a", {}))
    with pytest.raises(NotFound):
        jobs.replay("j_none")


def test_what_is_done_is_done_again_only_where_its_owner_says_so(engine: Engine, clock: Clock) -> None:
    jobs = jobs_of(engine, clock, Done())
    job_id = jobs.enqueue("greet", "a", {})
    jobs.run_due()
    with pytest.raises(WrongState):
        jobs.replay(job_id)
    assert jobs.replay(job_id, even_done=True).state == "waiting"


def test_ops_sees_what_is_dead_and_tries_it_again(app: FastAPI, ops: TestClient) -> None:
    job_id = app.state.jobs.enqueue("of another process", "a", {"text": "my parcel"})
    held = app.state.jobs.claim(("of another process",))
    app.state.jobs._change({"state": "dead", "error": "no answer"}, held)
    (listed,) = ops.get("/v1/jobs", params={"state": "dead"}).json()["items"]
    assert listed == ops.get(f"/v1/jobs/{job_id}").json() and listed["error"] == "no answer"
    assert "my parcel" not in str(listed)
    assert ops.post(f"/v1/jobs/{job_id}/replay").json()["state"] == "waiting"
    assert ops.post(f"/v1/jobs/{job_id}/replay").status_code == 409


def test_background_work_is_for_ops(agent: TestClient, client: TestClient) -> None:
    for who in (agent, client):
        assert who.get("/v1/jobs").status_code == 403 and who.post("/v1/jobs/j_none/replay").status_code == 403
    assert client.get("/v1/jobs/j_none").status_code == 404


def test_a_held_job_is_nobody_elses_until_its_lease_ends(engine: Engine, clock: Clock) -> None:
    jobs, other = jobs_of(engine, clock, Done()), jobs_of(engine, clock, Done())
    jobs.enqueue("greet", "a", {})
    held = jobs.claim(("greet",))
    assert held is not None and other.run_due() == 0
    clock.forward(seconds=31)
    assert other.run_due() == 1


def test_a_run_that_was_taken_over_stores_nothing(engine: Engine, clock: Clock) -> None:
    jobs, other = jobs_of(engine, clock, lambda task: "first"), jobs_of(engine, clock, lambda task: "second")
    job_id = jobs.enqueue("greet", "a", {})
    held = jobs.claim(("greet",))
    clock.forward(seconds=31)
    other.run_due()
    assert held is not None
    jobs.run(held)
    assert jobs.get(job_id).result == "second"


def test_a_renewed_lease_holds(engine: Engine, clock: Clock) -> None:
    jobs, other = jobs_of(engine, clock, Done()), jobs_of(engine, clock, Done())
    jobs.enqueue("greet", "a", {})
    held = jobs.claim(("greet",))
    clock.forward(seconds=20)
    assert held is not None and jobs.renew(held).leased_until == clock() + timedelta(seconds=30)
    clock.forward(seconds=20)
    assert other.run_due() == 0


def test_work_that_kills_its_process_every_time_ends_dead(engine: Engine, clock: Clock) -> None:
    act = Done()
    jobs = jobs_of(engine, clock, act, tries=2)
    job_id = jobs.enqueue("greet", "a", {})
    for _ in range(2):
        assert jobs.claim(("greet",))
        clock.forward(seconds=31)
    jobs.run_due()
    assert jobs.get(job_id).state == "dead" and act.tasks == []


def test_progress_is_stored_and_told_to_who_lost_the_job(engine: Engine, clock: Clock) -> None:
    told: list[str] = []

    def act(task: Task) -> JsonValue:
        task.tell({"part": 1})
        clock.forward(seconds=31)
        assert other.claim(("greet",))
        try:
            task.tell({"part": 2})
        except Stopping:
            told.append("stopping")
            raise
        return None

    jobs, other = jobs_of(engine, clock, act), jobs_of(engine, clock, Done())
    job_id = jobs.enqueue("greet", "a", {})
    held = jobs.claim(("greet",))
    assert held is not None
    jobs.run(held)
    assert told == ["stopping"] and jobs.get(job_id).progress == {"part": 1} and jobs.get(job_id).state == "running"


def test_a_kind_that_forgets_keeps_no_payload_when_it_is_done(engine: Engine, clock: Clock) -> None:
    jobs = jobs_of(engine, clock, Done(), forgets=True)
    job_id = jobs.enqueue("greet", "a", {"name": "Ana"})
    jobs.run_due()
    assert jobs.get(job_id).payload == {}


def test_a_kind_is_registered_once(engine: Engine, clock: Clock) -> None:
    jobs = jobs_of(engine, clock, Done())
    with pytest.raises(ValueError, match="greet"):
        jobs.register(Kind("greet", Done()))


def wait_for(holds: Callable[[], bool]) -> None:
    for _ in range(600):
        if holds():
            return
        time.sleep(0.05)
    raise AssertionError("it did not happen")


def test_a_started_process_works_by_itself_until_it_is_stopped(engine: Engine) -> None:
    jobs = Jobs(engine)
    jobs.register(Kind("greet", Done()))
    jobs.start()
    job_id = jobs.enqueue("greet", "a", {})
    wait_for(lambda: jobs.get(job_id).state == "done")
    jobs.stop()
    late = jobs.enqueue("greet", "b", {})
    time.sleep(1.2)
    assert jobs.get(late).state == "waiting"


def test_long_work_of_a_process_that_stops_begins_anew(engine: Engine) -> None:
    """The process does not wait for its end: it is told when it next says how far it is."""

    def act(task: Task) -> JsonValue:
        for part in range(2000):
            task.tell({"part": part})
            time.sleep(0.02)
        return None

    jobs = Jobs(engine)
    jobs.register(Kind("train", act, slow=True))
    job_id = jobs.enqueue("train", "a", {})
    jobs.start()
    wait_for(lambda: jobs.get(job_id).progress is not None)
    jobs.stop()
    assert (jobs.get(job_id).state, jobs.get(job_id).tries) == ("waiting", 0)


def test_two_processes_share_the_work_and_do_none_of_it_twice(engine: Engine) -> None:
    act = Done()
    crews = [Jobs(engine) for _ in range(2)]
    for jobs in crews:
        jobs.register(Kind("greet", act))
    ids = [crews[0].enqueue("greet", str(number), {}) for number in range(12)]
    for jobs in crews:
        jobs.start()
    wait_for(lambda: all(crews[0].get(job_id).state == "done" for job_id in ids))
    for jobs in crews:
        jobs.stop()
    assert sorted(task.key for task in act.tasks) == sorted(str(number) for number in range(12))


def test_when_a_run_ends_the_next_job_does_not_wait_for_the_beat(
    engine: Engine, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.jobs.BEAT_S", 3600)
    act = Done()
    jobs = jobs_of(engine, clock, act)
    ids = [jobs.enqueue("greet", str(number), {}) for number in range(3 * QUICK)]
    jobs.start()
    until = time.monotonic() + 60
    while time.monotonic() < until and any(jobs.get(job_id).state != "done" for job_id in ids):
        time.sleep(0.05)
    jobs.stop()
    assert len(act.tasks) == 3 * QUICK and {jobs.get(job_id).state for job_id in ids} == {"done"}
