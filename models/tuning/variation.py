"""Variation while tuning: the same messages seen a little differently each time, so that more epochs teach and do not memorise."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Sequence

from models.examples import Example

BLENDED = 0.12
"""Share of further lessons in which two messages of one language stand as one: two questions at once are rarer than at real desks."""

DROPPED = 0.06
"""Share of pieces left out of a text (Iyyer et al. 2015, word dropout); the marks always stay."""

_JOINTS = (" ", ". ", "\n", ", ", " - ")


def blended(examples: Sequence[Example], chance: random.Random) -> list[Example]:
    """Pairs of plain messages as one: the second asks something else without a feeling of its own. Either may come first in a reader's eyes."""
    plain = defaultdict(list)
    for example in examples:
        if len(example.intents) == 1 and not example.history and example.emotion is not None:
            plain[example.language].append(example)
    count = int(BLENDED * len(examples))
    homes = chance.choices(list(plain), weights=[len(own) for own in plain.values()], k=count) if plain else []
    pairs = ((chance.choice(plain[home]), chance.choice([e for e in plain[home] if e.emotion == "neutral"] or plain[home])) for home in homes)  # fmt: skip
    return [_pair(one, other, chance.choice(_JOINTS)) for one, other in pairs if one.intents != other.intents]


def _pair(one: Example, other: Example, joint: str) -> Example:
    flags = tuple(dict.fromkeys((*one.conduct, *other.conduct)))
    intents = (*one.intents, *other.intents)
    return Example(
        one.text.rstrip() + joint + other.text, one.language, intents, one.emotion, one.intensity, flags, also=other.intents
    )  # fmt: skip


def thinned(ids: Sequence[int], marks: int, chance: random.Random) -> list[int]:
    """Ids with some left out; ids up to `marks` are marks and stay."""
    return [piece for piece in ids if piece <= marks or chance.random() >= DROPPED]
