"""How the buyer feels: one emotion with an intensity. A hint for the writer, never a trigger by itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from models.corpus import Corpus, encoded_corpus
from models.decision import Decision
from models.encoder import Encoder
from models.evaluation import OUT_OF_SCOPE, Judged
from models.examples import Example
from models.fitting import Progress, fit_head, out_of_fold
from models.head import Head, whole_inputs
from models.storage import Json, load_head, names, number, numbers, save_head
from models.text import EncodedText
from models.types import FloatArray


@dataclass(frozen=True, slots=True)
class EmotionReading:
    """The likeliest emotion with its calibrated probability; intensity 0 to 1; `scores` of every emotion."""

    id: str
    score: float
    intensity: float
    scores: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class EmotionRules:
    """`usual` is each label's mean intensity in training, `spread` how far the fitted intensity is trusted beyond it."""

    labels: tuple[str, ...]
    decision: Decision
    usual: tuple[float, ...]
    spread: float

    def config(self) -> dict[str, Json]:
        """As saved."""
        decision: dict[str, Json] = {"temperature": self.decision.temperature, "certainty": self.decision.certainty}
        return {"labels": list(self.labels), **decision, "usual": list(self.usual), "spread": self.spread}

    @classmethod
    def of(cls, config: Mapping[str, Json]) -> EmotionRules:
        """As loaded; WeightsError where something is missing."""
        decision = Decision(number(config, "temperature"), numbers(config, "certainty"))
        return cls(names(config, "labels"), decision, numbers(config, "usual"), number(config, "spread"))


class EmotionClassifier:
    """Made by `fit` or `load`; predictions are pure and safe to share between threads."""

    def __init__(self, head: Head, rules: EmotionRules, version: str) -> None:
        self.version = version
        self.held_out: Sequence[Judged] = ()
        """As the intent head's."""
        self.intensity_error: float | None = None
        """Mean absolute error out of fold; None once loaded."""
        self.labels = rules.labels
        self._head = head
        self._rules = rules

    @classmethod
    def fit(cls, examples: Sequence[Example], encoder: Encoder, progress: Progress | None = None) -> EmotionClassifier:
        """Learns from all examples that have an emotion; ValueError with fewer than two emotions or ten examples."""
        report_progress = progress or (lambda _share, _step: None)
        labelled = [example for example in examples if example.emotion]
        labels = tuple(sorted({example.emotion for example in labelled if example.emotion}))
        if len(labels) < 2:
            raise ValueError("at least two different emotions are needed")
        corpus = encoded_corpus(labelled, encoder, report_progress, history=False)
        return _fitted(corpus, labels, report_progress)

    def predict(self, encoded: EncodedText) -> EmotionReading:
        """The emotion of a message."""
        scores, likeness = self._head.scores(whole_inputs([encoded]))
        return self.reading(scores[0], float(likeness[0]))

    def reading(self, scores: FloatArray, likeness: float) -> EmotionReading:
        """From the head's scores (k + 1,), the last being the intensity."""
        alike = np.array([likeness], dtype=np.float32)
        probabilities = self._rules.decision.probabilities(scores[None, :-1], alike)[0]
        first = int(probabilities.argmax())
        named = dict(zip(self.labels, np.round(probabilities.astype(np.float64), 4).tolist(), strict=True))
        intensity = self._intensity(first, float(scores[-1]))
        return EmotionReading(self.labels[first], named[self.labels[first]], intensity, named)

    def _intensity(self, label: int, fitted: float) -> float:
        """The label's usual intensity, moved towards the fitted one; 0 for a label that never has any."""
        usual = self._rules.usual[label]
        moved = usual + self._rules.spread * (fitted - usual) if usual > 0 else 0.0
        return round(min(1.0, max(0.0, moved)), 2)

    def save(self, folder: Path) -> None:
        """Writes weights and rules into `folder`."""
        save_head(folder, self._head, {"version": self.version, **self._rules.config()})

    @classmethod
    def load(cls, folder: Path) -> EmotionClassifier:
        """The saved head, named after its folder; WeightsError where it holds no usable weights."""
        head, config = load_head(folder)
        return cls(head, EmotionRules.of(config), folder.name)


def judged_emotion(example: Example, reading: EmotionReading) -> Judged:
    """The example's emotion beside the predicted one."""
    known = max((p for label, p in reading.scores.items() if label not in OUT_OF_SCOPE), default=0.0)
    truth = (example.emotion,) if example.emotion else ()
    return Judged(example.language, truth, (reading.id,), reading.score, 1 - known)


def _fitted(corpus: Corpus, labels: tuple[str, ...], progress: Progress) -> EmotionClassifier:
    targets = _targets(corpus, labels)
    scores, likeness = np.zeros_like(targets), np.zeros(len(targets), dtype=np.float32)
    for held, head in out_of_fold(corpus.inputs, targets, corpus.folds, progress):
        scores[held], likeness[held] = head.scores(corpus.inputs.rows(held.tolist()))
    honest = corpus.honest
    rules = _rules(scores[honest], likeness[honest], targets[honest], labels)
    progress(0.9, "fitting on all messages")
    final = EmotionClassifier(fit_head(corpus.inputs, targets), rules, "unsaved")
    examples = [corpus.examples[row] for row in honest]
    readings = [final.reading(scores[row], float(likeness[row])) for row in honest]
    final.held_out = [judged_emotion(e, reading) for e, reading in zip(examples, readings, strict=True)]
    gaps = [abs(r.intensity - (e.intensity or 0.0)) for e, r in zip(examples, readings, strict=True)]
    final.intensity_error = round(float(np.mean(gaps)), 4)
    return final


def _targets(corpus: Corpus, labels: tuple[str, ...]) -> FloatArray:
    """(n, k + 1): one-hot of the emotion, then the intensity."""
    targets = np.zeros((len(corpus.examples), len(labels) + 1), dtype=np.float32)
    for row, example in enumerate(corpus.examples):
        targets[row, labels.index(example.emotion or "")] = 1
        targets[row, -1] = example.intensity or 0.0
    return targets


def _rules(scores: FloatArray, likeness: FloatArray, targets: FloatArray, labels: tuple[str, ...]) -> EmotionRules:
    """`spread` is the least-squares weight of the fitted intensity beside the usual one, out of fold."""
    truth, intensity = targets[:, :-1].argmax(axis=1), targets[:, -1]
    usual = np.array(
        [float(intensity[truth == label].mean()) if (truth == label).any() else 0.0 for label in range(len(labels))]
    )
    moved, wanted = scores[:, -1] - usual[truth], intensity - usual[truth]
    spread = float(moved @ wanted / max(float(moved @ moved), 1e-6))
    decision = Decision.fit(scores[:, :-1], likeness, truth)
    return EmotionRules(labels, decision, tuple(float(u) for u in usual), min(1.0, max(0.0, spread)))
