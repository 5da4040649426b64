"""Events of orders: what becomes a draft for approval, in which words, and what keeps the shop silent."""

from collections.abc import Iterator
from itertools import count

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from app.drafting.drafter import Drafter
from app.main import create_app
from knowledge_base.knowledge import Knowledge
from tests.conftest import KEY, NOW, ORDER, PASSWORD, make_settings, signed_in

NUMBERS = count(1)
DELIVERED = {"status": "delivered", "delivered_at": "2026-11-20T10:00:00+08:00"}
DISPUTE = {
    "dispute": {"kind": "quality", "opened_at": "2026-11-21T10:00:00+08:00", "due_by": "2026-11-26T10:00:00+08:00"}
}
EVENTS: dict[str, dict[str, object]] = {
    "order.unpaid": {"order": {"id": "1", "status": "unpaid", "total": ORDER["total"]}},
    "order.shipped": {"order": ORDER},
    "order.delayed": {"order": ORDER},
    "order.in_customs": {"order": {**ORDER, "status": "in_customs"}},
    "order.delivered": {"order": {**ORDER, **DELIVERED}},
    "order.protection_ending": {"order": {**ORDER, "protection_until": "2026-11-30"}},
    "dispute.opened": {"order": {**ORDER, **DISPUTE}, "slots": {"offer": "5 EUR"}},
    "season": {"occurred_at": "2026-12-20T12:00:00+01:00"},
    "buyer.returning": {"order": {**ORDER, "status": "paid"}},
    "buyer.wholesale_signs": {},
    "product.restocked": {"product": {"sku": "LH-LAMP-01"}},
}
TOLD_ABOUT = {  # a value that the letter has to name
    "order.shipped": "LP00123456789012", "order.delayed": "8123456789012345", "order.in_customs": "LP00123456789012", "order.delivered": "8123456789012345",
    "order.unpaid": "23", "order.protection_ending": "15", "dispute.opened": "5",
}  # fmt: skip


@pytest.fixture(scope="module")
def shared(drafter: Drafter, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FastAPI]:
    made = create_app(make_settings(tmp_path_factory.mktemp("events")), drafter)
    yield made
    made.state.engine.dispose()


@pytest.fixture(scope="module")
def shop(shared: FastAPI) -> TestClient:
    return TestClient(shared, headers={"Authorization": f"Bearer {KEY}"}, raise_server_exceptions=False)


def body(kind: str, country: str = "DE", **more: object) -> dict[str, object]:
    """An event of a buyer of its own, at half past nine in the morning."""
    number = next(NUMBERS)
    buyer = {"id": f"b{number}", "name": "Ana", "country": country}
    return {"id": f"e{number}", "type": kind, "occurred_at": "2026-11-23T12:00:00+01:00", "buyer": buyer} | EVENTS[kind] | more  # fmt: skip


def tell(shop: TestClient, kind: str, status: int = 201, **more: object) -> dict:
    answer = shop.post("/v1/order-events", json=body(kind, **more))
    assert answer.status_code == status, answer.text
    return answer.json()


def refused(shop: TestClient, kind: str, **more: object) -> str:
    told = tell(shop, kind, 200, **more)
    assert told["draft"] is None
    return str(told["reason"]["id"])


def buyer_of(number: str, country: str = "DE") -> dict[str, object]:
    return {"id": number, "name": "Ana", "country": country}


def test_every_event_of_the_rules_is_tried_here(knowledge: Knowledge) -> None:
    told = {name for name, rule in knowledge.outreach.events.items() if not rule.asked}  # the others: test_disputes.py
    assert EVENTS.keys() == told


# --- the drafts -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("country", ["DE", "US", "MX", "JP", "SA", "CN"])
@pytest.mark.parametrize("kind", [kind for kind in EVENTS if kind != "season"])
def test_an_event_becomes_a_draft_that_a_person_signs(shop: TestClient, kind: str, country: str) -> None:
    draft = tell(shop, kind, country=country)["draft"]
    assert (draft["status"], draft["event"], draft["market"]) == ("pending", kind, country)
    assert (
        draft["text"] and draft["gloss"]["text"] and not [item for item in draft["checks"] if item["status"] == "block"]
    )
    assert draft["verdict"] == "ready" and {item["intent"] for item in draft["segments"]} <= {"outreach", None}
    assert "{" not in draft["text"] and (country in ("SA",) or TOLD_ABOUT.get(kind, "") in draft["text"])


@pytest.mark.both_databases
def test_an_event_is_drafted_once_on_either_database(client: TestClient) -> None:
    delayed = body("order.delayed")
    made = client.post("/v1/order-events", json=delayed)
    again = client.post("/v1/order-events", json=delayed)
    assert (made.status_code, again.status_code) == (201, 200), made.text
    assert again.json()["draft"]["id"] == made.json()["draft"]["id"]
    assert refused(client, "order.delayed", buyer=delayed["buyer"]) == "already_told"


