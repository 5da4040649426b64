"""The phrases of a letter's frame, found by meaning: for an agent who writes a reply by hand."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from knowledge_base.phrases import Phrases
from knowledge_base.search import Encoder


@dataclass(frozen=True, slots=True)
class PhraseHit:
    """One wording: `choice` is its place among the wordings of its phrase, which are each other's gloss across languages."""

    phrase_id: str
    choice: int
    text: str
    score: float  # cosine, -1..1


class PhraseSearch:
    """Encodes a language's phrases when they are first searched. Wordings with a slot are left out: nobody would fill it."""

    def __init__(self, encoder: Encoder, phrases: Phrases) -> None:
        self._encoder, self._phrases = encoder, phrases
        self._known: dict[str, tuple[Sequence[PhraseHit], npt.NDArray[np.float32]]] = {}

    def nearest(self, text: str, language: str, k: int) -> Sequence[PhraseHit]:
        """The `k` wordings of that language nearest to a text of any language; none where the language has no phrases."""
        if language not in self._known:
            wordings = self._wordings(language)
            self._known[language] = (wordings, self._encoder.encode([hit.text for hit in wordings]))
        wordings, vectors = self._known[language]
        if not wordings:
            return ()
        scores = vectors @ self._encoder.encode([text])[0]
        order = np.argsort(-scores, kind="stable")[:k]
        return [PhraseHit(wordings[place].phrase_id, wordings[place].choice, wordings[place].text, float(scores[place])) for place in order]  # fmt: skip

    def gloss(self, hit: PhraseHit, language: str) -> str | None:
        """The same wording in another language."""
        phrase = self._phrases.find(hit.phrase_id, language)
        return phrase.wording(hit.choice, None) if phrase else None

    def _wordings(self, language: str) -> Sequence[PhraseHit]:
        words = self._phrases.languages.get(language)
        phrases = sorted(words.phrases.items()) if words else []
        return [PhraseHit(name, choice, text, 0.0) for name, phrase in phrases for choice, text in enumerate(phrase.texts) if "{" not in text]  # fmt: skip
