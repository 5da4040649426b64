"""How cost grows: with the length of a message, with the size of the knowledge base."""

import time
from collections.abc import Callable, Iterable
from statistics import median

import faiss
import numpy as np

from app.domain import Basis, BuyerMessage
from app.draft_cases import Case
from app.drafting.drafter import Drafter
from knowledge_base.search import NEIGHBOURS

LENGTHS = (1, 10, 100, 300, 1000, 3000, 10_000, 20_000)
SIZES = (1_000, 10_000, 100_000)
QUESTIONS = 5  # a whole message and four parts
REPEATS = 5
SEED = 0


def by_length(drafter: Drafter, cases: Iterable[Case]) -> list[tuple[int, float]]:
    """(characters, processor milliseconds a draft); English test messages one after another, cut at the length."""
    messages = [case.message for case in cases if case.language == "en"]
    text = " ".join(message.text for message in messages) * 2
    return [(length, _drafted(drafter, messages[0], text[:length])) for length in LENGTHS]


def _drafted(drafter: Drafter, message: BuyerMessage, text: str) -> float:
    basis = Basis(message=message.model_copy(update={"text": text.strip() or "a", "history": ()}))
    return processor_ms(lambda: drafter.draft(basis))


def by_size(dim: int) -> list[tuple[int, float, float]]:
    """(entries, processor milliseconds a message, MiB of vectors) of the exact search, on vectors drawn at random."""
    random = np.random.default_rng(SEED)
    found = []
    for size in SIZES:
        vectors = random.normal(size=(size, dim)).astype(np.float32)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        index = faiss.IndexFlatIP(dim)
        index.add(vectors)
        asked = np.ascontiguousarray(vectors[:QUESTIONS])
        found.append((size, processor_ms(lambda index=index, asked=asked: index.search(asked, NEIGHBOURS * 8)), vectors.nbytes / 2**20))  # type: ignore[misc]  # fmt: skip
    return found


def processor_ms(work: Callable[[], object]) -> float:
    """The median of some runs, by this process's own processor time: other processes' load is mostly left out."""
    work()
    taken = []
    for _ in range(REPEATS):
        started = time.process_time()
        work()
        taken.append((time.process_time() - started) * 1000)
    return median(taken)
