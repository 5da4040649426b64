"""Files of replies over HTTP and on the command line: a dry run tells, a fault keeps all out, a round trip changes nothing."""

import json
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from app.cli import app as cli
from app.drafting.drafter import Drafter
from app.library import Held, Judged
from knowledge_base.exchange import Item
from tests.app.test_replies import HEAT, NEW, OLD, SHIPPED, ask, get, put, with_sentence

TYPES = {"yaml": "application/yaml", "jsonl": "application/x-ndjson", "csv": "text/csv"}
ROW = f"reply,language,field,name,text\n{SHIPPED},en,sentence,watching,{NEW}\n"


def bring(client: TestClient, text: str, format: str, **params: object) -> tuple[int, dict]:
    answer = client.post("/v1/replies/import", content=text.encode(), params=params, headers={"Content-Type": TYPES[format]})  # fmt: skip
    return answer.status_code, answer.json()


# --- over HTTP ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("format", sorted(TYPES))
def test_an_export_imported_again_shows_no_difference(ops: TestClient, format: str) -> None:
    put(ops, with_sentence(get(ops), NEW) | {"scope": {"markets": ["NO"]}, "valid_until": "2027-01-01"})
    ops.post("/v1/replies", json=HEAT)
    ops.delete("/v1/replies/order_tracking.ended")
    exported = ops.get("/v1/replies/export", params={"format": format})
    assert exported.status_code == 200 and exported.headers["content-type"].startswith(TYPES[format].replace("x-ndjson", "jsonl"))  # fmt: skip
    status, answer = bring(ops, exported.text, format, dry_run=True)
    assert status == 200 and answer["errors"] == [] and answer["changed"] == [] and answer["added"] == []
    assert answer["unchanged"] == 129 and answer["dry_run"] is True


def test_an_export_holds_the_edits(ops: TestClient) -> None:
    put(ops, with_sentence(get(ops), NEW))
    lines = ops.get("/v1/replies/export", params={"format": "jsonl", "language": "en"}).text.splitlines()
    reply = next(json.loads(line) for line in lines if f'"{SHIPPED}"' in line)
    assert reply["languages"].keys() == {"en"} and reply["languages"]["en"]["sentences"]["watching"] == NEW
    assert reply["version"] == 2 and reply["languages"]["en"]["vetted"] is False


def test_a_dry_run_shows_the_difference_and_changes_nothing(ops: TestClient) -> None:
    status, answer = bring(ops, ROW, "csv", dry_run=True)
    assert status == 200 and answer["changed"] == [
        {"id": SHIPPED, "differences": [{"pointer": "/languages/en/sentences/watching", "before": OLD, "after": NEW}]}
    ]
    assert get(ops)["version"] == 1


def test_what_is_imported_waits_to_be_vetted_or_is_vetted_with_it(ops: TestClient, client: TestClient) -> None:
    assert bring(ops, ROW, "csv")[0] == 200
    assert get(ops)["state"] == "suggested" and NEW not in ask(client)["text"]
    assert bring(ops, ROW, "csv", vet=True)[0] == 200
    assert get(ops)["state"] == "vetted" and NEW in ask(client)["text"]
    assert get(ops)["version"] == 2


def test_a_new_reply_comes_by_file(ops: TestClient) -> None:
    status, answer = bring(ops, json.dumps(HEAT), "jsonl")
    assert status == 200 and answer["added"] == [HEAT["id"]]
    assert get(ops, HEAT["id"])["state"] == "suggested"


def test_a_fault_in_any_row_keeps_all_of_it_out(ops: TestClient) -> None:
    text = ROW + f"{SHIPPED},de,sentence,watching,Wir {{moon}}.\n{SHIPPED},fr,verse,x,y\n"
    status, answer = bring(ops, text, "csv", dry_run=True)
    assert status == 200 and {error["row"] for error in answer["errors"]} == {3, 4}
    status, problem = bring(ops, text, "csv")
    assert status == 422
    assert "/rows/3/languages/de/sentences/watching" in [item["pointer"] for item in problem["errors"]]
    assert get(ops)["version"] == 1


def test_a_file_that_somebody_overtook_is_refused(app: FastAPI, ops: TestClient) -> None:
    library = app.state.library
    judge = library._judge

    def overtaken(item: Item, before: Held | None) -> Judged:
        put(ops, with_sentence(get(ops), "We follow it every day."))
        return judge(item, before)

    library._judge = overtaken
    status, problem = bring(ops, ROW, "csv")
    assert status == 409 and problem["type"].endswith("stale")
    assert get(ops)["languages"]["en"]["sentences"]["watching"] == "We follow it every day."


def test_a_reply_that_stands_twice_is_named(ops: TestClient) -> None:
    text = json.dumps(HEAT) + "\n" + json.dumps(HEAT)
    assert [error["row"] for error in bring(ops, text, "jsonl", dry_run=True)[1]["errors"]] == [2]


