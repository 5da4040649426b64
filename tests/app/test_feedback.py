"""What reviews teach: without the buyer, sentence by sentence, and only after a second decision."""

import json
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from app.cli import app as cli
from app.domain import Draft
from app.drafting.drafter import Drafter
from app.feedback import changed_segments
from app.redaction import redact
from app.teaching import Teaching
from models.examples import Example, read_examples
from tests.conftest import ORDER, draft, signed_in

TEXT = "Where is my order 8123456789012345? I am Zebediah Quux, Privatweg 17, 10115 Berlin, zeb@private.example"
PERSONAL = ("Zebediah", "Quux", "Privatweg", "10115", "zeb@private", "8123456789012345", "LP00123456789012")
BUYER = {"id": "zeb-77", "name": "Zebediah Quux", "country": "DE"}
WRONG = {"reason": "wrong_intent", "intents": ["refund_status"]}


def drafted(client: TestClient, text: str = TEXT) -> str:
    body = {"text": text, "channel": "email", "buyer": BUYER, "order": ORDER}
    return str(client.post("/v1/messages", json=body).json()["draft"]["id"])


def states(client: TestClient) -> list[str]:
    return [one["state"] for one in client.get("/v1/corrections").json()["items"]]


def lesson(app: FastAPI, tmp_path: Path, kind: str = "intent") -> list[Example]:
    """The corrections that a training of that kind would learn from now."""
    file = tmp_path / "corrected.jsonl"
    file.write_text(Teaching(app.state.engine).lesson(kind)[1], "utf-8")
    return read_examples([file])


@pytest.fixture
def second(app: FastAPI) -> TestClient:
    """Another agent."""
    app.state.access.create_account("mei", "mei's long password", "agent", "zh")
    return signed_in(app, "mei", "mei's long password")


@pytest.fixture(scope="module")
def letter(drafter: Drafter) -> Draft:
    return draft(drafter, "Where is my order?", ORDER, "US", name="Emily").draft


# --- the buyer stays out --------------------------------------------------------------------------------------------------


def test_feedback_holds_nothing_that_tells_who_wrote(client: TestClient, ops: TestClient) -> None:
    ops.post(f"/v1/drafts/{drafted(client)}/reject", json={**WRONG, "note": "Zebediah Quux again"})
    told = ops.get("/v1/feedback").text
    assert [one for one in PERSONAL if one in told] == [] and "Where is my order" in told


@pytest.mark.parametrize(
    ("text", "gone"),
    [
        ("Mi nombre es Lucía Prado, calle Gran Vía 28, 28013 Madrid", "Lucía|Prado|Gran Vía|28013"),
        ("Ich heiße Jörg Maler, Lindenstraße 4, 50667 Köln", "Jörg|Maler|Lindenstraße|50667"),
        ("Je m'appelle Zoé Martin, rue des Lilas 12", "Zoé|Martin|Lilas"),
        ("My name is Bo Derek, 12 Maple Grove Road", "Bo Derek|Maple"),
        ("Меня зовут Иван Петров, ул. Ленина, д. 5", "Иван|Петров|Ленина"),
        ("我叫李明，住在人民南路123号，电话13800138000", "李明|人民南|13800138000"),
        ("山田太郎と申します。", "山田|太郎"),
        ("제 이름은 김민수입니다", "김민수"),
        ("اسمي خالد منصور", "خالد"),
        ("Benim adım Kerem, Lale Sokak 5", "Kerem|Lale"),
        ("Mam na imię Jan, ulica Długa 7, 00-238 Warszawa", "Jan,|Długa|00-238"),
        ("Mijn naam is Sanne Bos, Kerkstraat 9", "Sanne|Bos|Kerkstraat"),
        ("Mi chiamo Ugo Neri, via Roma 3", "Ugo|Neri|Roma"),
        ("Meu nome é Rui Paz, rua das Flores 10", "Rui|Paz|Flores"),
    ],
)
def test_an_announced_name_or_street_gives_way_in_fourteen_languages(text: str, gone: str) -> None:
    redacted = redact(text, (), None)
    assert [one for one in gone.split("|") if one in redacted] == []


@pytest.mark.parametrize(
    "text",
    ["It cost 23,90 EUR on 12.11.2026, size 38, three weeks ago", "等了3个星期，退款45美元", "Ho pagato 1.200,00 €"],
)
def test_what_tells_of_nobody_stays(text: str) -> None:
    assert redact(text, (), None) == text


def test_a_placeholder_keeps_the_shape() -> None:
    text = "Anna, LP00123456789012, anna@x.example"
    assert redact(text, ("Anna",), None) == "Alex, LP00000000000000, name@example.com"


# --- which sentence was changed ---------------------------------------------------------------------------------------------


def test_a_letter_signed_as_it_was_has_kept_every_sentence(letter: Draft) -> None:
    assert {(one.change, one.distance) for one in changed_segments(letter, letter.text)} == {("kept", 0.0)}


