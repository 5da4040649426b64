"""What every recogniser works on: a text folded to plain digits and signs, character by character."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TypeAlias

Table: TypeAlias = Mapping[str, "Table | str | Sequence[str]"]
_DATA = Path(__file__).parents[1] / "data" / "entities.toml"
_SIGNS = {
    **dict.fromkeys(map(ord, "\u00a0\u2007\u2009\u202f\u3000"), " "),
    **dict.fromkeys(map(ord, "‐‑‒–—−－"), "-"),
    **dict.fromkeys(map(ord, "’‘＇"), "'"),
    **{ord(sign): plain for sign, plain in zip("٫٬٪×￥￡", ".,%x¥£", strict=True)},
}


@dataclass(frozen=True, slots=True)
class Entity:
    """A fact that the text names: text[start:end] is its surface (code points), `value` its plain form.

    `detail` per type: carrier, check (tracking_number); currency, amount (amount); percent; year, month, day or distance (date);
    number (quantity); system (size); international (phone); brand (card_number: the value shows its last digits only).
    """

    type: str
    value: str
    start: int
    end: int
    detail: Mapping[str, str] = field(default_factory=dict)


@cache
def entity_tables() -> Table:
    """The content of data/entities.toml, read once."""
    tables: Table = tomllib.loads(_DATA.read_text("utf-8"))
    return tables


def words(*path: str) -> tuple[str, ...]:
    """The word list at `path` of the tables; KeyError where there is none."""
    found: Table | str | Sequence[str] = entity_tables()
    for key in path:
        if not isinstance(found, Mapping):
            raise KeyError(path)
        found = found[key]
    return tuple(found.split()) if isinstance(found, str) else tuple(found)


def mapping(*path: str) -> dict[str, str]:
    """The string table at `path`."""
    found: Table | str | Sequence[str] = entity_tables()
    for key in path:
        if not isinstance(found, Mapping):
            raise KeyError(path)
        found = found[key]
    return {key: value for key, value in found.items() if isinstance(value, str)} if isinstance(found, Mapping) else {}


@cache
def any_of(*path: str) -> str:
    """A regular expression for any word of a list, longest first; words of letters do not stand inside longer ones."""
    listed = sorted(set(words(*path)), key=lambda word: (-len(word), word))
    return "(?:" + "|".join(_bounded(word) for word in listed) + ")"


def _bounded(word: str) -> str:
    """CJK words stand without spaces; others must not be followed by a letter."""
    return re.escape(word) + ("" if word[-1] > "\u2e80" else r"(?![^\W\d_])")


def fold(text: str) -> str:
    """`text` with digits of any script, full-width letters and typographic signs made ASCII; offsets stay."""
    if text.isascii():
        return text
    return "".join(_folded(char) for char in text)


@cache
def _folded(char: str) -> str:
    if char.isascii():
        return char
    if char.isdecimal():
        return str(unicodedata.decimal(char))
    if "\uff01" <= char <= "\uff5e" and ord(char) not in _SIGNS:
        return chr(ord(char) - 0xFEE0)
    return _SIGNS.get(ord(char), char)
