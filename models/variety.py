"""How varied a set of messages is: openings, lengths, words, and lines that a template could have made."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

_WORDS = re.compile("[\u3040-\u30ff\u3400-\u9fff]|[^\\W\\d_]+|\\d+|[^\\w\\s]")
COMMON = 120
"""So many words of a language keep their face when lines are masked: mostly its function words."""

SHORTEST_SHAPE = 4
WINDOW = 2000
"""Words over which the type-token ratio is taken: it falls with length, so all languages get the same stretch."""


@dataclass(frozen=True, slots=True)
class Variety:
    """Shares lie in 0 to 1; lengths are in characters at the 5th, 50th and 95th percentile and the longest."""

    messages: int
    openings: float
    lengths: tuple[int, int, int, int]
    type_token: float
    template: float
    examples: tuple[str, ...]


def variety(texts: Sequence[str]) -> Variety:
    """Of at least one text. A line counts as template-made where another line has its shape.

    The shape is the line with numbers and all but the language's COMMON words masked, runs of masks joined.
    """
    tokens = [[word.lower() for word in _WORDS.findall(text)] for text in texts]
    openings = Counter(tuple(line[:2]) for line in tokens)
    common = {word for word, _ in Counter(word for line in tokens for word in line).most_common(COMMON)}
    shapes = [_shape(line, common) for line in tokens]
    repeated = Counter(shape for shape in shapes if len(shape) >= SHORTEST_SHAPE)
    made = [text for text, shape in zip(texts, shapes, strict=True) if repeated[shape] > 1]
    sizes = [len(text) for text in texts]
    low, middle, high = (int(value) for value in np.percentile(sizes, [5, 50, 95]))
    stretch = [word for line in tokens for word in line if word[0].isalpha()][:WINDOW]
    return Variety(
        messages=len(texts),
        openings=len(openings) / len(texts),
        lengths=(low, middle, high, max(sizes)),
        type_token=len(set(stretch)) / max(1, len(stretch)),
        template=len(made) / len(texts),
        examples=tuple(made[:4]),
    )


def _shape(words: Sequence[str], common: set[str]) -> tuple[str, ...]:
    """Common words and signs as they are, everything else one mask a run; the mask is a bullet."""
    shape: list[str] = []
    for word in words:
        kept = word if word in common and not word.isdigit() else "•"
        if not (kept == "•" and shape[-1:] == ["•"]):
            shape.append(kept)
    return tuple(shape)
