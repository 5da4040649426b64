"""Disputes as cases: opened once an order, worked by people, closed, and gone with their buyer."""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from app.case import Case, CaseFile
from app.disputes import running
from app.drafting.drafter import Drafter
from app.main import create_app
from knowledge_base.knowledge import Knowledge
from tests.conftest import KEY, ORDER, PASSWORD, make_settings, signed_in

NUMBERS = count(1)
TOLD = {"kind": "quality", "opened_at": "2026-11-21T10:00:00+00:00"}
DAY = "2026-11-23T10:00:00+00:00"
AMOUNT = {"amount": "5.00", "currency": "EUR"}
FIVE = {"by": "seller", "amount": AMOUNT}


@pytest.fixture(scope="module")
def shared(drafter: Drafter, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FastAPI]:
    made = create_app(make_settings(tmp_path_factory.mktemp("disputes")), drafter)
    yield made
    made.state.engine.dispose()


@pytest.fixture(scope="module")
def shop(shared: FastAPI) -> TestClient:
    return TestClient(shared, headers={"Authorization": f"Bearer {KEY}"}, raise_server_exceptions=False)


@pytest.fixture(scope="module")
def desk(shared: FastAPI) -> TestClient:
    return signed_in(shared, "ops", PASSWORD)


def write(shop: TestClient, buyer: str = "", **dispute: object) -> dict[str, object]:
    """A buyer's message about an order of its own; what a case is opened with."""
    number = f"order-{next(NUMBERS)}"
    body = {
        "text": "The lamp stopped working after two days", "channel": "aliexpress", "buyer": {"id": buyer or number, "country": "DE"},
        "order": {**ORDER, "id": number, "dispute": {**TOLD, **dispute}},
    }  # fmt: skip
    answer = shop.post("/v1/messages", json=body)
    assert answer.status_code == 201, answer.text
    return {"conversation_id": answer.json()["message"]["conversation_id"], "order_id": number}


def opened(shop: TestClient, desk: TestClient, **dispute: object) -> dict:
    answer = desk.post("/v1/disputes", json=write(shop, **dispute))
    assert answer.status_code == 201, answer.text
    return answer.json()


@pytest.mark.both_databases
def test_a_case_lives_from_its_opening_to_its_end(client: TestClient, ops: TestClient) -> None:
    case = opened(client, ops, opened_at=None)  # which opens no case by itself
    path = f"/v1/disputes/{case['id']}"
    ops.patch(path, json={"evidence": [{"proof": "item_photo", "state": "have", "note": "box 3"}]})
    ops.post(f"{path}/offers", json=FIVE)
    ops.patch(path, json={"state": "closed", "note": "withdrawn"})
    found = ops.get(path).json()
    assert (found["version"], found["state"]) == (4, "closed")
    assert [step["did"] for step in found["history"]] == ["opened", "evidence", "offer", "state", "note"]
    assert {"proof": "item_photo", "state": "have", "note": "box 3"} in found["evidence"]
    assert found["offers"][0]["amount"] == AMOUNT


def test_a_case_takes_order_kind_and_market_from_the_message(shop: TestClient, desk: TestClient) -> None:
    case = opened(shop, desk)
    assert (case["kind"], case["market"], case["channel"], case["state"]) == (
        "quality",
        "DE",
        "aliexpress",
        "to_answer",
    )
    assert case["evidence"] and all(one["state"] == "wanted" for one in case["evidence"])


def test_the_platforms_own_day_goes_before_the_channels_rule(shop: TestClient, desk: TestClient) -> None:
    case = opened(shop, desk, due_by=DAY)
    assert (case["due_by"], case["due_from"]) == (DAY.replace("+00:00", "Z"), "order")


def test_without_a_day_of_the_platform_the_channel_counts(shop: TestClient, desk: TestClient) -> None:
    case = opened(shop, desk)
    assert (case["due_by"], case["due_from"]) == ("2026-11-26T10:00:00Z", "channel")


def test_with_the_sellers_offer_the_time_of_the_negotiation_runs(shop: TestClient, desk: TestClient) -> None:
    case = opened(shop, desk)
    after = desk.post(f"/v1/disputes/{case['id']}/offers", json=FIVE).json()
    assert (after["state"], after["due_by"]) == ("negotiating", "2026-12-06T10:00:00Z")


def test_the_buyers_claim_leaves_the_seller_to_answer(shop: TestClient, desk: TestClient) -> None:
    case = opened(shop, desk)
    after = desk.post(f"/v1/disputes/{case['id']}/offers", json={"by": "buyer", "percent": 100}).json()
    assert after["state"] == "to_answer" and after["offers"][0]["percent"] == 100


