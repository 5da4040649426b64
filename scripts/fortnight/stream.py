"""The messages of the fortnight: a third of the corpus with a time each, and what is planted among them."""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np

from models.examples import Example

SEED = 20261122
HELD_OUT = 1 / 3
WEEK = timedelta(days=7)
PLANTED = tomllib.loads(Path(__file__).with_name("planted.toml").read_text("utf-8"))


@dataclass(frozen=True, slots=True)
class Coming:
    """One message that will come; `planted`: it belongs to the gap, and nobody labelled it."""

    at: datetime
    example: Example
    planted: bool = False


def split(examples: Sequence[Example]) -> tuple[list[Example], list[Example]]:
    """The examples that the serving version learned from, and the stream."""
    drawn = np.random.default_rng(SEED).random(len(examples))
    old = [example for example, share in zip(examples, drawn, strict=True) if share >= HELD_OUT]
    return old, [example for example, share in zip(examples, drawn, strict=True) if share < HELD_OUT]


def timed(stream: Sequence[Example], start: datetime) -> list[Coming]:
    """The stream over two weeks by chance, but for the planted rise; the gap's questions among it. Oldest first."""
    chance, rise, gap = np.random.default_rng(SEED + 2), PLANTED["rise"], PLANTED["gap"]
    coming = []
    for example in stream:
        late = chance.random() < (rise["second_week"] if example.intents[0] == rise["intent"] else 0.5)
        coming.append(Coming(start + WEEK * (float(chance.random()) + late), example))
    for text in gap["questions"]:
        asked = Example(text, gap["language"], (), None, None, (), gap["market"], ())
        coming.append(Coming(start + WEEK * 2 * float(chance.random()), asked, planted=True))
    return sorted(coming, key=lambda one: one.at)
