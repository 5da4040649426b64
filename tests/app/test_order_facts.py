"""What an order's data say against each other, against the message's day, and in which time zone."""

import pytest

from app.domain import Basis, Order, Steer
from app.drafting.contradictions import find_contradictions, status_of, without_contradictions
from app.drafting.drafter import Drafter
from tests.conftest import message, order

EUR = {"amount": "23.90", "currency": "EUR"}


def steered(drafter: Drafter, intent: str, facts: dict | None, country: str = "US", **more: object):
    return drafter.draft(Basis(message=message("my message", facts, country, **more), steer=Steer(intents=(intent,))))


WRONG = [
    ({"shipped_at": "2026-11-04T09:00:00+08:00"}, "paid_at>shipped_at"),
    ({"paid_at": "2026-11-01T10:00:00+08:00"}, "placed_at>paid_at"),
    ({"status": "delivered", "delivered_at": "2026-11-07T10:00:00+08:00"}, "shipped_at>delivered_at"),
    ({"status": "delivered", "delivered_at": "2026-12-07T10:00:00+08:00"}, "delivered_at>now"),
    ({"eta_from": "2026-11-29"}, "eta_from>eta_to"),
    ({"eta_from": None, "eta_to": "2026-11-02"}, "shipped_at>eta_to"),
    ({"protection_until": "2026-11-01"}, "placed_at>protection_until"),
    ({"status": "unpaid"}, "status>shipped_at"),
    ({"status": "paid"}, "status>shipped_at"),
    ({"delivered_at": "2026-11-20T10:00:00+08:00"}, "status>delivered_at"),
    ({"status": "refunded", "refund": {"status": "requested"}}, "status>refund.status"),
    ({"refund": {"status": "approved", "amount": {"amount": "99.00", "currency": "EUR"}}}, "refund.amount>total"),
    ({"refund": {"status": "approved", "amount": {"amount": "9.00", "currency": "USD"}}}, "refund.amount>total"),
    ({"refund": {"status": "approved", "expected_by": "2026-11-10"}}, "refund.expected_by>refund.status"),
    ({"dispute": {"opened_at": "2026-11-20T10:00:00+08:00", "due_by": "2026-11-19T10:00:00+08:00"}}, "dispute.opened_at>dispute.due_by"),
    ({"tracking": {"last_event": "Left", "last_event_at": "2026-12-20T10:00:00+08:00"}}, "tracking.last_event_at>now"),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "pair"), WRONG)
def test_data_that_cannot_all_be_true_are_shown_and_not_used(drafter: Drafter, changes: dict, pair: str) -> None:
    drafted = steered(drafter, "order_tracking", order(**changes))
    warned = [check.detail for check in drafted.draft.checks if check.id == "contradicts_record"]
    assert any(pair.replace(">", " / ") in detail for detail in warned)
    facts = drafter._facts(*_parts(drafter, order(**changes)))
    for name in set(pair.split(">")) - {"now", "refund.status", "status"}:
        head, _, tail = name.partition(".")
        value = getattr(facts.order, head)
        assert (getattr(value, tail) if tail else value) is None


def _parts(drafter: Drafter, facts: dict):
    asked = message("my message", facts, "US")
    reading = drafter._analyzer.read(asked)
    return asked, reading, drafter._found(asked, reading)


@pytest.mark.parametrize("agent_language", ["en", "zh"])
def test_agents_read_of_a_contradiction_in_their_language(drafter: Drafter, agent_language: str) -> None:
    wrong = order(status="unpaid")
    drafted = steered(drafter, "order_tracking", wrong, agent_language=agent_language)
    details = [check.detail for check in drafted.draft.checks if check.id == "contradicts_record"]
    assert details and ("订单" in details[0]) is (agent_language == "zh")


def test_an_order_in_order_is_left_alone() -> None:
    sound = Order.model_validate(order(refund={"status": "approved", "amount": EUR, "expected_by": "2026-11-30"}))
    found = find_contradictions(sound, message("x").received_at.date(), "UTC")
    assert found == () and without_contradictions(sound, found) == sound and status_of(sound, found) == "shipped"


def test_a_status_that_the_dates_deny_is_not_told(drafter: Drafter) -> None:
    drafted = steered(drafter, "order_tracking", order(status="unpaid"))
    assert [answer.situation for answer in drafted.plan.answers] == ["order_tracking.ask"]


def test_a_status_is_read_off_the_dates_where_none_was_sent() -> None:
    bare = Order.model_validate({"shipped_at": "2026-11-08T09:00:00+08:00", "paid_at": "2026-11-05T09:00:00+08:00"})
    assert status_of(bare, ()) == "shipped" and status_of(None, ()) is None


@pytest.mark.parametrize(
    ("intent", "facts", "slot"),
    [
        ("delivery_delay", order(protection_until="2026-11-20"), "protection_until"),
        ("dispute_claim", order(dispute={"opened_at": "2026-11-10T10:00:00+08:00", "due_by": "2026-11-12T10:00:00+08:00"}), "dispute_due"),
        ("refund_status", order(refund={"status": "approved", "expected_by": "2026-11-10"}), "refund_expected"),
    ],
)  # fmt: skip
def test_a_day_that_has_passed_is_not_told_as_one_to_come(
    drafter: Drafter, intent: str, facts: dict, slot: str
) -> None:
    drafted = steered(drafter, intent, facts)
    assert drafted.draft.text and slot not in {use.name for part in drafted.draft.segments for use in part.slots}


def test_today_is_the_buyers_day(drafter: Drafter) -> None:
    # 22 November 09:30 in China is still the 21st in Los Angeles, and 01:30 of the 22nd in Berlin.
    ends = order(eta_from="2026-11-20", eta_to="2026-11-21")
    here, there = steered(drafter, "delivery_delay", ends, "DE"), steered(drafter, "delivery_delay", ends, "US")
    situations = [drafted.plan.answers[0].situation for drafted in (here, there)]
    assert situations == ["delivery_delay.overdue", "delivery_delay.in_window"]


def test_what_the_shop_promises_falls_on_its_working_days(drafter: Drafter) -> None:
    # Paid on Friday 20 November: three working days of a shop that rests on Saturday and Sunday.
    paid = order(status="paid", shipped_at=None, paid_at="2026-11-20T10:00:00+08:00")
    drafted = steered(drafter, "dispatch_time", paid)
    days = {use.name: drafted.draft.text[slice(*use.span)] for part in drafted.draft.segments for use in part.slots}
    assert days["dispatch_by"] == "November 25"
