"""What rises suddenly is told once, to the page and to webhooks, and nothing is told where nothing happened."""

from datetime import UTC, datetime, timedelta

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from app.drift import Drift
from app.insights.analytics import Analytics
from app.notices import Notices
from app.store import ledger
from app.store.database import writing
from tests.conftest import ORDER, Clock

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)  # long ago, so that the look of the running service finds nothing
ASKED = {"late": "My parcel is a week late", "size": "Which size do I need?", "pay": "Can I pay by card?"}


def receive(client: TestClient, matter: str, ago: timedelta, times: int) -> None:
    for number in range(times):
        at = (NOON - ago - timedelta(minutes=number)).isoformat()
        answer = client.post(
            "/v1/messages", json={"text": ASKED[matter], "received_at": at, "buyer": {"country": "GB"}}
        )
        assert answer.status_code == 201, answer.text


@pytest.fixture
def notices(app: FastAPI) -> Notices:
    clock = Clock()
    clock.now = NOON
    analytics = Analytics(app.state.engine, lambda: app.state.serving.drafter().knowledge, clock)
    knowledge = app.state.serving.drafter().knowledge
    return Notices(app.state.engine, analytics, Drift(app.state.engine, clock), lambda: knowledge, clock)


@pytest.fixture
def usual(client: TestClient) -> None:
    """A week with two messages a day of each matter."""
    for matter in ASKED:
        for day in range(1, 8):
            receive(client, matter, timedelta(days=day, hours=3), 2)


@pytest.mark.both_databases
def test_a_sudden_rise_is_told_once_and_listed(client: TestClient, notices: Notices, usual: None) -> None:
    receive(client, "late", timedelta(hours=2), 12)
    receive(client, "size", timedelta(hours=5), 2)
    (told,) = notices.look()
    assert (told.action, told.subject) == ("figures.rising", "intent/delivery_delay")
    assert told.detail["messages"] == 12 and told.detail["before"] == 14
    assert notices.look() == []
    assert [event.subject for event in notices.list()] == ["intent/delivery_delay"]


def test_a_day_like_the_others_tells_nothing(client: TestClient, notices: Notices, usual: None) -> None:
    for matter in ASKED:
        receive(client, matter, timedelta(hours=4), 2)
    assert notices.look() == []


def test_a_day_on_which_everything_rises_alike_is_no_rise_of_a_group(
    client: TestClient, notices: Notices, usual: None
) -> None:
    for matter in ASKED:
        receive(client, matter, timedelta(hours=4), 12)
    assert [told.subject for told in notices.look() if told.subject.startswith("intent/")] == []


def test_ops_reads_notices_and_nobody_else(ops: TestClient, agent: TestClient) -> None:
    assert ops.get("/v1/notices").json() == {"items": []}
    assert agent.get("/v1/notices").status_code == 403
    assert ops.get("/v1/notices", params={"days": 0}).status_code == 422


def test_a_notice_is_counted_for_prometheus(app: FastAPI, client: TestClient) -> None:
    assert 'countersign_notices{type="figures.rising"} 0.0' in client.get("/metrics").text
    with writing(app.state.engine) as connection:
        ledger.record(connection, "countersign", "figures.rising", "intent/size_fit", datetime.now(UTC))
    assert 'countersign_notices{type="figures.rising"} 1.0' in client.get("/metrics").text


def dispute(client: TestClient, buyer: str, ends: timedelta, **more: object) -> str:
    """A conversation about an order whose dispute has to be answered by then."""
    opened = {
        "kind": "quality",
        "opened_at": (NOON - timedelta(days=3)).isoformat(),
        "due_by": (NOON + ends).isoformat(),
    }
    body = {"text": "I opened a dispute", "received_at": (NOON - timedelta(days=2)).isoformat(), "buyer": {"id": buyer}, "order": {**ORDER, "dispute": opened}}  # fmt: skip
    return str(client.post("/v1/messages", json=body | more).json()["message"]["conversation_id"])


@pytest.mark.both_databases
def test_a_step_of_a_dispute_that_ends_within_a_day_is_told_once(client: TestClient, notices: Notices) -> None:
    near = dispute(client, "near", timedelta(hours=20))
    dispute(client, "far", timedelta(days=3))
    dispute(client, "over", -timedelta(hours=1))
    (told,) = notices.look()
    assert (told.action, told.conversation_id, told.detail["step"]) == ("dispute.due", near, "dispute_answer")
    assert notices.look() == []


def test_a_dispute_of_which_a_later_message_knows_nothing_any_more_is_not_told(
    client: TestClient, notices: Notices
) -> None:
    dispute(client, "settled", timedelta(hours=20))
    later = {"text": "thanks, all settled", "received_at": NOON.isoformat(), "buyer": {"id": "settled"}, "order": ORDER}
    client.post("/v1/messages", json=later)
    assert notices.look() == []
