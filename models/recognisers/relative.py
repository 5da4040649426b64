"""Days told by their distance from today: yesterday, vor drei Wochen, 下周五. Which words mean what depends on the language."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path

from models.recognisers.base import Entity, fold

_DATA = Path(__file__).parents[1] / "data" / "relative_dates.toml"
_DAYS = {"D": 1, "W": 7, "M": 30, "Y": 365}
"""Who says "a month ago" does not count days; thirty are near enough."""

_EDGES = {"zh": ("", ""), "ja": ("", ""), "ko": (r"(?<![\w])", "")}
"""What stands before and after a wording where words are not parted by blanks, or carry particles."""

_FARTHEST = 400
"""A count above this is no count of days, weeks or months from today."""


@dataclass(frozen=True, slots=True)
class Told:
    """In which language a text tells its days, and the day that it calls today."""

    language: str
    today: date


def relative_dates(text: str, told: Told) -> Iterator[Entity]:
    """Days as type `date` with the value YYYY-MM-DD; `detail.distance` is the signed ISO 8601 duration, or the weekday's.

    Nothing for a language without a table. Months count as thirty days.
    """
    words = _words(told.language)
    if words is None:
        return
    for match in words.pattern.finditer(text):
        kind = match.lastgroup or ""
        distance = words.distance(kind, _key(match[kind]), told.today)
        if distance is not None:
            days, name = distance
            value = (told.today + timedelta(days=days)).isoformat()
            yield Entity("date", value, *match.span(), {"distance": name})


@dataclass(frozen=True, slots=True)
class _Words:
    """One language: `pattern` has a group a kind; the tables say what a found wording means."""

    pattern: re.Pattern[str]
    fixed: Mapping[str, tuple[int, str]]
    counts: Mapping[str, int]
    units: Mapping[str, str]
    weekdays: Mapping[str, int]
    count: re.Pattern[str]

    def distance(self, kind: str, surface: str, today: date) -> tuple[int, str] | None:
        """(days from today, its ISO name); None for a count that tells no day."""
        if kind == "fixed":
            return self.fixed[surface]
        if kind in ("last", "next"):
            number = next(self.weekdays[word] for word in self.weekdays if word in surface)
            return _to_weekday(number, kind == "last", today)
        found = self.count.search(surface)
        assert found is not None  # noqa: S101 - the pattern that matched holds both groups
        count = int(found["n"]) if found["n"].isdigit() else self.counts[found["n"]]
        if count > _FARTHEST:
            return None
        unit, sign = self.units[found["u"]], -1 if kind == "past" else 1
        return sign * count * _DAYS[unit], f"{'-' if sign < 0 else ''}P{count}{unit}"


def _key(wording: str) -> str:
    """How wordings are looked up: case, kinds of blank, and the dot on a Turkish i do not matter."""
    return " ".join(wording.lower().replace("i\u0307", "i").replace("ı", "i").split())


def _to_weekday(number: int, past: bool, today: date) -> tuple[int, str]:
    """To the nearest such day (0 Monday) strictly before or after today."""
    ahead = (number - today.weekday() - 1) % 7 + 1
    days = ahead - 7 or -7 if past else ahead
    return days, f"{'-' if days < 0 else ''}P{abs(days)}D"


@cache
def _tables() -> Mapping[str, Mapping[str, object]]:
    tables: Mapping[str, Mapping[str, object]] = tomllib.loads(fold(_DATA.read_text("utf-8")))
    return tables


@cache
def _words(language: str) -> _Words | None:
    """The compiled words of a language; None where it has no table."""
    table = _tables().get(language)
    if table is None:
        return None
    fixed = {_key(form): (int(days), f"{'-' if int(days) < 0 else ''}P{abs(int(days))}D") for days, forms in _strings(table["days"]).items() for form in forms.split("|")}  # fmt: skip
    fixed |= {_key(form): (_length(span), span) for span, forms in _strings(table["spans"]).items() for form in forms.split("|")}  # fmt: skip
    starts = table.get("count_from", range(1, 11))
    counts = _numbered(str(table["numbers"]), starts if isinstance(starts, list) else range(1, 11))
    units = {_key(form): unit for unit, forms in _strings(table["units"]).items() for form in forms.split("|")}
    weekdays = dict(sorted(_numbered(str(table["weekdays"]), range(7)).items(), key=lambda item: -len(item[0])))
    count = {"n": rf"(?:\d{{1,3}}|{_any(counts)})", "unit": _any(units), "weekday": _any(weekdays)}
    groups = {"fixed": _any(fixed), **{kind: "|".join(_template(item, count) for item in _listed(table[kind])) for kind in ("past", "future", "last", "next")}}  # fmt: skip
    order = ("past", "future", "last", "next", "fixed")
    body = "|".join(f"(?P<{kind}>{groups[kind]})" for kind in order)
    before, after = _EDGES.get(language, (r"(?<![\w'])", r"(?![^\W\d_])"))
    pattern = re.compile(f"{before}(?:{body}){after}", re.IGNORECASE)
    inner = re.compile(rf"(?P<n>{count['n']})\s?(?P<u>{count['unit']})", re.IGNORECASE)
    return _Words(pattern, fixed, counts, units, weekdays, inner)


def _numbered(listed: str, numbers: Sequence[int]) -> dict[str, int]:
    """Each wording with its number; blanks part the numbers, | the wordings of one."""
    return {
        _key(form): number for number, forms in zip(numbers, listed.split(), strict=True) for form in forms.split("|")
    }


def _strings(table: object) -> Mapping[str, str]:
    assert isinstance(table, dict)  # noqa: S101 - our own file
    return table


def _listed(table: object) -> Sequence[str]:
    assert isinstance(table, list)  # noqa: S101 - our own file
    return table


def _length(span: str) -> int:
    return (-1 if span.startswith("-") else 1) * int(span.strip("-P")[:-1]) * _DAYS[span[-1]]


def _any(forms: Mapping[str, object]) -> str:
    return "|".join(re.escape(form) for form in sorted(forms, key=lambda form: -len(form))).replace(r"\ ", r"\s")


def _template(wording: str, parts: Mapping[str, str]) -> str:
    """A wording as a pattern; its blanks are blanks of any kind."""
    pieces = re.split(r"\{(n|unit|weekday)\}", wording)
    return "".join(f"(?:{parts[piece]})" if place % 2 else re.escape(piece).replace(r"\ ", r"\s") for place, piece in enumerate(pieces))  # fmt: skip
