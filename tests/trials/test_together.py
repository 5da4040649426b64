"""Short forms of what many do at once."""

from collections.abc import Callable
from pathlib import Path

import pytest
from fastapi import FastAPI

from app.drafting.drafter import Drafter
from app.main import create_app
from tests.conftest import make_settings
from tests.trials.outcome import Outcome
from tests.trials.together import clock_jumps, edited_under_search, signed_at_once, written_on

pytestmark = pytest.mark.both_databases


@pytest.mark.parametrize(("trial", "times"), [(signed_at_once, 4), (written_on, 4), (edited_under_search, 6)])
def test_what_many_do_at_once_counts_once(
    app: FastAPI, trial: Callable[[FastAPI, str, int], Outcome], times: int
) -> None:
    outcome = trial(app, "", times)
    assert outcome.held and outcome.times == times, outcome


def test_a_clock_that_leaps_loses_and_doubles_nothing(drafter: Drafter, tmp_path: Path, database: str) -> None:
    settings = make_settings(tmp_path, database_url=database, undo_seconds=0, call_private_addresses=True)
    app = create_app(settings, drafter)
    outcome = clock_jumps(app, "", 6)
    app.state.engine.dispose()
    assert outcome.held and outcome.times == 6, outcome
