"""An encoder that remembers: a retrain encodes only what is new, since most of a corpus stays as it was."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from hashlib import blake2b
from pathlib import Path

import numpy as np

from models.encoder import Encoder
from models.types import Bools, FloatArray


class RememberingEncoder:
    """As `encoder`, with vectors rounded to half precision, remembered or not, so that both give the same weights."""

    def __init__(self, encoder: Encoder, folder: Path | None = None) -> None:
        """With a `folder` what was remembered there before is known, and `keep` writes it there."""
        self.name, self.revision, self.dim = encoder.name, encoder.revision, encoder.dim
        self._encoder = encoder
        self._file = folder / f"vectors-{_digest(encoder.name + encoder.revision).hex()}.npz" if folder else None
        self._known = self._read()

    def encode(self, texts: Sequence[str], before: Sequence[str] | None = None) -> FloatArray:
        """See Encoder.encode."""
        told = list(before or [""] * len(texts))
        keys = [_digest(f"{text}\x1e{earlier}") for text, earlier in zip(texts, told, strict=True)]
        new = [row for row, key in enumerate(keys) if key not in self._known]
        if new:
            vectors = self._encoder.encode([texts[row] for row in new], [told[row] for row in new])
            self._known |= {keys[row]: vector for row, vector in zip(new, vectors.astype(np.float16), strict=True)}
        found = np.stack([self._known[key] for key in keys]) if keys else np.zeros((0, self.dim))
        return found.astype(np.float32)

    def unseen(self, texts: Sequence[str]) -> Bools:
        """See Encoder.unseen."""
        return self._encoder.unseen(texts)

    def garbled(self, text: str) -> bool:
        """See Encoder.garbled."""
        return self._encoder.garbled(text)

    def keep(self) -> None:
        """Writes what is known beside the old file and moves it into its place; nothing without a folder or a text."""
        if self._file is None or not self._known:
            return
        self._file.parent.mkdir(parents=True, exist_ok=True)
        keys = np.frombuffer(b"".join(self._known), dtype=np.uint8).reshape(-1, 16)
        with tempfile.NamedTemporaryFile(dir=self._file.parent, suffix=".npz", delete=False) as file:
            np.savez(file, keys=keys, vectors=np.stack(list(self._known.values())))
        Path(file.name).replace(self._file)

    def _read(self) -> dict[bytes, FloatArray]:
        """A damaged file is as good as none: everything is encoded again."""
        if self._file is None or not self._file.exists():
            return {}
        try:
            with np.load(self._file) as stored:
                return dict(zip((key.tobytes() for key in stored["keys"]), stored["vectors"], strict=True))
        except (OSError, ValueError, KeyError, EOFError):
            return {}


def _digest(text: str) -> bytes:
    return blake2b(text.encode("utf-8", "replace"), digest_size=16).digest()
