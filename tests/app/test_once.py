"""A write under an Idempotency-Key is done once: which writes take one, and what a second answer holds."""

from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from app.store.database import once_committed, open_database, writing
from tests.conftest import ORDER

KEYED = {"Idempotency-Key": "once"}
# Nothing is stored by them; or the sender's own ids make them once; or a session, a file or a promotion would be held open by it.
WITHOUT = {
    "/v1/analyze", "/v1/check", "/v1/hooks/{source}", "/v1/hooks/chatwoot/{site}", "/v1/session", "/v1/models/{kind}/{version}/promote",
    "/widget/v1/session", "/widget/v1/uploads",
}  # fmt: skip


def test_every_write_takes_a_key_but_those_named_here(app: FastAPI) -> None:
    bare = set()
    for path, operations in app.openapi()["paths"].items():
        for method, operation in operations.items():
            taken = {parameter["name"].lower() for parameter in operation.get("parameters", ())}
            if method in ("post", "put", "patch") and "idempotency-key" not in taken:
                bare.add(path)
    assert bare == WITHOUT


@pytest.mark.both_databases
def test_a_key_is_made_once_and_its_secret_is_told_once(ops: TestClient) -> None:
    body = {"name": "shop", "role": "integration", "scopes": ["messages"]}
    first, again = (ops.post("/v1/keys", json=body, headers=KEYED).json() for _ in range(2))
    assert first["secret"] and again == {**first, "secret": None}
    assert [key["id"] for key in ops.get("/v1/keys").json()["items"] if key["name"] == "shop"] == [first["id"]]


@pytest.mark.both_databases
def test_an_account_is_made_once_whatever_the_password(ops: TestClient) -> None:
    answers = [
        ops.post("/v1/accounts", json={"name": "li", "password": password, "role": "agent"}, headers=KEYED)
        for password in ("eight or more", "eight or more", "another one")
    ]
    assert [answer.status_code for answer in answers] == [201] * 3
    assert len({answer.json()["id"] for answer in answers}) == 1
    other = ops.post("/v1/accounts", json={"name": "wu", "password": "eight or more"}, headers=KEYED)
    assert other.status_code == 409


def test_a_webhooks_new_secret_is_made_once_and_not_kept(ops: TestClient) -> None:
    made = ops.post("/v1/webhooks", json={"url": "https://example.com/x", "events": ["draft.ready"]}).json()
    changed = [ops.patch(f"/v1/webhooks/{made['id']}", json={"new_secret": True}, headers=KEYED).json() for _ in range(2)]  # fmt: skip
    assert changed[0]["secret"] not in (None, made["secret"]) and changed[1] == {**changed[0], "secret": None}


def test_a_decision_that_is_told_twice_is_made_once(client: TestClient, ops: TestClient) -> None:
    draft = client.post("/v1/messages", json={"text": "Where is my order?", "order": ORDER}).json()["draft"]
    path = f"/v1/drafts/{draft['id']}"
    assert ops.post(f"{path}/approve", headers={"Idempotency-Key": "a"}).status_code == 200
    undone = [ops.post(f"{path}/undo", headers={"Idempotency-Key": "u"}) for _ in range(2)]
    assert [answer.status_code for answer in undone] == [200, 200] and undone[0].json() == undone[1].json()


def test_the_same_key_with_another_version_wanted_is_another_request(client: TestClient, ops: TestClient) -> None:
    draft = client.post("/v1/messages", json={"text": "Where is my order?", "order": ORDER}).json()["draft"]
    answers = [
        ops.post(f"/v1/drafts/{draft['id']}/approve", headers={**KEYED, "If-Match": match}) for match in ('"1"', '"2"')
    ]
    assert [answer.status_code for answer in answers] == [200, 409]


def test_what_follows_a_commit_waits_for_the_outermost_one_and_not_for_a_failure(tmp_path: Path) -> None:
    engine = open_database(f"sqlite:///{tmp_path / 'once.db'}")
    told: list[str] = []
    with writing(engine):
        with writing(engine):
            once_committed(lambda: told.append("kept"))
        assert told == []
    assert told == ["kept"]
    with pytest.raises(RuntimeError), writing(engine):
        once_committed(lambda: told.append("lost"))
        raise RuntimeError
    once_committed(lambda: told.append("at once"))
    assert told == ["kept", "at once"]
    engine.dispose()
