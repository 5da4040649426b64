"""Orders that came without the message: looked up in a file that the shop's system writes into the data folder.

Each line is `{"order": {...}, "site": "default", "buyer": "..."}`: the order as in the HTTP contract, and whose it is.
"""

import logging
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock

from pydantic import ValidationError

from app.domain import Basis, BuyerMessage, Key, Order, Value
from app.drafting.record import told_before
from models.entities import find_entities

MAX_BYTES = 67_108_864  # 64 MiB: some hundred thousand orders; a larger file is refused, not half read
STRANGERS = ("widget",)  # channels on which anybody may type anybody's order number
_NO_TIME = datetime.min.replace(tzinfo=UTC)
log = logging.getLogger("countersign.orders")


class HeldOrder(Value):
    """One line of the file. An order that names its buyer is told to this buyer alone."""

    order: Order
    site: Key = "default"
    buyer: Key | None = None


@dataclass(frozen=True, slots=True)
class _Held:
    """What the file held when it was read; `faulty`: some of it could not be read."""

    by_id: Mapping[tuple[str, str], HeldOrder] = field(default_factory=dict)
    faulty: bool = False


class OrderFile:
    """Built once, shared by all requests; the file is read again when it has changed. Without a file nothing is looked up."""

    def __init__(self, path: Path, max_bytes: int = MAX_BYTES) -> None:
        self._path, self._max_bytes = path, max_bytes
        self._stamp: tuple[int, int] | None = None
        self._held, self._lock = _Held(), Lock()

    def complete(self, basis: Basis) -> Basis:
        """With the order that the message is about, where it came without one; a lookup that did not work is told as degraded."""
        message = basis.message
        if not message.vouched or (message.order is not None and not _is_number_alone(message.order)):
            return basis
        held = self._read()
        order = _find(message, held)
        if order is not None:
            return basis.model_copy(update={"message": message.model_copy(update={"order": order})})
        return basis.model_copy(update={"degraded": (*basis.degraded, "order_source")}) if held.faulty else basis

    def _read(self) -> _Held:
        with self._lock:
            try:
                stat = self._path.stat()
            except FileNotFoundError:
                self._stamp, self._held = None, _Held()
                return self._held
            except OSError as error:
                log.warning("the order file cannot be read: %s", error.strerror)
                return _Held(faulty=True)
            if self._stamp != (stat.st_mtime_ns, stat.st_size):
                self._held = self._load(stat.st_size)
                self._stamp = (stat.st_mtime_ns, stat.st_size)
            return self._held

    def _load(self, size: int) -> _Held:
        """The last line of an order counts. The log tells lines, never what stands in them."""
        if size > self._max_bytes:
            log.warning("the order file is larger than %d bytes and is not read", self._max_bytes)
            return _Held(faulty=True)
        try:
            lines = self._path.read_bytes().splitlines()
        except OSError as error:
            log.warning("the order file cannot be read: %s", error.strerror)
            return _Held(faulty=True)
        found, faults = {}, []
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                held = HeldOrder.model_validate_json(line)
            except ValidationError:
                faults.append(number)
                continue
            if held.order.id is None:
                faults.append(number)
                continue
            found[held.site, held.order.id] = held
        if faults:
            log.warning(
                "the order file holds %d lines that are no orders, the first is line %d", len(faults), faults[0]
            )
        return _Held(found, bool(faults))


def _is_number_alone(order: Order) -> bool:
    return order.model_dump(exclude_defaults=True).keys() == {"id"}


def _find(message: BuyerMessage, held: _Held) -> Order | None:
    """By the number sent or named; a buyer who names none is answered about the newest order of theirs."""
    number = message.order.id if message.order else _named(message)
    if number is None:
        return _newest(message, held.by_id.values())
    found = held.by_id.get((message.site, number))
    return found.order if found is not None and _may_be_told(found.buyer, message) else None


def _may_be_told(owner: str | None, message: BuyerMessage) -> bool:
    """An order that names no buyer is told to whoever names its number, but not in the chat."""
    return message.channel not in STRANGERS if owner is None else owner == message.buyer.id


def _named(message: BuyerMessage) -> str | None:
    """The order number in the message, else the newest of those that the buyer named before."""
    market = message.buyer.country
    for entity in find_entities(message.text, market):
        if entity.type == "order_id":
            return entity.value
    known = told_before(message, market).get("order_id")
    return str(known.value) if known is not None else None


def _newest(message: BuyerMessage, held: Iterable[HeldOrder]) -> Order | None:
    """None where the buyer is not known, or has no order here."""
    return max(_own(message, held), key=lambda order: order.placed_at or _NO_TIME, default=None)


def _own(message: BuyerMessage, held: Iterable[HeldOrder]) -> Iterator[Order]:
    if message.buyer.id is not None:
        yield from (item.order for item in held if (item.site, item.buyer) == (message.site, message.buyer.id))
