"""Candidates for each part of a message: the vetted replies whose questions or wording lie nearest."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from app.domain import Analysis, Evidence, IntentScore
from knowledge_base.catalogue import Fact, Product
from knowledge_base.knowledge import Knowledge
from knowledge_base.search import Encoder, FloatArray, Hit, ReplyIndex
from models.text import EncodedText

SHOWN_PER_INTENT = 3  # pieces of evidence
FACT_AT_LEAST = 0.35  # cosine from which a catalogue fact counts as an answer (same-meaning pairs of the encoder lie above, components.md section 2)
REQUEST = "special_request:"


@dataclass(frozen=True, slots=True)
class Found:
    """For each intent span the best score per reply, plus the kind of special request that lies nearest."""

    by_span: Mapping[tuple[int, int], Mapping[str, Hit]]
    request: str | None

    def scores(self, span: tuple[int, int]) -> Mapping[str, Hit]:
        """The hits for one intent's part of the message."""
        return self.by_span.get(span, {})

    def best(self) -> Hit | None:
        """The single best reply over all parts, requests aside."""
        hits = [hit for found in self.by_span.values() for hit in found.values()]
        return max(hits, key=lambda hit: hit.score, default=None)


def retrieve(analysis: Analysis, encoded: EncodedText, index: ReplyIndex) -> Found:
    """Searches with the whole message and with the part that asks each intent; the better score counts."""
    spans = list(dict.fromkeys(intent.span for intent in analysis.intents))
    vectors = np.stack([encoded.whole, *(vector_of(span, encoded) for span in spans)])
    whole, *parts = index.search(vectors, lambda _: True)
    by_span = {}
    for span, hits in zip(spans, parts, strict=True):
        best: dict[str, Hit] = {}
        for hit in (*hits, *whole):
            if hit.reply_id not in best or hit.score > best[hit.reply_id].score:
                best[hit.reply_id] = hit
        by_span[span] = {reply_id: hit for reply_id, hit in best.items() if not reply_id.startswith(REQUEST)}
    requests = [hit for hits in (whole, *parts) for hit in hits if hit.reply_id.startswith(REQUEST)]
    nearest = max(requests, key=lambda hit: hit.score, default=None)
    return Found(by_span, nearest.reply_id.removeprefix(REQUEST) if nearest else None)


def vector_of(span: tuple[int, int], encoded: EncodedText) -> FloatArray:
    """The vector of the part that overlaps a span most; the whole message's where none does."""
    overlaps = [min(part.end, span[1]) - max(part.start, span[0]) for part in encoded.parts]
    if not overlaps or max(overlaps) <= 0 or span[1] - span[0] >= len(encoded.text.strip()):
        return encoded.whole
    vector: FloatArray = encoded.part_vectors[int(np.argmax(overlaps))]
    return vector


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
    hits = sorted(found.scores(intent.span).values(), key=lambda hit: -hit.score)
    own = [hit for hit in hits if hit.reply_id.partition(".")[0] == intent.id][:SHOWN_PER_INTENT]
    return [_evidence(hit, knowledge) for hit in own]


def nearest_evidence(found: Found, knowledge: Knowledge, count: int = 3) -> list[Evidence]:
    """The nearest replies of any intent, for a message that nothing answers."""
    best: dict[str, Hit] = {}
    for hits in found.by_span.values():
        for hit in hits.values():
            if hit.reply_id not in best or hit.score > best[hit.reply_id].score:
                best[hit.reply_id] = hit
    return [_evidence(hit, knowledge) for hit in sorted(best.values(), key=lambda hit: -hit.score)[:count]]


def _evidence(hit: Hit, knowledge: Knowledge) -> Evidence:
    variant = knowledge.replies.variants[hit.reply_id, hit.entry.language]
    return Evidence(
        reply_id=hit.reply_id, version=variant.vetting.version, score=round(max(0.0, min(1.0, hit.score)), 4), intent=hit.reply_id.partition(".")[0], text=hit.entry.text
    )  # fmt: skip
