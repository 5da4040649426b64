"""How often one may ask, and what every answer carries."""

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from app.drafting.drafter import Drafter
from app.main import create_app
from tests.conftest import KEY, make_settings


@pytest.fixture
def narrow(drafter: Drafter, tmp_path: object) -> FastAPI:
    return create_app(make_settings(tmp_path, rate_key_per_minute=3, rate_address_per_minute=5), drafter)  # type: ignore[arg-type]


def asked(app: FastAPI, times: int, key: str | None = KEY) -> list[int]:
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    with TestClient(app, headers=headers) as client:
        return [client.get("/v1/drafts").status_code for _ in range(times)]


def test_a_key_that_asks_too_often_is_told_how_long_to_wait(narrow: FastAPI) -> None:
    assert asked(narrow, 4) == [200, 200, 200, 429]
    with TestClient(narrow, headers={"Authorization": f"Bearer {KEY}"}) as client:
        answer = client.get("/v1/drafts")
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"].endswith("too-many-requests") and 1 <= int(answer.headers["Retry-After"]) <= 60


def test_one_key_that_asks_too_often_does_not_keep_others_out(narrow: FastAPI) -> None:
    _, other = narrow.state.access.create_key("other", "integration", ("drafts",))
    asked(narrow, 4)
    assert asked(narrow, 1, other) == [200]


def test_an_address_without_a_key_is_counted_by_itself(narrow: FastAPI) -> None:
    assert asked(narrow, 6, None) == [401] * 5 + [429]


def test_another_wrong_key_each_time_gains_nothing(narrow: FastAPI) -> None:
    guesses = [asked(narrow, 1, f"sk_guess_{number}")[0] for number in range(7)]
    assert guesses == [401] * 5 + [429] * 2


def test_a_made_up_token_each_time_opens_no_more_chats(narrow: FastAPI) -> None:
    key = narrow.state.sites.get_keys("default").publishable
    with TestClient(narrow) as page:
        tries = [
            page.post("/widget/v1/session", json={"site_key": key}, headers={"Authorization": f"Bearer {number}"})
            for number in range(7)
        ]
    assert tries[-1].status_code == 429


def test_those_who_watch_are_not_counted(narrow: FastAPI) -> None:
    with TestClient(narrow) as client:
        assert {client.get("/healthz").status_code for _ in range(20)} == {200}


@pytest.mark.parametrize("path", ["/widget.js", "/widget/static/frame.js", "/console/desk.js"])
def test_files_are_not_counted(narrow: FastAPI, path: str) -> None:
    with TestClient(narrow) as client:
        assert {client.get(path).status_code for _ in range(20)} == {200}


def test_failed_sign_ins_are_counted_by_all_processes_together(drafter: Drafter, tmp_path: object) -> None:
    settings = make_settings(tmp_path)  # type: ignore[arg-type]
    one, other = (TestClient(create_app(settings, drafter)) for _ in range(2))
    wrong = {"name": "ops", "password": "not the password"}
    assert [client.post("/v1/session", json=wrong).status_code for client in (one, other) * 4] == [401] * 8
    answer = one.post("/v1/session", json=wrong)
    assert answer.status_code == 429 and int(answer.headers["Retry-After"]) >= 1


def test_an_answer_forbids_what_no_page_needs(client: TestClient) -> None:
    headers = client.get("/v1/drafts").headers
    assert headers["X-Content-Type-Options"] == "nosniff" and headers["Cache-Control"] == "no-store"
    policy = headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in policy and "unsafe" not in policy
