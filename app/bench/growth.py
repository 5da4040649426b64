"""How cost grows: with the length of a message, with the size of the knowledge base."""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import median

import faiss
import numpy as np

from app.domain import Basis, BuyerMessage
from app.draft_cases import Case
from app.drafting.drafter import Drafter
from knowledge_base.search import NEIGHBOURS
from knowledge_base.vectors import FloatArray, RowArray, index_of, method_for, nearest

LENGTHS = (1, 10, 100, 300, 1000, 3000, 10_000, 20_000)
SIZES = (1_000, 10_000, 20_000, 100_000)
QUESTIONS = 5  # a whole message and four parts
ASKED = 200  # test messages whose neighbours are compared
WORDED_ANEW = 0.75  # length of the noise beside a unit vector: a cosine of about .8, as between two wordings
REPEATS = 5
SEED = 0


def by_length(drafter: Drafter, cases: Iterable[Case]) -> list[tuple[int, float]]:
    """(characters, processor milliseconds a draft); English test messages one after another, cut at the length."""
    messages = [case.message for case in cases if case.language == "en"]
    text = " ".join(message.text for message in messages) * 2
    return [(length, _drafted(drafter, messages[0], text[:length])) for length in LENGTHS]


def _drafted(drafter: Drafter, message: BuyerMessage, text: str) -> float:
    """Each run with one more space at the end: the vectors of a text that was just read are remembered."""
    plain = message.model_copy(update={"text": text.strip() or "a", "history": ()})
    others = iter(range(REPEATS + 2))
    return processor_ms(
        lambda: drafter.draft(Basis(message=plain.model_copy(update={"text": plain.text + " " * next(others)})))
    )


@dataclass(frozen=True, slots=True)
class Size:
    """A knowledge base of so many entries: processor milliseconds a message as it is searched and as an exact search would take,
    seconds to make the index, MiB of vectors.

    `found` is the share of the ten nearest entries that the search finds, `found_of_all` of all that are looked at.
    """

    entries: int
    method: str
    ms: float
    exact_ms: float
    made_s: float
    mib: float
    found: float
    found_of_all: float


def by_size(shipped: FloatArray, asked: FloatArray, sizes: Sequence[int] = SIZES) -> list[Size]:
    """`shipped` are the vectors of the shipped index, `asked` those of test messages (n, dim)."""
    return [_size(worded_anew(shipped, size), asked) for size in sizes]


def worded_anew(shipped: FloatArray, count: int) -> FloatArray:
    """So many unit vectors: the shipped ones, then neighbours of them at the distance of another wording of the same question."""
    random, dim = np.random.default_rng(SEED), shipped.shape[1]
    vectors = np.empty((count, dim), dtype=np.float32)
    for start in range(0, count, len(shipped)):
        part = vectors[start : start + len(shipped)]
        noise = random.standard_normal(part.shape, dtype=np.float32) * np.float32(WORDED_ANEW / np.sqrt(dim))
        part[:] = shipped[: len(part)] + (noise if start else 0)
        part /= np.linalg.norm(part, axis=1, keepdims=True)
    return vectors


def _size(vectors: FloatArray, asked: FloatArray) -> Size:
    wide = min(NEIGHBOURS * 8, len(vectors))
    started = time.process_time()
    index = index_of(vectors)
    made = time.process_time() - started
    found = nearest(index, asked, wide)[1]
    shares = [(_shared(true[:10], near[:10]), _shared(true, near)) for true, near in zip(_exact(vectors, asked, wide), found, strict=True)]  # fmt: skip
    flat = faiss.IndexFlatIP(vectors.shape[1])
    flat.add(vectors)
    took, exact = (processor_ms(lambda one=one: nearest(one, asked[:QUESTIONS], wide)) for one in (index, flat))  # type: ignore[misc]
    first, all_of_them = (sum(column) / len(shares) for column in zip(*shares, strict=True))
    return Size(len(vectors), method_for(len(vectors)), took, exact, made, vectors.nbytes / 2**20, first, all_of_them)


def _exact(vectors: FloatArray, asked: FloatArray, wide: int) -> RowArray:
    """The rows that lie nearest indeed, best first."""
    rows = []
    for question in asked:
        products = vectors @ question
        top = np.argpartition(-products, wide - 1)[:wide]
        rows.append(top[np.argsort(-products[top])])
    return np.stack(rows)


def _shared(one: RowArray, other: RowArray) -> float:
    return len(set(one.tolist()) & set(other.tolist())) / len(one)


def processor_ms(work: Callable[[], object]) -> float:
    """The median of some runs, by this process's own processor time: other processes' load is mostly left out."""
    work()
    taken = []
    for _ in range(REPEATS):
        started = time.process_time()
        work()
        taken.append((time.process_time() - started) * 1000)
    return median(taken)
