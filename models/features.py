"""Character n-grams hashed into buckets: what the heads see beside the sentence embedding.

Own hashing with crc32, so that serving needs neither a vocabulary nor scikit-learn, and the same text gives the same
buckets on every machine. Word-bound n-grams follow scikit-learn's `char_wb` idea; East Asian runs have no word bounds.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from zlib import crc32

import numpy as np

from models.types import FloatArray, IntArray

BITS = 15
BUCKETS = 1 << BITS
MAX_CHARS = 1000
SHORTEST, LONGEST = 2, 5
"""Lengths of n-grams within a word, the bounds counted."""
LONGEST_CJK = 3

_WORDS = re.compile("([\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3\u0e00-\u0e7f]+)|([^\\W_]+|[!?]+|[^\\w\\s.,;:()\"'-])")
_STRETCHED = re.compile(r"([^\W\d_])\1{2,}")
_DIGITS = re.compile(r"\d")


@dataclass(frozen=True, slots=True)
class Grams:
    """Sparse n-gram features of one text: `buckets` ascending (k,), `weights` (k,) of 1 + ln count."""

    buckets: IntArray
    weights: FloatArray


@lru_cache(maxsize=2048)
def hashed_grams(text: str) -> Grams:
    """The n-grams of `text` (its first MAX_CHARS); cached, since three heads ask for the same text.

    Digits are masked: a number's value says nothing about what is asked.
    """
    plain = _DIGITS.sub("0", text[:MAX_CHARS].lower())
    words = [*_WORDS.findall(plain), *(("", sign) for sign in _tone(text[:MAX_CHARS]))]
    hashes = [bucket for run, word in words for bucket in _buckets(run, word)]
    buckets, counts = np.unique(np.array(hashes, dtype=np.int64), return_counts=True)
    return Grams(buckets, (1.0 + np.log(counts)).astype(np.float32))


def _tone(text: str) -> list[str]:
    """What lower case and masking hide: shouting, stretched letters."""
    letters = [char for char in text if char.isalpha()]
    shouted = len(letters) >= 6 and sum(char.isupper() for char in letters) > 0.6 * len(letters)
    return ["\x01caps"] * shouted + ["\x01long"] * bool(_STRETCHED.search(text))


@lru_cache(maxsize=1 << 16)
def _buckets(run: str, word: str) -> tuple[int, ...]:
    """Of an East Asian run, or else of a word; cached, since most words of a message are common ones."""
    grams = _within(run, 1, LONGEST_CJK) if run else _within(f"_{word}_", SHORTEST, LONGEST)
    return tuple(crc32(gram.encode("utf-8", "replace")) & (BUCKETS - 1) for gram in grams)


def _within(word: str, shortest: int, longest: int) -> list[str]:
    """All n-grams of `word`, and the word itself where it is longer than the longest."""
    grams = [word[at : at + n] for n in range(shortest, longest + 1) for at in range(len(word) - n + 1)]
    return [*grams, word] if len(word) > longest else grams
