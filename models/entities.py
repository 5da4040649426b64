"""Facts that a message names: order and parcel numbers, sums, dates, sizes, addresses. By patterns, in linear time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from models.recognisers.base import Entity, fold
from models.recognisers.codes import announced_orders, bare_orders, trackings
from models.recognisers.contacts import cards, emails, links, phones
from models.recognisers.dates import dates
from models.recognisers.measures import quantities, sizes
from models.recognisers.money import amounts, percentages
from models.recognisers.relative import Told, relative_dates

__all__ = ["ENTITY_TYPES", "Entity", "Told", "find_entities"]

ENTITY_TYPES = (
    "link", "email", "card_number", "tracking_number", "amount", "percentage", "date", "order_id", "phone", "size",
    "quantity",
)  # fmt: skip
MAX_CHARS = 10_000
"""Beyond this a text is no message; facts in its tail are not looked for."""


def find_entities(text: str, market: str | None = None, told: Told | None = None) -> tuple[Entity, ...]:
    """Entities in order of appearance, without overlaps; `market` (ISO 3166-1) settles currencies, dates, telephones.

    With `told` days named by their distance ("yesterday", "vor drei Wochen") are found too.
    Offsets are code points into `text`. Where two readings overlap, the more telling type wins (ENTITY_TYPES).
    """
    folded = fold(text[:MAX_CHARS])
    days = tuple(relative_dates(folded, told)) if told is not None else ()
    if not any(char.isdigit() or char in "@." for char in folded):
        return tuple(_disjoint((*days, *sizes(folded), *quantities(folded))))
    return tuple(_disjoint(_readings(folded, market, days)))


def _readings(text: str, market: str | None, days: tuple[Entity, ...]) -> Iterator[Entity]:
    """All readings, the more telling types first."""
    yield from links(text)
    yield from emails(text)
    yield from cards(text)
    yield from trackings(text)
    yield from amounts(text, market)
    yield from percentages(text)
    yield from dates(text, market)
    yield from days
    yield from announced_orders(text)
    yield from phones(text, market)
    yield from bare_orders(text)
    yield from sizes(text)
    yield from quantities(text)


def _disjoint(readings: Iterable[Entity]) -> list[Entity]:
    """First come, first served."""
    kept: list[Entity] = []
    for entity in readings:
        if entity.start < entity.end and all(entity.end <= other.start or other.end <= entity.start for other in kept):
            kept.append(entity)
    return sorted(kept, key=lambda entity: entity.start)
