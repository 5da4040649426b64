"""Other drafts of the same message: they really differ, wait outside the queue, and one of all is signed."""

from datetime import UTC, datetime

import pytest
from fastapi.testclient import TestClient

from app.domain import Basis, Steer
from app.drafting.approach import SKELETON, really_differ
from app.drafting.drafter import Drafter
from app.store.database import reading
from app.store.rewordings import find_wanted
from tests.conftest import message, order

pytestmark = pytest.mark.both_databases

LANGUAGES = ["ar", "de", "en", "es", "fr", "it", "ja", "ko", "nl", "pl", "pt", "ru", "tr", "zh"]


def drafts(drafter: Drafter, intent: str, facts: dict | None, language: str = "en"):
    asked = message("my message", facts, "US", options={"reply_language": language})
    basis = Basis(message=asked, steer=Steer(intents=(intent,)))
    first = drafter.draft(basis)
    return first, {other.steer.approach: drafted for other, drafted in drafter.alternatives(basis, first.draft)}


@pytest.mark.parametrize("language", LANGUAGES)
def test_answering_now_asks_nothing_and_asking_first_answers_nothing(drafter: Drafter, language: str) -> None:
    first, others = drafts(drafter, "item_damaged", None, language)
    now, ask = others["answer_now"].draft, others["ask_first"].draft
    assert {item.slot for item in first.draft.missing} == {"photo", "order_id"} == {item.slot for item in ask.missing}
    assert now.missing == () and "question" not in {part.kind for part in now.segments}
    assert "answer" not in {part.kind for part in ask.segments} and "question" in {part.kind for part in ask.segments}
    assert not [check for draft in (now, ask) for check in draft.checks if check.status == "block"]


def test_asking_first_needs_nothing_from_the_agent(drafter: Drafter) -> None:
    first, others = drafts(drafter, "product_details", None)
    assert first.draft.verdict == "needs_input" and others["ask_first"].draft.verdict == "ready"


ARRIVED = order(status="delivered", delivered_at="2026-11-20T10:00:00+08:00")


def test_a_choice_is_offered_for_an_item_that_has_arrived(drafter: Drafter) -> None:
    _, others = drafts(drafter, "item_damaged", ARRIVED)
    choice = others["offer_choice"]
    assert [answer.situation for answer in choice.plan.answers] == ["compensation_negotiation.offer"]
    assert choice.draft.verdict == "needs_input" and [item.slot for item in choice.draft.missing] == ["offer"]
    assert "unanswered_question" not in {check.id for check in choice.draft.checks}
    assert "offer_choice" not in drafts(drafter, "item_damaged", order())[1]


def test_the_offer_that_an_agent_fills_in_stands_in_the_choice(drafter: Drafter) -> None:
    asked = message("my message", ARRIVED, "US", slots={"offer": "10%"})
    drafted = drafter.draft(Basis(message=asked, steer=Steer(intents=("item_damaged",), approach="offer_choice")))
    assert drafted.draft.verdict == "ready" and "10%" in drafted.draft.text
    assert not [check for check in drafted.draft.checks if check.status == "block"]


def test_every_choice_is_a_reply_that_there_is(drafter: Drafter) -> None:
    replies = drafter.knowledge.replies
    choices = {intent.choice for intent in replies.intents.values() if intent.choice}
    assert choices and all(replies.get_situation(choice) for choice in choices)


@pytest.mark.parametrize("intent", ["order_tracking", "item_damaged", "refund_request", "shipping_cost", "usage_help"])
@pytest.mark.parametrize("facts", [None, order()])
def test_no_two_drafts_say_the_same(drafter: Drafter, intent: str, facts: dict | None) -> None:
    first, others = drafts(drafter, intent, facts)
    known = [first.draft, *(drafted.draft for drafted in others.values())]
    pairs = [(one, other) for place, one in enumerate(known) for other in known[:place]]
    assert all(really_differ(one, other) for one, other in pairs)
    said = [{part.source.id for part in draft.segments if part.kind not in SKELETON} for draft in known]
    assert all(said)


def test_a_message_without_a_letter_has_no_alternatives(drafter: Drafter) -> None:
    first, others = drafts(drafter, "spam_phishing", None)
    assert first.draft.text == "" and others == {}


# --- over HTTP --------------------------------------------------------------------------------------------------------


def received(client: TestClient, text: str = "the lamp arrived broken, what now?") -> dict:
    answer = client.post("/v1/messages", json={"text": text, "buyer": {"id": "b1", "country": "US"}})
    return answer.json()["draft"]


def with_alternatives(client: TestClient, ops: TestClient) -> tuple[dict, list[dict]]:
    draft = received(client)
    made = ops.post(f"/v1/drafts/{draft['id']}/alternatives")
    assert made.status_code == 200 and made.json()["alternatives"], made.text
    return made.json(), [ops.get(f"/v1/drafts/{other}").json() for other in made.json()["alternatives"]]


