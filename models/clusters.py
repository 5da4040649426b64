"""Texts that mean the same, put together by their vectors."""

from collections.abc import Sequence

import numpy as np

from models.types import FloatArray


def clusters(vectors: FloatArray, alike: float) -> Sequence[tuple[int, ...]]:
    """Rows of `vectors` (n, dim; unit length) in groups whose mean cosine is `alike` or more; largest first, each in order.

    Average linkage (Sokal and Michener, 1958): no number of groups to guess, no random start, so the same rows give the same groups.
    """
    if len(vectors) < 2:
        return [(row,) for row in range(len(vectors))]
    from scipy.cluster.hierarchy import fcluster, linkage  # only whoever asks for groups waits for it
    from scipy.spatial.distance import squareform

    apart = np.clip(1.0 - vectors.astype(np.float64) @ vectors.T.astype(np.float64), 0.0, 2.0)
    apart = (apart + apart.T) / 2
    np.fill_diagonal(apart, 0.0)
    tree = linkage(squareform(apart, checks=False), method="average")
    labels = fcluster(tree, t=1.0 - alike, criterion="distance")
    groups: dict[int, list[int]] = {}
    for row, label in enumerate(labels):
        groups.setdefault(int(label), []).append(row)
    return sorted((tuple(rows) for rows in groups.values()), key=lambda rows: (-len(rows), rows))
