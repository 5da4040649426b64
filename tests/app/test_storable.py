"""Whatever can be sent can be kept, or is refused with a reason: on both databases."""

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from app.store import ledger
from app.store.database import reading, writing
from tests.conftest import NOW, Clock

pytestmark = pytest.mark.both_databases
BODY = {"text": "where is my parcel?", "received_at": NOW}


def test_a_nul_in_a_message_harms_nobody_who_reads_it_later(client: TestClient, ops: TestClient) -> None:
    buyer, product = {"id": "b\0", "name": "Ma\0ría"}, {"sku": "\0", "title": "lamp \0"}
    answer = client.post("/v1/messages", json={**BODY, "buyer": buyer, "product": product, "external_id": "\0"})
    assert answer.status_code == 201
    assert ops.get("/v1/analytics", params={"group_by": "product"}).status_code == 200
    assert ops.get("/v1/drafts", params={"q": "ma"}).json()["items"][0]["id"] == answer.json()["draft"]["id"]


@pytest.mark.parametrize("path", ["/v1/drafts/d%00", "/v1/drafts?q=%00", "/v1/conversations/c%00", "/v1/uploads/%00"])
def test_a_nul_in_an_address_finds_nothing(ops: TestClient, path: str) -> None:
    answer = ops.get(path)
    assert answer.status_code in (200, 404)


@pytest.mark.parametrize("text", ["\0", "\\u0000", "\\\0", "\\\\u0000 \\\0\0"])
def test_json_is_kept_as_it_is_but_for_nul(app: FastAPI, text: str) -> None:
    with writing(app.state.engine) as connection:
        ledger.record(connection, "ops", "tried", "x", Clock()(), words=text)
    with reading(app.state.engine) as connection:
        kept = ledger.trail(connection, "x")[0]["detail"]
    assert kept == {"words": text.replace("\0", "\ufffd")}
