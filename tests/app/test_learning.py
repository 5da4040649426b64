"""Versions of the classifiers over HTTP: trained in another process, one at a time, and serving only once promoted."""

import json
import shutil
import sys
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from filelock import FileLock
from typer.testing import CliRunner

from app import promotion
from app.cli import app as cli
from app.drafting.drafter import Drafter
from app.jobs import Jobs
from app.learning import BUSY, REFUSED, Learning
from app.main import create_app
from app.parts import SHIPPED_WEIGHTS, open_registry
from tests.conftest import PASSWORD, make_settings, signed_in

NEW = "2030.01.01-1"
TRAINS = (
    'print(\'{"share": 0.5, "step": "fitting"}\', flush=True); print(\'{"kind": "intent", "version": "2030.01.01-1"}\')'
)


def learning_of(app: FastAPI, code: str) -> tuple[Learning, Jobs]:
    """Of the same database, with a process that runs `code` in place of a training."""
    jobs = Jobs(app.state.engine, jitter=lambda: 0.5)
    return Learning(app.state.engine, jobs, app.state.settings, lambda kind: (sys.executable, "-c", code)), jobs


@pytest.fixture
def idle(drafter: Drafter, tmp_path: Path) -> FastAPI:
    """An application whose background work does not run by itself."""
    return create_app(make_settings(tmp_path), drafter)


@pytest.fixture
def boss(idle: FastAPI) -> TestClient:
    return signed_in(idle, "ops", PASSWORD)