def test_only_the_sentence_that_was_changed_counts_as_changed(letter: Draft) -> None:
    place = next(row for row, segment in enumerate(letter.segments) if segment.kind == "answer")
    start, end = letter.segments[place].span
    old = letter.text[start:end].rstrip()
    changes = changed_segments(letter, letter.text.replace(old, old[:-1] + ", today."))
    assert [row for row, one in enumerate(changes) if one.change != "kept"] == [place]
    assert 0 < changes[place].distance < 0.5 and changes[place].after.endswith(", today.")


def test_a_sentence_that_was_taken_out_is_removed(letter: Draft) -> None:
    start = letter.segments[-1].span[0]
    changes = changed_segments(letter, letter.text[:start])
    assert (changes[-1].change, changes[-1].distance) == ("removed", 1.0)


def test_a_language_without_spaces_is_aligned_too(drafter: Drafter) -> None:
    chinese = draft(drafter, "我的包裹在哪里？", ORDER, "CN").draft
    changes = changed_segments(chinese, chinese.text.replace("包裹", "快递", 1))
    assert [one.change for one in changes].count("changed") == 1


def test_the_export_tells_the_edit_of_a_signed_draft(client: TestClient, ops: TestClient) -> None:
    draft_id = drafted(client)
    text = ops.get(f"/v1/drafts/{draft_id}").json()["text"]
    ops.post(f"/v1/drafts/{draft_id}/approve", json={"text": f"{text}\n\nThank you for your patience."})
    found = ops.get("/v1/feedback").json()["items"][0]
    changed = [one for one in found["segments"] if one["change"] == "changed"]
    assert found["decision"] == "edited" and 0 < found["distance"] < 1
    assert [one["after"].endswith("Thank you for your patience.") for one in changed] == [True]


def test_a_signature_that_was_taken_back_is_no_feedback(client: TestClient, ops: TestClient) -> None:
    draft_id = drafted(client)
    ops.post(f"/v1/drafts/{draft_id}/approve", json={"corrections": {"emotion": "angry"}})
    ops.post(f"/v1/drafts/{draft_id}/undo")
    assert ops.get("/v1/feedback").json()["items"] == [] and states(ops) == []


def test_the_command_exports_what_says_the_same_once(client: TestClient, ops: TestClient, tmp_path: Path) -> None:
    for _ in range(2):
        ops.post(f"/v1/drafts/{drafted(client)}/reject", json=WRONG)
    result = CliRunner().invoke(
        cli, ["feedback", "export", str(tmp_path / "f.jsonl")], env={"COUNTERSIGN_DATA_DIR": str(tmp_path)}
    )
    lines = [json.loads(line) for line in (tmp_path / "f.jsonl").read_text("utf-8").splitlines()]
    assert result.exit_code == 0 and [one["corrected"]["intents"] for one in lines] == [["refund_status"]]
    assert len(ops.get("/v1/feedback").json()["items"]) == 2


def test_feedback_is_paged(client: TestClient, ops: TestClient) -> None:
    ids = [drafted(client, text) for text in ("Where is my parcel?", "I want my money back")]
    for draft_id in ids:
        ops.post(f"/v1/drafts/{draft_id}/reject", json={"reason": "other"})
    first = ops.get("/v1/feedback?limit=1").json()
    rest = ops.get("/v1/feedback", params={"limit": 1, "cursor": first["next_cursor"]}).json()
    assert {page["items"][0]["draft_id"] for page in (first, rest)} == set(ids) and rest["next_cursor"] is None


# --- a correction waits for a second decision ---------------------------------------------------------------------------------


def test_a_correction_teaches_nothing_before_a_second_decision(
    app: FastAPI, client: TestClient, agent: TestClient, tmp_path: Path
) -> None:
    agent.post(f"/v1/drafts/{drafted(client)}/reject", json=WRONG)
    assert states(agent) == ["proposed"] and lesson(app, tmp_path) == []


def test_the_same_correction_by_a_second_agent_is_a_decision(
    app: FastAPI, client: TestClient, agent: TestClient, second: TestClient, tmp_path: Path
) -> None:
    for person in (agent, second):
        person.post(f"/v1/drafts/{drafted(client)}/reject", json=WRONG)
    assert states(agent) == ["accepted"]
    assert [one.intents for one in lesson(app, tmp_path)] == [("refund_status",)]


def test_the_same_agent_twice_is_no_second_decision(client: TestClient, agent: TestClient) -> None:
    for _ in range(2):
        agent.post(f"/v1/drafts/{drafted(client)}/reject", json=WRONG)
    assert states(agent) == ["proposed"]