def test_who_may_bring_files(agent: TestClient, client: TestClient) -> None:
    assert agent.get("/v1/replies/export?language=en").status_code == 200
    assert bring(agent, ROW, "csv")[0] == 403
    assert bring(client, ROW, "csv", vet=True)[0] == 403
    assert bring(client, ROW, "csv")[0] == 200 and get(client)["state"] == "suggested"


def test_the_same_key_brings_once(ops: TestClient) -> None:
    headers = {"Content-Type": "text/csv", "Idempotency-Key": "file-1"}
    first = ops.post("/v1/replies/import", content=ROW, headers=headers)
    assert ops.post("/v1/replies/import", content=ROW, headers=headers).json() == first.json()
    assert first.json()["changed"] and get(ops)["version"] == 2


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [(b"{}", "application/xml", 422), (b"\xff\xfe", "text/csv", 422), (b"x" * 17_000_000, "text/csv", 413)],
)
def test_what_cannot_be_read_is_a_problem_document(ops: TestClient, content: bytes, kind: str, status: int) -> None:
    answer = ops.post("/v1/replies/import", content=content, headers={"Content-Type": kind})
    assert answer.status_code == status and answer.headers["content-type"] == "application/problem+json"


# --- on the command line -----------------------------------------------------------------------------------------------


def run(data: Path, *words: str) -> tuple[int, str]:
    result = CliRunner().invoke(cli, ["knowledge", *words], env={"COUNTERSIGN_DATA_DIR": str(data)}, catch_exceptions=False)  # fmt: skip
    return result.exit_code, result.output


@pytest.mark.parametrize("suffix", ["yaml", "jsonl", "csv"])
def test_a_round_trip_on_the_command_line_changes_nothing(tmp_path: Path, suffix: str) -> None:
    file = tmp_path / f"replies.{suffix}"
    assert run(tmp_path, "export", str(file), "--language", "nl")[0] == 0
    code, text = run(tmp_path, "import", str(file), "--dry-run")
    assert code == 0 and "0 new, 0 changed, 128 as they were, 0 faults" in text


def test_a_file_is_shown_then_stored_then_found(tmp_path: Path, drafter: Drafter) -> None:
    drafter.index.save(tmp_path / "index")
    file = tmp_path / "change.csv"
    rows = f"{SHIPPED},en,question,,is the consignment moving\n{SHIPPED},en,question,,any news of the consignment\n{SHIPPED},en,question,,whereabouts of the consignment\n"
    file.write_text(ROW + rows)
    code, text = run(tmp_path, "import", str(file), "--dry-run")
    assert code == 0 and f"- {OLD}" in text and f"+ {NEW}" in text and "nothing was stored" in text
    assert "used once they are vetted" in run(tmp_path, "import", str(file))[1]
    assert "consignment moving" not in run(tmp_path, "search", "is the consignment moving")[1]
    assert run(tmp_path, "import", str(file), "--vet", "--by", "maria")[0] == 0
    found = run(tmp_path, "search", "is the consignment moving", "--language", "en", "-k", "1")[1]
    assert SHIPPED in found and "v2" in found and "is the consignment moving" in found
    code, text = run(tmp_path, "check", "--no-corpus")
    assert code == 0 and "128 situations" in text


def test_faults_are_named_by_line_and_end_with_one(tmp_path: Path) -> None:
    file = tmp_path / "bad.yaml"
    file.write_text(f"- id: {SHIPPED}\n  languages:\n    en:\n      sentences:\n        watching: 'We  wait.'\n")
    code, text = run(tmp_path, "import", str(file))
    assert code == 1 and f"{file}:5: {SHIPPED}/languages/en/sentences/watching:" in text.replace("\n", "")
    assert "nothing was stored" in text


@pytest.mark.parametrize(
    "words",
    [
        ("export", "replies.doc"),
        ("export", "/no/such/folder/replies.yaml"),
        ("import", "missing.yaml"),
        ("search", "x", "-k", "0"),
    ],
)
def test_bad_calls_end_with_two(tmp_path: Path, words: tuple[str, ...]) -> None:
    assert run(tmp_path, *words)[0] == 2


def test_an_edit_that_no_longer_fits_is_named_by_the_check(tmp_path: Path) -> None:
    from sqlalchemy import update

    from app.store.database import open_database, writing
    from app.store.tables import reply_edits

    file = tmp_path / "change.csv"
    file.write_text(ROW)
    run(tmp_path, "import", str(file), "--vet")
    engine = open_database(f"sqlite:///{tmp_path / 'countersign.db'}")
    with writing(engine) as connection:
        in_use = connection.execute(reply_edits.select()).mappings().all()[-1]["in_use"]
        connection.execute(update(reply_edits).values(in_use=in_use | {"wants": ["slot_of_old_times"]}))
    engine.dispose()
    code, text = run(tmp_path, "check", "--no-corpus")
    assert code == 1 and f"edit of {SHIPPED} is left out: /wants/0" in text
