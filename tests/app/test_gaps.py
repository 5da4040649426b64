"""What the knowledge does not answer is told, put together by meaning, and becomes a reply only through a person."""

import itertools

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from models.clusters import clusters
from models.encoder import load_encoder
from tests.conftest import NOW, ORDER

WORDY = "We plant one tree for every parcel that we send. Parcel {number} was packed without any plastic.\nHello {name}"
ASKED = (
    "Where is my parcel and is it packed without plastic?",
    "Where is my parcel? Is the package packed without plastic?",
    "Where's my parcel, and was it packed without any plastic?",
    "Where is my parcel please, is it packed without plastic?",
)
_numbers = itertools.count(8123456789012345)


def ask(client: TestClient, text: str, **more: object) -> dict:
    number = next(_numbers)
    body = {"text": text, "received_at": NOW, "order": {**ORDER, "id": str(number)}, **more}
    draft = client.post("/v1/messages", json=body).json()["draft"]
    return {**draft, "order_id": str(number)}


def rewrite(ops: TestClient, draft: dict, text: str, **more: str) -> None:
    answer = ops.post(f"/v1/drafts/{draft['id']}/approve", json={"text": text, **more})
    assert answer.status_code == 200, answer.text


def rewritten(client: TestClient, ops: TestClient, count: int) -> None:
    """`count` conversations, each answered by an agent's own letter that says the same."""
    for number, text in enumerate(ASKED[:count]):
        draft = ask(client, text, buyer={"id": f"b{number}", "name": f"Emily{number}"})
        rewrite(ops, draft, WORDY.format(number=draft["order_id"], name=f"Emily{number}"))