def test_other_drafts_of_an_event_are_made_and_refused_as_of_a_message(shared: FastAPI, shop: TestClient) -> None:
    draft = tell(shop, "order.delayed", order={**ORDER, "status": "paid", "shipped_at": None})["draft"]
    with signed_in(shared, "ops", PASSWORD) as ops:
        assert ops.post(f"/v1/drafts/{draft['id']}/alternatives").status_code == 200
        other = ops.post(f"/v1/drafts/{draft['id']}/regenerate", json={"intents": ["order_tracking"]})
        assert (other.status_code, other.json()["verdict"]) == (200, "no_vetted_reply")


@pytest.mark.parametrize("country", ["DE", "US", "MX"])
def test_a_season_is_greeted_where_the_market_keeps_it(shop: TestClient, country: str) -> None:
    draft = tell(shop, "season", country=country)["draft"]
    assert draft["verdict"] == "ready"
    assert not [item for item in draft["segments"] if item["source"]["id"].startswith("door.")]


def test_nobody_is_thanked_for_a_message_that_nobody_wrote(shop: TestClient) -> None:
    draft = tell(shop, "order.shipped", country="US")["draft"]
    assert not [item for item in draft["segments"] if item["source"]["id"].startswith("opening.")]


def test_what_only_the_agent_knows_is_asked_of_the_agent(shop: TestClient) -> None:
    draft = tell(shop, "dispute.opened", slots={})["draft"]
    assert draft["verdict"] == "needs_input" and [item["slot"] for item in draft["missing"]] == ["offer"]


def test_an_agent_sees_that_the_shop_writes_first_and_may_draft_again(shared: FastAPI, shop: TestClient) -> None:
    draft = tell(shop, "order.delayed", agent_language="zh")["draft"]
    assert "订单延误" in draft["gist"]
    with signed_in(shared, "ops", PASSWORD) as ops:
        assert "an order is delayed" in ops.get(f"/v1/drafts/{draft['id']}?agent_language=en").json()["gist"]
        again = ops.post(f"/v1/drafts/{draft['id']}/regenerate", json={})
        assert again.json()["text"] == draft["text"]
        signed = ops.post(f"/v1/drafts/{draft['id']}/approve", json={"text": draft["text"] + "\n"})
        assert signed.status_code == 200, signed.text


def test_a_draft_made_at_night_rests_until_the_buyers_morning(shop: TestClient) -> None:
    night, day = "2026-11-23T23:30:00+01:00", "2026-11-23T12:00:00+01:00"
    assert tell(shop, "order.shipped", occurred_at=night)["draft"]["snoozed_until"] == "2026-11-24T07:00:00+00:00"
    assert tell(shop, "order.shipped", occurred_at=day)["draft"]["snoozed_until"] is None


def test_the_buyers_next_message_is_answered_apart_from_what_the_shop_writes_first(shop: TestClient) -> None:
    draft = tell(shop, "order.delayed", buyer=buyer_of("talks", "US"))["draft"]
    asked = {
        "text": "Where is my parcel?",
        "received_at": "2026-11-23T12:00:30+01:00",
        "buyer": buyer_of("talks", "US"),
    }
    answered = shop.post("/v1/messages", json=asked).json()
    assert answered["message"]["conversation_id"] == draft["conversation_id"] and answered["message"]["history"] == []
    assert shop.get(f"/v1/drafts/{draft['id']}").json()["status"] == "pending"


# --- what keeps the shop silent ---------------------------------------------------------------------------------------


