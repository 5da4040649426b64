"""Whether a condition of a situation or sentence holds, given the facts. The list is closed: knowledge_base.schema.PREDICATES."""

from collections.abc import Callable
from datetime import date, timedelta

from app.drafting.calendar import local_date
from app.drafting.facts import Facts
from knowledge_base.schema import Predicate

Test = Callable[[Facts, Predicate], bool]
_NOT_SHIPPED = ("unpaid", "paid", "packed")


def holds(predicate: Predicate, facts: Facts, nearest: bool = False) -> bool:
    """`nearest`: whether retrieval finds this situation's questions nearest among its siblings (for `asks_like`)."""
    outcome = nearest if predicate.name == "asks_like" else _TESTS[predicate.name](facts, predicate)
    return outcome != predicate.negated


def all_hold(predicates: tuple[Predicate, ...], facts: Facts, nearest: bool = False) -> bool:
    """Whether every one of them holds; true for none."""
    return all(holds(predicate, facts, nearest) for predicate in predicates)


def _order_known(facts: Facts, _: Predicate) -> bool:
    return facts.order is not None and facts.status is not None


def _before(facts: Facts, predicate: Predicate) -> bool:
    day = _order_day(facts, predicate.argument)
    return day is not None and facts.today <= day


def _after(facts: Facts, predicate: Predicate) -> bool:
    day = _order_day(facts, predicate.argument)
    return day is not None and facts.today > day


def _order_day(facts: Facts, name: str) -> date | None:
    moment = getattr(facts.order, name, None)
    return None if moment is None else local_date(moment, facts.profile.timezone)


def _has(facts: Facts, predicate: Predicate) -> bool:
    if predicate.argument in ("eta_to", "eta_from"):  # as the order says; what is only computed does not count here
        return getattr(facts.order, predicate.argument, None) is not None
    return predicate.argument in facts.values


def _dispatch_overdue(facts: Facts, _: Predicate) -> bool:
    by = facts.values.get("dispatch_by")
    return by is not None and by.value < facts.site_today  # type: ignore[operator]


def _no_scan_for(facts: Facts, predicate: Predicate) -> bool:
    days = getattr(facts.policy, predicate.argument.removeprefix("policy."))
    tracking = facts.order.tracking if facts.order else None
    last = tracking.last_event_at if tracking else None
    last = last or (facts.order.shipped_at if facts.order else None)
    return last is not None and facts.message.received_at - last > timedelta(days=days)


def _within_return_period(facts: Facts, _: Predicate) -> bool:
    by = facts.values.get("return_by")
    return by is not None and facts.today <= by.value  # type: ignore[operator]


def _trace_failed(facts: Facts, _: Predicate) -> bool:
    return bool(facts.order and facts.order.tracking and facts.order.tracking.trace == "failed")


def _refund_paid(facts: Facts, _: Predicate) -> bool:
    return facts.status == "refunded" or bool(
        facts.order and facts.order.refund and facts.order.refund.status == "paid"
    )


def _refund_known(facts: Facts, _: Predicate) -> bool:
    return bool(facts.order and facts.order.refund and facts.order.refund.status in ("approved", "paid"))


def _case_open(facts: Facts, _: Predicate) -> bool:
    return bool(facts.order and facts.order.dispute and facts.order.dispute.opened_at)


def _product_has(facts: Facts, predicate: Predicate) -> bool:
    product = facts.product
    held = {
        "fact": "product_fact" in facts.values, "size_chart": bool(product and product.size_chart_url),
        "manual": bool(product and product.manual_url), "certificate": bool(product and product.certificate),
        "restock_date": "restock_date" in facts.values, "alternative": bool(product and product.alternative_sku),
    }  # fmt: skip
    return held[predicate.argument]


def _grants(facts: Facts, predicate: Predicate) -> bool:
    return _GRANTS[predicate.argument](facts)


def _grants_refund(facts: Facts) -> bool:
    """What the policy grants without a further look: an approved refund, a parcel lost, an order that has not left."""
    approved = bool(facts.order and facts.order.refund and facts.order.refund.status == "approved")
    return (
        approved
        or bool(facts.order and facts.order.tracking and facts.order.tracking.trace == "failed")
        or facts.status in ("paid", "packed")
    )


def _ships_to(facts: Facts) -> bool:
    country = facts.values.get("destination_country")
    return facts.policy.ships_to == "all" or (country is not None and country.value in facts.policy.ships_to)


def _grants_price_adjustment(facts: Facts) -> bool:
    placed = facts.order.placed_at if facts.order else None
    return placed is not None and facts.message.received_at - placed <= timedelta(
        days=facts.policy.price_adjustment_days
    )


def _grants_offer(facts: Facts) -> bool:
    """Whether the agent's offer stays within what the policy allows without asking anyone."""
    offer = facts.values.get("offer")
    if offer is None:
        return True
    share = getattr(offer.value, "amount", offer.value)
    total = facts.order.total.amount if facts.order and facts.order.total else None
    if hasattr(offer.value, "amount"):
        return total is not None and share <= total * facts.policy.max_partial_refund  # type: ignore[operator]
    return share <= facts.policy.max_partial_refund  # type: ignore[operator]


_GRANTS: dict[str, Callable[[Facts], bool]] = {
    "coupon": lambda facts: bool(facts.policy.coupon) and facts.channel.coupons,
    "free_shipping": lambda facts: facts.policy.free_shipping is not None,
    "express": lambda facts: "express" in facts.policy.shipping_days,
    "ships_to": _ships_to,
    "payment_method": lambda facts: (
        "payment_method" in facts.values
    ),  # the platform's checkout may offer the one that was named
    "request": lambda facts: facts.request in facts.policy.special_requests,
    "sample_credit": lambda facts: facts.policy.sample_credit,
    "price_adjustment": _grants_price_adjustment,
    "refund": _grants_refund,
    "offer": _grants_offer,
    "protection_extension": lambda facts: facts.policy.protection_extension_days > 0,
}

_TESTS: dict[str, Test] = {
    "order.known": _order_known,
    "order.status": lambda facts, predicate: facts.status in predicate.choices,
    "order.before": _before,
    "order.after": _after,
    "order.has": _has,
    "order.dispatch_overdue": _dispatch_overdue,
    "order.no_scan_for": _no_scan_for,
    "order.within_return_period": _within_return_period,
    "trace.failed": _trace_failed,
    "refund.paid": _refund_paid,
    "refund.known": _refund_known,
    "case.open": _case_open,
    "policy.grants": _grants,
    "product.known": lambda facts, _: facts.product is not None,
    "product.has": _product_has,
    "product.in_stock": lambda facts, _: facts.product is not None and facts.product.in_stock is True,
    "product.out_of_stock": lambda facts, _: facts.product is not None and facts.product.in_stock is False,
    "given": lambda facts, predicate: predicate.argument in facts.given,
    "mentions": lambda facts, predicate: predicate.argument in facts.matters,
    "conduct": lambda facts, predicate: predicate.argument in facts.conduct,
    "visibility": lambda facts, predicate: facts.message.visibility == predicate.argument,
}
GRANTS = frozenset(_GRANTS)