def gaps(client: TestClient, **query: str) -> list[dict]:
    answer = client.get("/v1/knowledge/gaps", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


def test_where_nothing_was_asked_there_is_no_gap(ops: TestClient) -> None:
    assert gaps(ops) == []


def test_a_letter_written_anew_is_a_gap_and_one_signed_as_drafted_is_none(client: TestClient, ops: TestClient) -> None:
    kept = ask(client, "Where is my parcel?")
    ops.post(f"/v1/drafts/{kept['id']}/approve")
    rewritten(client, ops, 2)
    (gap,) = gaps(ops)
    assert (gap["messages"], gap["edited"], gap["unanswered"], gap["languages"]) == (2, 2, 0, {"en": 2})
    assert kept["id"] not in {example["draft_id"] for example in gap["examples"]}


def test_a_message_that_no_reply_answers_is_a_gap(client: TestClient, ops: TestClient) -> None:
    answers = [client.post("/v1/messages", json={"text": text}).json()["draft"] for text in UNKNOWN]
    unanswered = [draft["id"] for draft in answers if draft["verdict"] == "no_vetted_reply"]
    assert unanswered, [draft["verdict"] for draft in answers]
    found = gaps(ops)
    assert sum(gap["unanswered"] for gap in found) == len(unanswered)


UNKNOWN = ("zrk flmp qwx blorgh", "colorless green ideas sleep furiously", "asdf qwer zxcv")


def test_three_letters_of_one_matter_make_a_proposal_with_the_orders_slots(client: TestClient, ops: TestClient) -> None:
    rewritten(client, ops, 3)
    (gap,) = gaps(ops)
    proposal = gap["proposal"]
    said = list(proposal["reply"]["languages"]["en"]["sentences"].values())
    assert said == ["We plant one tree for every parcel that we send.", "Parcel {order_id} was packed without any plastic."]  # fmt: skip
    assert (proposal["letters"], proposal["agents"], proposal["flaws"]) == (3, 1, [])
    assert proposal["reply"]["sentences"][1]["needs"] == ["order_id"]


def test_two_letters_make_no_proposal(client: TestClient, ops: TestClient) -> None:
    rewritten(client, ops, 2)
    assert gaps(ops)[0]["proposal"] is None


def test_three_letters_in_one_conversation_make_no_proposal(client: TestClient, ops: TestClient) -> None:
    for text in ASKED[:3]:
        draft = ask(client, text, buyer={"id": "b1", "name": "Emily"})
        rewrite(ops, draft, WORDY.format(number=draft["order_id"], name="Emily"))
    assert [gap["proposal"] for gap in gaps(ops)] == [None]


def test_what_stands_in_one_letter_only_is_not_proposed(client: TestClient, ops: TestClient) -> None:
    for number, text in enumerate(ASKED[:3]):
        draft = ask(client, text)
        own = "Our cat says hello from the warehouse." if number == 1 else ""
        rewrite(ops, draft, f"We plant one tree for every parcel that we send. {own}")
    said = gaps(ops)[0]["proposal"]["reply"]["languages"]["en"]["sentences"]
    assert list(said.values()) == ["We plant one tree for every parcel that we send."]


def test_a_figure_that_differs_from_letter_to_letter_is_not_proposed(client: TestClient, ops: TestClient) -> None:
    for number, text in enumerate(ASKED[:3]):
        shelf = f"Your parcel waits on shelf number {number + 4} in our hall."
        whole = f"We plant one tree for every parcel that we send. {shelf}"
        rewrite(ops, ask(client, text), whole, override="I have looked at the shelf")
    said = gaps(ops)[0]["proposal"]["reply"]["languages"]["en"]["sentences"]
    assert list(said.values()) == ["We plant one tree for every parcel that we send."]


def test_nothing_enters_by_itself_and_one_post_takes_it_over_unvetted(client: TestClient, ops: TestClient) -> None:
    rewritten(client, ops, 3)
    reply = gaps(ops)[0]["proposal"]["reply"]
    assert ops.get(f"/v1/replies/{reply['id']}").status_code == 404
    taken = ops.post("/v1/replies", json=reply)
    assert (taken.status_code, taken.json().get("state")) == (201, "suggested"), taken.text
    assert reply["id"] not in {item["reply_id"] for item in ask(client, ASKED[3])["evidence"]}


def test_an_example_names_neither_buyer_nor_order(client: TestClient, ops: TestClient) -> None:
    text = f"{ASKED[0]} I am Zebediah, order 8123456789019999, zeb@example.com"
    for _ in range(2):
        draft = ask(client, text, buyer={"name": "Zebediah"})
        rewrite(ops, draft, WORDY.format(number=draft["order_id"], name="Zebediah"))
    shown = client.get("/v1/knowledge/gaps").text
    assert "plastic" in shown
    assert not any(secret in shown for secret in ("Zebediah", "8123456789019999", "zeb@example.com"))


def test_a_message_whose_dispute_closes_soon_weighs_double(client: TestClient, ops: TestClient) -> None:
    dispute = {"opened_at": "2026-11-20T00:00:00Z", "due_by": "2026-11-22T20:00:00Z", "kind": "not_received"}
    draft = ask(client, ASKED[0], order={**ORDER, "dispute": dispute})
    rewrite(ops, draft, "We plant one tree for every parcel that we send, and yours is on its way to you.")
    assert [(gap["messages"], gap["weight"]) for gap in gaps(ops)] == [(1, 2)]


def test_only_the_asked_time_is_looked_at(client: TestClient, ops: TestClient) -> None:
    rewritten(client, ops, 2)
    assert gaps(ops, **{"from": "2020-01-01T00:00:00Z", "to": "2020-02-01T00:00:00Z"}) == []


@pytest.mark.parametrize(
    "query",
    [
        {"from": "yesterday"},
        {"from": "2026-11-22T00:00:00"},
        {"from": "2026-11-22T00:00:00Z", "to": "2026-11-22T00:00:00Z"},
        {"from": "2999-01-01T00:00:00Z"},
    ],
)
def test_a_time_that_cannot_be_is_a_clear_problem(ops: TestClient, query: dict[str, str]) -> None:
    answer = ops.get("/v1/knowledge/gaps", params=query)
    assert answer.status_code in (400, 422) and answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["errors"]


def test_the_same_messages_make_the_same_gaps(client: TestClient, ops: TestClient) -> None:
    rewritten(client, ops, 3)
    assert gaps(ops) == gaps(ops)


def test_groups_hold_what_means_the_same_whatever_the_language() -> None:
    texts = ["Do you sell gift cards?", "Verkauft ihr Geschenkkarten?", "The lamp arrived broken", "Die Lampe kam kaputt an"]  # fmt: skip
    assert clusters(load_encoder().encode(texts), 0.4) == [(0, 1), (2, 3)]


def test_one_row_is_a_group_and_none_is_none(app: FastAPI) -> None:
    vectors = load_encoder().encode(["a parcel"])
    assert (clusters(vectors, 0.4), clusters(vectors[:0], 0.4)) == ([(0,)], [])
