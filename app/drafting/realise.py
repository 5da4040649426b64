"""An outline in words: the vetted wordings of one language, slots filled, every character in a segment."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from app.domain import Segment, SlotUse, Source
from app.drafting.facts import Facts
from app.drafting.formats import isolates, write
from app.drafting.outline import Outline, Piece
from app.drafting.traditional import in_script_of
from app.drafting.values import Known
from knowledge_base.knowledge import Knowledge
from knowledge_base.schema import SLOT_MARK, Occasion


@dataclass(frozen=True, slots=True)
class Letter:
    """A text with the segments that cover it; `pieces` are the outline's that were worded, one per segment."""

    text: str
    segments: tuple[Segment, ...]
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Worded:
    """One piece in words; slot spans are relative to the text."""

    text: str
    slots: tuple[SlotUse, ...]


def realise(outline: Outline, tag: str, facts: Facts, knowledge: Knowledge) -> Letter:
    """Words every piece that the language can say; a piece that it cannot is left out, with its slots."""
    paragraphs, known = [], set[str]()
    for pieces in outline.paragraphs():
        said = [
            (piece, worded)
            for piece in pieces
            if (worded := word(piece, tag, facts, knowledge)) is not None and _new(piece, worded, known)
        ]
        if said:
            paragraphs.append(said)
    return _join(paragraphs, tag, knowledge)


def _new(piece: Piece, worded: Worded, known: set[str]) -> bool:
    """Two answers may state the same fact in the same words; a letter says it once."""
    repeated = piece.frame == "matter" and worded.text in known
    known.add(worded.text)
    return not repeated


def word(piece: Piece, tag: str, facts: Facts, knowledge: Knowledge) -> Worded | None:
    """One piece in the language of `tag`, or None where wording or a slot's value has no words there."""
    template = find_template(piece, tag, facts.occasion, knowledge)
    return None if template is None else _fill(template, tag, facts, knowledge)


def find_template(piece: Piece, tag: str, occasion: Occasion, knowledge: Knowledge) -> str | None:
    """The vetted wording with its slot marks, converted to Traditional Chinese where the tag asks for it."""
    language = tag.partition("-")[0]
    region = knowledge.languages[language].region(tag)
    if piece.sentence is None:
        phrase = knowledge.phrases.find(piece.source, language)
        template = phrase.wording(piece.choice, region) if phrase else None
    else:
        variant = knowledge.replies.find_variant(piece.source, language, occasion)
        template = variant.wording(piece.sentence, region) if variant else None
    return None if template is None else in_script_of(tag, template)


def _fill(template: str, tag: str, facts: Facts, knowledge: Knowledge) -> Worded | None:
    rtl = knowledge.languages[tag.partition("-")[0]].direction == "rtl"
    text, slots, end = "", [], 0
    for mark in SLOT_MARK.finditer(template):
        text += template[end : mark.start()]
        known = _known(mark[1], facts)
        value = write(knowledge.slots[mark[1]].type, known.value, tag, facts.today, knowledge) if known else None
        if known is None or value is None:
            return None
        before, after = isolates(value, rtl)
        text += before
        slots.append(SlotUse(name=mark[1], span=(len(text), len(text) + len(value)), origin=known.origin))
        text, end = text + value + after, mark.end()
    return Worded(tidy(text + template[end:], slots), tuple(slots))


def _known(name: str, facts: Facts) -> Known | None:
    return facts.values.get(name)


_DOUBLE_STOP = re.compile(
    r"(?<=[.!?。])([\u200e\u200f\u2069]{0,2})\.$"
)  # direction marks may stand between: Arabic writes some currencies with a stop and U+200F


def tidy(text: str, slots: list[SlotUse]) -> str:
    """A value that ends in a stop (an abbreviation) does not get a second one."""
    ends_in_value = bool(slots) and text[slots[-1].span[1] :].strip("\u200e\u200f\u2069") == "."
    return _DOUBLE_STOP.sub(r"\1", text) if ends_in_value else text


def _join(paragraphs: list[list[tuple[Piece, Worded]]], tag: str, knowledge: Knowledge) -> Letter:
    profile = knowledge.languages[tag.partition("-")[0]]
    text, segments, pieces = "", [], []
    for number, said in enumerate(paragraphs):
        for place, (piece, worded) in enumerate(said):
            following = said[place + 1][0] if place + 1 < len(said) else None
            gap = _gap(piece, following, profile.joiner, last_paragraph=number + 1 == len(paragraphs))
            gap = gap or (" " if following and _ENDS_IN_LINK.search(worded.text) else "")
            said_so, lead = (_as_line(worded), profile.list_mark) if piece.line else (worded, "")
            segments.append(_segment(piece, said_so, len(text), lead, gap))
            text += lead + said_so.text + gap
            pieces.append(piece)
    return Letter(text, tuple(segments), tuple(pieces))


_ENDS_IN_LINK = re.compile(r"https?://\S+$")  # without a space the next sentence would become part of the link


def _as_line(worded: Worded) -> Worded:
    """A line of a list carries no full stop at its end."""
    stop = worded.text.endswith((".", "。")) and (not worded.slots or worded.slots[-1].span[1] < len(worded.text))
    return Worded(worded.text[:-1], worded.slots) if stop else worded


def _gap(piece: Piece, following: Piece | None, joiner: str, last_paragraph: bool) -> str:
    """The white space after a piece: it belongs to the piece's segment."""
    if following is None:
        return "" if last_paragraph else "\n\n"
    if piece.line or following.line or piece.frame == "closing" or piece.source == "formula.opening":
        return "\n"
    return joiner


def _segment(piece: Piece, worded: Worded, start: int, lead: str, gap: str) -> Segment:
    first = start + len(lead)
    slots = tuple(
        slot.model_copy(update={"span": (first + slot.span[0], first + slot.span[1])}) for slot in worded.slots
    )
    source = Source(
        type="phrase" if piece.sentence is None else "reply",
        id=piece.source if piece.sentence is None else f"{piece.source}.{piece.sentence}",
        version=piece.version,
    )
    return Segment(
        span=(start, first + len(worded.text) + len(gap)),
        kind=piece.kind,
        source=source,
        slots=slots,
        intent=piece.intent,
        techniques=piece.techniques,
    )


def parallel(
    letter: Letter, tag: str, facts: Facts, knowledge: Knowledge
) -> tuple[str, tuple[tuple[tuple[int, int], int], ...]]:
    """The same letter in another language: text, and for each of its spans the segment that it says."""
    outline = Outline(letter.pieces)
    other = realise(outline, tag, facts, knowledge)
    place: Mapping[int, int] = {id(piece): number for number, piece in enumerate(letter.pieces)}
    return other.text, tuple(
        (segment.span, place[id(piece)]) for segment, piece in zip(other.segments, other.pieces, strict=True)
    )
