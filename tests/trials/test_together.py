"""Short forms of what many do at once."""

from collections.abc import Callable

import pytest
from fastapi import FastAPI

from tests.trials.outcome import Outcome
from tests.trials.together import edited_under_search, signed_at_once, written_on

pytestmark = pytest.mark.both_databases


@pytest.mark.parametrize(("trial", "times"), [(signed_at_once, 4), (written_on, 4), (edited_under_search, 6)])
def test_what_many_do_at_once_counts_once(
    app: FastAPI, trial: Callable[[FastAPI, str, int], Outcome], times: int
) -> None:
    outcome = trial(app, "", times)
    assert outcome.held and outcome.times == times, outcome
