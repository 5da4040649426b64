"""Accounts and keys over HTTP."""

from collections.abc import Mapping

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from tests.conftest import PASSWORD, signed_in

pytestmark = pytest.mark.both_databases

LI = {"name": "wang", "password": "wang's long password", "role": "agent", "language": "zh"}


def make(ops: TestClient, **changes: object) -> Mapping[str, str]:
    answer = ops.post("/v1/accounts", json={**LI, **changes})
    assert answer.status_code == 201, answer.text
    return answer.json()


def account(ops: TestClient, name: str) -> str:
    return next(item["id"] for item in ops.get("/v1/accounts").json()["items"] if item["name"] == name)


def by_key(app: FastAPI, secret: str) -> TestClient:
    return TestClient(app, headers={"Authorization": f"Bearer {secret}"}, raise_server_exceptions=False)


def test_a_new_account_can_sign_in_with_its_role_and_language(app: FastAPI, ops: TestClient) -> None:
    made = make(ops)
    assert "password" not in made
    with signed_in(app, "wang", LI["password"]) as wang:
        assert wang.get("/v1/session").json()["role"] == "agent" and wang.get("/v1/session").json()["language"] == "zh"


def test_a_disabled_account_is_out_at_once_with_its_keys_and_comes_back(app: FastAPI, ops: TestClient) -> None:
    made = make(ops)
    with signed_in(app, "wang", LI["password"]) as wang:
        secret = wang.post("/v1/keys", json={"name": "laptop", "personal": True}).json()["secret"]
        assert ops.patch(f"/v1/accounts/{made['id']}", json={"disabled": True}).json()["disabled_at"]
        assert wang.get("/v1/drafts").status_code == 401
        assert by_key(app, secret).get("/v1/drafts").status_code == 401
        again = wang.post("/v1/session", json={"name": "wang", "password": LI["password"]})
        assert again.status_code == 401
    ops.patch(f"/v1/accounts/{made['id']}", json={"disabled": False})
    assert by_key(app, secret).get("/v1/drafts").status_code == 200


def test_another_role_counts_from_the_next_request(app: FastAPI, ops: TestClient) -> None:
    made = make(ops)
    with signed_in(app, "wang", LI["password"]) as wang:
        assert wang.get("/v1/accounts").status_code == 403
        ops.patch(f"/v1/accounts/{made['id']}", json={"role": "ops"})
        assert wang.get("/v1/accounts").status_code == 200


def test_another_password_ends_the_sessions(app: FastAPI, ops: TestClient) -> None:
    made = make(ops)
    with signed_in(app, "wang", LI["password"]) as wang:
        ops.patch(f"/v1/accounts/{made['id']}", json={"password": "another long one"})
        assert wang.get("/v1/drafts").status_code == 401
    with signed_in(app, "wang", "another long one") as wang:
        assert wang.get("/v1/drafts").status_code == 200


@pytest.mark.parametrize("change", [{"disabled": True}, {"role": "agent"}])
def test_the_last_ops_stays(ops: TestClient, change: dict[str, object]) -> None:
    answer = ops.patch(f"/v1/accounts/{account(ops, 'ops')}", json=change)
    assert answer.status_code == 409 and answer.json()["type"].endswith("conflict")
    make(ops, role="ops")
    assert ops.patch(f"/v1/accounts/{account(ops, 'ops')}", json=change).status_code == 200


@pytest.mark.parametrize(
    ("body", "pointer"),
    [({"password": "short"}, "/password"), ({"role": "king"}, "/role"), ({"name": " "}, "/name"), ({"language": "?"}, "/language")],
)  # fmt: skip
def test_a_wrong_account_is_refused_with_its_place(ops: TestClient, body: dict[str, str], pointer: str) -> None:
    answer = ops.post("/v1/accounts", json={**LI, **body})
    assert answer.status_code == 422 and answer.json()["errors"][0]["pointer"] == pointer


def test_a_name_exists_once(ops: TestClient) -> None:
    make(ops)
    answer = ops.post("/v1/accounts", json=LI)
    assert answer.status_code == 409 and answer.json()["errors"][0]["pointer"] == "/name"


