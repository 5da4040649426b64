"""A letter before it is worded in any language: pieces with their sources, in order and in paragraphs.

Draft and gloss are both realised from one outline, which makes them parallel sentence by sentence.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Literal

from app.domain import SegmentKind

Frame = Literal["salutation", "opening", "conduct", "apology", "matter", "asks", "door", "closing", "signature"]


@dataclass(frozen=True, slots=True)
class Piece:
    """One sentence of a letter. `source` is a phrase id, or a situation's id with `sentence`; `choice` picks a wording of a phrase."""

    kind: SegmentKind
    frame: Frame
    paragraph: int
    source: str
    sentence: str | None = None
    choice: int = 0
    version: int = 1
    intent: str | None = None
    techniques: tuple[str, ...] = ()
    fact: bool = False
    line: bool = False  # stands on a line of its own, with a dash before it


@dataclass(frozen=True, slots=True)
class Outline:
    """The pieces in the order of the letter."""

    pieces: tuple[Piece, ...]

    def paragraphs(self) -> Iterator[tuple[Piece, ...]]:
        """Runs of pieces with the same paragraph number."""
        for _, group in groupby(self.pieces, key=lambda piece: piece.paragraph):
            yield tuple(group)

    def without(self, frame: Frame) -> "Outline":
        """The letter less one part of its frame."""
        return replace(self, pieces=tuple(piece for piece in self.pieces if piece.frame != frame))

    def has(self, frame: Frame) -> bool:
        """Whether any piece belongs to that part of the frame."""
        return any(piece.frame == frame for piece in self.pieces)
