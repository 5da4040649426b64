"""The queue: what it is filtered, searched and counted by."""

from collections.abc import Mapping

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import event

from tests.conftest import NOW, ORDER

MESSAGES: Mapping[str, dict[str, object]] = {
    "mexico": {"text": "¿Dónde está mi pedido?", "channel": "widget", "buyer": {"country": "MX", "name": "María López"}, "order": ORDER},
    "germany": {"text": "Wo bleibt mein Paket? Ich bin wirklich wütend!", "channel": "amazon", "buyer": {"country": "DE"}, "order": ORDER},
}  # fmt: skip


@pytest.fixture
def drafted(client: TestClient) -> dict[str, dict]:
    posted = {
        name: client.post("/v1/messages", json={"received_at": NOW, **body}).json() for name, body in MESSAGES.items()
    }
    return {name: body["draft"] for name, body in posted.items()}


def found(client: TestClient, drafted: dict[str, dict], **query: str) -> set[str]:
    answer = client.get("/v1/drafts", params=query)
    assert answer.status_code == 200, answer.text
    ids = {item["id"] for item in answer.json()["items"]}
    return {name for name, draft in drafted.items() if draft["id"] in ids}


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ({"market": "MX"}, {"mexico"}),
        ({"channel": "amazon"}, {"germany"}),
        ({"language": "de"}, {"germany"}),
        ({"site": "default"}, {"mexico", "germany"}),
        ({"site": "elsewhere"}, set()),
        ({"q": "wütend"}, {"germany"}),
        ({"q": "LÓPEZ pedido"}, {"mexico"}),
        ({"q": "100%_"}, set()),
        ({"assignee": "nobody"}, set()),
    ],
)
def test_the_queue_shows_what_its_filters_say(
    client: TestClient, drafted: dict[str, dict], query: dict[str, str], wanted: set[str]
) -> None:
    assert found(client, drafted, status="pending", **query) == wanted


def test_drafts_are_filtered_by_the_buyers_feeling(client: TestClient, drafted: dict[str, dict]) -> None:
    feeling = client.get(f"/v1/drafts/{drafted['germany']['id']}").json()["analysis"]["emotion"]["id"]
    assert "germany" in found(client, drafted, emotion=feeling)
    assert found(client, drafted, emotion="no such feeling") == set()


def test_counts_tell_what_the_filters_would_show(client: TestClient, drafted: dict[str, dict]) -> None:
    counts = client.get("/v1/drafts/counts", params={"status": "pending"}).json()
    assert counts["status"] == {"pending": 2} and counts["market"] == {"MX": 1, "DE": 1}
    narrowed = client.get("/v1/drafts/counts", params={"status": "pending", "market": "MX"}).json()
    assert narrowed["channel"] == {"widget": 1} and narrowed["status"] == {"pending": 2}


def test_a_draft_comes_with_its_message_its_reading_and_its_limits(
    client: TestClient, drafted: dict[str, dict]
) -> None:
    draft = client.get(f"/v1/drafts/{drafted['germany']['id']}", params={"agent_language": "zh"}).json()
    assert draft["message"]["text"] == MESSAGES["germany"]["text"] and draft["message"]["order"]["id"] == ORDER["id"]
    spans = [draft["message"]["text"][slice(*intent["span"])] for intent in draft["analysis"]["intents"]]
    assert all(spans) and draft["limits"]["max_chars"] > 0 and draft["limits"]["undo_seconds"] == 5
    assert draft["limits"]["answer_due"] > draft["received_at"]


def test_the_reasons_of_the_priority_are_in_the_agents_language(client: TestClient, drafted: dict[str, dict]) -> None:
    reasons = {
        code: client.get("/v1/drafts", params={"agent_language": code, "channel": "amazon"}).json()["items"][0]["priority_reasons"]
        for code in ("en", "zh")
    }  # fmt: skip
    assert reasons["en"] and len(reasons["en"]) == len(reasons["zh"]) and reasons["en"] != reasons["zh"]


def test_the_gist_in_the_queue_is_in_the_agents_language(client: TestClient, drafted: dict[str, dict]) -> None:
    english = client.get("/v1/drafts", params={"agent_language": "en"}).json()["items"]
    chinese = client.get("/v1/drafts", params={"agent_language": "zh"}).json()["items"]
    assert all(one["gist"] != other["gist"] for one, other in zip(english, chinese, strict=True))


def test_labels_have_names_in_the_agents_language(client: TestClient) -> None:
    names = client.get("/v1/labels", params={"language": "zh"}).json()
    english = client.get("/v1/labels", params={"language": "en"}).json()
    assert names["intents"].keys() == english["intents"].keys() and names["intents"] != english["intents"]
    assert (
        names["emotions"].keys() == english["emotions"].keys() and names["conduct"].keys() == english["conduct"].keys()
    )


def test_a_search_that_is_too_long_is_a_problem(client: TestClient) -> None:
    answer = client.get("/v1/drafts", params={"q": "w" * 201})
    assert answer.status_code == 422 and answer.json()["errors"][0]["pointer"] == "/query/q"


@pytest.mark.parametrize("query", [{"market": "MX"}, {"emotion": "angry", "channel": "amazon"}, {"q": "pedido"}])
def test_the_queue_is_read_from_its_index_alone(
    app: FastAPI, client: TestClient, drafted: dict[str, dict], query: dict[str, str]
) -> None:
    asked: list[tuple[str, object]] = []
    event.listen(app.state.engine, "before_cursor_execute", lambda _c, _u, sql, values, *_: asked.append((sql, values)))
    client.get("/v1/drafts", params={"status": "pending", **query})
    pages = [(sql, values) for sql, values in asked if sql.startswith("SELECT drafts.id, drafts.priority")]
    assert len(pages) == 1
    sql, values = pages[0]
    with app.state.engine.connect() as connection:
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", values).all()
    assert any("COVERING INDEX ix_drafts_queue" in str(row) for row in plan), plan
