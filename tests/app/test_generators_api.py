"""Which generator words the drafts, as ops may read it."""

from pathlib import Path

from fastapi.testclient import TestClient

from app.drafting.drafter import Drafter
from app.main import create_app
from tests.conftest import PASSWORD, make_settings


def told(drafter: Drafter, folder: Path, **settings: object) -> dict[str, dict[str, object]]:
    client = TestClient(create_app(make_settings(folder, **settings), drafter))
    client.post("/v1/session", json={"name": "ops", "password": PASSWORD})
    answer = client.get("/v1/generators")
    assert "secret" not in answer.text
    return {item["name"]: item for item in answer.json()["items"]}


def test_the_composer_serves_where_nothing_else_is_set(drafter: Drafter, tmp_path: Path) -> None:
    found = told(drafter, tmp_path)
    assert [name for name, item in found.items() if item["serves"]] == ["composer"]
    assert not found["openai"]["set_up"] and not found["transformers"]["set_up"]


def test_a_server_is_named_by_its_host_alone(drafter: Drafter, tmp_path: Path) -> None:
    found = told(drafter, tmp_path, openai_url="http://127.0.0.1:9/v1?key=secret", openai_model="small", generator="openai")["openai"]  # fmt: skip
    assert (found["serves"], found["set_up"], found["model"], found["host"]) == (True, True, "small", "127.0.0.1")
