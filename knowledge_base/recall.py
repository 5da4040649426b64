"""Does the search find the reply that a question belongs to? Each example question is asked of an index without it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from knowledge_base.search import Entry
from knowledge_base.vectors import FloatArray

ALL = "all"


@dataclass(frozen=True, slots=True)
class Recall:
    """Of the questions of one language asked of the entries of another (or of all): share found first, among three."""

    asked: str
    held: str
    questions: int
    first: float
    three: float
    same_intent: float  # the first one found answers the right intent, whichever of its situations


@dataclass(frozen=True, slots=True)
class Separation:
    """Cosines of the best entry: of the reply asked for, and of replies to other intents; quantiles 5 to 95 %."""

    right: tuple[float, ...]
    wrong: tuple[float, ...]


QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)


def recalls(entries: Sequence[Entry], vectors: FloatArray) -> list[Recall]:
    """Each language asked of itself, of each other one, and of all together."""
    rows = [row for row, entry in enumerate(entries) if entry.kind in ("question", "text")]
    entries, vectors = [entries[row] for row in rows], vectors[rows]
    languages = sorted({entry.language for entry in entries})
    table = []
    for asked in languages:
        queries = [row for row, entry in enumerate(entries) if entry.language == asked and entry.kind == "question"]
        cosines = vectors[queries] @ vectors.T
        cosines[np.arange(len(queries)), queries] = -1.0
        for held in (*languages, ALL):
            inside = np.array([held in (ALL, entry.language) for entry in entries])
            table.append(_recall(asked, held, entries, queries, np.where(inside, cosines, -1.0)))
    return table


def _recall(asked: str, held: str, entries: Sequence[Entry], queries: Sequence[int], cosines: FloatArray) -> Recall:
    order = np.argsort(-cosines, axis=1, kind="stable")[:, :60]
    first = three = intent = 0
    for query, near in zip(queries, order.tolist(), strict=True):
        found = list(dict.fromkeys(entries[row].reply_id for row in near))[:3]
        own = entries[query].reply_id
        first += found[0] == own
        three += own in found
        intent += found[0].partition(".")[0] == own.partition(".")[0]
    count = max(1, len(queries))
    return Recall(asked, held, len(queries), first / count, three / count, intent / count)


def separation(entries: Sequence[Entry], vectors: FloatArray) -> Separation:
    """How far right and wrong lie apart, over all languages, each question left out once."""
    questions = [row for row, entry in enumerate(entries) if entry.kind == "question"]
    intents = np.array([entry.reply_id.partition(".")[0] for entry in entries])
    right, wrong = [], []
    for start in range(0, len(questions), 512):
        block = questions[start : start + 512]
        cosines = vectors[block] @ vectors.T
        cosines[np.arange(len(block)), block] = -1.0
        for query, row in zip(block, cosines, strict=True):
            same = intents == intents[query]
            right.append(float(row[same].max(initial=-1.0)))
            wrong.append(float(row[~same].max(initial=-1.0)))
    return Separation(*(tuple(round(float(q), 3) for q in np.quantile(side, QUANTILES)) for side in (right, wrong)))
