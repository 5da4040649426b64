"""What in an order cannot all be true: named for the agent, and not used in the letter."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from itertools import pairwise

from app.domain import Order
from app.drafting.calendar import local_date

_SEQUENCE = ("placed_at", "paid_at", "shipped_at", "delivered_at")
# The moments that an order of that status cannot have had yet.
_NOT_YET: dict[str | None, tuple[str, ...]] = {
    "unpaid": ("paid_at", "shipped_at", "delivered_at"),
    "paid": ("shipped_at", "delivered_at"),
    "packed": ("shipped_at", "delivered_at"),
    "shipped": ("delivered_at",),
    "in_customs": ("delivered_at",),
    "out_for_delivery": ("delivered_at",),
}
_NO_VALUE = frozenset({"now"})


def find_contradictions(order: Order | None, today: date, timezone: str) -> tuple[str, ...]:
    """Fields of the order that cannot all be true, as pairs `earlier>later`, or `field>now`; `today` is the buyer's."""
    if order is None:
        return ()
    parts = (
        _times(order, today, timezone),
        _window(order, timezone),
        _states(order),
        _money(order, today),
        _case(order),
    )
    return tuple(pair for part in parts for pair in part)


def _times(order: Order, today: date, timezone: str) -> Iterator[str]:
    """Paid before placed, delivered before shipped, or any of them tomorrow; a day's grace for clocks that differ."""
    times = [(name, moment) for name in _SEQUENCE if (moment := getattr(order, name)) is not None]
    yield from (f"{a}>{b}" for (a, early), (b, late) in pairwise(times) if early > late)
    if order.tracking and order.tracking.last_event_at:
        times.append(("tracking.last_event_at", order.tracking.last_event_at))
    yield from (f"{name}>now" for name, moment in times if local_date(moment, timezone) > today + timedelta(days=1))


def _window(order: Order, timezone: str) -> Iterator[str]:
    """A delivery window that ends before it begins, or before the parcel left."""
    if order.eta_from and order.eta_to and order.eta_from > order.eta_to:
        yield "eta_from>eta_to"
    start = next((name for name in ("shipped_at", "paid_at", "placed_at") if getattr(order, name) is not None), None)
    if start and order.eta_to and order.eta_to < local_date(getattr(order, start), timezone):
        yield f"{start}>eta_to"
    if order.placed_at and order.protection_until and _day(order.protection_until) < order.placed_at.date():
        yield "placed_at>protection_until"


def _states(order: Order) -> Iterator[str]:
    """A status that the moments beside it deny."""
    yield from (f"status>{name}" for name in _NOT_YET.get(order.status, ()) if getattr(order, name) is not None)
    if order.status == "refunded" and order.refund and order.refund.status == "requested":
        yield "status>refund.status"


def _money(order: Order, today: date) -> Iterator[str]:
    """More is paid back than was paid, or in another currency; or the day of the refund went by without it."""
    refund = order.refund
    if refund is None:
        return
    if refund.amount and order.total:
        same = refund.amount.currency == order.total.currency
        if not same or refund.amount.amount > order.total.amount:
            yield "refund.amount>total"
    if refund.expected_by and refund.status in ("requested", "approved") and _day(refund.expected_by) < today:
        yield "refund.expected_by>refund.status"


def _case(order: Order) -> Iterator[str]:
    dispute = order.dispute
    if dispute and dispute.opened_at and dispute.due_by and dispute.due_by < dispute.opened_at:
        yield "dispute.opened_at>dispute.due_by"


def _day(value: date) -> date:
    return value.date() if isinstance(value, datetime) else value


def without_contradictions(order: Order | None, contradictions: Iterable[str]) -> Order | None:
    """The order less every doubtful value; a refund that is late keeps its state, and only loses its day."""
    if order is None:
        return None
    for name in {name for pair in contradictions for name in pair.split(">")} - _NO_VALUE - {"refund.status"}:
        order = _without(order, name)
    return order


def _without(order: Order, name: str) -> Order:
    head, _, tail = name.partition(".")
    if not tail:
        return order.model_copy(update={head: None})
    part = getattr(order, head)
    return order.model_copy(update={head: part.model_copy(update={tail: None})})


def status_of(order: Order | None, contradictions: Iterable[str]) -> str | None:
    """The status as sent, else what the dates show; None where the data deny it."""
    if order is None or any(pair.startswith("status>") for pair in contradictions):
        return None
    if order.status is not None:
        return order.status
    for name, status in (("delivered_at", "delivered"), ("shipped_at", "shipped"), ("paid_at", "paid")):
        if getattr(order, name) is not None:
            return status
    return None
