"""A draft taken apart into passages that may be reworded, and put together again with every character in a segment.

Greeting, closing and signature stay as they are vetted. Every slot's value is replaced by a token before anything is sent.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.domain import Draft, Segment, SlotUse

TOKEN = re.compile(r"\{\{[a-z_]+_\d+\}\}")
REWORDED = frozenset({"empathy", "answer", "question", "next_step"})
_OPENS, _CLOSES = "\u2066\u2067\u2068", "\u2069"  # isolates around a value of the other writing direction: part of it


@dataclass(frozen=True, slots=True)
class Hidden:
    """A value behind its token; `shown` is the value with its direction marks, `inner` where the value lies in it."""

    slot: SlotUse
    shown: str
    inner: tuple[int, int]

    @property
    def value(self) -> str:
        """Without direction marks."""
        return self.shown[slice(*self.inner)]


@dataclass(frozen=True, slots=True)
class Passage:
    """One segment's words, values as tokens; `lead` and `gap` are the list mark before and the white space after."""

    segment: int
    lead: str
    text: str
    gap: str
    hidden: Mapping[str, Hidden]

    @property
    def bare(self) -> str:
        """The words without any token."""
        return TOKEN.sub(" ", self.text)


def take_apart(draft: Draft, list_mark: str) -> tuple[Passage, ...]:
    """The passages in the order of the letter; one that holds nothing but values is none."""
    found: list[Passage] = []
    numbers: dict[str, int] = {}
    for place, segment in enumerate(draft.segments):
        if segment.kind in REWORDED and segment.source.type in ("reply", "phrase"):
            passage = _passage(draft.text, place, segment, list_mark, numbers)
            if re.search(r"[^\W\d_]", passage.bare):
                found.append(passage)
    return tuple(found)


def _passage(text: str, place: int, segment: Segment, list_mark: str, numbers: dict[str, int]) -> Passage:
    start, end = segment.span
    body = text[start:end].rstrip()
    gap = text[start + len(body) : end]
    lead = list_mark if body.startswith(list_mark) else ""
    words, hidden, at = "", dict[str, Hidden](), start + len(lead)
    for slot in sorted(segment.slots, key=lambda slot: slot.span):
        first, last = _with_marks(text, slot)
        numbers[slot.name] = numbers.get(slot.name, 0) + 1
        token = f"{{{{{slot.name}_{numbers[slot.name]}}}}}"
        hidden[token] = Hidden(slot, text[first:last], (slot.span[0] - first, slot.span[1] - first))
        words, at = words + text[at:first] + token, last
    return Passage(place, lead, words + text[at : start + len(body)], gap, hidden)


def _with_marks(text: str, slot: SlotUse) -> tuple[int, int]:
    start, end = slot.span
    isolated = text[start - 1 : start] in _OPENS and text[end : end + 1] == _CLOSES and start > 0
    return (start - 1, end + 1) if isolated else (start, end)


def put_together(draft: Draft, passages: Sequence[Passage], worded: Sequence[str]) -> tuple[str, tuple[Segment, ...]]:
    """Text and segments; each token of `worded` is one of its passage's. A passage left as it was keeps its source."""
    new = {
        passage.segment: (passage, words)
        for passage, words in zip(passages, worded, strict=True)
        if words != passage.text
    }
    text, segments = "", []
    for place, segment in enumerate(draft.segments):
        start = len(text)
        if place in new:
            passage, words = new[place]
            said, slots = _filled(words, passage, start + len(passage.lead))
            text += passage.lead + said + passage.gap
            source = segment.source.model_copy(update={"type": "model"})
            changes: dict[str, object] = {"span": (start, len(text)), "slots": slots, "source": source}
        else:
            text += draft.text[slice(*segment.span)]
            changes = {"span": (start, len(text)), "slots": _moved(segment.slots, start - segment.span[0])}
        segments.append(segment.model_copy(update=changes))
    return text, tuple(segments)


def _filled(words: str, passage: Passage, start: int) -> tuple[str, tuple[SlotUse, ...]]:
    text, slots, at = "", [], 0
    for mark in TOKEN.finditer(words):
        hidden = passage.hidden[mark[0]]
        text += words[at : mark.start()]
        first = start + len(text) + hidden.inner[0]
        slots.append(hidden.slot.model_copy(update={"span": (first, first + len(hidden.value))}))
        text, at = text + hidden.shown, mark.end()
    return text + words[at:], tuple(slots)


def _moved(slots: Sequence[SlotUse], by: int) -> tuple[SlotUse, ...]:
    return tuple(slot.model_copy(update={"span": (slot.span[0] + by, slot.span[1] + by)}) for slot in slots)
