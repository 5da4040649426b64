"""A fortnight at the desk, simulated from a seed: what do corrections teach the intent classifier?

A third of the corpus is held out as the stream of messages; the version that serves was trained without it. Agents correct
what they notice, sometimes wrongly; a second person accepts or refuses. At the end a version is trained with the accepted
corrections, as `countersign train intent --with` does, and both are held against messages that neither has learned from.

    python -m scripts.fortnight VECTORS_FOLDER [SHARE]

SHARE of the corpus (all) takes part: a tenth is a small shop's beginning, and a few minutes.
"""

import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from app.corpus import CASES
from knowledge_base.knowledge import CONTENT
from models import training
from models.comparison import compare
from models.encoder import READER, load_encoder
from models.evaluation import Judged
from models.examples import Example, read_examples
from models.fitting import CORRECTION_WEIGHT
from models.remembering import RememberingEncoder

SEED = 20261122
HELD_OUT = 1 / 3
NOTICED = 0.8  # of the messages read wrong, how many an agent corrects
SLIPS = 0.05  # of those corrections, how many name a wrong intent
NEEDLESS = 0.01  # of the messages read right, how many are corrected all the same, wrongly
ACCEPTED = {True: 0.95, False: 0.1}  # of right and of wrong corrections, how many the second person accepts


@dataclass(frozen=True, slots=True)
class Fortnight:
    """How often what happened; `accepted` are the corrections that may teach."""

    counts: Counter[str]
    accepted: tuple[Example, ...]


def split(examples: Sequence[Example]) -> tuple[list[Example], list[Example]]:
    """The examples that the serving version learned from, and the stream."""
    drawn = np.random.default_rng(SEED).random(len(examples))
    old = [example for example, share in zip(examples, drawn, strict=True) if share >= HELD_OUT]
    return old, [example for example, share in zip(examples, drawn, strict=True) if share < HELD_OUT]


def live(stream: Sequence[Example], read: Sequence[Judged], labels: Sequence[str]) -> Fortnight:
    """What agents and second readers made of the stream."""
    chance = np.random.default_rng(SEED + 1)
    counts: Counter[str] = Counter()
    accepted = []
    for example, reading in zip(stream, read, strict=True):
        counts["messages"] += 1
        counts["read wrong"] += not reading.right
        if chance.random() >= (NEEDLESS if reading.right else NOTICED):
            continue
        true = not reading.right and chance.random() >= SLIPS
        counts["corrected rightly" if true else "corrected wrongly"] += 1
        if chance.random() < ACCEPTED[true]:
            counts["accepted rightly" if true else "accepted wrongly"] += 1
            accepted.append(example if true else replace(example, intents=(str(chance.choice(labels)),)))
    return Fortnight(counts, tuple(accepted))


def main(folder: Path, share: float) -> None:
    """Prints the counts and a table of the test messages by language."""
    encoder = RememberingEncoder(load_encoder(READER), folder)
    corpus = [one for one in read_examples(sorted((CONTENT / "languages").glob("*/examples.jsonl"))) if one.intents]
    part = np.random.default_rng(SEED - 1).random(len(corpus)) < share
    old, stream = split([one for one, wanted in zip(corpus, part, strict=True) if wanted])
    serving = training.fit("intent", old, encoder, _say)
    encoder.keep()
    fortnight = live(stream, [training.judge(serving, one, encoder) for one in stream], serving.labels)
    print(len(old), "learned from before;", *(f"{name}: {count};" for name, count in fortnight.counts.items()))
    new = training.fit("intent", [*old, *[*fortnight.accepted] * CORRECTION_WEIGHT], encoder, _say)
    cases = [one for one in read_examples(sorted(CASES.glob("*.jsonl"))) if one.intents]
    print(compare(new, serving, cases, (encoder, encoder)).to_text())
    encoder.keep()


def _say(share: float, step: str) -> None:
    print(f"{share:.0%} {step}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), float(sys.argv[2]) if len(sys.argv) > 2 else 1.0)
