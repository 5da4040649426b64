"""Messages made of two: single-intent ones of a language, one after the other, so that the encoder learns to hold both.

Real messages with two intents stand beside them and teach how buyers truly mix; these teach that one intent does not
drown the other. They carry intents alone, and no figure is made from them.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Sequence

from models.examples import Example

LONGEST = 140
"""Characters of each half: two stories in full are no message."""

ALONE = frozenset({"greeting", "out_of_scope", "spam_phishing"})
"""What does not come beside something else."""

_JOINS = (" ", " ", "\n", ". ")
_ENDS = frozenset(".!?。！？؟…\n")


def joined(examples: Sequence[Example], count: int, seed: int = 0) -> list[Example]:
    """`count` messages; which intent comes first is what the real two-intent messages among `examples` mostly say."""
    chance, order = random.Random(seed), _order(examples)  # noqa: S311 - which messages are put together, no secret
    halves: dict[str, list[Example]] = {}
    for example in examples:
        if _can_be_half(example):
            halves.setdefault(example.language, []).append(example)
    return [_joined(one, other, order, chance) for one, other in _pairs(halves, count, chance)]


def _can_be_half(example: Example) -> bool:
    return len(example.intents) == 1 and not example.history and len(example.text) <= LONGEST and example.intents[0] not in ALONE  # fmt: skip


def _pairs(halves: dict[str, list[Example]], count: int, chance: random.Random) -> Iterator[tuple[Example, Example]]:
    languages, made = sorted(code for code, own in halves.items() if len(own) > 1), 0
    while made < count and languages:
        one, other = chance.sample(halves[languages[made % len(languages)]], 2)
        made += 1
        yield one, other


def _order(examples: Sequence[Example]) -> Counter[tuple[str, ...]]:
    return Counter(example.intents[:2] for example in examples if len(example.intents) > 1)


def _joined(one: Example, other: Example, order: Counter[tuple[str, ...]], chance: random.Random) -> Example:
    first, second = one.intents[0], other.intents[0]
    if order[first, second] < order[second, first]:
        first, second = second, first
    intents = tuple(dict.fromkeys((first, second)))
    between = " " if one.text.rstrip()[-1:] in _ENDS else chance.choice(_JOINS)
    return Example(f"{one.text.rstrip()}{between}{other.text}", one.language, intents, also=intents[1:])