def test_where_the_platform_judges_no_known_time_runs(shop: TestClient, desk: TestClient) -> None:
    case = opened(shop, desk, due_by=DAY)
    after = desk.patch(f"/v1/disputes/{case['id']}", json={"state": "platform"}).json()
    assert (after["due_by"], after["due_from"]) == (None, None)


def test_goods_coming_back_are_checked_in_time_once_the_moment_is_noted(shop: TestClient, desk: TestClient) -> None:
    case = opened(shop, desk)  # aliexpress: thirty days from the address
    path, at = f"/v1/disputes/{case['id']}", "2026-11-21T12:00:00Z"
    arrived = desk.patch(path, json={"state": "returning", "moments": {"return_arrival": at}}).json()
    assert (arrived["due_by"], arrived["moments"]) == (None, {"return_arrival": at})
    told = desk.patch(path, json={"moments": {"return_address": at}}).json()
    assert (told["due_by"], told["due_from"]) == ("2026-12-21T12:00:00Z", "channel")
    assert told["history"][-1]["did"] == "moment" and told["moments"] == {"return_arrival": at, "return_address": at}


def test_the_platforms_request_and_then_its_decision_start_a_clock(knowledge: Knowledge) -> None:
    """Of a channel that has both: evidence within 48 hours, an appeal within thirty days."""
    at = {"platform_request": datetime(2026, 11, 22, tzinfo=UTC), "decision": datetime(2026, 11, 23, tzinfo=UTC)}
    channel = knowledge.policies.channel("amazon")
    case = Case(id="case_1", version=1, conversation_id="c_1", site="s", channel="amazon", market="DE", order_id="1", kind="damaged", state="platform", opened_at=datetime(2026, 11, 20, tzinfo=UTC))  # fmt: skip
    assert running(case, channel) is None
    asked = running(case.model_copy(update={"file": CaseFile(moments={"platform_request": at["platform_request"]})}), channel)  # fmt: skip
    decided = running(case.model_copy(update={"file": CaseFile(moments=at)}), channel)
    assert asked and (asked.step, asked.at) == ("evidence", datetime(2026, 11, 24, tzinfo=UTC))
    assert decided and (decided.step, decided.at) == ("appeal", datetime(2026, 12, 23, tzinfo=UTC))


@pytest.mark.parametrize("at", ["2026-11-20T00:00:00Z", "2036-01-01T00:00:00Z"])
def test_a_moment_lies_between_the_opening_and_now(shop: TestClient, desk: TestClient, at: str) -> None:
    case = opened(shop, desk)
    answer = desk.patch(f"/v1/disputes/{case['id']}", json={"moments": {"decision": at}})
    assert answer.status_code == 422 and answer.json()["errors"][0]["pointer"] == "/moments/decision"


def test_an_order_has_one_open_case(shop: TestClient, desk: TestClient) -> None:
    body = write(shop)
    first = desk.post("/v1/disputes", json=body).json()
    assert desk.post("/v1/disputes", json=body).status_code == 409
    desk.patch(f"/v1/disputes/{first['id']}", json={"state": "closed"})
    assert desk.post("/v1/disputes", json=body).status_code == 201


def test_the_same_idempotency_key_opens_one_case(shop: TestClient, desk: TestClient) -> None:
    body, key = write(shop), {"Idempotency-Key": "open-once"}
    answers = [desk.post("/v1/disputes", json=body, headers=key) for _ in range(2)]
    assert answers[0].status_code == 201 and answers[0].json() == answers[1].json()


def test_a_change_of_an_older_version_is_refused(shop: TestClient, desk: TestClient) -> None:
    path = f"/v1/disputes/{opened(shop, desk)['id']}"
    assert desk.patch(path, json={"note": "one"}, headers={"If-Match": '"1"'}).status_code == 200
    late = desk.patch(path, json={"note": "two"}, headers={"If-Match": '"1"'})
    assert (late.status_code, late.json()["type"].rpartition("/")[2]) == (409, "stale")


def test_a_closed_case_takes_nothing_more(shop: TestClient, desk: TestClient) -> None:
    path = f"/v1/disputes/{opened(shop, desk)['id']}"
    desk.patch(path, json={"state": "closed"})
    assert desk.post(f"{path}/offers", json=FIVE).status_code == 409


@pytest.mark.parametrize(
    ("change", "pointer"), [({"order_id": "another"}, "/order_id"), ({"kind": "bad luck"}, "/kind"), ({"surprise": 1}, "/surprise")]
)  # fmt: skip
def test_an_opening_that_does_not_fit_says_where(
    shop: TestClient, desk: TestClient, change: dict[str, object], pointer: str
) -> None:
    answer = desk.post("/v1/disputes", json=write(shop) | change)
    assert answer.status_code == 422 and answer.headers["content-type"] == "application/problem+json"
    assert [fault["pointer"] for fault in answer.json()["errors"]] == [pointer]


