"""Checks against the record: the order's own data, and what the shop has promised before."""

import re
from collections.abc import Iterator

from app.domain import Check
from app.drafting.checks.context import CheckContext
from app.drafting.predicates import holds
from knowledge_base.schema import Predicate

_SENTENCES = re.compile(r"(?<=[.!?؟])\s+|(?<=[。！？])|\n+")
_REFUND_KNOWN = Predicate.parse("refund.known")
PROMISE = "ungranted_promise"  # the patterns of each language that know a promise


def check_record(context: CheckContext) -> list[Check]:
    """Order data that cannot all be true; and a promise of the shop in an earlier message, which this letter has to keep."""
    found = [
        context.finding("contradicts_record", "warn", key="contradicting_order", fields=pair.replace(">", " / "))
        for pair in context.facts.contradictions
    ]
    if not context.text or holds(_REFUND_KNOWN, context.facts):
        return found
    return found + [
        context.finding("contradicts_record", "warn", key="promised_before", words=sentence)
        for sentence in _promises(context)
        if sentence not in context.text
    ]


def _promises(context: CheckContext) -> Iterator[str]:
    """Sentences of the shop's earlier messages that promise something, in whatever language they were written."""
    for turn in context.facts.message.history:
        lexicon = context.knowledge.lexicons.get(context.detector.detect(turn.text).code)
        finder = lexicon.checks.get(PROMISE) if lexicon and turn.sender == "seller" else None
        if finder is not None:
            yield from (part.strip() for part in _SENTENCES.split(turn.text) if finder.search(part.casefold()))
