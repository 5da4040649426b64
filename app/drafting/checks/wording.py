"""Checks that recognise what must not be said, by each language's patterns (content/languages/<code>/checks.toml)."""

import re

from app.domain import Check, CheckStatus
from app.drafting.checks.channel import platform_rule_status
from app.drafting.checks.context import CheckContext
from app.drafting.predicates import holds
from knowledge_base.schema import Predicate

LEXICAL: dict[str, CheckStatus] = {
    "review_manipulation": "block", "customs_fraud": "block", "unsafe_promise": "block", "hostile_tone": "block", "liability": "warn", "off_platform": "block",
    "platform_rule": "block", "ungranted_promise": "block",
}  # fmt: skip
MARKETPLACE_ONLY = frozenset({"off_platform", "platform_rule"})  # elsewhere a warning
_REFUND_GRANTED = Predicate.parse("policy.grants(refund)")


def check_wording(context: CheckContext) -> list[Check]:
    """Every pattern that holds in some sentence, unless the same sentence makes it harmless or a vetted text says it."""
    lexicon = context.knowledge.lexicons.get(context.code)
    if lexicon is None:
        return (
            [context.finding("degraded", "warn", key="degraded.no_lexicon", language=context.language)]
            if context.segments == ()
            else []
        )
    found = []
    for check_id, finder in lexicon.checks.items():
        if finder.find_pattern is None:
            continue
        for sentence, offset in context.sentences():
            match = finder.find_pattern.search(sentence)
            if match is None or (finder.unless_pattern and finder.unless_pattern.search(sentence)):
                continue
            span = context.span(offset + match.start(), offset + match.end())
            if not context.vetted(span) and not _excused(check_id, context, sentence):
                found.append(
                    context.finding(check_id, _status(check_id, context), span, words=context.text[slice(*span)])
                )
    return found


def _status(check_id: str, context: CheckContext) -> CheckStatus:
    """As the check says; a rule of the channel's own as the channel's file says, and a warning where it has none."""
    if check_id == "platform_rule":
        return platform_rule_status(context.facts.channel)
    status = LEXICAL.get(check_id, "warn")
    return "warn" if check_id in MARKETPLACE_ONLY and context.facts.channel.kind != "marketplace" else status


def _excused(check_id: str, context: CheckContext, sentence: str) -> bool:
    """A promise that policy or order grants, or that the vetted draft made in the same words, is no ungranted one."""
    if check_id != "ungranted_promise":
        return False
    granted = holds(_REFUND_GRANTED, context.facts) or holds(Predicate.parse("refund.known"), context.facts)
    return granted or sentence.strip() in context.draft_text.casefold()


_CONTACT = ("email", "phone")


def check_contacts(context: CheckContext) -> list[Check]:
    """Mail addresses and phone numbers that lead off the platform."""
    status: CheckStatus = "block" if context.facts.channel.kind == "marketplace" else "warn"
    return [
        context.finding("off_platform", status, (entity.start, entity.end), words=entity.value)
        for entity in context.entities
        if entity.type in _CONTACT
    ]


def check_personal_data(context: CheckContext) -> list[Check]:
    """Card numbers anywhere; in public, anything that tells who bought what."""
    found = [
        context.finding("personal_data", "block", (entity.start, entity.end), words=entity.value)
        for entity in context.entities
        if entity.type == "card_number"
    ]
    if context.facts.message.visibility != "public":
        return found
    for name in ("order_id", "tracking_number", "name"):
        known = context.facts.values.get(name)
        place = context.text.find(str(known.value)) if known else -1
        if known is not None and place >= 0:
            found.append(
                context.finding(
                    "personal_data",
                    "block",
                    (place, place + len(str(known.value))),
                    key="personal_data.public",
                    words=str(known.value),
                )
            )
    return found


_SLOT_LEFT = re.compile(
    r"\{[a-zA-Z_.]+\}|\{\{|\}\}|\[(?:[A-Za-z_ ]{2,30}|名字|姓名|名前|订单号|注文番号|이름|고객명|주문번호|имя|номер заказа|الاسم)\]|<[a-zA-Z_ ]{2,30}>|_{3,}|\bX{3,}\b|\$\{"
)


def check_unfilled(context: CheckContext) -> list[Check]:
    """A slot or template mark that is left."""
    return [
        context.finding("unfilled_slot", "block", match.span(), words=match[0])
        for match in _SLOT_LEFT.finditer(context.text)
    ]
