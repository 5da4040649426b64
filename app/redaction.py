"""A buyer's words without the buyer: names, streets, addresses and numbers give way to placeholders of the same shape.

The one place where words are made fit to be kept as examples. Known values find themselves, recognisers and patterns find
the rest (redaction.toml). No pattern finds every name in fourteen languages, so what is exported still belongs to the shop.
"""

import re
import tomllib
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from app.domain import BuyerMessage, Value
from models.entities import find_entities

PERSONAL = frozenset({"link", "email", "card_number", "tracking_number", "order_id", "phone"})
WORD_WITH_DIGIT = re.compile(r"(?<![^\W_])[^\W_]*\d[\w/.-]*")  # from its first letter: else each one is a new try
SHORTEST = 2  # characters of a name that is looked for
_TELLING_DIGITS = 4  # a postal code has as many; a size, a house number or a count tells nobody who it was
_SCRIPTS = re.compile("HIRAGANA|KATAKANA|HANGUL|CYRILLIC|ARABIC|LATIN|CJK")


class Rules(Value):
    """See the remarks in the file."""

    stand_ins: dict[str, str]
    kinds: dict[str, str]
    patterns: dict[str, tuple[re.Pattern[str], ...]]


@cache
def read_rules() -> Rules:
    """Read once."""
    return Rules.model_validate(tomllib.loads(Path(__file__).with_name("redaction.toml").read_text("utf-8")))


@dataclass(frozen=True, slots=True)
class _Found:
    start: int
    end: int
    instead: str


def redact(text: str, known: tuple[str, ...], market: str | None) -> str:
    """The text with a placeholder for all that is known or recognised as personal. `known`: longest first."""
    pieces, at = [], 0
    for found in _disjoint(
        (*_entities(text, market), *_known(text, known), *_announced(text), *_numbers(text, market))
    ):
        pieces += [text[at : found.start], found.instead]
        at = found.end
    return "".join([*pieces, text[at:]])


def known_values(message: BuyerMessage) -> tuple[str, ...]:
    """What is known of who wrote and what was ordered, longest first: names whole and in parts, numbers, links."""
    return longest_first(_of_message(message))


def longest_first(values: Iterator[str]) -> tuple[str, ...]:
    """Without repeats, and without what is too short to tell anything."""
    found = {value.strip() for value in values}
    return tuple(sorted((value for value in found if len(value) >= SHORTEST), key=lambda value: (-len(value), value)))


def _of_message(message: BuyerMessage) -> Iterator[str]:
    buyer, order = message.buyer, message.order
    yield from (buyer.id or "", buyer.name or "", *(buyer.name or "").replace(",", " ").split())
    yield from (str(attachment.url or "") for attachment in message.attachments)
    if order is not None:
        yield from (order.id or "", order.tracking_number or "", str(order.tracking_url or ""))


def word_pattern(value: str) -> re.Pattern[str]:
    """The value as a word of its own; scripts without spaces have no such thing."""
    bounded = value[0].isascii() or (value[0].isalpha() and value[0] < "\u2e80")
    edge = (r"(?<!\w)", r"(?!\w)") if bounded else ("", "")
    return re.compile(f"{edge[0]}{re.escape(value)}{edge[1]}", re.IGNORECASE if len(value) > 3 else 0)


def _entities(text: str, market: str | None) -> Iterator[_Found]:
    for entity in find_entities(text, market):
        if entity.type in PERSONAL:
            own = text[entity.start : entity.end]
            yield _Found(entity.start, entity.end, read_rules().kinds.get(entity.type, _zeros(own)))


def _known(text: str, known: tuple[str, ...]) -> Iterator[_Found]:
    for value in known:
        for match in word_pattern(value).finditer(text):
            yield _Found(*match.span(), _shape(match.group()))


def _announced(text: str) -> Iterator[_Found]:
    for pattern in (pattern for group in read_rules().patterns.values() for pattern in group):
        for match in pattern.finditer(text):
            yield _Found(*match.span("who"), _shape(match["who"]))


def _numbers(text: str, market: str | None) -> Iterator[_Found]:
    """Words with many digits that nothing recognised: postal codes, numbers of another shop. Sums and days stay."""
    plain = [(entity.start, entity.end) for entity in find_entities(text, market) if entity.type not in PERSONAL]
    for match in WORD_WITH_DIGIT.finditer(text):
        inside = any(match.start() < end and start < match.end() for start, end in plain)
        if not inside and sum(char.isdigit() for char in match.group()) >= _TELLING_DIGITS:
            yield _Found(*match.span(), _zeros(match.group()))


def _shape(value: str) -> str:
    """A number or code with zeros, a name as the name of its script."""
    if any(char.isdigit() for char in value) or "://" in value:
        return read_rules().kinds["link"] if "://" in value else _zeros(value)
    letter = next((char for char in value if char.isalpha()), "a")
    script = _SCRIPTS.match(unicodedata.name(letter, ""))
    tail = value[len(value.rstrip()) :]
    return read_rules().stand_ins[script.group() if script else "LATIN"] + tail


def _zeros(value: str) -> str:
    return "".join("0" if char.isdigit() else char for char in value)


def _disjoint(found: tuple[_Found, ...]) -> list[_Found]:
    """First come, first served; in order of appearance."""
    kept: list[_Found] = []
    for one in found:
        if all(one.end <= other.start or other.end <= one.start for other in kept):
            kept.append(one)
    return sorted(kept, key=lambda one: one.start)
