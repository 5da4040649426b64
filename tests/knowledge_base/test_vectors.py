"""The search among vectors: exact while it can be, near to it beyond."""

from pathlib import Path

import faiss
import numpy as np
import pytest

from knowledge_base.vectors import (  # fmt: skip
    EXACT_UP_TO,
    FloatArray,
    index_of,
    method_for,
    nearest,
    read_index,
    vectors_in,
    write_index,
)


def drawn(count: int, seed: int = 0, dim: int = 16) -> FloatArray:
    """Unit vectors in clumps, as sentences of few meanings are."""
    random = np.random.default_rng(seed)
    middles = np.random.default_rng(7).normal(size=(50, dim))
    rows = middles[random.integers(0, 50, count)] + 0.4 * random.normal(size=(count, dim))
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


@pytest.mark.parametrize("asked", [1, 5, 30])
def test_an_exact_index_finds_what_faiss_finds(asked: int) -> None:
    vectors, questions = drawn(400), drawn(asked, seed=1)
    scores, rows = nearest(index_of(vectors), questions, 10)
    flat = faiss.IndexFlatIP(16)
    flat.add(vectors)
    expected_scores, expected_rows = flat.search(questions, 10)
    assert rows.tolist() == expected_rows.tolist() and np.allclose(scores, expected_scores, atol=1e-6)


def test_all_vectors_can_be_asked_for() -> None:
    assert sorted(nearest(index_of(drawn(30)), drawn(1, seed=2), 30)[1][0].tolist()) == list(range(30))


@pytest.mark.parametrize(("count", "method"), [(0, "exact"), (EXACT_UP_TO, "exact"), (EXACT_UP_TO + 1, "approximate")])
def test_size_decides_how_it_is_searched(count: int, method: str) -> None:
    assert method_for(count) == method


def test_a_large_index_finds_nearly_all_and_keeps_its_vectors(tmp_path: Path) -> None:
    vectors, questions = drawn(EXACT_UP_TO + 1), drawn(5, seed=1)
    index = index_of(vectors)
    write_index(index, tmp_path / "index")
    read = read_index(tmp_path / "index")
    exact = np.argsort(-(questions @ vectors.T), axis=1)[:, :20]
    found = nearest(read, questions, 20)[1]
    shared = [len(set(one) & set(other)) for one, other in zip(exact.tolist(), found.tolist(), strict=True)]
    assert min(shared) >= 15
    assert np.array_equal(vectors_in(index), vectors) and np.array_equal(vectors_in(read), vectors)
