"""How the buyer behaves: independent flags, each with its own calibration and threshold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from models.calibration import Bools, apply_logistic, fit_logistic
from models.corpus import Corpus, encoded_corpus
from models.encoder import Encoder
from models.evaluation import Judged
from models.examples import Example
from models.fitting import Progress, fit_head, out_of_fold
from models.head import Head, Inputs, part_inputs, whole_inputs
from models.storage import Json, load_head, names, numbers, save_head
from models.text import EncodedText
from models.types import FloatArray

RECALL_BETA = 4.0
"""Recall counts sixteen times as much as precision for them: a person who is missed costs more than a look too many."""

RECALL_LEANING = frozenset({"threatens_legal", "vulnerable"})
"""Flags for which a miss costs more than a false alarm: their threshold has the best F2 instead of F1."""


_THRESHOLDS = np.arange(0.08, 0.8, 0.02)


@dataclass(frozen=True, slots=True)
class ConductScore:
    """A flag with its calibrated probability."""

    id: str
    score: float


@dataclass(frozen=True, slots=True)
class ConductRules:
    """Per flag: logistic weights for (score of the whole, best score of a part), the intercept, and the threshold."""

    labels: tuple[str, ...]
    whole: tuple[float, ...]
    part: tuple[float, ...]
    intercept: tuple[float, ...]
    thresholds: tuple[float, ...]

    def config(self) -> dict[str, Json]:
        """As saved."""
        return {name: list(getattr(self, name)) for name in self.__slots__}

    @classmethod
    def of(cls, config: Mapping[str, Json]) -> ConductRules:
        """As loaded; WeightsError where something is missing."""
        whole, part, intercept = (numbers(config, name) for name in ("whole", "part", "intercept"))
        return cls(names(config, "labels"), whole, part, intercept, numbers(config, "thresholds"))


class ConductClassifier:
    """Made by `fit` or `load`; predictions are pure and safe to share between threads."""

    def __init__(self, head: Head, rules: ConductRules, version: str) -> None:
        self.version = version
        self.held_out: Sequence[Judged] = ()
        """As the intent head's."""
        self.flags: Mapping[str, Mapping[str, float]] = {}
        """Threshold, precision, recall and F1 of each flag out of fold; empty once loaded."""
        self.labels = rules.labels
        self._head = head
        self._rules = rules

    @classmethod
    def fit(cls, examples: Sequence[Example], encoder: Encoder, progress: Progress | None = None) -> ConductClassifier:
        """Learns from all examples (no flag is a label too); ValueError without any flag or with fewer than ten."""
        report_progress = progress or (lambda _share, _step: None)
        labels = tuple(sorted({flag for example in examples for flag in example.conduct}))
        if not labels:
            raise ValueError("no example carries a conduct flag")
        return _fitted(encoded_corpus(examples, encoder, report_progress, history=False), labels, report_progress)

    def predict(self, encoded: EncodedText) -> tuple[ConductScore, ...]:
        """The flags over their thresholds, likeliest first."""
        return self.reading(self.probabilities(encoded))

    def probabilities(self, encoded: EncodedText) -> FloatArray:
        """(k,) calibrated probability of each label."""
        row: FloatArray = _probabilities(self._rules, flag_scores(self._head, encoded)[None])[0]
        return row

    def reading(self, probabilities: FloatArray) -> tuple[ConductScore, ...]:
        """From probabilities (k,)."""
        over = [i for i in range(len(self.labels)) if probabilities[i] >= self._rules.thresholds[i]]
        found = [ConductScore(self.labels[i], round(float(probabilities[i]), 4)) for i in over]
        return tuple(sorted(found, key=lambda flag: (-flag.score, flag.id)))

    def judged(self, example: Example, probabilities: FloatArray) -> Judged:
        """The example's flags beside the predicted ones; confidence is that of the whole set, flags taken as independent."""
        taken = probabilities >= np.asarray(self._rules.thresholds)
        confidence = float(np.where(taken, probabilities, 1 - probabilities).prod())
        flags = tuple(flag.id for flag in self.reading(probabilities))
        return Judged(example.language, example.conduct, flags, confidence, ordered=False)

    def save(self, folder: Path) -> None:
        """Writes weights and rules into `folder`."""
        save_head(folder, self._head, {"version": self.version, **self._rules.config()})

    @classmethod
    def load(cls, folder: Path) -> ConductClassifier:
        """The saved head, named after its folder; WeightsError where it holds no usable weights."""
        head, config = load_head(folder)
        return cls(head, ConductRules.of(config), folder.name)


