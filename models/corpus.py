"""Training examples as a head sees them: encoded once, with folds in which near-identical messages stay together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models.encoder import Encoder
from models.examples import Example
from models.fitting import Progress, grouped_folds
from models.head import Inputs, whole_inputs
from models.text import EncodedText, clean, encode_text
from models.types import FloatArray, IntArray

FEWEST = 10


@dataclass(frozen=True, slots=True)
class Corpus:
    """n examples with their encoded texts, inputs (n rows) and folds (n,)."""

    examples: tuple[Example, ...]
    encoded: tuple[EncodedText, ...]
    inputs: Inputs
    folds: IntArray


def encoded_corpus(examples: Sequence[Example], encoder: Encoder, progress: Progress, *, history: bool) -> Corpus:
    """Encodes every example, with the seller's last turns where `history`; ValueError with fewer than ten."""
    if len(examples) < FEWEST:
        raise ValueError(f"{len(examples)} labelled examples are too few to learn from; at least {FEWEST} are needed")
    progress(0.0, f"encoding {len(examples)} messages")
    encoded = tuple(encode_text(encoder, clean(example.text)) for example in examples)
    inputs = whole_inputs(encoded, _sellers(examples, encoder) if history else None)
    return Corpus(tuple(examples), encoded, inputs, grouped_folds(np.stack([text.whole for text in encoded])))


def _sellers(examples: Sequence[Example], encoder: Encoder) -> FloatArray:
    from models.intent import seller_vector

    vectors = (seller_vector(encoder, example.history) for example in examples)
    return np.stack([np.zeros(encoder.dim, dtype=np.float32) if vector is None else vector for vector in vectors])
