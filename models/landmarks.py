"""The kernel's anchors: messages answered to a seller as they are, and the centres of clusters of all others."""

from __future__ import annotations

import numpy as np

from models.types import FloatArray, IntArray

ROUNDS = 4
"""Lloyd's rounds: the first few do nearly all; centres gain .005 accuracy over messages drawn at random."""

_BLOCK = 2000


def choose_landmarks(rows: FloatArray, seller: FloatArray, count: int, seed: int) -> tuple[FloatArray, FloatArray]:
    """(landmarks (m, p), sellers (h, dim)) with m at most `count`; the first h are rows with a seller's turn before them.

    Those are few and show what answers look like, so they come first; the rest is spread over the other rows.
    """
    order = np.random.default_rng(seed).permutation(len(rows))
    answered = order[seller[order].any(axis=1)][:count]
    others = order[~seller[order].any(axis=1)]
    spread = _centres(rows[others], count - len(answered))
    return np.vstack([rows[answered], spread]).astype(np.float32), seller[answered]


def _centres(rows: FloatArray, count: int) -> FloatArray:
    """(at most count, p) by k-means (Lloyd 1982) from the first rows; the rows themselves where they are few enough."""
    centres = rows[:count].copy()
    for _ in range(ROUNDS if len(rows) > count > 0 else 0):
        nearest = _nearest(rows, centres)
        members = np.bincount(nearest, minlength=count)
        sums = np.zeros_like(centres)
        np.add.at(sums, nearest, rows)
        filled = members > 0
        centres[filled] = sums[filled] / members[filled, None]
    return centres


def _nearest(rows: FloatArray, centres: FloatArray) -> IntArray:
    halves = (centres**2).sum(axis=1) / 2
    blocks = (rows[start : start + _BLOCK] for start in range(0, len(rows), _BLOCK))
    return np.concatenate([(block @ centres.T - halves).argmax(axis=1) for block in blocks])
