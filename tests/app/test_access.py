"""Who may come in, and what for."""

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from tests.conftest import KEY, PASSWORD, make_settings


@pytest.mark.parametrize("header", ["Bearer wrong", "Basic abc", "Bearer ", KEY])
def test_a_wrong_key_is_refused(app: FastAPI, header: str) -> None:
    with TestClient(app, headers={"Authorization": header}) as client:
        assert client.get("/v1/drafts").status_code == 401


def test_a_revoked_key_is_refused(app: FastAPI) -> None:
    key_id, secret = app.state.access.create_key("shop", "integration", ("drafts",))
    with TestClient(app, headers={"Authorization": f"Bearer {secret}"}) as client:
        assert client.get("/v1/drafts").status_code == 200
        app.state.access.revoke_key(key_id)
        assert client.get("/v1/drafts").status_code == 401


def test_a_key_may_do_what_its_scopes_say(app: FastAPI) -> None:
    _, secret = app.state.access.create_key("reader", "integration", ("drafts",))
    with TestClient(app, headers={"Authorization": f"Bearer {secret}"}) as client:
        assert client.post("/v1/messages", json={"text": "hello there"}).status_code == 403


def test_a_sessions_write_without_its_token_is_refused(ops: TestClient) -> None:
    del ops.headers["X-CSRF-Token"]
    assert ops.get("/v1/drafts").status_code == 200
    assert ops.post("/v1/analyze", json={"text": "where is it"}).status_code == 403


def test_a_session_ends_when_signed_out(ops: TestClient) -> None:
    assert ops.delete("/v1/session").status_code == 204
    assert ops.get("/v1/drafts").status_code == 401


def test_failed_attempts_are_slowed_down(app: FastAPI) -> None:
    with TestClient(app) as client:
        wrong = [
            client.post("/v1/session", json={"name": "ops", "password": "wrong password"}).status_code for _ in range(9)
        ]
        right = client.post("/v1/session", json={"name": "ops", "password": PASSWORD})
    assert wrong[0] == 401 and wrong[-1] == 429
    assert right.status_code == 429 and int(right.headers["retry-after"]) > 0


def test_no_secret_is_stored_as_it_is(app: FastAPI) -> None:
    stored = app.state.settings.database.removeprefix("sqlite:///")
    with open(stored, "rb") as file:
        content = file.read()
    assert KEY.encode() not in content and PASSWORD.encode() not in content


def test_given_secrets_are_not_announced(drafter: object, tmp_path: object) -> None:
    from app.main import create_app

    told: list[object] = []
    create_app(make_settings(tmp_path), drafter, announce=told.append)  # type: ignore[arg-type]
    assert told[0].password is None and told[0].key is None  # type: ignore[attr-defined]


def test_a_first_start_announces_its_secrets_once(drafter: object, tmp_path: object) -> None:
    from app.main import create_app

    settings = make_settings(tmp_path, bootstrap_key=None, bootstrap_password=None)  # type: ignore[arg-type]
    told: list[object] = []
    create_app(settings, drafter, announce=told.append)  # type: ignore[arg-type]
    create_app(settings, drafter, announce=told.append)  # type: ignore[arg-type]
    assert len(told) == 1 and told[0].key.startswith("sk_")  # type: ignore[attr-defined]