def test_who_proposed_does_not_accept_and_another_agent_does(
    client: TestClient, agent: TestClient, second: TestClient
) -> None:
    agent.post(f"/v1/drafts/{drafted(client)}/reject", json=WRONG)
    path = f"/v1/corrections/{agent.get('/v1/corrections').json()['items'][0]['id']}/accept"
    assert agent.post(path).status_code == 403 and second.post(path).json()["decided_by"] == "mei"


def test_of_two_corrections_of_the_same_words_one_is_accepted(
    client: TestClient, agent: TestClient, second: TestClient, ops: TestClient
) -> None:
    agent.post(f"/v1/drafts/{drafted(client)}/reject", json=WRONG)
    second.post(f"/v1/drafts/{drafted(client)}/reject", json={**WRONG, "intents": ["order_cancel"]})
    newest = ops.get("/v1/corrections?state=proposed").json()["items"][0]
    assert ops.post(f"/v1/corrections/{newest['id']}/accept").status_code == 200
    assert states(ops) == ["accepted", "refused"]


def test_ops_refuses_what_was_accepted(app: FastAPI, client: TestClient, ops: TestClient, tmp_path: Path) -> None:
    ops.post(f"/v1/drafts/{drafted(client)}/reject", json=WRONG)
    path = f"/v1/corrections/{ops.get('/v1/corrections').json()['items'][0]['id']}"
    assert [ops.post(f"{path}/accept").status_code, ops.post(f"{path}/accept").status_code] == [200, 409]
    assert ops.post(f"{path}/refuse").json()["state"] == "refused" and lesson(app, tmp_path) == []


@pytest.mark.parametrize(("kind", "count"), [("intent", 0), ("emotion", 1), ("conduct", 1)])
def test_a_kind_learns_from_corrections_of_its_own_labels(
    app: FastAPI, client: TestClient, ops: TestClient, tmp_path: Path, kind: str, count: int
) -> None:
    body = {"corrections": {"emotion": "angry", "conduct": [], "language": "en"}}
    assert ops.post(f"/v1/drafts/{drafted(client)}/approve", json=body).status_code == 200
    ops.post(f"/v1/corrections/{ops.get('/v1/corrections').json()['items'][0]['id']}/accept")
    assert len(lesson(app, tmp_path, kind)) == count


def test_a_correction_goes_with_its_buyer(client: TestClient, ops: TestClient) -> None:
    ops.post(f"/v1/drafts/{drafted(client)}/reject", json=WRONG)
    ops.delete("/v1/buyers/default/zeb-77")
    assert states(ops) == [] and ops.get("/v1/feedback").json()["items"] == []


@pytest.mark.parametrize(
    ("verb", "body", "pointer"),
    [
        ("reject", {"reason": "other", "conduct": ["rude"]}, "/conduct/0"),
        ("reject", {"reason": "other", "language": "xx"}, "/language"),
        ("reject", {"reason": "other", "reply_id": "nothing.there"}, "/reply_id"),
        ("approve", {"corrections": {"intents": ["order_tracking", "nothing"]}}, "/corrections/intents/1"),
        ("approve", {"corrections": {"reply_id": "nothing.there"}}, "/corrections/reply_id"),
    ],
)
def test_a_label_that_does_not_exist_is_named(
    client: TestClient, ops: TestClient, verb: str, body: dict[str, object], pointer: str
) -> None:
    answer = ops.post(f"/v1/drafts/{drafted(client)}/{verb}", json=body)
    assert answer.status_code == 422 and [one["pointer"] for one in answer.json()["errors"]] == [pointer]


# --- files of examples ----------------------------------------------------------------------------------------------------------


def test_a_file_of_examples_joins_the_trainings_until_it_is_deleted(app: FastAPI, ops: TestClient) -> None:
    line = '{"text": "where is it", "lang": "en", "intents": ["order_tracking"]}'
    kept = ops.post("/v1/examples?name=ours.jsonl", content=line)
    assert (kept.status_code, kept.json()["lines"]) == (201, 1)
    assert Teaching(app.state.engine).lesson("intent")[0] == line
    assert ops.delete(f"/v1/examples/{kept.json()['id']}").status_code == 204
    assert ops.get("/v1/examples").json()["items"] == []


@pytest.mark.parametrize(
    ("text", "pointer"),
    [('{"text": "a", "lang": "en"}\n{"text": ""}', "/rows/2"), ("no json", "/rows/1"), ("\n", "")],
)
def test_a_faulty_file_is_kept_out_and_its_lines_are_named(ops: TestClient, text: str, pointer: str) -> None:
    answer = ops.post("/v1/examples", content=text)
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert [one["pointer"] for one in answer.json()["errors"]] == [pointer]
    assert ops.get("/v1/examples").json()["items"] == []


@pytest.mark.parametrize("path", ["/v1/corrections/p_none/accept", "/v1/corrections/p_none/refuse"])
def test_a_correction_that_is_not_there_is_not_found(ops: TestClient, path: str) -> None:
    assert ops.post(path).status_code == 404
