"""Calendar dates in digits or with the name of a month."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from functools import cache

from models.recognisers.base import Entity, entity_tables, words

_ISO = re.compile(r"(?<![A-Za-z0-9_/.-])(?P<y>20\d\d)[-/.](?P<m>\d{1,2})[-/.](?P<d>\d{1,2})(?![\w/-])")
_NUMERIC = re.compile(
    r"(?<![A-Za-z0-9_/.,-])(?P<a>\d{1,2})(?P<s>[/.-])(?P<b>\d{1,2})(?:(?P=s)(?P<y>20\d\d|\d\d))?(?![\w/-]|[.,]\d)"
)
_EAST = re.compile(r"(?:(?P<y>20\d\d)\s?[年년]\s?)?(?P<m>\d{1,2})\s?[月월]\s?(?P<d>\d{1,2})\s?(?:[日号號일])?")


def dates(text: str, market: str | None) -> Iterator[Entity]:
    """Dates; the value is YYYY-MM-DD, or MM-DD where no year is named. Impossible dates are none."""
    for match in _ISO.finditer(text):
        yield from _date(match, match["y"], match["m"], match["d"])
    for match in _EAST.finditer(text):
        yield from _date(match, match["y"], match["m"], match["d"])
    for match in _named().finditer(text):
        month = match["m1"] or match["m2"]
        yield from _date(match, match["y1"] or match["y2"], _months()[month.lower()], match["d1"] or match["d2"])
    for match in _NUMERIC.finditer(text):
        yield from _numeric(match, market)


def _numeric(match: re.Match[str], market: str | None) -> Iterator[Entity]:
    """Day first but where the market writes month first; a part above 12 is the day. 3.5 and 1-2 are no dates."""
    first, second, year = int(match["a"]), int(match["b"]), match["y"]
    if year is None and (match["s"] != "/" or max(first, second) <= 2):
        return iter(())
    month_first = market in words("dates", "month_first")
    day, month = (second, first) if (month_first and first <= 12) or second > 12 else (first, second)
    return _date(match, year, str(month), str(day))


def _date(match: re.Match[str], year: str | None, month: str, day: str) -> Iterator[Entity]:
    full = None if year is None else year if len(year) == 4 else f"20{year}"
    try:
        found = date(int(full or 2024), int(month), int(day))  # 2024 is a leap year: 29 February may be meant
    except ValueError:
        return
    detail = {"month": str(found.month), "day": str(found.day), **({"year": full} if full else {})}
    yield Entity("date", found.isoformat() if full else f"{found:%m-%d}", *match.span(), detail)


@cache
def _months() -> dict[str, str]:
    """Name -> number of the month, over all languages."""
    tables = entity_tables()["months"]
    names = {}
    for language in tables if isinstance(tables, dict) else ():
        for number, forms in enumerate(words("months", language), 1):
            names.update({form: str(number) for form in forms.split("|")})
    return names


@cache
def _named() -> re.Pattern[str]:
    names = "|".join(re.escape(name) for name in sorted(_months(), key=lambda name: -len(name)))
    ordinal = r"(?:st|nd|rd|th|er|º|ª|\.|e)?"
    year = r"(?:,?\s(?:de\s|del\s)?(?P<y{}>20\d\d))?"
    return re.compile(
        rf"(?<![A-Za-z0-9_.,])(?P<d1>\d{{1,2}}){ordinal}\s?(?:of\s|de\s|di\s|den\s)?(?P<m1>{names})(?![^\W\d_]){year.format(1)}"
        rf"|(?<![^\W\d_])(?P<m2>{names})\.?\s(?P<d2>\d{{1,2}})(?:st|nd|rd|th)?(?![\w:%]|[.,]\d){year.format(2)}",
        re.IGNORECASE,
    )
