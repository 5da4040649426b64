"""Checks that recognise what must not be said: by each language's patterns (content/languages/<code>/checks.toml) and by meaning.

Patterns know words, the witness (models/wording.py) knows what is meant; where it is sure that a sentence is harmless, a
word alone raises no alarm. Vetted texts are asked neither."""

import re
from collections.abc import Iterator

from app.domain import Check, CheckStatus, Span
from app.drafting.checks.channel import platform_rule_status
from app.drafting.checks.context import CheckContext
from app.drafting.checks.disguise import undisguised
from app.drafting.predicates import holds
from knowledge_base.lexicon import Lexicon
from knowledge_base.schema import Predicate

LEXICAL: dict[str, CheckStatus] = {
    "review_manipulation": "block", "customs_fraud": "block", "unsafe_promise": "block", "hostile_tone": "block", "liability": "warn", "off_platform": "block",
    "platform_rule": "block", "ungranted_promise": "block", "wrong_language": "block",
}  # fmt: skip
HARMLESS, NOTICED, SURE = 0.1, 0.4, 0.6
"""Probability by meaning under which a pattern raises no alarm, from which the meaning alone warns, and from which it counts as a
pattern does. Chosen on texts of hands that the witness had not learned from (docs/decisions/0015-a-second-witness-for-wording.md)."""
_KEYS = {"wrong_language": "neighbour_language"}  # words of a language so near that no detector tells them apart
MARKETPLACE_ONLY = frozenset({"off_platform", "platform_rule"})  # elsewhere a warning
_REFUND_GRANTED = Predicate.parse("policy.grants(refund)")


def check_wording(context: CheckContext) -> list[Check]:
    """What some sentence says by its words or its meaning, unless the same sentence makes it harmless or a vetted text says it."""
    lexicon = context.knowledge.lexicons.get(context.code)
    if lexicon is None:
        return (
            [context.finding("degraded", "warn", key="degraded.no_lexicon", language=context.language)]
            if context.segments == ()
            else []
        )
    found = []
    sentences = list(context.sentences())
    for number, (sentence, offset) in enumerate(sentences):
        whole = context.span(offset, offset + len(sentence))
        if context.all_vetted(whole):
            continue  # whatever were found there, a vetted text says it
        following, after = sentences[number + 1] if number + 1 < len(sentences) else ("", offset + len(sentence))
        if _turned_down(lexicon, sentence, following):
            continue
        for check_id, span, certain in _said(
            context, lexicon, sentence, offset, context.span(offset, after + len(following))
        ):
            if not context.vetted(span) and not _excused(check_id, context, sentence):
                found.append(
                    context.finding(
                        check_id,
                        _status(check_id, context) if certain else "warn",
                        span,
                        key=_KEYS.get(check_id, ""),
                        words=context.text[slice(*span)],
                    )
                )
    return found


def _said(
    context: CheckContext, lexicon: Lexicon, sentence: str, offset: int, both: Span
) -> Iterator[tuple[str, Span, bool]]:
    """Each check once, with the words that a pattern names, or the whole sentence where its meaning alone tells; and whether that is certain.

    In a person's text a pattern is silenced where neither the sentence nor the two (`both`: with the one that follows) mean
    anything bad, but for a disguise, which speaks for itself; a model's text is not believed that far. What makes a pattern harmless does so for the meaning: words know a refusal better.
    """
    whole = context.span(offset, offset + len(sentence))
    meant, found = context.meaning(whole), set[str]()
    for check_id, place, disguised in _matches(lexicon, sentence):
        kept = disguised or context.segments != ()
        if kept or max(meant.get(check_id, 1.0), context.meaning(both).get(check_id, 1.0)) >= HARMLESS:
            found.add(check_id)
            yield check_id, context.span(offset + place[0], offset + place[1]), True
    for check_id, share in meant.items():
        if share >= NOTICED and check_id not in found and not lexicon.excuses(check_id, sentence):
            yield check_id, whole, share >= SURE


def _matches(lexicon: Lexicon, sentence: str) -> Iterator[tuple[str, Span, bool]]:
    """The checks whose patterns hold in a sentence, as it stands or as its reader takes it (disguised)."""
    read = undisguised(sentence)
    for check_id, finder in lexicon.checks.items():
        match = finder.search(sentence)
        if match is not None:
            yield check_id, match.span(), False
        elif read is not None and (match := finder.search(read[0])) is not None:
            places = read[1]
            yield check_id, (places[match.start()], places[max(match.start(), match.end() - 1)] + 1), True


def _turned_down(lexicon: Lexicon, sentence: str, following: str) -> bool:
    """What the buyer asked or wrote, repeated and turned down: "You asked whether ... That is not possible." """
    asked = lexicon.reported.search(sentence)
    denial = lexicon.denial.find_pattern
    agreed = lexicon.reported.unless_pattern
    if asked is None or denial is None or (agreed is not None and agreed.search(following)):
        return False
    return denial.search(f"{sentence[asked.end() :]} {following}") is not None


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
