"""A shift in how messages are read is noticed, and chance is not."""

import numpy as np
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from app.drift import Drift, Shift, shifts
from app.store.readings import Readings
from tests.conftest import Clock

SHARES = {"order_tracking": 0.4, "refund_request": 0.3, "size_fit": 0.2, "greeting": 0.1}


def week(language: str, messages: int, seed: int, abstained: float = 0.1, **more: float) -> list[Readings]:
    """Messages drawn from those shares; `more` weighs an intent anew."""
    chance = np.random.default_rng(seed)
    weights = np.array([more.get(label, share) for label, share in SHARES.items()])
    drawn = chance.multinomial(messages, weights / weights.sum())
    silent = [int(chance.binomial(count, abstained)) for count in drawn]
    rows = zip(SHARES, drawn.tolist(), silent, strict=True)
    return [
        Readings(language, label, quiet, count, 0.8)
        for label, both, hushed in rows
        for quiet, count in ((True, hushed), (False, both - hushed))
    ]


def moved(found: list[Shift]) -> list[tuple[str, str]]:
    return [(one.language, one.of) for one in found if one.moved]


def test_a_planted_rise_is_noticed_and_nothing_else_is() -> None:
    now = week("es", 300, 1, size_fit=0.8) + week("de", 300, 2) + week("fr", 300, 3)
    before = week("es", 1200, 4) + week("de", 1200, 5) + week("fr", 1200, 6)
    assert moved(list(shifts(now, before))) == [("es", "intents")]


def test_more_abstention_is_noticed() -> None:
    found = shifts(week("ja", 300, 1, abstained=0.4), week("ja", 1200, 2))
    assert moved(list(found)) == [("ja", "abstention")]


@pytest.mark.parametrize("seed", range(20))
def test_weeks_alike_ring_no_alarm(seed: int) -> None:
    codes = ("de", "en", "es", "fr", "it", "ja", "zh")
    now = [one for place, code in enumerate(codes) for one in week(code, 120, 1000 * seed + place)]
    before = [one for place, code in enumerate(codes) for one in week(code, 480, 1000 * seed + 500 + place)]
    assert moved(list(shifts(now, before))) == []


def test_of_too_few_messages_nothing_is_said() -> None:
    assert list(shifts(week("tr", 20, 1, size_fit=5.0), week("tr", 1000, 2))) == []


def test_the_last_week_is_held_against_the_four_before(app: FastAPI, client: TestClient) -> None:
    clock = Clock()
    for days, text in ((10, "Where is my order?"), (1, "I want my money back")):
        for number in range(30):
            body = {"text": text, "received_at": f"2026-11-{22 - days:02}T02:00:{number:02}+00:00"}
            assert client.post("/v1/messages", json=body).status_code == 201
    found, confidence = Drift(app.state.engine, clock).look()
    assert moved(list(found)) == [("en", "intents")] and list(confidence) == ["en"]


def test_ops_reads_drift_over_http(ops: TestClient, agent: TestClient) -> None:
    answer = ops.get("/v1/models/drift").json()
    assert answer == {"moved": [], "comparisons": [], "confidence": {}}
    assert agent.get("/v1/models/drift").status_code == 403
