"""Which pieces of the base model's 250,000 are kept: the others belong to languages that are not answered."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path

import numpy as np

from models.tokens import Tokenizer
from models.tuning.base import Base
from models.types import IntArray

MARKS = 4
"""The first pieces of the base model are start, padding, end and unknown."""

SCRIPTS = ("LATIN", "CYRILLIC", "ARABIC", "CJK", "HANGUL", "HIRAGANA", "KATAKANA", "FULLWIDTH", "HALFWIDTH", "DIGIT")
COMMONEST = 90_000
"""So many of the likeliest pieces of our scripts, beside all that our own messages need: messages not used for choosing
take 2.4 % more tokens than with all 250,000 pieces (measured November 2026)."""


def kept_pieces(base: Base, texts: Iterable[str]) -> IntArray:
    """Ids in the base model, ascending: marks, single signs, what `texts` need, and the likeliest of our scripts."""
    ours = np.array([_ours(piece) for piece in base.pieces])
    single = np.array([len(piece.replace("\u2581", "")) <= 1 for piece in base.pieces])
    by_score = np.argsort(-np.where(ours, base.scores, -np.inf), kind="stable")[:COMMONEST]
    kept = np.zeros(len(base.pieces), dtype=np.bool_)
    kept[by_score] = True
    kept |= single & ours
    kept[:MARKS] = True
    kept[_used(base, texts)] = True
    return np.flatnonzero(kept)


def _ours(piece: str) -> bool:
    letters = [char for char in piece if char.isalpha()]
    return all(unicodedata.name(char, "?").split()[0].startswith(SCRIPTS) for char in letters)


def _used(base: Base, texts: Iterable[str]) -> list[int]:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "all.model"
        write_tokenizer(base, np.arange(len(base.pieces)), file)
        tokenizer = Tokenizer(file, base.normaliser)
        return sorted({piece for text in texts for piece in tokenizer.pieces(text)})


def write_tokenizer(base: Base, kept: IntArray, file: Path) -> None:
    """A SentencePiece model of the kept pieces: id n is the n-th of them."""
    form = import_module("sentencepiece.sentencepiece_model_pb2")  # generated code without types
    model = form.ModelProto()
    kinds = form.ModelProto.SentencePiece
    marks = {0: kinds.CONTROL, 1: kinds.CONTROL, 2: kinds.CONTROL, 3: kinds.UNKNOWN}
    for place, piece_id in enumerate(kept.tolist()):
        piece = model.pieces.add()
        piece.piece, piece.score = base.pieces[piece_id], float(base.scores[piece_id])
        piece.type = marks.get(place, kinds.NORMAL)
    model.trainer_spec.model_type = form.TrainerSpec.UNIGRAM
    model.trainer_spec.unk_id, model.trainer_spec.bos_id = 3, 0
    model.trainer_spec.eos_id, model.trainer_spec.pad_id = 2, 1
    model.trainer_spec.vocab_size = len(kept)
    model.normalizer_spec.name = "identity"
    model.normalizer_spec.add_dummy_prefix = True
    model.normalizer_spec.remove_extra_whitespaces = False
    model.normalizer_spec.escape_whitespaces = True
    file.write_bytes(model.SerializeToString())
