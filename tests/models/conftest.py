"""Small exact stand-ins: an encoder without weights, and a corpus that can be learned in a blink."""

from zlib import crc32

import numpy as np
import pytest

from models.examples import Example, Turn

TEXTS = {
    "order_tracking": ["where is my parcel", "tracking number please", "has my parcel left", "parcel location today", "track it for me"],
    "refund_request": ["i want my money back", "refund me the money", "money back please now", "give the money back", "refund it all"],
    "size_fit": ["which size fits me", "is size m large", "size chart please", "does size 40 run small", "what size for a child"],
    "greeting": ["hello", "hi there", "good morning shop", "hello hello", "good evening"],
}  # fmt: skip
EMOTIONS = {"order_tracking": ("neutral", 0.0), "refund_request": ("angry", 0.8), "size_fit": ("neutral", 0.0), "greeting": ("pleased", 0.4)}  # fmt: skip


class LetterEncoder:
    """Unit vectors of hashed letter triples: alike texts are near, and nothing is loaded."""

    name = "letters"
    revision = "1"
    dim = 48

    def encode(self, texts, before=None):  # noqa: ARG002
        rows = np.zeros((len(texts), self.dim), dtype=np.float32)
        for row, text in enumerate(texts):
            padded = f"  {text.lower()}  "
            for at in range(len(padded) - 2):
                rows[row, crc32(padded[at : at + 3].encode("utf-8", "replace")) % self.dim] += 1
        return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-6)

    def unseen(self, texts):
        return np.ones(len(texts), dtype=np.bool_)

    def garbled(self, text):  # noqa: ARG002
        return False


def corpus():
    made = []
    for intent, texts in TEXTS.items():
        emotion, intensity = EMOTIONS[intent]
        conduct = ("threatens_legal",) if intent == "refund_request" else ()
        for number, text in enumerate(texts):
            language = "en" if number % 2 else "de"
            history = (Turn("seller", "how can we help"),) if number == 0 else ()
            made.append(Example(text, language, (intent,), emotion, intensity, conduct, "US", history))
            made.append(Example(f"{text} {number}?", language, (intent,), emotion, intensity, conduct, "US"))
    pairs = zip(TEXTS["refund_request"] * 2, [*TEXTS["size_fit"], *TEXTS["size_fit"][::-1]], strict=True)
    return [*made, *(Example(f"{a}. {b}?", "en", ("refund_request", "size_fit"), "angry", 0.7) for a, b in pairs)]


@pytest.fixture(scope="session")
def encoder():
    return LetterEncoder()


@pytest.fixture(scope="session")
def examples():
    return corpus()
