"""One label out of many: from raw scores and likeness to calibrated probabilities."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models.calibration import apply_logistic, fit_logistic, fit_temperature, logit, softmax
from models.types import FloatArray, IntArray


@dataclass(frozen=True, slots=True)
class Decision:
    """Fitted on out-of-fold scores: `temperature`, and weights that turn top probability and likeness into certainty."""

    temperature: float
    certainty: tuple[float, ...]

    @classmethod
    def fit(cls, scores: FloatArray, likeness: FloatArray, truth: IntArray) -> Decision:
        """From scores (n, k), likeness to the nearest landmark (n,) and true columns (n,)."""
        temperature = fit_temperature(scores, truth)
        probabilities = softmax(scores, temperature)
        weights = fit_logistic(_evidence(probabilities, likeness), probabilities.argmax(axis=1) == truth)
        return cls(temperature, weights)

    def probabilities(self, scores: FloatArray, likeness: FloatArray) -> FloatArray:
        """(n, k): the largest of a row is the certainty that it is right; a row may sum to less than 1 (none of these)."""
        plain = softmax(scores, self.temperature)
        rows, top = np.arange(len(plain)), plain.argmax(axis=1)
        peak = plain[rows, top]
        certain = apply_logistic(self.certainty, _evidence(plain, likeness))
        rest = np.minimum(1.0, (1 - certain) / np.maximum(1 - peak, 1e-6))
        scaled: FloatArray = np.minimum(plain * rest[:, None], certain[:, None])
        scaled[rows, top] = certain
        return scaled


def _evidence(probabilities: FloatArray, likeness: FloatArray) -> FloatArray:
    """(n, 3): log odds of the first, lead over the second, likeness to the nearest training message."""
    ranked = np.sort(probabilities, axis=1)
    first = ranked[:, -1]
    second = ranked[:, -2] if ranked.shape[1] > 1 else np.zeros_like(first)
    evidence: FloatArray = np.column_stack([logit(first), first - second, likeness])
    return evidence
