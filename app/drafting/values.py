"""Typed values of slots: what sentences are filled with before any language writes them."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

from app.domain import Money
from knowledge_base.catalogue import Fact, Product


@dataclass(frozen=True, slots=True)
class DateRange:
    """A window of days, both included."""

    first: date
    last: date


@dataclass(frozen=True, slots=True)
class DayRange:
    """From so many to so many days."""

    low: int
    high: int


SlotValue = str | int | Decimal | date | Money | Product | Fact | DateRange | DayRange | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Known:
    """A value and the place it is known from, such as `order.tracking_number`."""

    value: SlotValue
    origin: str


def read_slot(kind: str, text: str) -> SlotValue | None:
    """A typed value from an agent's text, or None where it is not of that type."""
    text = text.strip()
    try:
        if kind == "date":
            return date.fromisoformat(text)
        if kind in ("days", "working_days", "months", "number"):
            return int(text)
        if kind == "percent" or (kind == "offer" and text.endswith("%")):
            return Decimal(text.removesuffix("%").strip()) / (100 if text.endswith("%") else 1)
        if kind in ("money", "offer"):
            amount, currency = text.split()
            return Money(amount=Decimal(amount), currency=currency.upper())
    except (ValueError, InvalidOperation):
        return None
    return text
