"""What can be learned from a review: how a message was read and what it really was, which sentence was changed and how far.

Feedback feeds training and review, never the scores of what serves. Everything here is without the buyer (app/redaction.py).
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Literal

from rapidfuzz.distance import Indel, Levenshtein

from app.domain import Analysis, BuyerMessage, Corrections, Draft, SegmentKind, Source, Turn, Value
from app.redaction import known_values, longest_first, redact

_PIECE = re.compile(r"[^\W\u2e80-\U0003ffff]+|\s+|.", re.DOTALL)
"""A word, white space, or one character: where no space divides words, each character is one."""


class SegmentChange(Value):
    """One segment of a draft in the text that was signed; `distance` is the share of its characters that changed, 0 to 1."""

    kind: SegmentKind
    source: Source
    change: Literal["kept", "changed", "removed"]
    distance: float
    before: str
    after: str


class Reading(Value):
    """The labels that a message was given; intents most pressing first."""

    intents: tuple[str, ...]
    emotion: str
    conduct: tuple[str, ...]
    language: str


class Feedback(Value):
    """One review as data. `predicted` is None where the reading is no longer kept; `distance` as SegmentChange, over all."""

    id: str
    draft_id: str
    at: datetime
    decision: Literal["approved", "edited", "rejected"]
    reason: str | None
    text: str
    market: str | None
    channel: str
    language: str
    predicted: Reading | None
    corrected: Corrections
    distance: float
    segments: tuple[SegmentChange, ...]


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A review with all that it was about; `text` is what was signed, None where nothing was."""

    id: str
    draft_id: str
    at: datetime
    decision: Literal["approved", "edited", "rejected"]
    reason: str | None
    text: str | None
    corrected: Corrections
    message: BuyerMessage
    analysis: Analysis | None
    draft: Draft


def feedback_of(review: Reviewed) -> Feedback:
    """The review without the buyer. The agent and the agent's note stay behind: neither teaches anything."""
    known = (*known_values(review.message), *_filled(review.draft))
    known, market = longest_first(iter(known)), review.message.buyer.country
    signed = review.draft.text if review.text is None else review.text
    return Feedback(
        id=review.id, draft_id=review.draft_id, at=review.at, decision=review.decision, reason=review.reason,
        text=without_buyer(review.message), market=market, channel=review.message.channel, language=review.draft.language,
        predicted=reading_of(review.analysis) if review.analysis else None, corrected=review.corrected,
        distance=edit_distance(review.draft.text, signed),
        segments=tuple(
            one.model_copy(update={"before": redact(one.before, known, market), "after": redact(one.after, known, market)})
            for one in changed_segments(review.draft, signed)
        ),
    )  # fmt: skip


def reading_of(analysis: Analysis) -> Reading:
    """The labels alone."""
    return Reading(
        intents=tuple(intent.id for intent in analysis.intents), emotion=analysis.emotion.id,
        conduct=tuple(flag.id for flag in analysis.conduct), language=analysis.language.code,
    )  # fmt: skip


def without_repeats(items: Iterable[Feedback]) -> Iterator[Feedback]:
    """The first of those that say the same about the same words."""
    seen: set[tuple[object, ...]] = set()
    for item in items:
        said = (
            digest_of(item.text),
            item.decision,
            item.reason,
            item.corrected,
            tuple(one.after for one in item.segments),
        )
        if said not in seen:
            seen.add(said)
            yield item


def without_buyer(message: BuyerMessage) -> str:
    """The message's text with placeholders for all that is personal."""
    return redact(message.text, known_values(message), message.buyer.country)


def turns_without_buyer(message: BuyerMessage) -> tuple[Turn, ...]:
    """What was said before it, likewise."""
    known, country = known_values(message), message.buyer.country
    return tuple(Turn(**{"from": turn.sender}, text=redact(turn.text, known, country)) for turn in message.history)


def digest_of(text: str) -> str:
    """The same for the same words, however they are spaced or capitalised."""
    return blake2b(" ".join(text.casefold().split()).encode("utf-8", "replace"), digest_size=16).hexdigest()


# --- how far the signed text lies from the draft -----------------------------------------------------------------------


def edit_distance(before: str, after: str) -> float:
    """The share of characters that changed (Levenshtein over the longer text), 0 to 1."""
    return float(Levenshtein.normalized_distance(before.strip(), after.strip()))


def changed_segments(draft: Draft, signed: str) -> tuple[SegmentChange, ...]:
    """Every segment with what became of it, in the draft's order. What was written between two belongs to the one before."""
    parts = _distribute(draft, signed)
    return tuple(
        _change(segment.kind, segment.source, draft.text[slice(*segment.span)].strip(), part.strip())
        for segment, part in zip(draft.segments, parts, strict=True)
    )


def _change(kind: SegmentKind, source: Source, before: str, after: str) -> SegmentChange:
    change: Literal["kept", "changed", "removed"] = "kept" if after == before else "changed" if after else "removed"
    distance = round(edit_distance(before, after), 4)
    return SegmentChange(kind=kind, source=source, change=change, distance=distance, before=before, after=after)


def _distribute(draft: Draft, signed: str) -> list[str]:
    """The signed text cut into one part a segment, aligned word by word."""
    if signed == draft.text or not draft.segments:
        return [draft.text[slice(*segment.span)] for segment in draft.segments]
    old, new = _PIECE.findall(draft.text), _PIECE.findall(signed)
    owners = _owners(draft, old)
    parts = ["" for _ in draft.segments]
    for step in Indel.opcodes(old, new):
        if step.tag == "equal":
            for place in range(step.src_start, step.src_end):
                parts[owners[place]] += old[place]
        elif step.tag != "delete":
            parts[owners[max(step.src_start - 1, 0)]] += "".join(new[step.dest_start : step.dest_end])
    return parts


def _owners(draft: Draft, pieces: Sequence[str]) -> list[int]:
    """For each piece of the draft's text the index of the segment that it begins in."""
    owners, at, segment = [], 0, 0
    for piece in pieces:
        while segment + 1 < len(draft.segments) and at >= draft.segments[segment].span[1]:
            segment += 1
        owners.append(segment)
        at += len(piece)
    return owners


def _filled(draft: Draft) -> Iterator[str]:
    """The values in a draft that could tell whose it is."""
    for segment in draft.segments:
        yield from (
            draft.text[slice(*use.span)] for use in segment.slots if use.name in ("name", "order_id", "tracking_number")
        )
