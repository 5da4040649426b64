"""Text to token ids: the base model's unigram pieces (Kudo 2018), cut down to those that our languages use."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from models.text import clean

PREFIX = "query: "
"""The base model was trained to read questions behind this word."""

MOST_TOKENS, HEAD_TOKENS = 128, 96
"""Of a longer message the first 96 and the last 32 are read: matter stands first, the request often last."""

MOST_BEFORE = 48
"""Tokens of what stood before in the conversation, its end."""

_BLANKS = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Marks:
    """Ids of the pieces that are no text."""

    start: int = 0
    padding: int = 1
    end: int = 2
    unknown: int = 3


_WORDS = re.compile(r"[^\W\d_]{3,}")
_ARABIC, _DENSE = re.compile("[\u0600-\u06ff]"), re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3\u3130-\u318f]")
FEWEST_LETTERS = 8
LEAST_LIKELY = {"dense": -14.0, "arabic": -6.6, "other": -5.85}
"""Log probability a letter below which letters form no words: under all but about one in a thousand of our messages
(dialects written as they sound come lowest), over keyboard-mashing."""


class _Processor(Protocol):
    def encode(self, text: str) -> list[int]: ...
    def get_score(self, piece: int) -> float: ...


class Tokenizer:
    """`file` is a SentencePiece model without a normaliser of its own; `normaliser` maps code points to text."""

    def __init__(self, file: Path, normaliser: Mapping[int, str]) -> None:
        from sentencepiece import SentencePieceProcessor

        self._processor: _Processor = SentencePieceProcessor(model_file=str(file))
        self._normaliser = dict(normaliser)
        self.marks = Marks()

    def pieces(self, text: str) -> list[int]:
        """Ids of the text alone; any Unicode without lone surrogates is accepted."""
        return self._processor.encode(_BLANKS.sub(" ", text.translate(self._normaliser)).strip())

    def garbled(self, text: str) -> bool:
        """Whether the letters form no words of any language that the pieces know (Kudo's unigram likelihood)."""
        words = " ".join(_WORDS.findall(text.lower()))
        letters = len(words.replace(" ", ""))
        if letters < FEWEST_LETTERS:
            return False
        likelihood = sum(self._processor.get_score(piece) for piece in self.pieces(words)) / letters
        script = "dense" if _DENSE.search(words) else "arabic" if _ARABIC.search(words) else "other"
        return likelihood < LEAST_LIKELY[script]

    def encode(self, text: str, before: str = "") -> list[int]:
        """Ids as the network reads them: start, text, end, and what stood before with an end of its own."""
        own = self.pieces(PREFIX + text)
        if len(own) > MOST_TOKENS:
            own = own[:HEAD_TOKENS] + own[HEAD_TOKENS - MOST_TOKENS :]
        earlier = [self.marks.end, *self.pieces(before)[-MOST_BEFORE:], self.marks.end] if before else []
        return [self.marks.start, *own, self.marks.end, *earlier]


class _Turn(Protocol):
    @property
    def sender(self) -> str: ...
    @property
    def text(self) -> str: ...


def told_before(history: Sequence[_Turn]) -> str:
    """The last two turns before a message as one text, each marked by who wrote it; "" without history."""
    return " / ".join(("S: " if turn.sender == "seller" else "B: ") + clean(turn.text) for turn in history[-2:])
