"""How a head is fitted: closed-form ridge on landmarks, conjugate gradients on the sparse n-grams. Training only."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from models.examples import Example
from models.features import BUCKETS
from models.head import Head, Inputs, column_scale, kernel_of, normalised
from models.landmarks import choose_landmarks
from models.types import FloatArray, IntArray

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

Progress = Callable[[float, str], None]
"""(share done 0 to 1, what is being done)."""

DIMENSIONS = 192
LANDMARKS = 3000
"""The kernel's anchors: all messages would gain .003 accuracy, and cost memory and time at every prediction."""

KERNEL_RIDGE = 0.1
GRAM_RIDGE = 0.5
FOLDS = 5
ITERATIONS = 40
CORRECTION_WEIGHT = 8
"""So many times a correction counts at most: one person's decision about a message that really came in, against one of 12,000."""

CORRECTED_SHARE = 0.25
"""All corrections together weigh at most as much as that share of the examples. Only what was misread is corrected: where many
corrections stand for the messages, a head learns that nothing is what it seems."""

NEAR_IDENTICAL = 0.93
"""Cosine from which two messages count as one when folds are drawn."""


def weighted(corrections: Sequence[Example], examples: int) -> list[Example]:
    """The corrections as often as they count beside so many examples; each at least once."""
    bearable = int(CORRECTED_SHARE * examples / max(1, len(corrections)))
    marked = [replace(one, corrected=True) for one in corrections]
    return marked * max(1, min(CORRECTION_WEIGHT, bearable))


def fit_head(inputs: Inputs, targets: FloatArray, seed: int = 0) -> Head:
    """Least squares with ridge for each column of `targets` (n, k) on its own."""
    bias = targets.mean(axis=0)
    centred = targets - bias
    projection = _projection(inputs.dense)
    reduced = inputs.dense @ projection
    chosen, turns = choose_landmarks(reduced, inputs.seller, LANDMARKS, seed)
    landmarks, sellers = _half(chosen), _eighth(turns)
    dual = _kernel_ridge(reduced, landmarks, inputs.seller, sellers, centred)
    idf = _idf(inputs)
    gram_weights = np.zeros((BUCKETS, targets.shape[1]), dtype=np.float32)
    used = np.flatnonzero(idf)
    gram_weights[used] = _sparse_ridge(_sparse(inputs, idf)[:, used], centred)
    halves = (_half(projection), landmarks, sellers, _half(dual))
    return Head(*halves, bias.astype(np.float32), idf, _eighth(gram_weights))


def out_of_fold(
    inputs: Inputs, targets: FloatArray, folds: IntArray, progress: Progress
) -> Iterator[tuple[IntArray, Head]]:
    """(indices held out, the head fitted on the rest) for each fold."""
    for fold in range(FOLDS):
        held, rest = np.flatnonzero(folds == fold), np.flatnonzero(folds != fold)
        if len(held) and len(rest):
            progress(fold / (FOLDS + 1), f"fold {fold + 1} of {FOLDS}")
            yield held, fit_head(inputs.rows(rest.tolist()), targets[rest], seed=fold)


def grouped_folds(vectors: FloatArray, seed: int = 0) -> IntArray:
    """A fold 0..FOLDS-1 for each row of unit `vectors` (n, dim); near-identical rows share theirs."""
    parent = list(range(len(vectors)))
    for first, second in _near_pairs(vectors):
        parent[_root(parent, first)] = _root(parent, second)
    roots = np.array([_root(parent, row) for row in range(len(vectors))])
    drawn = np.random.default_rng(seed).integers(0, FOLDS, len(vectors))
    return np.asarray(drawn[roots], dtype=np.int64)


def _near_pairs(vectors: FloatArray, block: int = 1000) -> Iterator[tuple[int, int]]:
    for start in range(0, len(vectors), block):
        rows, columns = np.nonzero(vectors[start : start + block] @ vectors.T > NEAR_IDENTICAL)
        yield from ((int(r) + start, int(c)) for r, c in zip(rows, columns, strict=True) if r + start < c)


def _root(parent: list[int], row: int) -> int:
    while parent[row] != row:
        parent[row] = parent[parent[row]]
        row = parent[row]
    return row


def _projection(dense: FloatArray) -> FloatArray:
    """(2 dim, p): the leading directions of the rows, not centred, so that dot products survive."""
    count = min(DIMENSIONS, *dense.shape)
    _, vectors = np.linalg.eigh(dense.T @ dense)
    return np.ascontiguousarray(vectors[:, ::-1][:, :count], dtype=np.float32)


def _kernel_ridge(
    rows: FloatArray, landmarks: FloatArray, seller: FloatArray, sellers: FloatArray, targets: FloatArray
) -> FloatArray:
    """Dual weights (m, k) of the Nystroem ridge (Williams and Seeger 2001)."""
    across = kernel_of(rows @ landmarks.T, seller, sellers)
    padded = np.zeros((len(landmarks), sellers.shape[1]), dtype=np.float32)
    padded[: len(sellers)] = sellers
    among = kernel_of(landmarks @ landmarks.T, padded, sellers).astype(np.float64)
    gram = (across.T @ across).astype(np.float64) + KERNEL_RIDGE * among
    gram[np.diag_indices_from(gram)] += 1e-3
    return np.linalg.solve(gram, (across.T @ targets).astype(np.float64)).astype(np.float32)


def _idf(inputs: Inputs) -> FloatArray:
    """ln((1 + n) / (1 + df)) + 1 for each bucket; 0 for what fewer than two texts hold."""
    counts = np.zeros(BUCKETS)
    for grams in inputs.grams:
        counts[grams.buckets] += 1
    idf = np.log((1 + len(inputs.grams)) / (1 + counts)) + 1
    idf[counts < 2] = 0
    return idf.astype(np.float32)


def _sparse(inputs: Inputs, idf: FloatArray) -> csr_matrix:
    from scipy.sparse import csr_matrix

    lengths = [len(grams.buckets) for grams in inputs.grams]
    columns = np.concatenate([grams.buckets for grams in inputs.grams])
    values = np.concatenate([normalised(grams, idf) for grams in inputs.grams])
    return csr_matrix((values, columns, np.cumsum([0, *lengths])), shape=(len(lengths), BUCKETS), dtype=np.float32)


def _sparse_ridge(rows: csr_matrix, targets: FloatArray) -> FloatArray:
    """Weights (buckets, k) of a ridge, by conjugate gradients on all columns at once (Hestenes and Stiefel 1952)."""
    residual = np.asarray(rows.T @ targets, dtype=np.float64)
    weights, direction, energy = np.zeros_like(residual), residual.copy(), (residual**2).sum(axis=0)
    for _ in range(ITERATIONS):
        image = rows.T @ (rows @ direction) + GRAM_RIDGE * direction
        step = energy / np.maximum((direction * image).sum(axis=0), 1e-12)
        weights += step * direction
        residual -= step * image
        previous, energy = energy, (residual**2).sum(axis=0)
        direction = residual + energy / np.maximum(previous, 1e-12) * direction
    return weights.astype(np.float32)


def _eighth(weights: FloatArray) -> FloatArray:
    """Rounded to 255 steps a column, as Head.tensors saves them."""
    scale = column_scale(weights)
    rounded: FloatArray = (np.round(weights / scale).astype(np.float32) * scale).astype(np.float32)
    return rounded


def _half(values: FloatArray) -> FloatArray:
    """Rounded to what half precision holds: the fitted head gives the same numbers as the saved one."""
    return values.astype(np.float16).astype(np.float32)
