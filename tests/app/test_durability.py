"""A killed process loses nothing that was acknowledged; a full or closed database says so."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from tests.conftest import KEY, PASSWORD, signed_in

pytestmark = pytest.mark.both_databases


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """`countersign serve` in a process of its own."""

    def __init__(self, folder: Path, *arguments: str, database: str = "") -> None:
        self.arguments = arguments
        self.port = free_port()
        self.environment = {
            **os.environ, "COUNTERSIGN_DATA_DIR": str(folder), "COUNTERSIGN_PORT": str(self.port), "COUNTERSIGN_BOOTSTRAP_KEY": KEY, "COUNTERSIGN_BOOTSTRAP_PASSWORD": PASSWORD,
            "COUNTERSIGN_SAMPLE_DATA": "false", "COUNTERSIGN_DATABASE_URL": database, "OMP_NUM_THREADS": "1",
        }  # fmt: skip
        self.output: int | IO[bytes] = subprocess.DEVNULL
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "app.cli", "serve", *self.arguments],
            env=self.environment,
            stdout=self.output,
            stderr=subprocess.DEVNULL,
        )
        for _ in range(600):
            try:
                self.get("/readyz")
                return
            except (urllib.error.URLError, ConnectionError):
                time.sleep(0.1)
        raise AssertionError("the server did not come up")

    def get(self, path: str) -> dict:
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}", headers={"Authorization": f"Bearer {KEY}"}
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.loads(answer.read())

    def post(self, path: str, body: dict) -> dict:
        headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", json.dumps(body).encode(), headers)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.loads(answer.read())

    def stop(self, how: signal.Signals) -> None:
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait(timeout=30)


@pytest.fixture
def server(indexed: Path, database: str) -> Iterator[Server]:
    running = Server(indexed, database=database)
    running.start()
    yield running
    running.stop(signal.SIGKILL)


def test_a_killed_process_loses_nothing_that_was_acknowledged(server: Server) -> None:
    made = [
        server.post("/v1/messages", {"text": f"where is my order {number}?", "external_id": f"x{number}"})["draft"]
        for number in range(3)
    ]
    server.stop(signal.SIGKILL)
    server.start()
    kept = {item["id"]: item["text"] for item in server.get("/v1/drafts")["items"]}
    assert kept == {draft["id"]: draft["text"] for draft in made}


def test_a_database_that_takes_no_change_is_said_and_nothing_is_half_stored(app: FastAPI, client: TestClient) -> None:
    from sqlalchemy import event

    sqlite = app.state.engine.dialect.name == "sqlite"

    def read_only(connection: object, *_: object) -> None:
        said = "PRAGMA query_only=ON" if sqlite else "SET TRANSACTION READ ONLY"
        connection.exec_driver_sql(said)  # type: ignore[attr-defined]

    event.listen(app.state.engine, "begin", read_only)
    answer = client.post("/v1/messages", json={"text": "where is my parcel?"})
    event.remove(app.state.engine, "begin", read_only)
    if sqlite:
        with app.state.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA query_only=OFF")
    assert answer.status_code == 503 and answer.json()["type"].endswith("not-ready")
    app.state.engine.dispose()
    assert client.get("/v1/drafts").json()["items"] == []
    assert client.post("/v1/messages", json={"text": "where is my parcel?"}).status_code == 201


def test_two_agents_who_sign_at_once_send_one_reply(app: FastAPI, client: TestClient, ops: TestClient) -> None:
    from concurrent.futures import ThreadPoolExecutor

    draft = client.post("/v1/messages", json={"text": "where is my parcel?"}).json()["draft"]
    app.state.access.create_account("wang", "wang's long password", "ops", "zh")
    with signed_in(app, "wang", "wang's long password") as other, ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda who: who.post(f"/v1/drafts/{draft['id']}/approve").status_code, (ops, other)))
    assert sorted(answers) == [200, 409]


def test_the_same_idempotent_write_at_once_is_done_once(client: TestClient) -> None:
    from concurrent.futures import ThreadPoolExecutor

    def post(_: int) -> tuple[int, str]:
        answer = client.post("/v1/messages", json={"text": "where is my parcel?"}, headers={"Idempotency-Key": "same"})
        return answer.status_code, answer.json()["draft"]["id"]

    with ThreadPoolExecutor(4) as pool:
        answers = set(pool.map(post, range(4)))
    assert len(answers) == 1 and len(client.get("/v1/drafts").json()["items"]) == 1


def test_the_same_message_pushed_twice_at_once_is_stored_once(client: TestClient) -> None:
    from concurrent.futures import ThreadPoolExecutor

    body = {"text": "where is my parcel?", "external_id": "x1", "buyer": {"id": "b1"}}
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: client.post("/v1/messages", json=body), range(4)))
    assert {answer.status_code for answer in answers} <= {200, 201}
    assert len({answer.json()["draft"]["id"] for answer in answers}) == 1


def test_two_first_messages_of_a_buyer_at_once_open_one_conversation(client: TestClient) -> None:
    from concurrent.futures import ThreadPoolExecutor

    def post(text: str) -> str:
        answer = client.post("/v1/messages", json={"text": text, "channel": "email", "buyer": {"id": "b1"}})
        return answer.json()["message"]["conversation_id"]

    with ThreadPoolExecutor(2) as pool:
        assert len(set(pool.map(post, ("where is my parcel?", "can I return it?")))) == 1


def test_an_account_made_twice_at_once_is_made_once_and_refused_once(app: FastAPI, ops: TestClient) -> None:
    from concurrent.futures import ThreadPoolExecutor

    body = {"name": "wang", "password": "wang's long password", "role": "agent"}
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda _: ops.post("/v1/accounts", json=body).status_code, range(2)))
    assert sorted(answers) == [201, 409]