def test_a_key_opens_what_its_scopes_say_and_its_last_use_is_told(app: FastAPI, ops: TestClient) -> None:
    made = ops.post("/v1/keys", json={"name": "shop", "scopes": ["drafts"]}).json()
    assert made["last_used_at"] is None
    shop = by_key(app, made["secret"])
    assert shop.get("/v1/drafts").status_code == 200
    assert shop.post("/v1/messages", json={"text": "hello"}).status_code == 403
    listed = {key["id"]: key for key in ops.get("/v1/keys").json()["items"]}[made["id"]]
    assert listed["last_used_at"] is not None and "secret" not in listed


@pytest.mark.parametrize(("grace", "old"), [(0, 401), (24, 200)])
def test_a_rotated_key_has_the_same_rights_and_the_old_one_ends_after_its_grace(
    app: FastAPI, ops: TestClient, grace: int, old: int
) -> None:
    made = ops.post("/v1/keys", json={"name": "shop", "scopes": ["drafts"]}).json()
    newer = ops.post(f"/v1/keys/{made['id']}/rotate", json={"grace_hours": grace}).json()
    assert by_key(app, newer["secret"]).get("/v1/drafts").status_code == 200
    assert newer["scopes"] == ["drafts"] and newer["id"] != made["id"]
    assert by_key(app, made["secret"]).get("/v1/drafts").status_code == old


def test_a_revoked_key_opens_nothing_and_cannot_be_revoked_again(app: FastAPI, ops: TestClient) -> None:
    made = ops.post("/v1/keys", json={"name": "shop", "scopes": ["drafts"]}).json()
    assert ops.delete(f"/v1/keys/{made['id']}").status_code == 204
    assert by_key(app, made["secret"]).get("/v1/drafts").status_code == 401
    assert ops.delete(f"/v1/keys/{made['id']}").status_code == 404
    assert ops.post(f"/v1/keys/{made['id']}/rotate", json={}).status_code == 404


def test_an_agents_personal_key_acts_in_the_agents_name(app: FastAPI, client: TestClient, agent: TestClient) -> None:
    secret = agent.post("/v1/keys", json={"name": "laptop", "personal": True}).json()["secret"]
    draft = client.post("/v1/messages", json={"text": "where is my parcel?"}).json()["draft"]
    assert by_key(app, secret).post(f"/v1/drafts/{draft['id']}/claim").json()["claimed_by"] == "li"


def test_an_agent_sees_and_ends_only_own_keys(agent: TestClient, ops: TestClient) -> None:
    own = agent.post("/v1/keys", json={"name": "laptop", "personal": True}).json()
    other = ops.post("/v1/keys", json={"name": "shop", "scopes": ["drafts"]}).json()
    assert [key["id"] for key in agent.get("/v1/keys").json()["items"]] == [own["id"]]
    assert agent.delete(f"/v1/keys/{other['id']}").status_code == 403
    assert agent.post("/v1/keys", json={"name": "more", "role": "ops"}).status_code == 403
    assert agent.delete(f"/v1/keys/{own['id']}").status_code == 204


@pytest.mark.parametrize(
    "body", [{"name": "x", "scopes": ["everything"]}, {"name": "x", "role": "ops", "scopes": ["drafts"]}, {"name": ""}]
)
def test_a_wrong_key_is_not_made(ops: TestClient, body: dict[str, object]) -> None:
    assert ops.post("/v1/keys", json=body).status_code == 422


def test_who_changed_people_is_in_the_trail(app: FastAPI, ops: TestClient) -> None:
    made = make(ops, role="ops")
    with signed_in(app, "wang", LI["password"]) as wang:
        wang.patch(f"/v1/accounts/{account(ops, 'ops')}", json={"language": "zh"})
    steps = app.state.desk.trail(account(ops, "ops"))
    assert steps[-1]["actor"] == "wang" and steps[-1]["action"] == "account.changed"  # type: ignore[index]
    assert [step["action"] for step in app.state.desk.trail(made["id"])] == ["account.created", "session.started"]  # type: ignore[index]
    assert PASSWORD not in str(steps)
