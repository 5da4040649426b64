"""How the intent head learns: out-of-fold scores first, rules from them, then one head from all examples."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from models.calibration import Isotonic
from models.corpus import Corpus, encoded_corpus
from models.decision import Decision
from models.encoder import Encoder
from models.evaluation import Judged
from models.examples import Example
from models.fitting import Progress, fit_head, out_of_fold
from models.head import Head
from models.intent import GRAVE, IntentClassifier, IntentRules, judged_intents, with_parts
from models.types import Bools, FloatArray, IntArray

_THRESHOLDS = np.arange(0.2, 0.9, 0.02)
SPARED = 0.01
"""F1 given for finding more second questions: on held-out messages both of two are then found in .57 instead of .48."""

GRAVE_RECALL, LEAST_GRAVE = 0.95, 0.2
"""Share of grave labels that held-out messages must keep, and the score below which nothing is believed."""

UNFAMILIAR_SHARE = 0.01
"""A message less alike to training than all but this share of held-out messages resembles nothing seen."""

_Scored = list[tuple[FloatArray, float]]
"""For each example: scores (1 + parts, 2 labels), likeness of the whole."""


def fit_intents(examples: Sequence[Example], encoder: Encoder, progress: Progress) -> IntentClassifier:
    """See IntentClassifier.fit."""
    labelled = [example for example in examples if example.intents]
    labels = tuple(sorted({label for example in labelled for label in example.intents}))
    if len(labels) < 2:
        raise ValueError("at least two different labels are needed")
    corpus = encoded_corpus(labelled, encoder, progress, history=True)
    targets = _targets(corpus, labels)
    scored = _held_out(corpus, targets, progress)
    rules = _rules([scored[row] for row in corpus.honest], targets[corpus.honest], labels)
    progress(0.9, "fitting on all messages")
    final = IntentClassifier(fit_head(corpus.inputs, targets), rules, encoder, "unsaved")
    final.held_out = _judged(corpus, scored, final)
    return final


def _targets(corpus: Corpus, labels: tuple[str, ...]) -> FloatArray:
    """(n, 2 k): one-hot of the first label, then an indicator of every label."""
    column = {label: index for index, label in enumerate(labels)}
    targets = np.zeros((len(corpus.examples), 2 * len(labels)), dtype=np.float32)
    for row, example in enumerate(corpus.examples):
        targets[row, column[example.intents[0]]] = 1
        targets[row, [len(labels) + column[label] for label in example.intents]] = 1
    return targets


def _held_out(corpus: Corpus, targets: FloatArray, progress: Progress) -> _Scored:
    """The scores that each example gets from a head that never saw it."""
    scored: _Scored = [(np.zeros((1, targets.shape[1]), dtype=np.float32), 0.0)] * len(corpus.examples)
    for held, head in out_of_fold(corpus.inputs, targets, corpus.folds, progress):
        for row in held.tolist():
            scored[row] = _scores_of(corpus, row, head)
    return scored


def _scores_of(corpus: Corpus, row: int, head: Head) -> tuple[FloatArray, float]:
    turn = corpus.inputs.seller[row]
    scores, likeness = head.scores(with_parts(corpus.inputs.rows([row]), corpus.encoded[row], turn))
    return scores, float(likeness[0])


def _rules(scored: _Scored, targets: FloatArray, labels: tuple[str, ...]) -> IntentRules:
    count = len(labels)
    first, truth = targets[:, :count].argmax(axis=1), targets[:, count:] > 0
    whole = np.stack([scores[0] for scores, _ in scored])
    likeness = np.array([alike for _, alike in scored], dtype=np.float32)
    decision = Decision.fit(whole[:, :count], likeness, first)
    further = whole[:, count:]
    others = _other_labels(whole[:, :count].argmax(axis=1), count)
    threshold = _best_threshold(further, truth, others)
    alone = [label for column, label in enumerate(labels) if not (truth[:, column] & (truth.sum(axis=1) > 1)).any()]
    familiar = float(np.quantile(likeness, UNFAMILIAR_SHARE))
    isotonic = Isotonic.fit(further[others], truth[others])
    grave = _grave(further, truth, labels)
    return IntentRules(labels, tuple(alone), decision, _thinned(isotonic), threshold, familiar, grave)


def _grave(further: FloatArray, truth: Bools, labels: tuple[str, ...]) -> float:
    """The score that all but a few of the grave labels reach; 1 where none occurs."""
    columns = [column for column, label in enumerate(labels) if label in GRAVE]
    reached = further[:, columns][truth[:, columns]]
    return max(LEAST_GRAVE, float(np.quantile(reached, 1 - GRAVE_RECALL))) if len(reached) else 1.0


def _other_labels(predicted: IntArray, count: int) -> Bools:
    """(n, k) where a label is not the predicted first one: the candidates for further labels."""
    return np.asarray(np.arange(count)[None, :] != predicted[:, None], dtype=np.bool_)


def _best_threshold(further: FloatArray, truth: Bools, others: Bools) -> float:
    """The lowest whose F1 of all labels of all messages comes within SPARED of the best, first ones counted.

    A question left out costs a buyer more than one answered too many, which the agent strikes out.
    """
    scores, hits = further[others], truth[others]
    first_hits, labels = int((truth & ~others).sum()), len(truth) + int(truth.sum())
    taken = [scores >= threshold for threshold in _THRESHOLDS]
    f1 = np.array([2 * (first_hits + int((t & hits).sum())) / (labels + int(t.sum())) for t in taken])
    return float(_THRESHOLDS[f1 >= f1.max() - SPARED][0])


def _thinned(isotonic: Isotonic, knots: int = 60) -> Isotonic:
    """The same map on evenly spaced knots: small to store."""
    xs = np.linspace(isotonic.xs[0], isotonic.xs[-1], knots, dtype=np.float32)
    return Isotonic(tuple(map(float, xs)), tuple(map(float, isotonic.apply(xs))))


def _judged(corpus: Corpus, scored: _Scored, fitted: IntentClassifier) -> list[Judged]:
    """The out-of-fold scores of honest rows under the fitted rules."""
    judged = []
    for row in corpus.honest.tolist():
        scores, likeness = scored[row]
        alike = np.full(len(scores), likeness, dtype=np.float32)
        judged.append(judged_intents(corpus.examples[row], fitted.reading(corpus.encoded[row], scores, alike)))
    return judged
