"""Buyers' text: cleaned once at the edge, cut into parts that could each carry a request, encoded in one batch.

All offsets are Unicode code points into the cleaned text, end exclusive.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from models.encoder import Encoder
from models.splitting import MAX_PARTS, cut_points, sentence_points
from models.types import FloatArray

_BREAKS = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_UNSAFE = re.compile("[\ud800-\udfff\ufffe\uffff]")
# Controls but tab and newline; zero-width space, word joiner, soft hyphen, byte order mark; every bidirectional mark
# (they can reverse what an agent reads); tag characters (invisible text) except in a flag.
_HIDDEN = re.compile(
    "(\U0001f3f4[\U000e0020-\U000e007e]{1,8}\U000e007f)|[\x00-\x08\x0e-\x1f\x7f-\x9f]|"
    "[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)
# A joiner belongs between emoji or letters of Arabic, Persian and Indic scripts; elsewhere it only hides.
_STRAY_JOINER = re.compile(r"(?<![^\x00-\x7f\s])[\u200c\u200d]+|[\u200c\u200d]+(?![^\x00-\x7f\s\u200c\u200d])")


@dataclass(frozen=True, slots=True)
class Part:
    """A sentence or clause: text[start:end], in code points, end exclusive, no space at its ends."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class EncodedText:
    """A text with its parts and vectors: `whole` (dim,), `part_vectors` (len(parts), dim), unit length, float32."""

    text: str
    parts: tuple[Part, ...]
    whole: FloatArray
    part_vectors: FloatArray

    def through(self, view: Callable[[FloatArray], FloatArray]) -> EncodedText:
        """The same text with other vectors, made from these."""
        return EncodedText(self.text, self.parts, view(self.whole), view(self.part_vectors))

    def part_text(self, index: int) -> str:
        """The surface of the part at `index`."""
        return self.text[self.parts[index].start : self.parts[index].end]


def clean(text: str) -> str:
    """`text` in NFC without control, zero-width and bidirectional characters; lone surrogates become U+FFFD.

    Line ends become a newline, other controls a space or nothing; emoji sequences are kept whole. Idempotent.
    """
    safe = unicodedata.normalize("NFC", _UNSAFE.sub("\ufffd", _BREAKS.sub("\n", text)))
    visible = _HIDDEN.sub(lambda match: match[1] or ("" if ord(match[0]) > 0x9F else " "), safe)
    return unicodedata.normalize("NFC", _STRAY_JOINER.sub("", visible))


def split_parts(text: str) -> tuple[Part, ...]:
    """Sentences, or clauses of long ones; in order, disjoint, covering all that is not space; () for blank text."""
    return _bounded(_between(text, cut_points(text)))


def split_sentences(text: str) -> tuple[str, ...]:
    """Whole sentences, however long, without the space around them."""
    return tuple(text[part.start : part.end] for part in _between(text, sentence_points(text)))


def encode_text(encoder: Encoder, text: str, before: str = "") -> EncodedText:
    """Whole and parts encoded in one batch; the vector of a single part is that of the whole.

    `before` is what stood before the message; it colours the whole and no part.
    """
    parts = split_parts(text)
    surfaces = [text[part.start : part.end] for part in parts] if len(parts) > 1 else []
    vectors = encoder.encode([text, *surfaces], [before, *("" for _ in surfaces)])
    rest = vectors[1:] if surfaces else np.repeat(vectors[:1], len(parts), axis=0)
    return EncodedText(text, parts, vectors[0], rest)


def _between(text: str, cuts: list[int]) -> list[Part]:
    parts = [_trimmed(text, start, end) for start, end in pairwise([0, *cuts, len(text)])]
    return _joined(text, [part for part in parts if part.start < part.end])


def _trimmed(text: str, start: int, end: int) -> Part:
    piece = text[start:end]
    left = len(piece) - len(piece.lstrip())
    return Part(start + left, max(start + left, start + len(piece.rstrip())))


def _joined(text: str, parts: list[Part]) -> list[Part]:
    """Pieces without two letters or digits (emoji, "?!") belong to their neighbour."""
    joined: list[Part] = []
    for part in parts:
        if joined and not (_carries_words(text, part) and _carries_words(text, joined[-1])):
            part = Part(joined.pop().start, part.end)  # noqa: PLW2901
        joined.append(part)
    return joined


def _carries_words(text: str, part: Part) -> bool:
    return sum(char.isalnum() for char in text[part.start : part.end]) >= 2


def _bounded(parts: list[Part]) -> tuple[Part, ...]:
    """At most MAX_PARTS: the tail of an endless message is one part."""
    if len(parts) <= MAX_PARTS:
        return tuple(parts)
    return (*parts[: MAX_PARTS - 1], Part(parts[MAX_PARTS - 1].start, parts[-1].end))
