"""A few of the faults that the command `make trials` injects again and again."""

from pathlib import Path

import httpx2 as httpx

from app.drafting.drafter import Drafter
from app.main import create_app
from tests.app.test_durability import Server
from tests.app.test_feed import HEADERS, events_of, post, served
from tests.conftest import make_settings
from tests.postgres import Postgres
from tests.trials.faults import disk_full, killing, postgres_of_its_own, under_fault


def test_one_of_two_replicas_killed_under_load_loses_and_doubles_nothing(indexed: Path, postgres: Postgres) -> None:
    url = postgres.fresh()
    outcome = under_fault("", "", [Server(indexed, database=url) for _ in range(2)], killing(1, 3))
    assert outcome.held and outcome.times > 0, outcome


def test_a_full_disk_is_said_and_what_was_acknowledged_is_there_and_leaves(indexed: Path) -> None:
    outcome = under_fault("", "", [Server(indexed)], disk_full(1))
    assert outcome.held and outcome.times > 0, outcome


def test_who_listens_hears_on_when_the_database_is_back(drafter: Drafter, tmp_path: Path, postgres: Postgres) -> None:
    del postgres  # skips where there is none; this one is stopped, so it is another
    with postgres_of_its_own() as database:
        app = create_app(make_settings(tmp_path, database_url=database.fresh()), drafter)
        with served(app) as address, httpx.stream("GET", f"{address}/v1/events", headers=HEADERS, timeout=30) as stream:
            lines = stream.iter_lines()
            first = post(address, "Where is my order?")
            assert "message.received" in [event["event"] for event in events_of(lines, 2)]
            database.stop()
            assert httpx.get(f"{address}/readyz", timeout=30).status_code == 503
            database.start()
            second = post(address, "And where is the other one?")
            told = " ".join(event["data"] for event in events_of(lines, 2))
        app.state.engine.dispose()
    assert second["draft"]["id"] in told and first["draft"]["id"] not in told
