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
from models.tokens import told_before
from models.types import FloatArray, IntArray

FEWEST = 10
FEWEST_HONEST = 100
"""With fewer messages that the encoder has not been tuned on, rules are fitted on all, which flatters them."""


@dataclass(frozen=True, slots=True)
class Corpus:
    """n examples with their encoded texts, inputs (n rows) and folds (n,).

    `honest` are the rows from which rules and figures are made: those that the encoder was not tuned on, and no corrections,
    which are the misread ones of many (docs/results/fortnight.md).
    """

    examples: tuple[Example, ...]
    encoded: tuple[EncodedText, ...]
    inputs: Inputs
    folds: IntArray
    honest: IntArray


def encoded_corpus(examples: Sequence[Example], encoder: Encoder, progress: Progress, *, history: bool) -> Corpus:
    """Encodes every example, with the seller's last turns where `history`; ValueError with fewer than ten."""
    if len(examples) < FEWEST:
        raise ValueError(f"{len(examples)} labelled examples are too few to learn from; at least {FEWEST} are needed")
    progress(0.0, f"encoding {len(examples)} messages")
    encoded = tuple(encode_text(encoder, clean(example.text), told_before(example.history)) for example in examples)
    inputs = whole_inputs(encoded, _sellers(examples, encoder) if history else None)
    folds = grouped_folds(np.stack([text.whole for text in encoded]))
    return Corpus(tuple(examples), encoded, inputs, folds, _honest(examples, encoder))


def _honest(examples: Sequence[Example], encoder: Encoder) -> IntArray:
    usual = np.array([not example.corrected for example in examples])
    rows = np.flatnonzero(usual & encoder.unseen([example.text for example in examples]))
    if len(rows) >= FEWEST_HONEST:
        return rows
    return np.flatnonzero(usual) if usual.any() else np.arange(len(examples))


def _sellers(examples: Sequence[Example], encoder: Encoder) -> FloatArray:
    from models.intent import seller_vector

    vectors = (seller_vector(encoder, example.history) for example in examples)
    return np.stack([np.zeros(encoder.dim, dtype=np.float32) if vector is None else vector for vector in vectors])
