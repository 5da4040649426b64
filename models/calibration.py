"""From scores to probabilities that mean what they say: temperature, logistic and isotonic fits in plain numpy."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.types import FloatArray, IntArray

Bools = NDArray[np.bool_]
_TEMPERATURES = np.geomspace(1.0, 40.0, 60)


def softmax(scores: FloatArray, temperature: float) -> FloatArray:
    """Probabilities along the last axis; `temperature` multiplies the scores (larger is more certain)."""
    shifted = temperature * (scores - scores.max(axis=-1, keepdims=True))
    weights = np.exp(shifted)
    probabilities: FloatArray = weights / weights.sum(axis=-1, keepdims=True)
    return probabilities


def fit_temperature(scores: FloatArray, truth: IntArray) -> float:
    """The factor with the least log loss (Guo et al. 2017) of scores (n, k) against true columns (n,)."""
    rows = np.arange(len(truth))
    losses = [-np.log(softmax(scores, t)[rows, truth] + 1e-9).mean() for t in _TEMPERATURES]
    return float(_TEMPERATURES[int(np.argmin(losses))])


def sigmoid(values: FloatArray) -> FloatArray:
    """1 / (1 + exp(-x)), safe for large values."""
    return np.asarray(1 / (1 + np.exp(-np.clip(values, -30, 30))), dtype=np.float32)


def logit(probabilities: FloatArray) -> FloatArray:
    """ln(p / (1 - p)) of probabilities kept off 0 and 1."""
    kept = np.clip(probabilities, 1e-4, 1 - 1e-4)
    odds: FloatArray = np.log(kept / (1 - kept))
    return odds


def fit_logistic(features: FloatArray, hits: Bools, ridge: float = 1.0) -> tuple[float, ...]:
    """(weights..., intercept) of a logistic regression on features (n, d), by Newton's method (Platt 1999 for d = 1)."""
    rows = np.column_stack([features, np.ones(len(features))]).astype(np.float64)
    weights = np.zeros(rows.shape[1])
    penalty = ridge * np.eye(rows.shape[1])
    penalty[-1, -1] = 1e-6
    for _ in range(30):
        expected = 1 / (1 + np.exp(-np.clip(rows @ weights, -30, 30)))
        curvature = (rows * (expected * (1 - expected))[:, None]).T @ rows + penalty
        weights += np.linalg.solve(curvature, rows.T @ (hits - expected) - penalty @ weights)
    return tuple(float(weight) for weight in weights)


def apply_logistic(weights: tuple[float, ...], features: FloatArray) -> FloatArray:
    """Probabilities (n,) for features (n, d)."""
    return sigmoid(features @ np.asarray(weights[:-1]) + weights[-1])


@dataclass(frozen=True, slots=True)
class Isotonic:
    """A rising map from scores to probabilities, linear between `xs`."""

    xs: tuple[float, ...]
    ys: tuple[float, ...]

    @classmethod
    def fit(cls, scores: FloatArray, hits: Bools) -> Isotonic:
        """By pooling adjacent violators (Ayer et al. 1955)."""
        order = np.argsort(scores, kind="stable")
        blocks: list[tuple[float, float, int]] = []  # (sum of scores, sum of hits, count)
        for score, hit in zip(scores[order], hits[order], strict=True):
            block = (float(score), float(hit), 1)
            while blocks and blocks[-1][1] * block[2] >= block[1] * blocks[-1][2]:
                last = blocks.pop()
                block = (last[0] + block[0], last[1] + block[1], last[2] + block[2])
            blocks.append(block)
        return cls(tuple(x / n for x, _, n in blocks), tuple(y / n for _, y, n in blocks))

    def apply(self, scores: FloatArray) -> FloatArray:
        """Probabilities of the same shape."""
        return np.interp(scores, self.xs, self.ys).astype(np.float32)


def calibration_error(confidence: FloatArray, hits: Bools, bins: int = 10) -> float:
    """Expected calibration error over equal bins (Naeini et al. 2015): mean gap of confidence and share of hits."""
    placed = np.minimum((np.asarray(confidence) * bins).astype(int), bins - 1)
    gaps = [abs(hits[placed == b].mean() - confidence[placed == b].mean()) * (placed == b).mean() for b in set(placed)]
    return float(sum(gaps))


def auroc(positive: FloatArray, negative: FloatArray) -> float | None:
    """Share of pairs in which the positive's score is higher, ties counted half; None where a side is empty."""
    if not len(positive) or not len(negative):
        return None
    pooled = np.concatenate([positive, negative])
    _, inverse, counts = np.unique(pooled, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[inverse]
    n, m = len(positive), len(negative)
    return float((ranks[:n].sum() - n * (n + 1) / 2) / (n * m))
