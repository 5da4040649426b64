"""The machine under all heads: a kernel ridge over sentence vectors plus a ridge over hashed character n-grams.

Measured (docs/results/understanding.md): with a few hundred messages a language, a Gaussian kernel on the vectors of
whole and parts beats logistic regression by about five points on first intents, n-grams add one, and the similarities
to the landmarks say at no further cost how far a message lies from everything seen in training.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.features import Grams, hashed_grams
from models.text import EncodedText
from models.types import FloatArray

WHOLE_SHARE = 0.7
"""Share of the whole message's vector in the kernel; the mean of its parts' vectors has the rest."""

SHARPNESS = 2.0
"""exp(SHARPNESS * (cosine - 1))."""

SELLER_WEIGHT = 0.5
"""How much an alike question of the seller just before adds to the likeness of two messages."""

GRAM_WEIGHT = 0.4
"""Weight of the n-gram ridge beside the kernel ridge."""


@dataclass(frozen=True, slots=True)
class Inputs:
    """What a head sees of n texts: `dense` (n, 2 dim), `seller` (n, dim; zero rows without a turn), n-grams each."""

    dense: FloatArray
    seller: FloatArray
    grams: tuple[Grams, ...]

    def rows(self, chosen: Sequence[int]) -> Inputs:
        """The inputs of some of the texts."""
        index = list(chosen)
        return Inputs(self.dense[index], self.seller[index], tuple(self.grams[row] for row in index))


def whole_inputs(encoded: Sequence[EncodedText], seller: FloatArray | None = None) -> Inputs:
    """One row a message; `seller` (n, dim) are vectors of the turns just before, zero where there is none."""
    whole = np.stack([text.whole for text in encoded])
    parts = np.stack([_mean_part(text) for text in encoded])
    grams = tuple(hashed_grams(text.text) for text in encoded)
    return Inputs(_dense(whole, parts), np.zeros_like(whole) if seller is None else seller, grams)


def part_inputs(encoded: EncodedText, seller: FloatArray | None = None) -> Inputs:
    """One row a part, each taken as a message of its own; `seller` (dim,) stands before all of them."""
    count = len(encoded.parts)
    grams = tuple(hashed_grams(encoded.part_text(index)) for index in range(count))
    turn = np.zeros_like(encoded.whole) if seller is None else seller
    return Inputs(_dense(encoded.part_vectors, encoded.part_vectors), np.tile(turn, (count, 1)), grams)


def _dense(whole: FloatArray, parts: FloatArray) -> FloatArray:
    """Rows whose dot products are the weighted cosines of wholes and of parts."""
    joined: FloatArray = np.hstack([np.sqrt(WHOLE_SHARE) * whole, np.sqrt(1 - WHOLE_SHARE) * parts]).astype(np.float32)
    return joined


def _mean_part(text: EncodedText) -> FloatArray:
    mean = text.part_vectors.mean(axis=0) if len(text.parts) else text.whole
    unit: FloatArray = mean / max(float(np.linalg.norm(mean)), 1e-6)
    return unit


_HALVES = ("projection", "landmarks", "dual")
_EIGHTHS = ("sellers", "gram_weights")


@dataclass(frozen=True, slots=True)
class Head:
    """Fitted weights for k outputs, float32 in memory.

    `projection` (2 dim, p), `landmarks` (m, p), `dual` (m, k), `bias` (k,); `sellers` (h, dim) belong to the first h
    landmarks, the only ones with a seller's turn; `gram_weights` (buckets, k) and `idf` (buckets,).
    """

    projection: FloatArray
    landmarks: FloatArray
    sellers: FloatArray
    dual: FloatArray
    bias: FloatArray
    idf: FloatArray
    gram_weights: FloatArray

    def scores(self, inputs: Inputs) -> tuple[FloatArray, FloatArray]:
        """(scores (n, k), likeness (n,) to the nearest landmark, at most 1)."""
        cosines = (self.landmarks @ (inputs.dense @ self.projection).T).T  # this order: half the time for a few rows
        kernel = kernel_of(cosines.astype(np.float32), inputs.seller, self.sellers)
        grams = np.stack([self._gram_scores(grams) for grams in inputs.grams])
        scores: FloatArray = kernel @ self.dual + self.bias + GRAM_WEIGHT * grams
        return scores, cosines.max(axis=1)

    def _gram_scores(self, grams: Grams) -> FloatArray:
        weights = normalised(grams, self.idf)
        scores: FloatArray = weights @ self.gram_weights[grams.buckets]
        return scores

    def tensors(self) -> dict[str, NDArray[np.generic]]:
        """What is saved, without loss: fitting has rounded all to half precision or to 8 bits a column."""
        saved: dict[str, NDArray[np.generic]] = {name: getattr(self, name).astype(np.float16) for name in _HALVES}
        for name in _EIGHTHS:
            weights: FloatArray = getattr(self, name)
            saved[f"{name}.scale"] = scale = column_scale(weights)
            saved[f"{name}.steps"] = np.round(weights / scale).astype(np.int8)
        return {**saved, "bias": self.bias, "idf": self.idf}

    @classmethod
    def of(cls, tensors: Mapping[str, NDArray[np.generic]]) -> Head:
        """The head of saved tensors; KeyError where one is missing."""
        wide = {name: np.asarray(tensor, dtype=np.float32) for name, tensor in tensors.items()}
        eighths = {name: wide[f"{name}.steps"] * wide[f"{name}.scale"] for name in _EIGHTHS}
        return cls(**{name: wide[name] for name in (*_HALVES, "bias", "idf")}, **eighths)


def kernel_of(cosines: FloatArray, seller: FloatArray, sellers: FloatArray) -> FloatArray:
    """Gaussian on the weighted cosines (n, m), raised where the seller's turns before are alike too.

    `sellers` (h, dim) are the turns before the first h of the m columns; there is none before the others.
    """
    kernel: FloatArray = np.exp(SHARPNESS * (cosines - 1))
    if len(sellers) and seller.any():
        alike = SELLER_WEIGHT * (seller @ sellers.T)
        kernel[:, : len(sellers)] += alike * (kernel[:, : len(sellers)] + 1)
    return kernel


def column_scale(weights: FloatArray) -> FloatArray:
    """(k,) the step by which a column spans -127 to 127; 1 for a column of zeros."""
    scale = np.abs(weights).max(axis=0, initial=0) / 127
    steps: FloatArray = np.where(scale > 0, scale, 1).astype(np.float32)
    return steps


def normalised(grams: Grams, idf: FloatArray) -> FloatArray:
    """tf-idf weights of unit length; zero where every n-gram is unknown."""
    weights: FloatArray = grams.weights * idf[grams.buckets]
    length = float(np.sqrt(weights @ weights))
    return weights / length if length > 0 else weights
