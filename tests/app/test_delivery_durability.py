"""Replies on their way out, with real processes: a killed one forgets none, two over one database send none twice."""

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import httpx2 as httpx
import pytest

from tests.app.receiver import Answer, Receiver, receiving
from tests.app.test_durability import Server
from tests.conftest import PASSWORD

pytestmark = pytest.mark.both_databases

SETTINGS = {"COUNTERSIGN_UNDO_SECONDS": "0", "COUNTERSIGN_JOB_LEASE_SECONDS": "2", "COUNTERSIGN_CALL_PRIVATE_ADDRESSES": "true"}  # fmt: skip


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as found:
        yield found


@pytest.fixture
def servers(indexed: Path, database: str) -> Iterator[list[Server]]:
    """Two over one data folder; neither is started."""
    both = [Server(indexed, database=database) for _ in range(2)]
    for server in both:
        server.environment |= SETTINGS
    yield both
    for server in both:
        server.stop(signal.SIGKILL)


def ops_of(server: Server) -> httpx.Client:
    client = httpx.Client(base_url=f"http://127.0.0.1:{server.port}", timeout=30)
    client.headers["X-CSRF-Token"] = client.post("/v1/session", json={"name": "ops", "password": PASSWORD}).json()["csrf_token"]  # fmt: skip
    return client


def wait_for(holds: Callable[[], bool]) -> None:
    for _ in range(600):
        if holds():
            return
        time.sleep(0.1)
    raise AssertionError("it did not happen")


def approved(server: Server, ops: httpx.Client, number: int, channel: str) -> dict:
    draft = server.post("/v1/messages", {"text": f"where is my order {number}?", "channel": channel})["draft"]
    assert ops.post(f"/v1/drafts/{draft['id']}/approve").status_code == 200
    return draft


def status(server: Server, draft: dict) -> str:
    return server.get(f"/v1/drafts/{draft['id']}")["status"]


def test_a_process_that_is_killed_in_the_middle_of_a_delivery_forgets_no_reply(
    servers: list[Server], receiver: Receiver
) -> None:
    server = servers[0]
    server.start()
    receiver.answers = [Answer(slow_s=5)]  # it is killed while it waits for this answer
    with closing(ops_of(server)) as ops:
        ops.post("/v1/webhooks", json={"url": receiver.url, "events": ["reply.send"]})
        outside = approved(server, ops, 1, "api")
        wait_for(lambda: len(receiver.came) == 1)
        inside = approved(server, ops, 2, "widget")
    server.stop(signal.SIGKILL)
    server.start()
    wait_for(lambda: status(server, outside) == status(server, inside) == "sent")
    assert len({came.headers["webhook-id"] for came in receiver.came}) == 1 and len(receiver.came) == 2
    conversation = server.get(f"/v1/conversations/{inside['conversation_id']}")
    assert [item["text"] for item in conversation["messages"] if item["from"] == "seller"] == [inside["text"]]


def test_two_processes_over_one_database_send_every_reply_once(servers: list[Server], receiver: Receiver) -> None:
    for server in servers:
        server.start()
    with closing(ops_of(servers[0])) as ops:
        ops.post("/v1/webhooks", json={"url": receiver.url, "events": ["reply.send", "reply.sent"]})
        drafts = [approved(servers[number % 2], ops, number, "api") for number in range(8)]
    wait_for(lambda: all(status(servers[1], draft) == "sent" for draft in drafts))
    wait_for(lambda: len(receiver.came) >= 16)
    time.sleep(2)
    told = [(came.json()["type"], came.json()["data"]["draft_id"]) for came in receiver.came]
    assert sorted(told) == sorted((kind, draft["id"]) for kind in ("reply.send", "reply.sent") for draft in drafts)
