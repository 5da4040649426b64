"""Parcel and order numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from models.recognisers.base import Entity, any_of, mapping

_S10 = re.compile(r"(?<![A-Za-z0-9])([A-Z]{2}) ?(\d{3}) ?(\d{3}) ?(\d{2})(\d) ?([A-Z]{2})(?![A-Za-z0-9])", re.I)
_WEIGHTS = (8, 6, 4, 2, 3, 5, 9, 7)

# Shapes that carriers publish for their own numbers; first match wins.
_SHAPES = tuple(
    (carrier, re.compile(rf"(?<![A-Za-z0-9])(?:{shape})(?![A-Za-z0-9])", re.IGNORECASE))
    for carrier, shape in (
        ("Cainiao", r"LP\d{14,16}|CN[A-Z]{0,4}\d{12,16}|AE(?:R|N)?\d{10,14}|ZES[A-Z]{0,3}\d{10,18}"),
        ("YunExpress", r"YT\d{16}"),
        ("4PX", r"4PX\d{10,18}(?:CN)?"),
        ("SF Express", r"SF\d{12,15}"),
        ("UPS", r"1Z ?(?:[0-9A-Z]{3} ?[0-9A-Z]{3} ?[0-9A-Z]{2} ?[0-9A-Z]{4} ?[0-9A-Z]{4}|[0-9A-Z]{16})"),
        ("Amazon Logistics", r"TB[ACMR]\d{12}"),
        ("DHL", r"JJ?D\d{16,20}|GM\d{16,18}|0034\d{16}"),
        ("J&T Express", r"JT\d{12,13}|JNT[A-Z]{2}\d{10}"),
        ("USPS", r"9[2-5]\d{20}|420\d{27}"),
        ("Royal Mail", r"[A-Z]{2}\d{9}GB"),
        ("STO Express", r"STO?\d{13}"),
        ("Yanwen", r"U[A-Z]\d{9}YP"),
        ("Evri", r"[HT]\d{2}[A-Z0-9]{3}\d{10}"),
    )
)
_NAMED = {
    **{name.lower(): name for name in ("FedEx", "DHL", "USPS", "UPS", "GLS", "DPD", "InPost", "CDEK", "Evri")},
    "сдэк": "CDEK",
}
_CODE = r"(?P<code>(?=[A-Z0-9-]{0,30}\d)[A-Z0-9](?:[A-Z0-9-]{3,29})(?<!-))(?![A-Za-z0-9])"
_AMAZON = re.compile(r"(?<![A-Za-z0-9_-])\d{3}-\d{7}-\d{7}(?![\w-])")
_SHOPEE = re.compile(r"(?<![A-Za-z0-9_-])2[0-9]{5}[A-Z0-9]{8}(?![\w-])")
_HASHED = re.compile(r"(?<![A-Za-z0-9_&])#\s?([A-Z]{0,4}-?\d{4,20}(?:-\d{1,8})?)(?![\w-])", re.IGNORECASE)
_BARE = re.compile(r"(?<![A-Za-z0-9_.,/+#-])(\d{8,20})(?![\w/-]|[.,]\d)")


def upu_check_digit(serial: str) -> int:
    """Check digit of an eight-digit serial number (UPU standard S10, 2017, section 6)."""
    rest = 11 - sum(int(digit) * weight for digit, weight in zip(serial, _WEIGHTS, strict=True)) % 11
    return {10: 0, 11: 5}.get(rest, rest)


def trackings(text: str) -> Iterator[Entity]:
    """Parcel numbers: postal ones with `check` valid or invalid (a typing error), carriers' own, and announced ones."""
    yield from _postal(text)
    for carrier, shape in _SHAPES:
        yield from (_tracking(match[0], *match.span(), carrier) for match in shape.finditer(text))
    for match in _announced("tracking").finditer(text):
        if sum(char.isdigit() for char in match["code"]) >= 6:
            yield _tracking(match["code"], *match.span("code"), _carrier_near(text, match.start()))


def _postal(text: str) -> Iterator[Entity]:
    for match in _S10.finditer(text):
        right = upu_check_digit(match[2] + match[3] + match[4]) == int(match[5])
        carrier = mapping("carriers").get(match[6].upper())
        if carrier or right:
            entity = _tracking(match[0], *match.span(), carrier)
            detail = {**entity.detail, "check": "valid" if right else "invalid"}
            yield Entity(entity.type, entity.value, entity.start, entity.end, detail)


def _tracking(surface: str, start: int, end: int, carrier: str | None) -> Entity:
    detail = {"carrier": carrier} if carrier else {}
    return Entity("tracking_number", surface.replace(" ", "").upper(), start, end, detail)


def _carrier_near(text: str, position: int) -> str | None:
    """The carrier named within 25 characters of an announced number."""
    near = text[max(0, position - 25) : position + 25].lower()
    return next((carrier for word, carrier in _NAMED.items() if word in near), None)


def announced_orders(text: str) -> Iterator[Entity]:
    """Order numbers behind a word such as "order" or a #."""
    for match in _announced("order").finditer(text):
        if sum(char.isdigit() for char in match["code"]) >= 4:
            yield _order(match["code"], *match.span("code"))
    yield from (_order(match[1], *match.span(1)) for match in _HASHED.finditer(text))


def bare_orders(text: str) -> Iterator[Entity]:
    """Order numbers that stand alone: in a marketplace's shape, or any long number that is nothing else."""
    for shape in (_AMAZON, _SHOPEE, _BARE):
        yield from (_order(match[0], *match.span()) for match in shape.finditer(text))


def _order(surface: str, start: int, end: int) -> Entity:
    return Entity("order_id", surface.upper(), start, end)


@cache
def _announced(kind: str) -> re.Pattern[str]:
    """`order no. CODE` and its like: the word, at most three small words or signs, then a code with a digit."""
    small = any_of("order", "between")
    before = rf"(?<![^\W\d_]){any_of(kind, 'words')}[\s.:#(=,-]{{0,4}}(?:{small}[\s.:#(=-]{{0,3}}){{0,3}}"
    return re.compile(before + _CODE, re.IGNORECASE)