def test_the_same_event_is_drafted_once(shop: TestClient) -> None:
    event = body("order.shipped")
    first, second = (shop.post("/v1/order-events", json=event) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json()["draft"]["id"] == second.json()["draft"]["id"]


def test_an_id_that_comes_with_another_event_is_refused(shop: TestClient) -> None:
    event = body("order.shipped")
    shop.post("/v1/order-events", json=event)
    answer = shop.post("/v1/order-events", json=event | {"type": "order.delayed"})
    assert answer.status_code == 409 and answer.json()["errors"][0]["pointer"] == "/id"


def test_one_order_is_written_about_once_for_each_kind(shop: TestClient) -> None:
    first = {**ORDER, **DELIVERED, "id": "1"}  # of the order of the other tests a dispute may have been opened
    tell(shop, "order.delivered", buyer=buyer_of("once"), order=first)
    assert refused(shop, "order.delivered", buyer=buyer_of("once"), order=first) == "already_told"
    tell(shop, "order.delivered", buyer=buyer_of("once"), order={**ORDER, **DELIVERED, "id": "2"})


def test_a_buyer_gets_only_so_many_unasked_but_always_what_matters(shop: TestClient, knowledge: Knowledge) -> None:
    for number in range(knowledge.outreach.most):
        tell(shop, "order.unpaid", buyer=buyer_of("often"), order={"id": f"{number}", "status": "unpaid"})
    assert refused(shop, "buyer.wholesale_signs", buyer=buyer_of("often")) == "too_many"
    tell(shop, "order.delayed", buyer=buyer_of("often"))
    tell(shop, "buyer.wholesale_signs", buyer=buyer_of("often"), occurred_at="2026-12-01T12:00:00+01:00")


def test_a_buyer_who_complains_is_not_written_to_about_anything_else(shop: TestClient) -> None:
    complaint = {
        "text": "The lamp arrived broken, I want my money back.",
        "received_at": NOW,
        "buyer": buyer_of("cross", "US"),
    }
    assert shop.post("/v1/messages", json=complaint).status_code == 201
    assert refused(shop, "product.restocked", buyer=buyer_of("cross", "US")) == "open_complaint"
    tell(shop, "order.delayed", buyer=buyer_of("cross", "US"))


def test_an_open_dispute_keeps_a_request_about_the_order_back(shop: TestClient) -> None:
    assert refused(shop, "order.delivered", order={**ORDER, **DELIVERED, **DISPUTE}) == "open_complaint"


@pytest.mark.parametrize(
    ("kind", "channel"), [("season", "amazon"), ("season", "shopee"), ("product.restocked", "amazon"), ("buyer.returning", "amazon")]
)  # fmt: skip
def test_a_channel_that_forbids_it_is_not_written_on(shop: TestClient, kind: str, channel: str) -> None:
    assert refused(shop, kind, channel=channel) == "channel_forbids"


@pytest.mark.parametrize(
    ("country", "season", "day"),
    [("SA", None, "2026-12-20"), ("JP", "christmas", "2026-12-20"), ("DE", "lunar_new_year", "2027-02-01"), ("DE", None, "2026-08-10")],
)  # fmt: skip
def test_no_greeting_goes_to_a_market_without_its_holiday(
    shop: TestClient, country: str, season: str | None, day: str
) -> None:
    assert refused(shop, "season", country=country, season=season, occurred_at=f"{day}T12:00:00+01:00") == "no_holiday"


@pytest.mark.parametrize(
    ("country", "season", "day"),
    [("SA", "eid", "2027-03-08"), ("KR", "chuseok", "2026-09-21"), ("CN", "lunar_new_year", "2027-02-01"), ("DE", "easter", "2027-03-24")],
)  # fmt: skip
def test_a_market_is_greeted_for_its_own_holiday(shop: TestClient, country: str, season: str, day: str) -> None:
    tell(shop, "season", country=country, season=season, occurred_at=f"{day}T12:00:00+01:00")


def test_an_order_that_has_moved_on_is_not_written_about(shop: TestClient) -> None:
    assert refused(shop, "order.unpaid", order={**ORDER, "status": "paid"}) == "other_status"
    old = {**ORDER, **DELIVERED, "id": "3", "delivered_at": "2026-09-20T10:00:00+08:00"}
    assert refused(shop, "order.delivered", order=old) == "too_late"


@pytest.mark.parametrize(("language", "words"), [("en", "No holiday"), ("zh", "节日")])
def test_the_reason_is_told_in_the_agents_language(shop: TestClient, language: str, words: str) -> None:
    told = tell(shop, "season", 200, country="SA", agent_language=language)
    assert words in told["reason"]["detail"]


# --- what comes in wrong ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"type": "order.eaten"}, "/type"), ({"buyer": {"name": "Ana"}}, "/buyer/id"), ({"order": None}, "/order/id"), ({"order": {"status": "shipped"}}, "/order/id"),
        ({"season": "halloween"}, "/season"), ({"occurred_at": "2026-11-22T09:30:00"}, "/occurred_at"), ({"text": "x"}, "/text"), ({"order": {"id": "1", "status": "eaten"}}, "/order/status"),
    ],
)  # fmt: skip
def test_an_event_that_cannot_be_used_names_the_place(
    shop: TestClient, change: dict[str, object], pointer: str
) -> None:
    answer = shop.post("/v1/order-events", json=body("order.shipped") | change)
    assert answer.status_code == 422 and answer.json()["errors"][0]["pointer"] == pointer, answer.text
    restock = shop.post("/v1/order-events", json=body("product.restocked", product={}))
    assert restock.status_code == 422 and restock.json()["errors"][0]["pointer"] == "/product/sku"


def test_what_an_agent_makes_of_it_teaches_nothing_about_messages(shared: FastAPI, shop: TestClient) -> None:
    draft = tell(shop, "order.shipped")["draft"]
    with signed_in(shared, "ops", PASSWORD) as ops:
        wrong = {"reason": "wrong_intent", "intents": ["order_tracking"]}
        assert ops.post(f"/v1/drafts/{draft['id']}/reject", json=wrong).status_code == 422
        assert ops.post(f"/v1/drafts/{draft['id']}/reject", json={"reason": "policy"}).status_code == 200
        assert draft["id"] not in ops.get("/v1/feedback").text
