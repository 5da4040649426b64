"""Candidates for each part of a message: the vetted replies whose questions or wording lie nearest."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from app.domain import Evidence, IntentScore
from knowledge_base.catalogue import Fact, Product
from knowledge_base.knowledge import Knowledge
from knowledge_base.schema import Occasion
from knowledge_base.search import Encoder, Entry, Hit, ReplyIndex
from knowledge_base.vectors import FloatArray
from models.text import EncodedText

SHOWN_PER_INTENT = 3  # pieces of evidence
LOOSELY = 0.35  # cosine below which a hit of the whole message says nothing about which sibling is meant
CLEARLY = 0.5  # the same for one part, which may be about something else
FACT_AT_LEAST = 0.35  # cosine from which a catalogue fact counts as an answer (same-meaning pairs of the encoder lie above, components.md section 2)
REQUEST = "special_request:"


@dataclass(frozen=True, slots=True)
class Found:
    """The best hit per reply over all parts of the message, the hits of each part, and the kind of special request that lies nearest."""

    hits: Mapping[str, Hit]
    parts: tuple[Mapping[str, float], ...]  # the whole message first: reply -> cosine
    request: str | None

    def score(self, reply_id: str) -> float:
        """The cosine of the best hit; 0 where the reply was not found."""
        hit = self.hits.get(reply_id)
        return hit.score if hit else 0.0

    def asks_like(self, reply_id: str, siblings: Sequence[str]) -> bool:
        """Whether the whole message, or one part of it clearly, lies nearer to this reply's questions than to its siblings'."""
        for place, scores in enumerate(self.parts):
            own = scores.get(reply_id, 0.0)
            if own >= (CLEARLY if place else LOOSELY) and own >= max(scores.get(sibling, 0.0) for sibling in siblings):
                return True
        return False

    def best(self) -> Hit | None:
        """The single best reply."""
        return max(self.hits.values(), key=lambda hit: hit.score, default=None)


def retrieve(encoded: EncodedText, index: ReplyIndex, knowledge: Knowledge, occasion: Occasion) -> Found:
    """Searches with the whole message and with each of its parts; the best score of a reply counts. Only what may be used on the occasion is found."""

    @cache
    def usable(reply_id: str, language: str) -> bool:
        return reply_id.startswith(REQUEST) or knowledge.replies.find_variant(reply_id, language, occasion) is not None

    always = knowledge.replies.always_usable

    def allowed(entry: Entry) -> bool:
        return (entry.reply_id, entry.language) in always or usable(entry.reply_id, entry.language)

    single = len(encoded.parts) == 1  # its vector is that of the whole: one search serves both
    vectors = encoded.whole[None, :] if single else np.concatenate([encoded.whole[None, :], encoded.part_vectors])
    hits = index.search(vectors, allowed) * (2 if single else 1)
    best: dict[str, Hit] = {}
    for hit in (hit for found in hits for hit in found):
        if hit.reply_id not in best or hit.score > best[hit.reply_id].score:
            best[hit.reply_id] = hit
    requests = [hit for hit in best.values() if hit.reply_id.startswith(REQUEST)]
    nearest = max(requests, key=lambda hit: hit.score, default=None)
    replies = {reply_id: hit for reply_id, hit in best.items() if not reply_id.startswith(REQUEST)}
    parts = tuple({hit.reply_id: hit.score for hit in found} for found in hits)
    return Found(replies, parts, nearest.reply_id.removeprefix(REQUEST) if nearest else None)


def find_fact(product: Product | None, language: str, text: str, vector: FloatArray, encoder: Encoder) -> Fact | None:
    """The catalogue's fact that answers a question: by the buyers' words for it, else by meaning; None where none does."""
    if product is None or not product.facts:
        return None
    folded = text.casefold()
    for fact in product.facts:
        if any(word.casefold() in folded for word in fact.asked_by.get(language, ())):
            return fact
    sentences = [fact.sentences.get(language) or next(iter(fact.sentences.values())) for fact in product.facts]
    scores = encoder.encode(sentences) @ vector
    best = int(np.argmax(scores))
    return product.facts[best] if scores[best] >= FACT_AT_LEAST else None


def evidence_for(intent: IntentScore, found: Found, knowledge: Knowledge) -> list[Evidence]:
    """What an agent is shown as found for one intent, best first."""
    hits = sorted(found.hits.values(), key=lambda hit: -hit.score)
    own = [hit for hit in hits if hit.reply_id.partition(".")[0] == intent.id][:SHOWN_PER_INTENT]
    return [_evidence(hit, knowledge) for hit in own]


def nearest_evidence(found: Found, knowledge: Knowledge, count: int = 3) -> list[Evidence]:
    """The nearest replies of any intent, for a message that nothing answers."""
    return [_evidence(hit, knowledge) for hit in sorted(found.hits.values(), key=lambda hit: -hit.score)[:count]]


def _evidence(hit: Hit, knowledge: Knowledge) -> Evidence:
    variant = knowledge.replies.variants[hit.reply_id, hit.entry.language]
    return Evidence(
        reply_id=hit.reply_id, version=variant.vetting.version, score=round(max(0.0, min(1.0, hit.score)), 4), intent=hit.reply_id.partition(".")[0], text=hit.entry.text
    )  # fmt: skip
