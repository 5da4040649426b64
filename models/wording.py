"""What a reply must not say, by its meaning: a witness beside the patterns of the checks, which know only words.

It reads flags of a text as conduct is read, through the same encoders; its texts are replies, written to be caught or to be
left alone (content/languages/<code>/wording.jsonl).
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

import numpy as np

from models.conduct import ConductClassifier
from models.encoder import Encoder
from models.examples import Example, ExamplesError
from models.fitting import Progress
from models.storage import Json, WeightsError
from models.text import encode_text

CHECKS = (
    "review_manipulation", "off_platform", "customs_fraud", "unsafe_promise", "ungranted_promise", "hostile_tone", "liability", "platform_rule",
)  # fmt: skip
WEIGHTS = Path(__file__).with_name("weights") / "wording"
CARD = "card.json"
LONGEST, KEPT = 2000, 2048
"""Characters of a sentence that are read; sentences that are remembered."""


@dataclass(frozen=True, slots=True)
class Wording:
    """A reply, or a sentence of one; `finds` are the checks that it breaks, none for a harmless one."""

    text: str
    language: str
    finds: tuple[str, ...] = ()


def read_wordings(paths: Sequence[Path]) -> list[Wording]:
    """The texts of JSONL files named by their folder's language; ExamplesError names every faulty line."""
    found, faults = list[Wording](), list[str]()
    for path in paths:
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            try:
                found.append(_wording(json.loads(line), path.parent.name))
            except (ValueError, KeyError, TypeError) as error:
                faults.append(f"{path}:{number}: {error}")
    if faults:
        raise ExamplesError(faults)
    return found


def _wording(row: Mapping[str, Json], language: str) -> Wording:
    text, finds = row["text"], row["finds"]
    if not isinstance(text, str) or not text.strip():
        raise ValueError("no text")
    if not isinstance(finds, list) or set(finds) - set(CHECKS):
        raise ValueError(f"`finds` must be of: {', '.join(CHECKS)}")
    return Wording(text, language, tuple(str(name) for name in finds))


class WordingWitness:
    """Made by `fit` or `load`; pure and safe to share between threads."""

    def __init__(self, flags: ConductClassifier, encoder: Encoder) -> None:
        self.version = flags.version
        self._flags, self._encoder = flags, encoder
        self._remembered = lru_cache(KEPT)(self._probabilities)

    @classmethod
    def fit(cls, wordings: Sequence[Wording], encoder: Encoder, progress: Progress | None = None) -> WordingWitness:
        """Learns from all texts; thresholds come from out-of-fold scores of those that the encoder was not tuned on."""
        examples = [Example(one.text, one.language, conduct=one.finds) for one in wordings]
        return cls(ConductClassifier.fit(examples, encoder, progress), encoder)

    def probabilities(self, text: str) -> Mapping[str, float]:
        """Of each check that the text breaks it, calibrated; remembered, for a reply is checked with each change of it."""
        return self._remembered(text)

    def _probabilities(self, text: str) -> Mapping[str, float]:
        found = self._flags.probabilities(encode_text(self._encoder, text[:LONGEST]))
        return dict(zip(self._flags.labels, np.round(found.astype(np.float64), 4).tolist(), strict=True))

    @property
    def flags(self) -> Mapping[str, Mapping[str, float]]:
        """Precision, recall and F1 of each check out of fold; empty once loaded."""
        return self._flags.flags

    def save(self, folder: Path, card: Mapping[str, Json]) -> None:
        """Writes weights and rules into `folder`, and beside them what they were made of."""
        self._flags.save(folder)
        told = {**card, "encoder": {"name": self._encoder.name, "revision": self._encoder.revision}}
        (folder / CARD).write_text(json.dumps(told, ensure_ascii=False, indent=1), "utf-8")

    @classmethod
    def load(cls, encoder: Encoder, home: Path = WEIGHTS) -> WordingWitness:
        """The newest version under `home`, read through `encoder`; WeightsError where there is none that can be used."""
        versions = sorted(path for path in home.glob("*") if path.is_dir())
        if not versions:
            raise WeightsError(f"no version of the wording witness in {home}")
        made = json.loads((versions[-1] / CARD).read_text("utf-8"))["encoder"]
        if (made["name"], made["revision"]) != (encoder.name, encoder.revision):
            raise WeightsError(f"{versions[-1]} was trained with another encoder; run: countersign checks train")
        return cls(ConductClassifier.load(versions[-1]), encoder)


def ship(wordings: Sequence[Wording], plain: Sequence[Wording], encoder: Encoder, home: Path = WEIGHTS) -> Path:
    """Trains a version from both (`plain` are ordinary sentences), writes it under `home` and removes the ones before."""
    witness = WordingWitness.fit([*wordings, *plain], encoder)
    before = [path for path in home.glob("*") if path.is_dir()]
    today = f"{datetime.now(UTC):%Y.%m.%d}"
    number = 1 + max((int(path.name.rpartition("-")[2]) for path in before if path.name.startswith(today)), default=0)
    folder = home / f"{today}-{number}"
    card: dict[str, Json] = {"texts": len(wordings), "plain": len(plain), "made_at": datetime.now(UTC).isoformat(timespec="seconds"), "checks": {name: dict(found) for name, found in witness.flags.items()}}  # fmt: skip
    witness.save(folder, card)
    for path in before:
        shutil.rmtree(path)
    return folder
