"""A few of the attacks that the command `make trials` runs at length."""

from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from app.drafting.drafter import Drafter
from app.main import create_app
from knowledge_base.formats import READERS
from knowledge_base.knowledge import Knowledge
from tests.conftest import PASSWORD, make_settings, signed_in
from tests.trials.api import attack
from tests.trials.outcome import Outcome, told
from tests.trials.texts import fuzzed, hurt

EXPOSED = ("/v1/messages", "/v1/check", "/v1/drafts", "/v1/replies", "/v1/accounts/{account_id}", "/v1/webhooks", "/widget/v1/session", "/widget/v1/messages")  # fmt: skip
HOOKS = {"shop": "whsec_" + "QUFB" * 10}
UNLIMITED = {"rate_key_per_minute": 10**6, "rate_visitor_per_minute": 10**6, "rate_address_per_minute": 10**6}


@pytest.fixture
def app(drafter: Drafter, tmp_path: object, database: str) -> Iterator[FastAPI]:
    settings = make_settings(tmp_path, database_url=database, hook_secrets=HOOKS, **UNLIMITED)  # type: ignore[arg-type]
    made = create_app(settings, drafter)
    yield made
    made.state.engine.dispose()


@pytest.mark.both_databases
@pytest.mark.parametrize("path", EXPOSED)
def test_no_request_made_from_the_schema_breaks_the_service(app: FastAPI, path: str) -> None:
    made = attack(app, 5, paths=(path,))
    assert made.broken == [], told(made.answers)
    assert made.answers.total() >= 5


def test_no_odd_text_breaks_a_reader(drafter: Drafter, knowledge: Knowledge) -> None:
    known = [phrase for language in knowledge.languages.values() for phrase in language.intents.values()]
    outcomes = list(fuzzed(drafter, known, 1000, 7))
    assert [outcome for outcome in outcomes if not outcome.held] == []
    assert {outcome.times for outcome in outcomes} == {1000, 100, 20}


def test_no_pattern_hangs_a_reader(drafter: Drafter) -> None:
    assert [outcome for outcome in hurt(drafter) if not outcome.held] == []


def test_a_trial_with_a_loss_has_not_held() -> None:
    assert Outcome("a", "b", 3).held and not any(Outcome("a", "b", 3, **{what: 1}).held for what in ("lost", "doubled", "crashed"))  # fmt: skip


@pytest.mark.parametrize("unit", ["[", "{a: ", "- ", "? "])
def test_a_file_of_endless_levels_is_refused_before_it_is_built(unit: str) -> None:
    items, faults = READERS["yaml"](unit * 200_000)
    assert items == [] and "levels" in faults[0].flaw.detail


def test_a_condition_that_is_no_text_is_named(app: FastAPI) -> None:
    with signed_in(app, "ops", PASSWORD) as ops:
        reply = ops.get("/v1/replies", params={"limit": 1}).json()["items"][0]
        reply = ops.get(f"/v1/replies/{reply['id']}").json()
        answer = _put(ops, reply | {"when": [{}]})
    assert answer == 422


def _put(ops: TestClient, reply: dict) -> int:
    return ops.put(f"/v1/replies/{reply['id']}", json=reply).status_code
