"""Orders that are looked up in the data folder: which one is found, whose it is, and what happens when the file is bad."""

import json
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from app.domain import Basis
from app.orders import OrderFile
from tests.conftest import NOW, ORDER, message, order

QUESTION = f"Where is my order {ORDER['id']}?"


def line(**fields: object) -> str:
    return json.dumps({"order": ORDER} | fields)


def put(folder: Path, *lines: str) -> Path:
    path = folder / "orders.jsonl"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def looked_up(path: Path, text: str, **more: object) -> Basis:
    buyer = {"id": more.pop("buyer_id", None)}
    return OrderFile(path).complete(Basis(message=message(text, **(more | {"buyer": buyer}))))  # type: ignore[arg-type]


def found_id(basis: Basis) -> str | None:
    return basis.message.order.id if basis.message.order else None


def test_an_order_is_found_by_the_number_in_the_message(tmp_path: Path) -> None:
    assert found_id(looked_up(put(tmp_path, line()), QUESTION)) == ORDER["id"]


def test_a_number_sent_alone_is_filled_from_the_file(tmp_path: Path) -> None:
    found = looked_up(put(tmp_path, line()), "Where is it?", order={"id": ORDER["id"]}).message.order
    assert found is not None and found.carrier == "Cainiao"


def test_an_order_sent_with_the_message_is_not_looked_up(tmp_path: Path) -> None:
    sent = {"id": ORDER["id"], "carrier": "DHL"}
    found = looked_up(put(tmp_path, line()), QUESTION, order=sent).message.order
    assert found is not None and found.carrier == "DHL"


def test_a_number_named_earlier_in_the_conversation_counts(tmp_path: Path) -> None:
    history = [{"from": "buyer", "text": QUESTION}]
    assert found_id(looked_up(put(tmp_path, line()), "Any news?", history=history)) == ORDER["id"]


def test_a_buyer_who_names_no_number_is_answered_about_the_newest_order(tmp_path: Path) -> None:
    old = line(buyer="b1", order=order(id="7000000000000001", placed_at="2026-10-01T10:00:00+08:00"))
    path = put(tmp_path, line(buyer="b1"), old)
    assert found_id(looked_up(path, "Where is it?", buyer_id="b1")) == ORDER["id"]


@pytest.mark.parametrize("buyer_id", ["b2", None])
def test_an_order_of_another_buyer_is_not_told(tmp_path: Path, buyer_id: str | None) -> None:
    assert found_id(looked_up(put(tmp_path, line(buyer="b1")), QUESTION, buyer_id=buyer_id)) is None


def test_an_order_of_another_site_is_not_told(tmp_path: Path) -> None:
    assert found_id(looked_up(put(tmp_path, line(site="other")), QUESTION)) is None


def test_a_number_that_is_not_there_is_not_replaced_by_the_newest_order(tmp_path: Path) -> None:
    path = put(tmp_path, line(buyer="b1"))
    assert found_id(looked_up(path, "Where is my order 7999999999999999?", buyer_id="b1")) is None


def test_the_last_line_of_an_order_counts(tmp_path: Path) -> None:
    found = looked_up(put(tmp_path, line(), line(order=order(carrier="DHL"))), QUESTION).message.order
    assert found is not None and found.carrier == "DHL"


def test_a_changed_file_is_read_again(tmp_path: Path) -> None:
    orders, basis = OrderFile(tmp_path / "orders.jsonl"), Basis(message=message(QUESTION))
    assert found_id(orders.complete(basis)) is None
    put(tmp_path, line())
    assert found_id(orders.complete(basis)) == ORDER["id"]
    put(tmp_path, "")
    assert found_id(orders.complete(basis)) is None


HOSTILE = [
    "{", "[]", "null", "7", "\x00", '{"order": 1}', line(order={"id": 7}), line(order={"carrier": "DHL"}), line(order=order(status="stolen")),
    line(order=order(placed_at="yesterday")), line(order=order(extra="x")), "[" * 100_000,
]  # fmt: skip


@pytest.mark.parametrize("bad", HOSTILE, ids=range(len(HOSTILE)))
def test_a_bad_line_hides_no_good_one_and_is_told_where_it_may_be_the_order(tmp_path: Path, bad: str) -> None:
    path = put(tmp_path, bad, line())
    assert looked_up(path, QUESTION).degraded == () and found_id(looked_up(path, QUESTION)) == ORDER["id"]
    missed = looked_up(path, "Where is my order 7999999999999999?")
    assert found_id(missed) is None and missed.degraded == ("order_source",)


def test_a_file_that_is_too_large_or_is_none_is_told(tmp_path: Path) -> None:
    basis, path = Basis(message=message(QUESTION)), put(tmp_path, line())
    assert OrderFile(path, max_bytes=10).complete(basis).degraded == ("order_source",)
    assert OrderFile(tmp_path).complete(basis).degraded == ("order_source",)


def test_without_a_file_nothing_is_amiss(tmp_path: Path) -> None:
    assert looked_up(tmp_path / "orders.jsonl", QUESTION).degraded == ()


def test_a_draft_tells_what_was_looked_up_and_asks_for_nothing_of_it(client: TestClient, tmp_path: Path) -> None:
    body = {"text": QUESTION, "received_at": NOW, "buyer": {"country": "US"}}
    put(tmp_path, line())
    made = client.post("/v1/messages", json=body).json()["draft"]
    assert "LP00123456789012" in made["text"] and made["missing"] == []


@pytest.mark.parametrize(("language", "words"), [("en", "could not be looked up"), ("zh", "无法查询订单")])
@pytest.mark.parametrize("dry_run", [True, False])
def test_a_lookup_that_did_not_work_is_seen_on_the_draft(
    client: TestClient, tmp_path: Path, language: str, words: str, dry_run: bool
) -> None:
    put(tmp_path, "{")
    body = {"text": QUESTION, "agent_language": language, "options": {"dry_run": dry_run}}
    checks = client.post("/v1/messages", json=body).json()["draft"]["checks"]
    assert [words in check["detail"] for check in checks if check["id"] == "degraded"] == [True]


def test_a_new_revision_still_tells_that_the_lookup_did_not_work(
    client: TestClient, ops: TestClient, tmp_path: Path
) -> None:
    put(tmp_path, "{")
    made = client.post("/v1/messages", json={"text": QUESTION}).json()["draft"]
    again = ops.post(f"/v1/drafts/{made['id']}/regenerate", json={"intents": ["order_tracking"]}).json()
    assert "degraded" in {check["id"] for check in again["checks"]}


@pytest.mark.parametrize(
    ("owner", "vouched", "found"),
    [("b1", True, ORDER["id"]), ("b1", False, None), ("b2", True, None), (None, True, None)],
)
def test_the_chat_tells_an_order_to_its_vouched_buyer_alone(
    tmp_path: Path, owner: str | None, vouched: bool, found: str | None
) -> None:
    path = put(tmp_path, line(buyer=owner))
    assert found_id(looked_up(path, QUESTION, channel="widget", buyer_id="b1", vouched=vouched)) == found
    assert found_id(looked_up(path, "Where is it?", channel="widget", buyer_id="b1", vouched=vouched)) == found
