"""What tells who the buyer is: taken out before anything is sent, and looked for once more in what would be sent.

Patterns find mail addresses, telephone, card, order and parcel numbers and links; known values find themselves. No pattern
finds a street in fourteen languages, so a buyer's words are quoted only where the owner allows it (docs/guides/generators.md).
"""

from collections.abc import Iterator, Mapping

from app.domain import BuyerMessage, Draft
from app.redaction import PERSONAL, WORD_WITH_DIGIT, known_values, longest_first, word_pattern
from app.rewording.letter import TOKEN
from app.rewording.rules import Rules
from knowledge_base.schema import Slot
from models.entities import find_entities


def personal_values(message: BuyerMessage, draft: Draft, slots: Mapping[str, Slot], rules: Rules) -> tuple[str, ...]:
    """Everything known that must not leave, longest first: names whole and in parts, numbers, links, hidden slots' values."""
    return longest_first(iter((*known_values(message), *_of_agent(message, slots, rules), *_of_draft(draft, slots))))


def _of_agent(message: BuyerMessage, slots: Mapping[str, Slot], rules: Rules) -> Iterator[str]:
    """What an agent filled in, other than dates, sums and numbers."""
    for name, value in message.slots.items():
        if name not in slots or slots[name].type not in rules.shown_types:
            yield value


def _of_draft(draft: Draft, slots: Mapping[str, Slot]) -> Iterator[str]:
    for segment in draft.segments:
        for use in segment.slots:
            if use.name == "name" or (use.name in slots and slots[use.name].type in ("text", "link")):
                yield draft.text[slice(*use.span)]


def redact(text: str, values: tuple[str, ...], market: str | None) -> str:
    """A buyer's words with tokens for all that is recognised as personal, and for every word with a digit in it."""
    marks = _Marks()
    pieces, at = [], 0
    for entity in find_entities(text, market):
        if entity.type in PERSONAL:
            pieces += [text[at : entity.start], marks.next(entity.type)]
            at = entity.end
    redacted = "".join([*pieces, text[at:]])
    for value in values:
        redacted = word_pattern(value).sub(lambda _: marks.next("value"), redacted)
    kept = TOKEN.findall(redacted)
    plain = [WORD_WITH_DIGIT.sub(lambda _: marks.next("number"), part) for part in TOKEN.split(redacted)]
    return "".join(part + mark for part, mark in zip(plain, [*kept, ""], strict=True))


class _Marks:
    """Tokens of their own kind, so that one that turns up in an answer belongs to no passage."""

    def __init__(self) -> None:
        self._count = 0

    def next(self, kind: str) -> str:
        self._count += 1
        return f"{{{{buyer_{kind}_{self._count}}}}}"


def leaks(text: str, values: tuple[str, ...], market: str | None) -> bool:
    """Whether anything personal is left in what would be sent."""
    rest = TOKEN.sub(" ", text)
    return any(word_pattern(value).search(rest) for value in values) or any(
        entity.type in PERSONAL for entity in find_entities(rest, market)
    )