def flag_scores(head: Head, encoded: EncodedText) -> FloatArray:
    """(2, k): the whole's scores, and the highest of its parts' (a threat is often one clause of many)."""
    whole = whole_inputs([encoded])
    if len(encoded.parts) < 2:
        return np.repeat(head.scores(whole)[0], 2, axis=0)
    parts = part_inputs(encoded)
    rows = Inputs(np.vstack([whole.dense, parts.dense]), np.zeros((0, 0), dtype=np.float32), whole.grams + parts.grams)
    scores, _ = head.scores(rows)
    return np.stack([scores[0], scores[1:].max(axis=0)])


def _probabilities(rules: ConductRules, scores: FloatArray) -> FloatArray:
    """(n, k) from scores (n, 2, k)."""
    columns = zip(rules.whole, rules.part, rules.intercept, strict=True)
    return np.column_stack([apply_logistic(weights, scores[:, :, flag]) for flag, weights in enumerate(columns)])


def _fitted(corpus: Corpus, labels: tuple[str, ...], progress: Progress) -> ConductClassifier:
    targets = np.array([[label in e.conduct for label in labels] for e in corpus.examples], dtype=np.float32)
    scores = np.zeros((len(targets), 2, len(labels)), dtype=np.float32)
    for held, head in out_of_fold(corpus.inputs, targets, corpus.folds, progress):
        for row in held.tolist():
            scores[row] = flag_scores(head, corpus.encoded[row])
    honest = corpus.honest
    rules = _rules(scores[honest], targets[honest] > 0, labels)
    progress(0.9, "fitting on all messages")
    final = ConductClassifier(fit_head(corpus.inputs, targets), rules, "unsaved")
    found = _probabilities(rules, scores[honest])
    final.held_out = [final.judged(corpus.examples[row], own) for row, own in zip(honest, found, strict=True)]
    final.flags = _figures(found, targets[honest] > 0, rules)
    return final


def _rules(scores: FloatArray, truth: Bools, labels: tuple[str, ...]) -> ConductRules:
    fitted = [fit_logistic(scores[:, :, flag], truth[:, flag]) for flag in range(len(labels))]
    whole, part, intercept = (tuple(column) for column in zip(*fitted, strict=True))
    loose = ConductRules(labels, whole, part, intercept, (0.5,) * len(labels))
    probabilities = _probabilities(loose, scores)
    pairs = zip(labels, probabilities.T, truth.T, strict=True)
    thresholds = tuple(_threshold(p, t, RECALL_BETA if label in RECALL_LEANING else 1.0) for label, p, t in pairs)
    return ConductRules(labels, whole, part, intercept, thresholds)


def _threshold(probabilities: FloatArray, truth: Bools, beta: float) -> float:
    """The threshold with the best F-beta (van Rijsbergen 1979)."""
    return max((_f_beta(probabilities >= t, truth, beta), float(t)) for t in _THRESHOLDS)[1]


def _f_beta(taken: Bools, truth: Bools, beta: float) -> float:
    both = float((taken & truth).sum())
    return (1 + beta**2) * both / max(1.0, beta**2 * float(truth.sum()) + float(taken.sum()))


def _figures(probabilities: FloatArray, truth: Bools, rules: ConductRules) -> dict[str, dict[str, float]]:
    figures = {}
    for flag, label in enumerate(rules.labels):
        taken, hits = probabilities[:, flag] >= rules.thresholds[flag], truth[:, flag]
        both = float((taken & hits).sum())
        figures[label] = {
            "threshold": round(rules.thresholds[flag], 3),
            "precision": round(both / max(1.0, float(taken.sum())), 4),
            "recall": round(both / max(1.0, float(hits.sum())), 4),
            "f1": round(_f_beta(taken, hits, 1.0), 4),
            "support": float(hits.sum()),
        }
    return figures