def test_an_unknown_kind_of_the_platform_is_asked_for(shop: TestClient, desk: TestClient) -> None:
    body = write(shop, kind="does not glow")
    assert desk.post("/v1/disputes", json=body).json()["errors"][0]["pointer"] == "/kind"
    assert desk.post("/v1/disputes", json=body | {"kind": "quality"}).status_code == 201


@pytest.mark.parametrize("terms", [{}, {"amount": AMOUNT, "percent": 5}])
def test_an_offer_has_one_measure(shop: TestClient, desk: TestClient, terms: dict[str, object]) -> None:
    path = f"/v1/disputes/{opened(shop, desk)['id']}/offers"
    assert desk.post(path, json={"by": "seller", **terms}).status_code == 422


def test_the_list_shows_what_is_due_first_and_pages(client: TestClient, ops: TestClient) -> None:
    days = ("2026-11-25T10:00:00Z", "2026-11-24T10:00:00Z", "2026-11-26T10:00:00Z")
    ids = [opened(client, ops, due_by=day)["id"] for day in days]
    ops.patch(f"/v1/disputes/{ids[1]}", json={"state": "platform"})
    first = ops.get("/v1/disputes", params={"limit": 2}).json()
    rest = ops.get("/v1/disputes", params={"limit": 2, "cursor": first["next_cursor"]}).json()
    assert [one["id"] for one in first["items"] + rest["items"]] == [ids[0], ids[2], ids[1]]


def test_the_list_is_filtered(client: TestClient, ops: TestClient) -> None:
    soon = opened(client, ops, due_by="2026-11-24T10:00:00Z")["id"]
    later = opened(client, ops, due_by="2026-11-29T10:00:00Z")["id"]
    ops.patch(f"/v1/disputes/{later}", json={"state": "platform"})

    def listed(**wanted: str) -> list[str]:
        return [one["id"] for one in ops.get("/v1/disputes", params=wanted).json()["items"]]

    assert (listed(state="platform"), listed(due_before="2026-11-25T00:00:00Z"), listed(site="other")) == (
        [later],
        [soon],
        [],
    )


def test_a_case_is_exported_and_erased_with_its_buyer(client: TestClient, ops: TestClient) -> None:
    case = ops.post("/v1/disputes", json=write(client, "zeb", opened_at=None)).json()
    exported = ops.get("/v1/buyers/default/zeb/export").json()
    assert [one["id"] for one in exported["conversations"][0]["disputes"]] == [case["id"]]
    ops.delete("/v1/buyers/default/zeb")
    assert ops.get(f"/v1/disputes/{case['id']}").status_code == 404


# --- by itself --------------------------------------------------------------------------------------------------------


def followed(shared: FastAPI) -> None:
    for event in shared.state.feed.after(0, limit=10_000):
        shared.state.disputes.follow(event)


def cases_of(desk: TestClient, order_id: object) -> list[dict]:
    return [
        one for one in desk.get("/v1/disputes", params={"limit": 200}).json()["items"] if one["order_id"] == order_id
    ]


def test_a_dispute_told_with_a_message_opens_its_case_once(shared: FastAPI, shop: TestClient, desk: TestClient) -> None:
    number = write(shop, due_by=DAY)["order_id"]
    followed(shared)
    followed(shared)
    (case,) = cases_of(desk, number)
    assert (case["kind"], case["state"], case["due_by"]) == ("quality", "to_answer", DAY.replace("+00:00", "Z"))


def test_a_closed_case_is_not_opened_again_by_the_same_dispute(
    shared: FastAPI, shop: TestClient, desk: TestClient
) -> None:
    number = write(shop)["order_id"]
    followed(shared)
    desk.patch(f"/v1/disputes/{cases_of(desk, number)[0]['id']}", json={"state": "closed"})
    followed(shared)
    assert [case["state"] for case in cases_of(desk, number)] == ["closed"]


@pytest.mark.parametrize("told", [{"opened_at": None}, {"kind": "something else"}])
def test_what_is_no_open_dispute_of_ours_opens_no_case(
    shared: FastAPI, shop: TestClient, desk: TestClient, told: dict[str, object]
) -> None:
    number = write(shop, **told)["order_id"]
    followed(shared)
    assert cases_of(desk, number) == []


# --- drafts of its steps ----------------------------------------------------------------------------------------------


def proposed(desk: TestClient, case: dict, **terms: object) -> dict:
    answer = desk.post(f"/v1/disputes/{case['id']}/offers", json=terms)
    assert answer.status_code == 201, answer.text
    return answer.json()


def replies_of(draft: dict) -> set[str]:
    return {one["source"]["id"].rpartition(".")[0] for one in draft["segments"] if one["source"]["type"] == "reply"}


def drafted(desk: TestClient, case: dict, purpose: str, **body: object):
    return desk.post(f"/v1/disputes/{case['id']}/drafts", json={"purpose": purpose, **body})


