"""Bad input gets a clear problem and loses nothing."""

import json

import pytest
from fastapi.testclient import TestClient

from tests.conftest import NOW, ORDER

GOOD = {"text": "where is my parcel?", "received_at": NOW}


def raw(client: TestClient, body: bytes) -> tuple[int, dict, str]:
    answer = client.post("/v1/messages", content=body, headers={"Content-Type": "application/json"})
    return answer.status_code, answer.json(), answer.headers["content-type"]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({**GOOD, "text": ""}, "/text"),
        ({**GOOD, "text": "   \n\t "}, "/text"),
        ({**GOOD, "text": "\u0000\u0000"}, "/text"),
        ({**GOOD, "text": 17}, "/text"),
        ({**GOOD, "text": None}, "/text"),
        ({"received_at": NOW}, "/text"),
        ({**GOOD, "unknown": 1}, "/unknown"),
        ({**GOOD, "received_at": "2026-11-22T09:30:00"}, "/received_at"),
        ({**GOOD, "received_at": "yesterday"}, "/received_at"),
        ({**GOOD, "buyer": {"country": "XX"}}, "/buyer/country"),
        ({**GOOD, "buyer": {"country": "Spain"}}, "/buyer/country"),
        ({**GOOD, "order": {**ORDER, "status": "lost"}}, "/order/status"),
        ({**GOOD, "order": {**ORDER, "total": {"amount": 12.3, "currency": "EUR"}}}, "/order/total/amount"),
        ({**GOOD, "order": {**ORDER, "total": {"amount": "12.30", "currency": "euro"}}}, "/order/total/currency"),
        ({**GOOD, "attachments": [{"type": "image"}]}, "/attachments/0"),
        ({**GOOD, "history": [{"from": "shop", "text": "hi"}]}, "/history/0/from"),
        ({**GOOD, "options": {"generator": "magic"}}, "/options/generator"),
    ],
)
def test_each_fault_is_named_with_its_place(client: TestClient, body: dict, pointer: str) -> None:
    status, answer, kind = raw(client, json.dumps(body).encode())
    assert status == 422 and kind == "application/problem+json"
    assert pointer in [item["pointer"] for item in answer["errors"]]
    assert {"type", "title", "status", "detail", "instance"} <= answer.keys()
    assert client.get("/v1/drafts").json()["items"] == []


@pytest.mark.parametrize("body", [b"", b"{", b"[1]", b'"text"', b"\xff\xfe{}", b"null"])
def test_a_body_that_is_no_object_of_json_is_refused(client: TestClient, body: bytes) -> None:
    status, _, kind = raw(client, body)
    assert status in (400, 422) and kind == "application/problem+json"


def test_a_text_of_a_hundred_kilobytes_is_refused(client: TestClient) -> None:
    status, _, kind = raw(client, json.dumps({**GOOD, "text": "where is it " * 9000}).encode())
    assert status in (413, 422) and kind == "application/problem+json"


def test_a_body_over_the_limit_is_refused_before_it_is_read(client: TestClient) -> None:
    status, answer, _ = raw(client, b'{"text": "' + b"a" * 1_000_000 + b'"}')
    assert status == 413 and answer["type"].endswith("too-large")


@pytest.mark.parametrize(
    "text",
    [
        r"where is it \ud800 now?",
        r"wo ist \u0000 mein Paket?",
        "😀😀😀",
        "?",
        "????!!!",
        "🤬",
        "a",
        "1234567890",
        "\u202eevil\u202c text",
        "ok " * 3000,
    ],
)
def test_odd_texts_are_drafted_or_refused_but_never_break(client: TestClient, text: str) -> None:
    body = '{"text": "' + text + '"}'
    status, answer, _ = raw(client, body.encode("utf-8"))
    assert status in (201, 422)
    if status == 201:
        assert "\u0000" not in answer["message"]["text"]


def test_an_order_whose_dates_contradict_is_shown_to_the_agent_and_not_used(client: TestClient) -> None:
    order = {**ORDER, "shipped_at": "2026-11-01T10:00:00+08:00"}  # before it was paid
    answer = client.post("/v1/messages", json={**GOOD, "order": order})
    assert answer.status_code == 201
    draft = answer.json()["draft"]
    assert "contradicts_record" in {check["id"] for check in draft["checks"]}
    assert "shipped_on" not in {slot["name"] for segment in draft["segments"] for slot in segment["slots"]}


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/drafts/d_none"),
        ("GET", "/v1/conversations/c_none"),
        ("GET", "/v1/nothing"),
        ("GET", "/v1/drafts?cursor=%25%25"),
        ("GET", "/v1/drafts?limit=0"),
        ("PUT", "/v1/messages"),
    ],
)
def test_what_is_not_there_is_a_problem_document(client: TestClient, method: str, path: str) -> None:
    answer = client.request(method, path)
    assert 400 <= answer.status_code < 500 and answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["x-request-id"]


def test_no_answer_tells_internals(client: TestClient) -> None:
    answer = client.post("/v1/messages", json={**GOOD, "order": {"id": ["a", "list"]}})
    assert "Traceback" not in answer.text and "/app/" not in answer.text


def test_a_given_request_id_comes_back(client: TestClient) -> None:
    assert client.get("/healthz", headers={"X-Request-Id": "abc-1"}).headers["x-request-id"] == "abc-1"
    assert client.get("/healthz", headers={"X-Request-Id": "bad id\x7f"}).headers["x-request-id"] != "bad id"