@pytest.fixture
def new_version(idle: FastAPI, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The serving emotion version once more under another name, and a few gate messages."""
    few = [one for row, one in enumerate(promotion.gate_messages()) if row % 28 == 0]
    monkeypatch.setattr(promotion, "gate_messages", lambda: few)
    folder = idle.state.settings.trained_dir / "emotion" / NEW
    shutil.copytree(SHIPPED_WEIGHTS / "emotion" / open_registry(idle.state.settings).promoted("emotion"), folder)
    return folder


def test_a_training_is_planned_and_answered_with_its_job(boss: TestClient) -> None:
    answer = boss.post("/v1/models/intent/train")
    assert answer.status_code == 202 and answer.json()["state"] == "waiting"
    assert boss.get(f"/v1/jobs/{answer.json()['id']}").json()["kind"] == "train"


def test_a_second_training_is_refused_while_one_waits(boss: TestClient) -> None:
    first = boss.post("/v1/models/intent/train").json()["id"]
    second = boss.post("/v1/models/emotion/train")
    assert second.status_code == 409 and second.json()["type"].endswith("wrong-state")
    assert first in second.json()["detail"]


def test_the_same_idempotency_key_plans_one_training(boss: TestClient) -> None:
    answers = [boss.post("/v1/models/intent/train", headers={"Idempotency-Key": "k"}).json() for _ in range(2)]
    assert answers[0] == answers[1]


def test_a_training_ends_with_its_version_and_leaves_what_serves_alone(idle: FastAPI, boss: TestClient) -> None:
    before = open_registry(idle.state.settings).promoted("intent")
    job_id = boss.post("/v1/models/intent/train").json()["id"]
    learning_of(idle, TRAINS)[1].run_due()
    job = boss.get(f"/v1/jobs/{job_id}").json()
    assert (job["state"], job["result"]) == ("done", {"kind": "intent", "version": NEW})
    assert open_registry(idle.state.settings).promoted("intent") == before


@pytest.mark.parametrize(
    ("code", "state", "error"),
    [
        (f"raise SystemExit({REFUSED})", "dead", "the examples cannot teach it"),
        (f"raise SystemExit({BUSY})", "waiting", "another training holds the data folder"),
        ("raise SystemExit(9)", "waiting", "ended with status 9"),
        ("pass", "waiting", "ended with status 0"),
    ],
)
def test_a_training_that_fails_says_why(idle: FastAPI, boss: TestClient, code: str, state: str, error: str) -> None:
    job_id = boss.post("/v1/models/intent/train").json()["id"]
    learning_of(idle, code)[1].run_due()
    job = boss.get(f"/v1/jobs/{job_id}").json()
    assert job["state"] == state and error in job["error"]


def test_a_cancelled_training_ends_its_process_and_makes_room_for_the_next(idle: FastAPI, boss: TestClient) -> None:
    job_id = boss.post("/v1/models/intent/train").json()["id"]
    jobs = learning_of(idle, "import time; time.sleep(600)")[1]
    held = jobs.claim(("train",))
    assert held is not None and boss.post(f"/v1/jobs/{job_id}/cancel").json()["error"] == "cancelled by ops"
    jobs.run(held)  # returns only because the process is ended
    assert boss.get(f"/v1/jobs/{job_id}").json()["state"] == "dead"
    assert boss.post("/v1/models/intent/train").status_code == 202


def test_an_ended_job_cannot_be_cancelled(boss: TestClient) -> None:
    job_id = boss.post("/v1/models/intent/train").json()["id"]
    boss.post(f"/v1/jobs/{job_id}/cancel")
    assert boss.post(f"/v1/jobs/{job_id}/cancel").status_code == 409


def test_the_events_of_a_job_end_with_it(boss: TestClient) -> None:
    job_id = boss.post("/v1/models/intent/train").json()["id"]
    boss.post(f"/v1/jobs/{job_id}/cancel")
    with boss.stream("GET", f"/v1/jobs/{job_id}/events") as answer:
        told = [json.loads(line[5:]) for line in answer.iter_lines() if line.startswith("data:")]
    assert [one["state"] for one in told] == ["dead"]


def test_the_overview_names_what_serves(boss: TestClient) -> None:
    items = {item["kind"]: item for item in boss.get("/v1/models").json()["items"]}
    assert set(items) == {"intent", "emotion", "conduct"}
    assert items["intent"]["serving"] in [card["version"] for card in items["intent"]["versions"]]


def test_a_report_holds_figures_by_language_and_label(boss: TestClient) -> None:
    serving = boss.get("/v1/models").json()["items"][0]["serving"]
    metrics = boss.get(f"/v1/models/intent/{serving}/report").json()["metrics"]
    assert len(metrics["languages"]) == 14 and "order_tracking" in metrics["labels"]


def test_a_version_serves_once_promoted_and_can_be_taken_back(boss: TestClient, new_version: Path) -> None:
    before = boss.get("/v1/models").json()["items"][1]["serving"]
    answer = boss.post(f"/v1/models/emotion/{NEW}/promote").json()
    assert (answer["serving"], answer["comparison"]["worse"]) == (NEW, [])
    assert boss.post("/v1/models/emotion/rollback").json()["serving"] == before


def test_a_worse_version_serves_only_for_a_reason(boss: TestClient, new_version: Path) -> None:
    config = json.loads((new_version / "config.json").read_text("utf-8"))
    config.pop("sums")  # of the configuration as it was trained
    config["labels"] = config["labels"][1:] + config["labels"][:1]
    (new_version / "config.json").write_text(json.dumps(config), "utf-8")
    refused = boss.post(f"/v1/models/emotion/{NEW}/promote")
    assert refused.status_code == 409 and "/languages/all" in [one["pointer"] for one in refused.json()["errors"]]
    assert boss.post(f"/v1/models/emotion/{NEW}/promote", json={"override": "labels moved"}).status_code == 200


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/v1/models/mood/train", 404),
        ("/v1/models/mood/rollback", 404),
        ("/v1/models/intent/rollback", 409),
        ("/v1/models/intent/2031.01.01-1/promote", 404),
        ("/v1/models/intent/..%2F..%2Fetc/promote", 404),
    ],
)
def test_what_is_not_there_is_told_as_a_problem(boss: TestClient, path: str, status: int) -> None:
    answer = boss.post(path)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")


def test_only_ops_trains(client: TestClient, agent: TestClient) -> None:
    assert [one.post("/v1/models/intent/train").status_code for one in (client, agent)] == [403, 403]


def test_the_command_does_not_train_beside_another_training(tmp_path: Path) -> None:
    with FileLock(tmp_path / ".training.lock"):
        result = CliRunner().invoke(cli, ["train", "intent", "--json"], env={"COUNTERSIGN_DATA_DIR": str(tmp_path)})
    assert result.exit_code == BUSY
