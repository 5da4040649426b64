"""The obvious design, built to be measured against and for nothing else: langdetect, a sentence-transformers encoder, logistic
regression for each label set, FAISS flat, and a template filled with the order's facts.

It learns from the same messages and searches the same replies. It has no checks, no gloss and no manner of a market: what it
does is less, so a ratio of times flatters it.
"""

import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import faiss
import numpy as np
import numpy.typing as npt

from app.domain import BuyerMessage
from knowledge_base.knowledge import Knowledge, read_knowledge
from models.examples import Example

FloatArray = npt.NDArray[np.float32]
STRENGTH = 30.0
"""Inverse regularisation (`C`): 30 was best of 10, 30, 100 and 300 on the gate messages."""

NEIGHBOURS = 50
_ENCODER, _WEIGHTS, _REPLIES, _LEARNED = "encoder", "weights.npz", "replies.npy", "learned"
_SLOT = re.compile(r"\{([a-z_.]+)\}")


@dataclass(frozen=True, slots=True)
class PlainDraft:
    """What the plain stack says of a message."""

    language: str
    intent: str
    emotion: str
    conduct: tuple[str, ...]
    text: str


def learned(folder: Path, knowledge: Knowledge) -> bool:
    """Whether `learn` has been there with these replies."""
    mark = folder / _LEARNED
    return mark.exists() and mark.read_text("utf-8") == knowledge.version


def learn(examples: Sequence[Example], knowledge: Knowledge, folder: Path) -> None:
    """Puts encoder, fitted classifiers and the replies' vectors into `folder`; BaseError, ImportError where an extra is missing."""
    from models.tuning.base import read_base
    from models.tuning.portable import save_portable

    save_portable(read_base(), folder / _ENCODER)
    encoder = _Encoder(folder / _ENCODER)
    vectors = encoder.encode([example.text for example in examples])
    intents = [example.intents[0] for example in examples]
    emotions = [example.emotion or "neutral" for example in examples]
    flags = sorted({flag for example in examples for flag in example.conduct})
    fitted = {"intent": _fitted(vectors, intents), "emotion": _fitted(vectors, emotions)}
    fitted |= {f"conduct.{flag}": _fitted(vectors, [str(flag in example.conduct) for example in examples]) for flag in flags}  # fmt: skip
    weights = {f"{kind}/{part}": values for kind, parts in fitted.items() for part, values in parts.items()}
    np.savez(folder / _WEIGHTS, allow_pickle=False, **weights)
    np.save(folder / _REPLIES, encoder.encode([entry.text for entry in knowledge.entries()]))
    (folder / _LEARNED).write_text(knowledge.version, "utf-8")


def _fitted(vectors: FloatArray, labels: Sequence[str]) -> dict[str, npt.NDArray[np.generic]]:
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=STRENGTH, max_iter=300).fit(vectors, np.array(labels))
    return {"classes": model.classes_, "coef": model.coef_, "intercept": model.intercept_}


class _Encoder:
    """One thread, as ours."""

    def __init__(self, folder: Path) -> None:
        import torch
        from sentence_transformers import SentenceTransformer

        torch.set_num_threads(1)
        self._model = SentenceTransformer(str(folder), device="cpu")

    def encode(self, texts: Sequence[str]) -> FloatArray:
        """(len(texts), dim), unit length."""
        return np.asarray(self._model.encode(list(texts), prompt_name="query", show_progress_bar=False), dtype=np.float32)  # fmt: skip


class PlainStack:
    """Loaded from what `learn` has written."""

    def __init__(self, folder: Path, knowledge: Knowledge) -> None:
        import sklearn.linear_model  # noqa: F401 - what serving it costs in memory
        from langdetect import DetectorFactory

        DetectorFactory.seed = 0
        self._encoder = _Encoder(folder / _ENCODER)
        with np.load(folder / _WEIGHTS) as saved:
            self._weights = {name: saved[name] for name in saved.files}
        self._flags = sorted(name.split("/")[0] for name in self._weights if name.startswith("conduct.") and name.endswith("/coef"))  # fmt: skip
        self._knowledge = knowledge
        self._entries = knowledge.entries()
        vectors = np.load(folder / _REPLIES)
        self._index = faiss.IndexFlatIP(vectors.shape[1])
        self._index.add(vectors)

    def draft(self, message: BuyerMessage) -> PlainDraft:
        """The whole of it, for one message."""
        from langdetect import LangDetectException, detect

        try:
            language = detect(message.text).partition("-")[0]
        except LangDetectException:
            language = "en"
        vector = self._encoder.encode([message.text])
        intent, emotion = self._likeliest("intent", vector), self._likeliest("emotion", vector)
        conduct = tuple(flag.partition(".")[2] for flag in self._flags if self._likeliest(flag, vector) == "True")
        return PlainDraft(language, intent, emotion, conduct, self._reply(vector, intent, language, message))

    def _likeliest(self, kind: str, vector: FloatArray) -> str:
        scores = vector @ self._weights[f"{kind}/coef"].T + self._weights[f"{kind}/intercept"]
        best = int(scores[0].argmax()) if scores.shape[1] > 1 else int(scores[0, 0] > 0)
        return str(self._weights[f"{kind}/classes"][best])

    def _reply(self, vector: FloatArray, intent: str, language: str, message: BuyerMessage) -> str:
        """The wording of the nearest reply to that intent, in that language where it exists, filled in."""
        found = [self._entries[row] for row in self._index.search(vector, NEIGHBOURS)[1][0].tolist()]
        fitting = [entry for entry in found if entry.reply_id.partition(".")[0] == intent] or found
        reply = next((entry.reply_id for entry in fitting if not entry.reply_id.startswith("special_request")), "")
        variants = self._knowledge.replies.variants
        variant = variants.get((reply, language)) or variants.get((reply, "en"))
        facts = message.order.model_dump(mode="json") if message.order else {}
        texts = variant.sentences.values() if variant else ()
        return " ".join(_SLOT.sub(lambda mark: str(facts.get(mark[1]) or ""), text) for text in texts)


def main(folder: Path) -> None:
    """Loads the stack, drafts once, prints the memory that the process then holds (MiB): what one worker of it needs."""
    from datetime import UTC, datetime

    from app.bench.machine import resident_mib

    stack = PlainStack(folder, read_knowledge())
    stack.draft(BuyerMessage(text="Where is my parcel?", received_at=datetime.now(UTC)))
    print(resident_mib())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
