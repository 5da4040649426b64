"""The encoder tuned on our own messages: 12 small layers in 8 bits on ONNX Runtime, one thread, no torch.

It was tuned to tell intents, feelings and conduct apart (models/tuning), so vectors lie near each other where messages
want the same answer in the same mood. What it knows beyond that is little: retrieval stays with the general encoder.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file

from models.storage import hold_to_sums
from models.tokens import Tokenizer
from models.types import Bools, FloatArray

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

TOKENIZER, LAYERS, WORDS, CONFIG, CARD = (
    "tokenizer.model", "layers.onnx", "words.safetensors", "config.json", "card.json",
)  # fmt: skip
_SCALE_BYTES = 2


class TunedEncoder:
    """See models.encoder.Encoder; `folder` holds the files of one version."""

    def __init__(self, folder: Path) -> None:
        config = json.loads((folder / CONFIG).read_text("utf-8"))
        hold_to_sums(folder, config)
        tensors = load_file(folder / WORDS)
        self.name, self.revision, self.dim = "tuned", folder.name, int(config["width"])
        self._words: NDArray[np.uint8] = tensors["words"]
        self._seen: NDArray[np.uint64] = tensors["seen"]
        normaliser = {int(point): text for point, text in config["normaliser"].items()}
        self._tokenizer = Tokenizer(folder / TOKENIZER, normaliser)
        self._session = _session(folder / LAYERS)

    def encode(self, texts: Sequence[str], before: Sequence[str] | None = None) -> FloatArray:
        """Unit vectors (len(texts), dim); `before` is what stood before each text in its conversation."""
        told = before or [""] * len(texts)
        ids = [self._tokenizer.encode(_plain(text), _plain(earlier)) for text, earlier in zip(texts, told, strict=True)]
        vectors = np.concatenate([self._run(own) for own in ids]) if ids else np.zeros((0, self.dim), np.float32)
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        unit: FloatArray = vectors / np.maximum(lengths, 1e-9)
        return unit

    def unseen(self, texts: Sequence[str]) -> Bools:
        """(len(texts),) whether the encoder was tuned without that text: only those tell how strangers' messages fare."""
        marks = np.array([fingerprint(text) for text in texts], dtype=np.uint64)
        return np.asarray(~np.isin(marks, self._seen), dtype=np.bool_)

    def garbled(self, text: str) -> bool:
        """See Encoder.garbled."""
        return self._tokenizer.garbled(_plain(text[:500]))

    def _run(self, ids: Sequence[int]) -> FloatArray:
        """(1, dim). One text a call: activations share one 8-bit scale a call, so a text would depend on its company.

        On one core a batch is no faster (360 texts a second either way, November 2026).
        """
        given = {"words": self._word_vectors(ids)[None], "present": np.ones((1, len(ids)), dtype=np.float32)}
        vectors: FloatArray = self._session.run(None, given)[0]
        return vectors

    def _word_vectors(self, ids: Sequence[int]) -> FloatArray:
        """(len(ids), dim) from blocks of 32 four-bit weights under one half-precision scale, low nibbles first."""
        blocks = self._words[list(ids)]
        scales = np.ascontiguousarray(blocks[..., :_SCALE_BYTES]).view("<f2").astype(np.float32)
        steps = blocks[..., _SCALE_BYTES:]
        values = np.concatenate([steps & 15, steps >> 4], axis=-1).astype(np.float32) - 8
        wide: FloatArray = (values * scales).reshape(len(blocks), -1)
        return wide


def fingerprint(text: str) -> int:
    """64 bits of a text: which messages the encoder has learned from is stored, not the messages."""
    return int.from_bytes(blake2b(text.encode("utf-8", "replace"), digest_size=8).digest(), "little")


def _plain(text: str) -> str:
    return text.replace("\n", " ").encode("utf-8", "replace").decode("utf-8")


def _session(file: Path) -> InferenceSession:
    """One thread, no spinning: the service scales by workers, and spinning threads steal the core from the others."""
    from onnxruntime import InferenceSession, SessionOptions

    options = SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
