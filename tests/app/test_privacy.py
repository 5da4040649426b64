"""Export, erasure, retention, and logs without anybody's words."""

import json
import logging
from base64 import b64decode
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import select

from app.desk import Person
from app.jobs import Jobs
from app.logs import JsonLines
from app.privacy import Privacy
from app.store import uploads
from app.store.database import open_database, reading, writing
from app.store.tables import audit, jobs, metadata
from tests.conftest import ORDER, Clock, make_settings

PERSONAL = {
    "text": "Zebediah", "mail": "zeb@private.example", "phone": "+49 30 1234567", "street": "Privatweg 17", "id": "buyer-zeb-77", "name": "Zebediah Quux",
}  # fmt: skip
TEXT = f"Where is my order? I am {PERSONAL['name']}, {PERSONAL['street']}, {PERSONAL['mail']}, {PERSONAL['phone']}"
BODY = {
    "text": TEXT,
    "site": "default",
    "buyer": {"id": PERSONAL["id"], "name": PERSONAL["name"], "country": "DE"},
    "order": ORDER,
}


def everything(app: FastAPI) -> str:
    """All that stands in the database."""
    with reading(app.state.engine) as connection:
        return str([list(connection.execute(select(table)).mappings()) for table in metadata.sorted_tables])


def send(client: TestClient, buyer: str = PERSONAL["id"], **more: object) -> dict[str, dict[str, str]]:
    name = PERSONAL["name"] if buyer == PERSONAL["id"] else None
    body = {**BODY, "buyer": {"id": buyer, "name": name, "country": "DE"}, **more}
    answer = client.post("/v1/messages", json=body, headers={"Idempotency-Key": f"key-{buyer}"})
    assert answer.status_code == 201, answer.text
    return answer.json()


def test_an_export_holds_all_that_was_said_and_drafted(client: TestClient, ops: TestClient) -> None:
    draft = send(client)["draft"]
    ops.post(f"/v1/drafts/{draft['id']}/approve")
    found = ops.get(f"/v1/buyers/default/{PERSONAL['id']}/export").json()
    conversation = found["conversations"][0]
    assert (
        conversation["messages"][0]["text"] == TEXT
        and conversation["messages"][0]["reading"]["language"]["code"] == "en"
    )
    assert conversation["drafts"][0]["text"] == draft["text"] and conversation["drafts"][0]["status"] == "approved"


def test_an_export_holds_the_photos_that_the_buyer_sent(app: FastAPI, client: TestClient, ops: TestClient) -> None:
    conversation_id = send(client)["draft"]["conversation_id"]
    with writing(app.state.engine) as connection:
        uploads.add_upload(connection, conversation_id, "image/jpeg", b"the photo", Clock()())
    found = ops.get(f"/v1/buyers/default/{PERSONAL['id']}/export").json()["conversations"][0]["photos"]
    assert [b64decode(photo["base64"]) for photo in found] == [b"the photo"]


def test_erasing_a_buyer_leaves_no_trace_of_the_words_and_nobody_else_is_touched(
    app: FastAPI, client: TestClient, ops: TestClient
) -> None:
    draft = send(client)["draft"]
    other = send(client, "somebody-else", text="Where is it?")["draft"]
    ops.post(f"/v1/drafts/{draft['id']}/reject", json={"reason": "other", "note": PERSONAL["street"]})
    app.state.jobs.enqueue("test", "one", {"draft_id": draft["id"], "text": PERSONAL["mail"]})
    erased = ops.delete(f"/v1/buyers/default/{PERSONAL['id']}").json()
    assert (erased["conversations"], erased["messages"]) == (1, 1)
    left = everything(app)
    assert [word for word in PERSONAL.values() if word in left] == []
    assert ops.get(f"/v1/drafts/{draft['id']}").status_code == 404
    assert ops.get(f"/v1/drafts/{other['id']}").status_code == 200
    assert ops.get(f"/v1/buyers/default/{PERSONAL['id']}/export").status_code == 404


def test_the_trail_keeps_the_fact_of_erasure_and_not_of_whom(app: FastAPI, client: TestClient, ops: TestClient) -> None:
    send(client)
    receipt = ops.delete(f"/v1/buyers/default/{PERSONAL['id']}").json()["receipt"]
    step = app.state.desk.trail(receipt)[0]
    assert (step["action"], step["actor"]) == ("buyer.erased", "ops")
    assert step["detail"] == {"site": "default", "conversations": 1, "messages": 1}


def test_a_buyers_id_may_hold_a_slash(client: TestClient, ops: TestClient) -> None:
    send(client, "shop/77")
    assert ops.get("/v1/buyers/default/shop/77/export").status_code == 200
    assert ops.delete("/v1/buyers/default/shop/77").json()["conversations"] == 1


# Tables without a key that leads to a conversation: each was looked at for what a buyer wrote.
WITHOUT_BUYERS = {
    "accounts", "sessions", "sign_in_failures", "keys", "site_edits", "site_keys", "secrets", "webhooks", "deliveries", "reply_edits", "product_edits", "counters",
    "example_files",  # what ops brought, and answers for
    "audit", "answers", "jobs",  # ids; and by what they mention
}  # fmt: skip


def test_every_table_is_erased_from_or_known_to_hold_nothing_of_a_buyer() -> None:
    reached = {
        table.name for table in metadata.sorted_tables
        if table.name == "conversations" or any(key.target_fullname in ("conversations.id", "messages.id", "drafts.id") for key in table.foreign_keys)
    }  # fmt: skip
    assert reached | WITHOUT_BUYERS == {table.name for table in metadata.sorted_tables}


@pytest.fixture
def keeper(app: FastAPI) -> tuple[Privacy, Clock]:
    clock = Clock()
    return Privacy(app.state.engine, app.state.settings, clock), clock