def test_alternatives_are_made_when_first_asked_for(client: TestClient, ops: TestClient) -> None:
    assert received(client)["alternatives"] == []
    draft, others = with_alternatives(client, ops)
    again = ops.post(f"/v1/drafts/{draft['id']}/alternatives").json()
    assert again["alternatives"] == draft["alternatives"] == ops.get(f"/v1/drafts/{draft['id']}").json()["alternatives"]
    assert {other["approach"] for other in others} <= {"answer_now", "ask_first", "offer_choice"}
    assert all(other["alternative_of"] == draft["id"] and other["text"] != draft["text"] for other in others)


def test_alternatives_stand_outside_the_queue_and_the_count(client: TestClient, ops: TestClient) -> None:
    draft, others = with_alternatives(client, ops)
    listed = [item["id"] for item in ops.get("/v1/drafts?status=pending").json()["items"]]
    assert draft["id"] in listed and not set(listed) & {other["id"] for other in others}
    shown = ops.get(f"/v1/conversations/{draft['conversation_id']}").json()["drafts"]
    assert not {item["id"] for item in shown} & {other["id"] for other in others}


def status(ops: TestClient, draft: dict) -> str:
    return ops.get(f"/v1/drafts/{draft['id']}").json()["status"]


def test_signing_an_alternative_supersedes_the_rest_and_undo_brings_them_back(
    client: TestClient, ops: TestClient
) -> None:
    draft, others = with_alternatives(client, ops)
    chosen, rest = others[0], [draft, *others[1:]]
    assert ops.post(f"/v1/drafts/{chosen['id']}/approve").json()["status"] == "approved"
    assert {status(ops, other) for other in rest} == {"superseded"}
    assert [item["id"] for item in ops.get("/v1/drafts?status=approved").json()["items"]] == [chosen["id"]]
    assert ops.post(f"/v1/drafts/{chosen['id']}/undo").json()["status"] == "pending"
    assert {status(ops, other) for other in rest} == {"pending"}


@pytest.mark.parametrize(
    ("verb", "body"), [("approve", {}), ("reject", {"reason": "not_helpful"}), ("regenerate", {"slots": {}})]
)
def test_a_decision_about_the_draft_ends_its_alternatives(
    client: TestClient, ops: TestClient, verb: str, body: dict
) -> None:
    draft, others = with_alternatives(client, ops)
    assert ops.post(f"/v1/drafts/{draft['id']}/{verb}", json=body).status_code == 200
    assert {status(ops, other) for other in others} == {"superseded"}
    late = ops.post(f"/v1/drafts/{others[0]['id']}/approve")
    assert late.status_code == 409 and late.headers["content-type"] == "application/problem+json"


def test_undo_does_not_bring_back_what_was_outdated_before(client: TestClient, ops: TestClient) -> None:
    draft, others = with_alternatives(client, ops)
    ops.post(f"/v1/drafts/{draft['id']}/regenerate", json={"slots": {}})
    ops.post(f"/v1/drafts/{draft['id']}/approve")
    ops.post(f"/v1/drafts/{draft['id']}/undo")
    assert {status(ops, other) for other in others} == {"superseded"}


def test_rejecting_an_alternative_leaves_the_draft(client: TestClient, ops: TestClient) -> None:
    draft, others = with_alternatives(client, ops)
    ops.post(f"/v1/drafts/{others[0]['id']}/reject", json={"reason": "wrong_tone"})
    assert status(ops, others[0]) == "rejected" and status(ops, draft) == "pending"


def test_an_alternative_of_a_draft_that_somebody_else_claimed_is_theirs(
    client: TestClient, ops: TestClient, agent: TestClient
) -> None:
    draft, others = with_alternatives(client, ops)
    agent.post(f"/v1/drafts/{draft['id']}/claim")
    assert ops.post(f"/v1/drafts/{others[0]['id']}/approve").status_code == 409


def test_a_newer_message_ends_the_alternatives_too(client: TestClient, ops: TestClient) -> None:
    _, others = with_alternatives(client, ops)
    received(client, "and the plug is missing as well")
    assert {status(ops, other) for other in others} == {"superseded"}


def test_an_alternative_has_none_of_its_own_and_an_integration_makes_none(client: TestClient, ops: TestClient) -> None:
    draft, others = with_alternatives(client, ops)
    assert ops.post(f"/v1/drafts/{others[0]['id']}/alternatives").status_code == 409
    assert client.post(f"/v1/drafts/{draft['id']}/alternatives").status_code == 403
    assert ops.post("/v1/drafts/d_nothing/alternatives").status_code == 404


def test_the_words_of_an_alternative_are_left_to_the_composer(client: TestClient, ops: TestClient) -> None:
    first = client.post(
        "/v1/messages", json={"text": "It arrived broken, I want my money back", "options": {"generator": "composer"}}
    ).json()["draft"]
    ops.post(f"/v1/drafts/{first['id']}/alternatives")
    with reading(client.app.state.engine) as connection:  # type: ignore[attr-defined]
        wanted = find_wanted(connection, ["composer"], datetime.now(UTC), 10)
    assert [draft_id for draft_id, _ in wanted] == [first["id"]]
