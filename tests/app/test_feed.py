"""The live feed: the trail as it grows, over server-sent events, with a real server."""

import asyncio
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx2 as httpx
import pytest
import uvicorn
from fastapi import FastAPI
from fastapi.testclient import TestClient

from app.feed import Event, Feed
from tests.app.test_durability import free_port
from tests.conftest import KEY

pytestmark = pytest.mark.both_databases

HEADERS = {"Authorization": f"Bearer {KEY}"}


@contextmanager
def served(app: FastAPI) -> Iterator[str]:
    """The application on a port of this machine."""
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield f"http://127.0.0.1:{port}"
    app.state.feed.close()
    server.should_exit = True
    thread.join(timeout=10)
    assert not thread.is_alive()


@pytest.fixture
def address(app: FastAPI) -> Iterator[str]:
    with served(app) as url:
        yield url


def events_of(lines: Iterator[str], number: int) -> list[dict[str, str]]:
    """The next events of a stream, comments left out."""
    found: list[dict[str, str]] = []
    event: dict[str, str] = {}
    for line in lines:
        if line.startswith(":"):
            continue
        if not line:
            if "data" in event:
                found.append(event)
            event = {}
            if len(found) == number:
                break
            continue
        name, _, value = line.partition(": ")
        event[name] = value
    return found


def post(address: str, text: str, **more: object) -> dict[str, object]:
    answer = httpx.post(f"{address}/v1/messages", json={"text": text, **more}, headers=HEADERS, timeout=30)
    assert answer.status_code == 201, answer.text
    return answer.json()


def test_a_listener_is_told_of_a_message_and_its_draft(address: str) -> None:
    with httpx.stream("GET", f"{address}/v1/events", headers=HEADERS, timeout=30) as response:
        lines = response.iter_lines()
        post(address, "Where is my order?")
        received, ready = events_of(lines, 2)
    assert (received["event"], ready["event"]) == ("message.received", "draft.ready")
    body = json.loads(ready["data"])
    assert body["draft_id"].startswith("d_") and body["revision"] == 1


def test_a_stream_tells_no_text_of_the_buyer(address: str) -> None:
    post(address, "Where is my order? My name is Xaviera Quill")
    with httpx.stream("GET", f"{address}/v1/events", headers=HEADERS | {"Last-Event-ID": "0"}, timeout=30) as response:
        told = events_of(response.iter_lines(), 2)
    assert told and "Xaviera" not in json.dumps(told) and "order" not in json.dumps(told)


def test_a_listener_that_comes_back_is_told_what_it_missed(address: str) -> None:
    for text in ("Where is my order?", "How long does shipping take?"):
        post(address, text)
    with httpx.stream("GET", f"{address}/v1/events", headers=HEADERS | {"Last-Event-ID": "0"}, timeout=30) as response:
        first = events_of(response.iter_lines(), 3)
    again = HEADERS | {"Last-Event-ID": first[1]["id"]}
    with httpx.stream("GET", f"{address}/v1/events", headers=again, timeout=30) as response:
        second = events_of(response.iter_lines(), 2)
    assert second[0] == first[2] and second[1]["event"] == "draft.ready"


def test_a_conversations_stream_tells_of_that_conversation_only(address: str) -> None:
    post(address, "Where is my order?", buyer={"id": "b1"})
    other = post(address, "How long does shipping take?", buyer={"id": "b2"})
    conversation = other["message"]["conversation_id"]  # type: ignore[index]
    stream = f"{address}/v1/conversations/{conversation}/events"
    with httpx.stream("GET", stream, headers=HEADERS | {"Last-Event-ID": "0"}, timeout=30) as response:
        told = events_of(response.iter_lines(), 2)
    assert {json.loads(event["data"])["conversation_id"] for event in told} == {conversation}


def test_an_escalated_draft_is_told_of_as_such(client: TestClient) -> None:
    answer = client.post("/v1/messages", json={"text": "The charger caught fire and burned my son's hand!"})
    assert answer.json()["draft"]["verdict"] == "escalate"
    feed: Feed = client.app.state.feed  # type: ignore[attr-defined]
    assert [event.type for event in feed.after(0)] == ["message.received", "draft.ready", "draft.escalated"]


@pytest.mark.parametrize("path", ["/v1/events", "/v1/conversations/c_none/events"])
def test_a_stranger_hears_nothing(app: FastAPI, path: str) -> None:
    with TestClient(app) as stranger:
        answer = stranger.get(path)
    assert answer.status_code == 401 and answer.headers["content-type"] == "application/problem+json"


def test_an_unknown_conversation_has_no_stream(client: TestClient) -> None:
    assert client.get("/v1/conversations/c_none/events").status_code == 404


def test_a_last_id_that_is_no_number_is_refused(client: TestClient) -> None:
    assert client.get("/v1/events", headers={"Last-Event-ID": "soon"}).status_code == 422


def test_steps_of_another_process_are_heard(client: TestClient, app: FastAPI) -> None:
    """Two feeds over one database stand for two processes."""

    async def first_heard(feed: Feed) -> Event:
        listening = feed.follow()
        heard = asyncio.ensure_future(anext(listening))
        while not feed._listeners:
            await asyncio.sleep(0.01)
        await asyncio.to_thread(client.post, "/v1/messages", json={"text": "Where is my order?"})
        event = await asyncio.wait_for(heard, 10)
        await listening.aclose()  # type: ignore[attr-defined]
        feed.close()
        return event

    assert asyncio.run(first_heard(Feed(app.state.engine))).type == "message.received"


def test_a_closed_feed_lets_its_listeners_go(app: FastAPI) -> None:
    async def until_closed(feed: Feed) -> list[Event]:
        async def listen() -> list[Event]:
            return [event async for event in feed.follow()]

        listening = asyncio.ensure_future(listen())
        while not feed._listeners:
            await asyncio.sleep(0.01)
        feed.close()
        return await asyncio.wait_for(listening, 10)

    with TestClient(app):
        assert asyncio.run(until_closed(Feed(app.state.engine))) == []
