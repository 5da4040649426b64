"""The client and the examples against a real server."""

import importlib.util
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import httpx2 as httpx
import pytest
import uvicorn
from fastapi import FastAPI

from app.client import Countersign, Draft, Limits, Refused
from app.drafting.drafter import Drafter
from app.main import create_app
from tests.app.receiver import Answer, Came, Receiver, receiving
from tests.app.test_durability import free_port
from tests.conftest import KEY, ORDER, make_settings

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
TEXT = "Wo bleibt mein Paket?"


@pytest.fixture(scope="module")
def app(drafter: Drafter, tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    folder = tmp_path_factory.mktemp("client")
    return create_app(
        make_settings(folder, undo_seconds=0, call_private_addresses=True, order_source_token="token"), drafter
    )


@pytest.fixture(scope="module")
def address(app: FastAPI) -> Iterator[str]:
    server = uvicorn.Server(uvicorn.Config(app, port=(port := free_port()), log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(timeout=10)


@pytest.fixture(scope="module")
def mia(app: FastAPI) -> str:
    return app.state.access.create_key("mia", "agent", ())[1]


@pytest.fixture
def shop(address: str) -> Iterator[Countersign]:
    with Countersign(address, KEY) as client:
        yield client


def example(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, EXAMPLES / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_message_is_signed_and_confirmed(shop: Countersign, address: str, mia: str) -> None:
    draft = shop.post_message(TEXT, buyer={"country": "DE"}, agent_language="en")
    assert draft.status == "pending" and draft.language == "de-DE" and draft.gloss.language == "en"
    with Countersign(address, mia) as person:
        assert person.approve(draft).status == "approved"
    assert shop.confirm_sent(draft).status == "sent" == shop.confirm_sent(draft).status
    assert shop.draft(draft.id, "zh").gloss.language == "zh"


def test_the_same_message_handed_in_twice_is_one(shop: Countersign) -> None:
    assert len({shop.post_message(TEXT, external_id="m-1").id for _ in range(2)}) == 1


def test_a_refusal_tells_its_code(shop: Countersign, address: str) -> None:
    draft = shop.post_message(TEXT, external_id="m-2")
    with pytest.raises(Refused) as told:
        shop.approve(draft)
    assert told.value.status == 403 and told.value.code and told.value.detail
    with Countersign(address, "wrong") as stranger, pytest.raises(Refused) as told:
        next(stranger.drafts())
    assert told.value.status == 401


def test_the_queue_is_read_to_its_end(shop: Countersign, monkeypatch: pytest.MonkeyPatch) -> None:
    posted = {shop.post_message(f"{TEXT} {number}", channel="email").id for number in range(3)}
    monkeypatch.setattr("app.client.PAGE", 1)
    assert posted <= {draft.id for draft in shop.drafts(channel="email")}


def test_the_client_names_only_what_the_service_tells(shop: Countersign) -> None:
    shop.post_message(TEXT, external_id="m-3")
    told = next(shop.drafts()).raw
    assert set(Draft.model_fields) - {"raw"} <= set(told) and set(Limits.model_fields) <= set(told["limits"])  # type: ignore[arg-type]


class Marketplace(Receiver):
    """Two messages that wait; keeps the replies by their number."""

    def answer(self, came: Came) -> Answer:
        waiting = [{"id": f"x-{number}", "text": f"{TEXT} {number}", "buyer": {"country": "DE"}} for number in range(2)]
        return Answer(200, body=json.dumps(waiting).encode()) if came.method == "GET" else Answer(200)


def test_the_connector_carries_each_reply_once(address: str, shop: Countersign, mia: str) -> None:
    connector = example("connector")
    with (
        receiving(Marketplace) as market,
        httpx.Client(base_url=market.url) as marketplace,
        Countersign(address, mia) as person,
    ):
        connector.run_once(shop, marketplace)
        connector.run_once(shop, marketplace)
        drafts = list(shop.drafts(channel="api"))
        for draft in drafts:
            person.approve(draft)
        connector.run_once(shop, marketplace)
        connector.run_once(shop, marketplace)
        carried = [came.json()["id"] for came in market.came if came.method == "POST"]
    assert sorted(carried) == sorted(draft.id for draft in drafts) and len(carried) >= 2


@pytest.mark.parametrize("command", [["sh", "sign.sh"], [sys.executable, "sign.py"]], ids=["curl", "python"])
def test_the_signing_examples_run(address: str, mia: str, command: list[str]) -> None:
    environment = {
        **os.environ,
        "HOST": address,
        "SHOP": KEY,
        "MIA": mia,
        "UNDO_SECONDS": "0",
        "PYTHONPATH": str(EXAMPLES.parents[1]),
    }
    ran = subprocess.run(
        [command[0], str(EXAMPLES / command[1])],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.rstrip().endswith("sent" if command[0] == "sh" else "approved")


def test_the_order_source_answers_as_the_guide_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORDER_SOURCE_TOKEN", "token")
    source = example("order_source")
    server = source.ThreadingHTTPServer(("127.0.0.1", 0), source.Source)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with httpx.Client(
        base_url=f"http://127.0.0.1:{server.server_port}", headers={"Authorization": "Bearer token"}
    ) as asking:
        assert asking.get(f"/orders/{ORDER['id']}").json()["order"]["id"] == ORDER["id"]
        assert asking.get("/orders/1").status_code == 404
        assert asking.get("/orders/1", headers={"Authorization": "Bearer other"}).status_code == 401
    server.shutdown()
    server.server_close()