@pytest.mark.both_databases
def test_what_the_buyer_proposes_is_accepted_by_a_draft_that_ops_sign(client: TestClient, ops: TestClient) -> None:
    case = opened(client, ops, opened_at=None)
    proposed(ops, case, by="buyer", amount=AMOUNT, returns=False)
    answer = drafted(ops, case, "accept")
    assert answer.status_code == 201, answer.text
    draft = answer.json()["draft"]
    assert draft["verdict"] == "escalate"
    assert replies_of(draft) == {"outreach.dispute_accept"}
    assert "€5.00" in draft["text"]
    assert draft["language"].startswith("en"), "as the buyer wrote"
    assert not [check for check in draft["checks"] if check["status"] == "block"]
    step = answer.json()["case"]["history"][-1]
    assert (step["did"], step["detail"]) == ("draft", f"accept {draft['id']}")
    kept = ops.get(f"/v1/drafts/{draft['id']}").json()
    assert kept["status"] == "pending"
    signed = ops.post(f"/v1/drafts/{draft['id']}/approve", json={})
    assert signed.status_code == 200, signed.text


def test_goods_that_come_back_have_a_letter_of_their_own(shop: TestClient, desk: TestClient) -> None:
    case = opened(shop, desk)
    proposed(desk, case, by="buyer", percent=100, returns=True)
    draft = drafted(desk, case, "accept").json()["draft"]
    assert replies_of(draft) == {"outreach.dispute_accept_return"}
    assert "100%" in draft["text"]


def test_the_shops_own_proposal_tells_the_day_and_the_amount(shop: TestClient, desk: TestClient) -> None:
    case = opened(shop, desk, due_by=DAY)
    proposed(desk, case, by="seller", percent=30, returns=False)
    draft = drafted(desk, case, "counter_offer", agent_language="zh").json()["draft"]
    assert replies_of(draft) == {"outreach.dispute_counter"}
    assert "30%" in draft["text"]
    assert draft["gloss"]["language"] == "zh"
    assert draft["verdict"] == "ready"


@pytest.mark.parametrize("purpose", ["evidence", "platform_step"])
def test_the_other_steps_need_no_offer(shop: TestClient, desk: TestClient, purpose: str) -> None:
    case = opened(shop, desk)
    answer = drafted(desk, case, purpose)
    assert answer.status_code == 201, answer.text
    assert case["order_id"] in answer.json()["draft"]["text"]


def test_an_offer_that_nobody_noted_is_asked_for(shop: TestClient, desk: TestClient) -> None:
    case = opened(shop, desk)
    proposed(desk, case, **FIVE)
    refused = drafted(desk, case, "accept")
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == "/purpose"


def test_a_step_is_drafted_again_only_once_its_draft_is_decided(shop: TestClient, desk: TestClient) -> None:
    case = opened(shop, desk)
    first = drafted(desk, case, "evidence").json()["draft"]
    assert drafted(desk, case, "evidence").status_code == 409
    desk.post(f"/v1/drafts/{first['id']}/reject", json={"reason": "wrong_tone"})
    again = drafted(desk, case, "evidence")
    assert again.status_code == 201
    assert again.json()["draft"]["id"] != first["id"]


def test_a_closed_case_has_no_next_step(shop: TestClient, desk: TestClient) -> None:
    case = opened(shop, desk)
    desk.patch(f"/v1/disputes/{case['id']}", json={"state": "closed"})
    assert drafted(desk, case, "evidence").status_code == 409
    assert desk.post("/v1/disputes/case_none/drafts", json={"purpose": "evidence"}).status_code == 404


def test_no_shop_system_asks_for_a_step(shop: TestClient, desk: TestClient) -> None:
    case = opened(shop, desk)
    assert drafted(shop, case, "evidence").status_code == 403
    event = {
        "id": "e-step", "type": "dispute.evidence", "occurred_at": DAY, "buyer": {"id": "b"}, "order": {"id": case["order_id"]}
    }  # fmt: skip
    assert shop.post("/v1/order-events", json=event).status_code == 422


def test_a_later_message_knows_of_the_open_case(shop: TestClient, desk: TestClient) -> None:
    """The channel's day for the answer, told by no message, stands in the priority and chooses the reply."""
    case = opened(shop, desk, opened_at=None)
    body = {
        "text": "Hello? What do you say about my dispute?", "channel": "aliexpress", "buyer": {"id": case["order_id"]},
        "order": {**ORDER, "id": case["order_id"]}, "options": {"dry_run": True},
    }  # fmt: skip
    answer = shop.post("/v1/messages", json=body).json()
    assert replies_of(answer["draft"]) == {"dispute_claim.opened"}
    assert any("dispute" in reason for reason in answer["analysis"]["priority"]["reasons"])
