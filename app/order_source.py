"""Orders that a shop's own server tells over HTTP, asked for by their number: `GET {order_source}/{number}`.

The answer is one line of the order file (`{"order": {...}, "buyer": "..."}`), or 404. It is asked for while a buyer
waits for a draft, so it has little time; a server that fails again and again is left alone for a while.
"""

import logging
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from time import monotonic
from urllib.parse import quote

from pybreaker import CircuitBreaker, CircuitBreakerError
from pydantic import SecretStr, ValidationError

from app.domain import Basis
from app.jobs import TryAgain
from app.orders import HeldOrder, degraded, may_be_told, number_of, wants_order, with_order
from app.outward import Answered, Outward

KEPT_S = 60.0  # how long an answer counts: an order changes seldom while a buyer writes three messages
MOST_KEPT = 2000
FAILURES, ALONE_S = 5, 30  # after so many failures in a row it is left alone for so many seconds
NOT_FOUND = 404
PLACE = "{order_id}"
log = logging.getLogger("countersign.orders")


class OrderSource:
    """Built once, shared by all requests. `address_of` tells a site's source, None where it has none."""

    def __init__(
        self,
        outward: Outward,
        address_of: Callable[[str], str | None],
        token: SecretStr | None = None,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._outward, self._address_of, self._token, self._clock = outward, address_of, token, clock
        self._kept: OrderedDict[tuple[str, str], tuple[float, HeldOrder | None]] = OrderedDict()
        self._breakers: dict[str, CircuitBreaker] = {}
        self._lock = Lock()

    def complete(self, basis: Basis) -> Basis:
        """With the order that the message is about; a source that did not answer is told as degraded."""
        message, source = basis.message, self._address_of(basis.message.site)
        number = number_of(message) if source is not None and wants_order(message) else None
        if source is None or number is None:
            return basis
        try:
            held = self._held(message.site, source, number)
        except (TryAgain, CircuitBreakerError) as error:
            log.warning("the order source of %s gave no order: %s", message.site, error)
            return degraded(basis)
        if held is None or held.site != message.site or not may_be_told(held.buyer, message):
            return basis
        return with_order(basis, held.order)

    def _held(self, site: str, source: str, number: str) -> HeldOrder | None:
        """The answer that still counts, else a new one; failures are not kept."""
        key = (source, number)
        with self._lock:
            until, kept = self._kept.get(key, (0.0, None))
        if self._clock() < until:
            return kept
        found: HeldOrder | None = self._breaker(source).call(self._ask, site, source, number)
        with self._lock:
            self._kept[key] = (self._clock() + KEPT_S, found)
            self._kept.move_to_end(key)
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
        return found

    def _breaker(self, source: str) -> CircuitBreaker:
        with self._lock:
            return self._breakers.setdefault(source, CircuitBreaker(fail_max=FAILURES, reset_timeout=ALONE_S))

    def _ask(self, site: str, source: str, number: str) -> HeldOrder | None:
        """Raises TryAgain where no usable answer came."""
        headers = {"Accept": "application/json"}
        if self._token is not None:
            headers["Authorization"] = f"Bearer {self._token.get_secret_value()}"
        answer = self._outward.send("GET", _address(source, number), headers)
        if answer.status == NOT_FOUND:
            return None
        if not answer.is_fine:
            raise TryAgain(f"it answered {answer.status}")
        return _read(answer, site, number)


def _address(source: str, number: str) -> str:
    named = quote(number, safe="")
    return source.replace(PLACE, named) if PLACE in source else f"{source.rstrip('/')}/{named}"


def _read(answer: Answered, site: str, number: str) -> HeldOrder:
    """What stands in the answer is the shop's own data, and still held to the contract; the log tells nothing of it."""
    try:
        held = HeldOrder.model_validate_json(answer.body)
    except ValidationError:
        raise TryAgain("it answered with no order") from None
    if held.order.id != number:
        raise TryAgain("it answered with another order")
    return held.model_copy(update={"site": site}) if "site" not in held.model_fields_set else held
