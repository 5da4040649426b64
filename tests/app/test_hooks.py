"""Webhooks that come in: only what is signed, fresh and new; answered at once, worked on afterwards."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx2 import Response
from standardwebhooks import Webhook

from app.drafting.drafter import Drafter
from app.main import create_app
from app.settings import Settings
from app.webhooks import new_secret, signed
from tests.conftest import KEY, make_settings

SECRET, OTHER = new_secret(), new_secret()


@pytest.fixture
def app(drafter: Drafter, tmp_path: Path) -> FastAPI:
    return create_app(make_settings(tmp_path, hook_secrets={"shop": SECRET}), drafter)


@pytest.fixture
def outside(app: FastAPI) -> TestClient:
    """Somebody without any key; the application's threads do not run."""
    return TestClient(app, raise_server_exceptions=False)


def push(
    outside: TestClient,
    body: object,
    delivery: str = "msg_1",
    secret: str = SECRET,
    source: str = "shop",
    **changed: str,
) -> Response:
    text = body if isinstance(body, str) else json.dumps(body)
    headers = signed(secret, delivery, datetime.now(UTC), text) | {
        name.replace("_", "-"): value for name, value in changed.items()
    }
    return outside.post(f"/v1/hooks/{source}", content=text, headers=headers)


def drafts_of(app: FastAPI) -> list[dict]:
    app.state.jobs.run_due()
    return TestClient(app, headers={"Authorization": f"Bearer {KEY}"}).get("/v1/drafts").json()["items"]


def test_a_signed_message_is_taken_at_once_and_drafted_afterwards(app: FastAPI, outside: TestClient) -> None:
    answer = push(outside, {"text": "¿Dónde está mi pedido?", "external_id": "x-1"})
    assert answer.status_code == 202
    (draft,) = drafts_of(app)
    job = TestClient(app, headers={"Authorization": f"Bearer {KEY}"}).get(f"/v1/jobs/{answer.json()['job']}").json()
    assert job["state"] == "done" and job["result"] == {"message_id": draft["message_id"], "draft_id": draft["id"]}


def test_the_same_delivery_is_taken_once(app: FastAPI, outside: TestClient) -> None:
    jobs = {push(outside, {"text": "Where is my parcel?"}).json()["job"] for _ in range(2)}
    assert len(jobs) == 1 and len(drafts_of(app)) == 1
    assert push(outside, {"text": "Where is my parcel?"}).json()["job"] in jobs and len(drafts_of(app)) == 1


def test_a_run_that_was_cut_off_stores_the_message_once(app: FastAPI, outside: TestClient) -> None:
    push(outside, {"text": "Where is my parcel?"})
    job = app.state.jobs.claim(("message.receive",))
    app.state.intake._receive(_task(job))
    app.state.intake._receive(_task(job))
    assert len(drafts_of(app)) == 1


def _task(job: object) -> object:
    from app.jobs import Task

    return Task(job.id, job.key, job.payload, job.tries, lambda progress: None)  # type: ignore[attr-defined]


def test_no_text_of_a_buyer_stays_in_a_job_that_is_done(app: FastAPI, outside: TestClient) -> None:
    answer = push(outside, {"text": "Where is my parcel?"})
    drafts_of(app)
    assert app.state.jobs.get(answer.json()["job"]).payload == {}


@pytest.mark.parametrize(
    "changed",
    [{"secret": OTHER}, {"webhook_signature": "v1"}, {"webhook_signature": "v1,%%%"}, {"webhook_signature": ""}, {"webhook_id": "msg_2"},
     {"webhook_timestamp": "soon"}, {"webhook_timestamp": "nan"}, {"webhook_timestamp": "1"}],
)  # fmt: skip
def test_what_is_not_signed_by_the_source_is_refused(outside: TestClient, changed: dict[str, str]) -> None:
    answer = push(outside, {"text": "Where is my parcel?"}, **changed)
    assert answer.status_code == 401 and answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("minutes", [-6, 6])
def test_a_request_of_another_time_is_refused(outside: TestClient, minutes: int) -> None:
    headers = signed(SECRET, "msg_1", datetime.now(UTC) + timedelta(minutes=minutes), "{}")
    assert outside.post("/v1/hooks/shop", content="{}", headers=headers).status_code == 401


def test_an_unknown_source_is_not_found(outside: TestClient) -> None:
    assert push(outside, {"text": "hello"}, source="nobody").status_code == 404


@pytest.mark.parametrize(
    ("body", "status", "pointer"),
    [("{", 400, None), ("\x00", 400, None), ({}, 422, "/text"), ({"text": "hi", "odd": 1}, 422, "/odd"), ({"text": "hi", "order": {"total": {"amount": 1.5, "currency": "EUR"}}}, 422, "/order/total/amount"),
     ({"text": "hi", "options": {"dry_run": True}}, 422, "/options/dry_run")],
)  # fmt: skip
def test_a_signed_body_that_cannot_be_used_says_where(
    outside: TestClient, body: object, status: int, pointer: str | None
) -> None:
    answer = push(outside, body)
    assert answer.status_code == status
    assert [item["pointer"] for item in answer.json().get("errors", [])] == ([pointer] if pointer else [])


def test_a_message_that_the_desk_refuses_is_a_dead_job_with_the_reason(app: FastAPI, outside: TestClient) -> None:
    answer = push(outside, {"text": "Where is my parcel?", "conversation_id": "c_none"})
    app.state.jobs.run_due()
    job = app.state.jobs.get(answer.json()["job"])
    assert (job.state, job.error) == ("dead", "there is no such conversation")


def test_a_secret_that_is_none_is_refused_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="hook_secrets"):
        Settings(data_dir=tmp_path, hook_secrets={"shop": "whsec_%%%"})  # type: ignore[dict-item]


def test_secrets_are_read_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COUNTERSIGN_HOOK_SECRETS", json.dumps({"shop": SECRET}))
    assert Webhook(Settings(data_dir=tmp_path).hook_secrets["shop"].get_secret_value())