def test_a_conversation_is_deleted_when_its_time_is_over_and_not_before(
    app: FastAPI, client: TestClient, keeper: tuple[Privacy, Clock]
) -> None:
    draft, (privacy, clock) = send(client)["draft"], keeper
    clock.forward(days=729)
    assert privacy.retain()["conversations"] == 0
    clock.forward(days=2000)
    assert privacy.retain()["conversations"] == 1
    assert client.get(f"/v1/drafts/{draft['id']}").status_code == 404
    assert TEXT not in everything(app)


def test_old_steps_answers_and_work_go_and_the_trail_goes_on_counting(
    app: FastAPI, client: TestClient, keeper: tuple[Privacy, Clock]
) -> None:
    send(client)
    privacy, clock = keeper
    with reading(app.state.engine) as connection:
        newest = max(connection.execute(select(audit.c.id)).scalars())
    clock.now = datetime.now(UTC) + timedelta(days=2)  # answers are kept on the service's own clock
    assert privacy.retain()["answers"] == 1
    clock.forward(days=4000)
    assert privacy.retain()["steps"] >= 1  # type: ignore[operator]
    with reading(app.state.engine) as connection:
        assert min(connection.execute(select(audit.c.id)).scalars()) > newest


def test_work_that_is_over_is_deleted_and_waiting_work_is_not(app: FastAPI, keeper: tuple[Privacy, Clock]) -> None:
    for number, state in enumerate(("done", "dead", "waiting")):
        app.state.jobs.enqueue("test", str(number), {})
        with writing(app.state.engine) as connection:
            connection.execute(jobs.update().where(jobs.c.key == str(number)).values(state=state))
    privacy, clock = keeper
    clock.forward(days=4000)
    privacy.retain()
    assert [job.state for job in app.state.jobs.list("test")] == ["waiting"]


def test_the_background_work_deletes_once_a_day(tmp_path: object) -> None:
    settings = make_settings(tmp_path)  # type: ignore[arg-type]
    engine, clock = open_database(settings.database), Clock()
    one, other = (Jobs(engine, timedelta(seconds=30), clock) for _ in range(2))
    for work in (one, other):
        Privacy(engine, settings, clock).keep_daily(work)
    assert [one.run_due(), other.run_due(), one.run_due()] == [1, 0, 0]
    clock.forward(days=1)
    assert [one.run_due(), other.run_due()] == [1, 0]


# --- logs -------------------------------------------------------------------------------------------------------------


class Kept(logging.Handler):
    """What the log of a server would hold."""

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(JsonLines())
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if not record.name.startswith("httpx"):  # that is the test's own client
            self.lines.append(self.format(record))


@pytest.fixture
def log() -> Iterator[Kept]:
    kept, root = Kept(), logging.getLogger()
    before = root.level
    root.addHandler(kept)
    root.setLevel(logging.INFO)
    yield kept
    root.removeHandler(kept)
    root.setLevel(before)


def test_nothing_that_a_buyer_wrote_is_in_the_log(app: FastAPI, client: TestClient, ops: TestClient, log: Kept) -> None:
    @app.get("/broken", include_in_schema=False)
    def broken() -> None:
        raise ValueError(TEXT)

    words = " ".join(PERSONAL.values())
    draft = send(client)["draft"]
    for path, body in {
        "/v1/analyze": {"text": TEXT}, "/v1/check": {"text": TEXT, "message": TEXT}, f"/v1/drafts/{draft['id']}/regenerate": {"slots": {"product_fact": words}},
        f"/v1/drafts/{draft['id']}/approve": {"text": TEXT, "override": words}, f"/v1/drafts/{draft['id']}/reject": {"reason": words, "note": words},
        "/v1/messages": {"text": {"wrong": words}}, f"/v1/{PERSONAL['id']}": {"text": words}, "/v1/session": {"name": PERSONAL["name"], "password": words},
    }.items():  # fmt: skip
        ops.post(path, json=body)
    for path in app.openapi()["paths"]:
        if path.endswith("/events"):
            continue
        for name in (
            "draft_id",
            "conversation_id",
            "reply_id",
            "site",
            "buyer_id",
            "account_id",
            "key_id",
            "job_id",
            "upload_id",
        ):
            path = path.replace(f"{{{name}}}", PERSONAL["id"])  # noqa: PLW2901
        ops.get(path, params={"q": words, "cursor": words, "intent": words})
    assert ops.get("/broken").status_code == 500
    written = "\n".join(log.lines)
    assert [word for word in PERSONAL.values() if word in written] == []
    failed = [line for line in log.lines if json.loads(line).get("status") == 500]
    assert [json.loads(line)["route"] for line in failed] == ["/broken"]


def test_a_line_of_the_log_names_its_request(client: TestClient, log: Kept) -> None:
    client.get("/v1/drafts/d_1", headers={"X-Request-Id": "mine-1"})
    line = next(json.loads(line) for line in log.lines if '"mine-1"' in line)
    assert (line["method"], line["route"], line["status"]) == ("GET", "/v1/drafts/{draft_id}", 404)


@pytest.mark.both_databases
def test_a_database_error_quotes_no_value(app: FastAPI) -> None:
    with pytest.raises(Exception) as caught, writing(app.state.engine) as connection:
        connection.execute(jobs.insert().values(id="x", kind=PERSONAL["mail"]))
    assert PERSONAL["mail"] not in str(caught.value)


def test_who_erased_by_command_is_in_the_trail(app: FastAPI, client: TestClient) -> None:
    send(client)
    erased = app.state.privacy.erase_buyer("default", PERSONAL["id"], Person("mina", "ops"))
    assert app.state.desk.trail(erased.receipt)[0]["actor"] == "mina"
