"""Checks of the text as a whole: language, form of address, length, completeness, the market, the record, what did not work."""

import re
from datetime import date

from app.domain import Check
from app.drafting.checks.context import CheckContext

SURE = 0.75  # confidence from which another language than the expected one blocks; the detector is right in >.99 of such cases
ENOUGH = 25  # letters below which a text is too short to tell its language
_LETTERS = re.compile(r"[^\W\d_]")


def check_language(context: CheckContext) -> list[Check]:
    """Not the buyer's language: block. Familiar and polite address mixed: warn."""
    body = _without_values(context)
    found = []
    if len(_LETTERS.findall(body)) >= (ENOUGH if context.code not in ("zh", "ja", "ko") else ENOUGH // 3):
        reading = context.detector.detect(body)
        if reading.code not in (context.code, "und") and reading.confidence >= SURE:
            found.append(
                context.finding(
                    "wrong_language", "block", (0, len(context.text)), found=reading.code, wanted=context.code
                )
            )
    lexicon = context.knowledge.lexicons.get(context.code)
    if lexicon and lexicon.informal.find_pattern and lexicon.formal.find_pattern:
        informal, formal = (
            lexicon.informal.find_pattern.search(body.casefold()),
            lexicon.formal.find_pattern.search(body.casefold()),
        )
        if informal and formal:
            found.append(
                context.finding("wrong_language", "warn", key="mixed_address", words=f"{informal[0]} / {formal[0]}")
            )
    return found


def _without_values(context: CheckContext) -> str:
    """The text less names, titles and links, which may be in any language."""
    text = context.text
    for known in context.facts.values.values():
        if isinstance(known.value, str) and len(known.value) > 2:
            text = text.replace(known.value, " ")
    for slot in (slot for segment in context.segments for slot in segment.slots):
        text = text.replace(context.text[slot.span[0] : slot.span[1]], " ")
    return re.sub(r"https?://\S+", " ", text)


def check_length(context: CheckContext) -> list[Check]:
    """Longer than the channel allows: warn, block where the channel cuts."""
    limit = min(context.facts.channel.max_chars, context.max_chars or context.facts.channel.max_chars)
    if len(context.text) <= limit:
        return []
    return [
        context.finding(
            "too_long",
            "block" if context.facts.channel.cuts_at_limit else "warn",
            (limit, len(context.text)),
            limit=limit,
            length=len(context.text),
        )
    ]


KEEPS_ITS_ANSWER = 0.34  # share of an answer's sentences that an edited text must keep to count as answering


def check_questions(context: CheckContext) -> list[Check]:
    """A question of the buyer that no answer takes up."""
    if context.analysis is None:
        return []
    open_intents = [intent for intent in context.analysis.intents if intent.id not in context.answered]
    found = [
        context.finding("unanswered_question", "warn", intent=_label(context, intent.id)) for intent in open_intents
    ]
    return found + [
        context.finding("unanswered_question", "warn", intent=_label(context, intent)) for intent in _dropped(context)
    ]


def _dropped(context: CheckContext) -> list[str]:
    """Intents whose answer in the draft has no trace left in the edited text."""
    if context.segments or not context.draft_segments or context.text == context.draft_text:
        return []  # a text that names its sources answers what they answer
    kept: dict[str, bool] = {}
    for segment in context.draft_segments:
        if segment.intent is not None and segment.kind == "answer":
            body = context.draft_text[segment.span[0] : segment.span[1]].strip()
            values = [context.draft_text[slot.span[0] : slot.span[1]] for slot in segment.slots]
            kept[segment.intent] = (
                kept.get(segment.intent, False)
                or body in context.text
                or any(value in context.text for value in values)
            )
    several = len(kept) > 1
    return [intent for intent, still in kept.items() if not still] if several else []


def _label(context: CheckContext, intent: str) -> str:
    profile = context.knowledge.languages.get(context.agent_language) or context.knowledge.languages["en"]
    return profile.intents.get(intent, intent)


def check_market(context: CheckContext) -> list[Check]:
    """The market's avoid-list; facts stay what they are, so values are left out of the search."""
    found = []
    for avoid in context.facts.profile.avoid.values():
        pattern = re.compile(
            rf"(?<!\d){re.escape(avoid.value)}(?!\d)" if avoid.kind == "number" else re.escape(avoid.value.casefold())
        )
        body = context.folded[0] if avoid.kind == "text" else _free_numbers(context)
        match = pattern.search(body)
        if match is not None and not context.vetted((match.start(), match.end())):
            reason = avoid.reason.get(context.agent_language) or avoid.reason["en"]
            found.append(context.finding("market_avoid", "warn", match.span(), words=avoid.value, reason=reason))
    return found


def _free_numbers(context: CheckContext) -> str:
    chars = list(context.text)
    for slot in (slot for segment in context.segments for slot in segment.slots):
        chars[slot.span[0] : slot.span[1]] = " " * (slot.span[1] - slot.span[0])
    return "".join(chars) if context.segments else ""


def check_degraded(context: CheckContext) -> list[Check]:
    """Parts that did not work; the draft is there all the same."""
    found = [context.finding("degraded", "warn", key=f"degraded.{part}") for part in context.degraded]
    if context.facts.market is not None and not context.knowledge.profiles.known(context.facts.market):
        found.append(context.finding("degraded", "warn", key="degraded.no_profile", market=context.facts.market))
    return found


def check_expired(context: CheckContext, today: date) -> list[Check]:
    """Vetted texts that should have been read again by now."""
    due = {
        segment.source.id
        for segment in context.segments
        if segment.source.type == "reply" and _review_due(context, segment.source.id, today)
    }
    return [context.finding("degraded", "warn", key="degraded.review_due", reply=reply) for reply in sorted(due)]


def _review_due(context: CheckContext, source_id: str, today: date) -> bool:
    variant = context.knowledge.replies.variants.get((source_id.rpartition(".")[0], context.code))
    return variant is not None and variant.vetting.review < today
