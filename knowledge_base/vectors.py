"""Nearest vectors: every one is looked at up to a size, beyond it only those of the likeliest cells (Jégou et al. 2011)."""

import math
from pathlib import Path
from typing import Literal

import faiss
import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float32]
RowArray = npt.NDArray[np.int64]
Method = Literal["exact", "approximate"]

EXACT_UP_TO = 20_000
"""Vectors; so many are looked at in some milliseconds a message (docs/benchmarks.md)."""

CELLS_PER_ROOT = 2
"""Cells for each unit of the square root of the count: a cell then holds some hundred vectors."""

PROBED = 64
"""Cells that a search looks into; what it finds of the true neighbours stands in docs/benchmarks.md."""

SAMPLES_PER_CELL = 40
_SEED = 1
_FEW = 20
"""Questions from which FAISS multiplies blocks by itself; below it scans all vectors once a question."""


def method_for(count: int) -> Method:
    """How so many vectors are searched."""
    return "exact" if count <= EXACT_UP_TO else "approximate"


def index_of(vectors: FloatArray) -> faiss.Index:
    """An index over unit `vectors` (n, dim), by inner product; the same vectors give the same index."""
    exact = method_for(len(vectors)) == "exact"
    index: faiss.Index = faiss.IndexFlatIP(vectors.shape[1]) if exact else _cells(vectors)
    index.add(vectors)
    return index


def _cells(vectors: FloatArray) -> faiss.Index:
    count = round(CELLS_PER_ROOT * math.sqrt(len(vectors)))
    index = faiss.IndexIVFFlat(faiss.IndexFlatIP(vectors.shape[1]), vectors.shape[1], count, faiss.METRIC_INNER_PRODUCT)
    drawn = np.random.default_rng(_SEED).permutation(len(vectors))[: SAMPLES_PER_CELL * count]
    index.train(vectors[np.sort(drawn)])
    index.nprobe = PROBED
    index.make_direct_map()
    return index


def vectors_in(index: faiss.Index) -> FloatArray:
    """All vectors, (n, dim), in the order in which they came; of an exact index a view, not a copy."""
    if isinstance(index, faiss.IndexFlat):
        view: FloatArray = faiss.rev_swig_ptr(index.get_xb(), index.ntotal * index.d).reshape(-1, index.d)
        return view
    copied: FloatArray = index.reconstruct_n(0, index.ntotal)
    return copied


def nearest(index: faiss.Index, questions: FloatArray, count: int) -> tuple[FloatArray, RowArray]:
    """(scores, rows) of the `count` nearest of each question (n, dim), best first; row -1 where fewer were found."""
    if not isinstance(index, faiss.IndexFlat) or len(questions) >= _FEW or count >= index.ntotal:
        scores, rows = index.search(np.ascontiguousarray(questions, dtype=np.float32), count)
        return scores, rows
    products = (vectors_in(index) @ questions.T).T  # reads the vectors once for all questions
    top = np.argpartition(-products, count - 1, axis=1)[:, :count]
    order = np.argsort(-np.take_along_axis(products, top, axis=1), axis=1, kind="stable")
    rows = np.take_along_axis(top, order, axis=1)
    return np.take_along_axis(products, rows, axis=1), rows


def read_index(file: Path) -> faiss.Index:
    """RuntimeError where it is no index. Not mapped: read from a file's pages the products take twice as long."""
    return faiss.read_index(str(file))


def write_index(index: faiss.Index, file: Path) -> None:
    """To be moved into its place afterwards: an index that is being read must not be written over."""
    faiss.write_index(index, str(file))
