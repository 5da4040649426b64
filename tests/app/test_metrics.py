"""What those who watch the service read."""

import json
import re
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import text

from tests.conftest import ORDER

OPERATIONS = Path(__file__).parents[2] / "docs" / "operations"


def value(client: TestClient, line: str) -> float:
    """The figure behind a metric with its labels; 0 where it is not told."""
    found = re.search(rf"^{re.escape(line)} (\S+)$", client.get("/metrics").text, re.MULTILINE)
    return float(found[1]) if found else 0.0


def test_requests_are_counted_by_route_and_status(client: TestClient) -> None:
    for number in range(3):
        client.get(f"/v1/drafts/d_{number}")
    assert value(client, 'countersign_requests_total{method="GET",route="/v1/drafts/{draft_id}",status="404"}') == 3


def test_a_draft_is_measured_from_message_to_stored_draft(client: TestClient) -> None:
    client.post("/v1/messages", json={"text": "where is my parcel?"})
    client.post("/v1/messages", json={"text": ""})
    assert value(client, "countersign_draft_seconds_count") == 1
    assert value(client, 'countersign_draft_seconds_bucket{le="+Inf"}') == 1


def test_the_queue_and_the_outbox_are_counted(app: FastAPI, client: TestClient, ops: TestClient) -> None:
    made = [
        client.post("/v1/messages", json={"text": "where is my parcel?", "order": ORDER}).json()["draft"] for _ in "12"
    ]
    assert value(client, 'countersign_drafts{status="pending"}') == 2
    ops.post(f"/v1/drafts/{made[0]['id']}/approve")
    with app.state.engine.begin() as connection:
        connection.execute(text("UPDATE outbox SET leaves_at = '2020-01-01'"))
    assert value(client, 'countersign_drafts{status="approved"}') == 1
    assert value(client, "countersign_outbox_waiting") == 1


def test_a_draft_made_while_a_part_was_missing_is_counted(client: TestClient) -> None:
    client.post("/v1/messages", json={"text": "where is my parcel?", "buyer": {"country": "ES"}})
    assert value(client, "countersign_drafts_degraded") == 0
    client.post("/v1/messages", json={"text": "where is my parcel?", "buyer": {"country": "TV"}})
    assert value(client, "countersign_drafts_degraded") == 1


def test_background_work_and_versions_are_told(app: FastAPI, client: TestClient) -> None:
    app.state.jobs.enqueue("test", "one", {})
    assert value(client, 'countersign_jobs{kind="test",state="waiting"}') == 1
    version = app.state.serving.drafter().knowledge.version
    assert value(client, f'countersign_version_info{{part="knowledge",version="{version}"}}') == 1


def test_no_figure_names_anybody(client: TestClient) -> None:
    client.post("/v1/messages", json={"text": "I am Zebediah", "buyer": {"id": "zeb-77", "name": "Zebediah"}})
    client.get("/v1/buyers/default/zeb-77/export")
    assert not re.search("zeb", client.get("/metrics").text, re.IGNORECASE)


def test_every_query_of_the_board_asks_for_a_figure_that_there_is(client: TestClient) -> None:
    client.post("/v1/messages", json={"text": "where is my parcel?"})
    board = json.loads((OPERATIONS / "grafana.json").read_text(encoding="utf-8"))
    asked = {name for panel in board["panels"] for target in panel["targets"] for name in re.findall(r"countersign_\w+", target["expr"])}  # fmt: skip
    told = client.get("/metrics").text
    families = set(re.findall(r"^# TYPE (\S+)", told, re.MULTILINE)) | set(re.findall(r"^(countersign_\w+)", told, re.MULTILINE))  # fmt: skip
    assert asked and asked <= families


@pytest.mark.parametrize("broken", ["models", "index"])
def test_a_service_that_cannot_draft_is_not_ready(app: FastAPI, client: TestClient, broken: str) -> None:
    assert client.get("/readyz").status_code == 200
    drafter = app.state.serving.drafter()

    class Serving:
        def drafter(self) -> object:
            if broken == "models":
                raise RuntimeError("weights cannot be read")
            return type("Empty", (), {"search": lambda *_: [], "analyze": drafter.analyze})()

    app.state.serving = Serving()
    answer = client.get("/readyz")
    assert answer.status_code == 503 and answer.json()["type"].endswith("not-ready")
    assert "weights" not in answer.text


def test_a_service_without_its_database_is_not_ready(app: FastAPI, client: TestClient) -> None:
    class Engine:
        def connect(self) -> None:
            raise OSError("no disk")

    app.state.engine = Engine()
    assert client.get("/readyz").status_code == 503
