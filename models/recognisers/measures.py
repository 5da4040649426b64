"""Sizes and counts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from models.recognisers.base import Entity, any_of, mapping, words

_LETTERED = r"(?:[2-6]?X{1,3}[SL]|XX?S|[SML])"
_ALONE = re.compile(r"(?<![A-Za-z0-9_.'-])(?:[2-6]XL|X{1,3}[SL])(?![\w'-])", re.IGNORECASE | re.ASCII)
_UNIT = (
    "(?:mm|cm|m|inches|inch|in|ft|feet|pulgadas|polegadas|pouces|zoll|pollici|cali|см|мм|м|سم"
    '|センチ|センチメートル|公分|厘米|센티|"|″)'
)
_MEASURE = r"\d{1,4}(?:[.,]\d{1,2})?"
_DIMENSIONS = re.compile(
    rf"(?<![A-Za-z0-9_.,]){_MEASURE}(?:\s?(?:{_UNIT}\s?)?[x*]\s?{_MEASURE}){{1,2}}\s?{_UNIT}?(?!\w)"
    rf"|(?<![A-Za-z0-9_.,$€£¥]){_MEASURE}\s?{_UNIT}(?![^\W\d_])",
    re.IGNORECASE,
)
_TIMES = re.compile(r"(?<![A-Za-z0-9_.,])(?:x\s?(?P<a>\d{1,4})|(?P<b>\d{1,4})\s?x)(?![\w.,])", re.IGNORECASE)


def sizes(text: str) -> Iterator[Entity]:
    """Garment and shoe sizes (announced, with a system, or XL and its like) and dimensions."""
    for match in _announced().finditer(text):
        system = (match["system"] or match["behind"] or "").upper()
        yield Entity("size", match["size"].upper(), *match.span("size"), {"system": system} if system else {})
    for match in _with_system().finditer(text):
        yield Entity("size", match[0].upper(), *match.span(), {"system": (match["system"] or match["behind"]).upper()})
    for pattern in (_ALONE, _DIMENSIONS):
        yield from (Entity("size", match[0].strip().upper(), *match.span()) for match in pattern.finditer(text))


def quantities(text: str) -> Iterator[Entity]:
    """How many: `3 pcs`, `x2`, `两件`; detail.number in plain digits."""
    for match in _TIMES.finditer(text):
        number = match["a"] or match["b"]
        yield Entity("quantity", number, *match.span(), {"number": number})
    for match in _counted().finditer(text):
        counted = next(group for group in match.groups() if group)
        number = mapping("quantity", "digits").get(counted, counted)
        yield Entity("quantity", number, *match.span(), {"number": number})


@cache
def _announced() -> re.Pattern[str]:
    """`size` then, within a few signs, a number of 1 to 3 digits or letters."""
    system = "|".join(words("size", "systems"))
    number = r"\d{1,3}(?:[.,]5)?(?:\s?[/-]\s?\d{1,3})?(?![\w%$€£])"
    size = rf"(?P<size>{_LETTERED}(?:[/-]{_LETTERED})?(?![\w'])|{number})"
    before = rf"(?<![^\W\d_]){any_of('size', 'words')}[\s.:=]{{0,3}}(?:(?P<system>{system})[\s.]?)?"
    return re.compile(rf"{before}{size}(?:\s(?P<behind>{system})(?!\w))?", re.IGNORECASE)


@cache
def _with_system() -> re.Pattern[str]:
    """`EU 38`, `38 EU`: in capitals, since "us 9" is mostly a pronoun."""
    system = "|".join(word.upper() for word in words("size", "systems"))
    number = r"\d{1,2}(?:[.,]5)?"
    return re.compile(rf"(?<!\w)(?:(?P<system>{system})\s?{number}(?![\w%.,]\d?)|{number}\s(?P<behind>{system})(?!\w))")


@cache
def _counted() -> re.Pattern[str]:
    """A count before a counter; number words only before an East Asian one."""
    digits = "".join(mapping("quantity", "digits"))
    east = "|".join(sorted({word for word in words("quantity", "words") if word[-1] > "\u2e80"}))
    return re.compile(
        rf"(?<![A-Za-z0-9_.,])(?:(?P<n>\d{{1,6}})\s?{any_of('quantity', 'words')}|(?P<h>[{digits}])(?:{east})(?!月))"
        rf"|(?<=[\u3040-\u9fff])(?:(?P<n3>\d{{1,6}})|(?P<h3>[{digits}]))(?:{east})(?!月)",
        re.IGNORECASE,
    )
