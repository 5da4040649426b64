"""Pictures of a report: which labels are taken for which, and whether a stated certainty can be believed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from models.evaluation import Judged

BINS = 10
_INK, _BLUE, _GRID = "#1f2933", "#2563a8", "#d9dee4"


def draw_confusion(judged: Sequence[Judged], file: Path) -> None:
    """True first labels down, predicted ones across, each row as shares of its label."""
    from matplotlib.figure import Figure

    labels = sorted({name for one in judged for name in (*one.truth[:1], *one.predicted[:1])})
    place = {name: at for at, name in enumerate(labels)}
    counts = np.zeros((len(labels), len(labels)))
    for (truth, guess), count in Counter(
        (one.truth[0], one.predicted[0]) for one in judged if one.truth and one.predicted
    ).items():
        counts[place[truth], place[guess]] = count
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    side = max(4.0, 0.19 * len(labels) + 2)
    figure = Figure(figsize=(side, side), layout="constrained")
    axes = figure.add_subplot()
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    axes.set_xticks(range(len(labels)), labels, rotation=90, fontsize=7)
    axes.set_yticks(range(len(labels)), labels, fontsize=7)
    axes.set_xlabel("predicted")
    axes.set_ylabel("true")
    figure.savefig(file, dpi=110)


def draw_reliability(judged: Sequence[Judged], file: Path) -> None:
    """Share of right first labels by stated certainty; on the diagonal the certainty is honest."""
    from matplotlib.figure import Figure

    sure = np.array([one.confidence for one in judged])
    right = np.array([one.right for one in judged])
    bins = np.minimum((sure * BINS).astype(int), BINS - 1)
    filled = [at for at in range(BINS) if (bins == at).any()]
    figure = Figure(figsize=(4.6, 4.6), layout="constrained")
    axes = figure.add_subplot()
    axes.plot([0, 1], [0, 1], color=_GRID, linewidth=1.5)
    stated, found = ([float(values[bins == at].mean()) for at in filled] for values in (sure, right))
    sizes = [20 + 400 * float((bins == at).mean()) for at in filled]
    axes.scatter(stated, found, s=sizes, color=_BLUE, zorder=3)
    axes.plot(stated, found, color=_BLUE, linewidth=1)
    axes.set(xlim=(0, 1), ylim=(0, 1), xlabel="stated certainty", ylabel="share that was right")
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(colors=_INK)
    figure.savefig(file, dpi=110)
