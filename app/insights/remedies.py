"""What signed letters granted the buyers, and what it costs where the letter names a sum. Pure: rows in, values out."""

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from rapidfuzz import fuzz

from app.domain import Money
from app.insights.figures import SIGNED
from app.store.insights import Said, Work
from knowledge_base.knowledge import Knowledge
from knowledge_base.schema import Remedy
from models.recognisers.money import amounts, percentages
from models.text import clean

KEPT = 75  # of 100: from here on a sentence still stands in an edited letter, with other words or another sum
SUMS = ("money", "offer")  # types of slots


@dataclass(frozen=True, slots=True)
class Given:
    """How often one remedy was granted. `cost` by currency, of those whose letter names a sum; `unpriced`: the others."""

    remedy: Remedy
    times: int
    cost: Mapping[str, Decimal]
    unpriced: int


def given(rows: Sequence[Work], knowledge: Knowledge) -> tuple[Given, ...]:
    """Each remedy once a letter, the most frequent first. An `offer` is what was proposed: whether the buyer took it is not known."""
    found: dict[Remedy, list[Money | None]] = {}
    for row in rows:
        for remedy, worth in dict(_granted(row, knowledge)).items():
            found.setdefault(remedy, []).append(worth)
    counted = (Given(remedy, len(worths), _summed(worths), worths.count(None)) for remedy, worths in found.items())
    return tuple(sorted(counted, key=lambda item: (-item.times, item.remedy)))


def _granted(row: Work, knowledge: Knowledge) -> Iterator[tuple[Remedy, Money | None]]:
    if row.status not in SIGNED:
        return
    for said in row.said:
        situation_id, _, sentence_id = said.id.rpartition(".")
        remedy = _remedy(knowledge, situation_id, sentence_id)
        if remedy is not None and _stands(said, row):
            beside = [other for other in row.said if other.id.rpartition(".")[0] == situation_id]
            yield remedy, next((worth for other in beside if (worth := _worth(other, row, knowledge))), None)


def _remedy(knowledge: Knowledge, situation_id: str, sentence_id: str) -> Remedy | None:
    """None also for a situation or a sentence that is no more."""
    try:
        sentences = knowledge.replies.get_situation(situation_id).sentences
    except KeyError:
        return None
    return next((sentence.remedy for sentence in sentences if sentence.id == sentence_id), None)


def _stands(said: Said, row: Work) -> str:
    """The sentence as it was signed, or nothing where an agent took it out."""
    if not row.edited:
        return said.text
    place = fuzz.partial_ratio_alignment(said.text, row.text, score_cutoff=KEPT)
    return row.text[place.dest_start : place.dest_end] if place else ""


def _worth(said: Said, row: Work, knowledge: Knowledge) -> Money | None:
    """The sum that the sentence names, or its share of the order's total."""
    if not any(knowledge.slots[name].type in SUMS for name in said.slots if name in knowledge.slots):
        return None
    words = _western(_stands(said, row))
    for sum_ in amounts(words, row.market):
        return Money(amount=Decimal(sum_.detail["amount"]), currency=sum_.detail["currency"])
    share = next(percentages(words), None)
    return None if share is None or row.total is None else _part(row.total, Decimal(share.detail["percent"]))


def _part(total: Money, percent: Decimal) -> Money:
    return Money(amount=(total.amount * percent / 100).quantize(Decimal("0.01")), currency=total.currency)


def _western(text: str) -> str:
    """Figures as 0 to 9, whatever script they are in, with the plain signs between them."""
    plain = clean(text).translate({0x2019: "'", 0x66B: ".", 0x66C: ","})
    return "".join(" " if sign.isspace() else str(unicodedata.decimal(sign, sign)) for sign in plain)


def _summed(worths: Sequence[Money | None]) -> Mapping[str, Decimal]:
    """Currencies are never added up: that would need a rate of the day."""
    cost: dict[str, Decimal] = {}
    for worth in worths:
        if worth is not None:
            cost[worth.currency] = cost.get(worth.currency, Decimal(0)) + worth.amount
    return dict(sorted(cost.items()))
