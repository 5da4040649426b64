"""Which situation answers which part of a message, with which of its sentences, and what is still missing."""

from collections.abc import Iterable
from dataclasses import dataclass

from app.domain import Analysis, Answer, IntentScore, Missing, Plan, Verdict
from app.drafting.facts import Facts
from app.drafting.predicates import all_hold
from app.drafting.retrieve import LOOSELY, Found
from app.drafting.stated import QUESTION_MARKS
from knowledge_base.knowledge import Knowledge
from knowledge_base.schema import Predicate, Sentence, Situation, Variant

IMPLIED = frozenset({"greeting", "thanks_praise"})  # contained in any other answer
RESCUE = 0.6  # cosine from which retrieval alone carries an answer where the classifier abstains; same-meaning questions of the encoder lie about there
FIRM = 0.5  # calibrated score from which a reading stands without retrieval agreeing
UNSURE = 0.5  # what a cosine is worth as confidence where only retrieval speaks
DISAGREEMENT = 0.7  # what confidence keeps where the nearest reply belongs to another intent
SECOND_INTENT = 0.5  # calibrated score below which a further intent is more likely misread than meant
ASKED = 0.3  # the same for a part of the message that ends in a question mark: right in .6 of 40 such parts of our test messages
AT_LEAST_WORDS = 2


@dataclass(frozen=True, slots=True)
class Chosen:
    """A situation with the intent that it answers, and the wording that may be used now."""

    intent: IntentScore
    situation: Situation
    variant: Variant
    similarity: float


def make_plan(
    analysis: Analysis, found: Found, facts: Facts, knowledge: Knowledge, reply_id: str | None = None
) -> Plan:
    """The verdict with all that a letter needs; nothing is worded here. `reply_id` is what an agent asked for."""
    parked = _parked(analysis, facts, knowledge)
    if parked is not None:
        return parked
    intents = _without_absorbed(_readable(analysis, found, facts.message.text), knowledge)
    language = analysis.language.reply_language.partition("-")[0]
    chosen = [pick for intent in intents if (pick := _choose(intent, found, facts, knowledge, language, reply_id))]
    if not chosen:
        return Plan(
            verdict="no_vetted_reply",
            reason="too_unsure" if analysis.abstained or _contradicted(analysis, found) else "nothing_fits",
        )
    answers = tuple(_answer(pick, facts, knowledge) for pick in chosen)
    asks = _asks(chosen, facts)
    missing = (*_missing_from_buyer(asks, chosen), *_missing_from_agent(chosen, facts))
    verdict, reason = _verdict(chosen, facts, missing)
    return Plan(
        verdict=verdict,
        reason=reason,
        answers=answers,
        asks=asks,
        missing=missing,
        confidence=_confidence(chosen, found, analysis),
    )


# --- which messages get no letter -------------------------------------------------------------------------------------


def _parked(analysis: Analysis, facts: Facts, knowledge: Knowledge) -> Plan | None:
    first = analysis.intents[0]
    if _sent_by_a_machine(facts.message.text, knowledge):
        return Plan(verdict="no_reply_needed", reason="system_mail", confidence=1.0)
    if first.id == "spam_phishing" and not analysis.abstained:
        return Plan(verdict="spam", reason="spam", confidence=first.score)
    if _closes_the_conversation(analysis, facts):
        return Plan(verdict="no_reply_needed", reason="thanks_after_answer", confidence=first.score)
    return None


def _sent_by_a_machine(text: str, knowledge: Knowledge) -> bool:
    """Absence notes and notices that nobody answers, by the words with which they begin."""
    start = text[:BEGINNING].casefold().replace("：", ":").replace(" :", ":").replace("\u00a0:", ":")
    return any(mark in start for mark in knowledge.phrases.automatic)


BEGINNING = 200  # characters in which a machine's mail says what it is


def _closes_the_conversation(analysis: Analysis, facts: Facts) -> bool:
    """Thanks, and nothing else, after the shop has answered."""
    history = facts.message.history
    return (
        bool(history)
        and history[-1].sender == "seller"
        and [intent.id for intent in analysis.intents] == ["thanks_praise"]
        and not analysis.abstained
    )


# --- which intents are answered ---------------------------------------------------------------------------------------


def _readable(analysis: Analysis, found: Found, text: str) -> list[IntentScore]:
    """The intents to answer; where the reading is unsure, what retrieval alone is sure of."""
    if not analysis.abstained and not _contradicted(analysis, found):
        first, *others = analysis.intents
        return [
            first,
            *(intent for intent in others if intent.score >= SECOND_INTENT or _is_asked(first, intent, text)),
        ]
    reply_id, score = max(found.parts[0].items(), key=lambda pair: pair[1], default=("", 0.0))
    if score < RESCUE or ":" in reply_id:
        return _announced(analysis)
    return [IntentScore(id=reply_id.partition(".")[0], score=round(score * UNSURE, 4), span=analysis.intents[0].span)]


def _is_asked(first: IntentScore, intent: IntentScore, text: str) -> bool:
    """Whether a weaker reading stands on a part of its own that is a question."""
    apart = intent.span[1] <= first.span[0] or intent.span[0] >= first.span[1]
    return apart and intent.score >= ASKED and text[slice(*intent.span)].rstrip().endswith(QUESTION_MARKS)


def _announced(analysis: Analysis) -> list[IntentScore]:
    """A dispute that the buyer announces is answered as such, however unsure the rest of an angry message is."""
    threat = next((flag.score for flag in analysis.conduct if flag.id == "threatens_dispute"), None)
    if threat is None:
        return []
    return [IntentScore(id="dispute_claim", score=round(threat * UNSURE, 4), span=analysis.intents[0].span)]


def _contradicted(analysis: Analysis, found: Found) -> bool:
    """A weak reading that the nearest reply does not share: two witnesses who disagree prove nothing."""
    best = found.best()
    if best is None or analysis.intents[0].score >= FIRM or best.score < LOOSELY:
        return False
    return best.reply_id.partition(".")[0] not in {intent.id for intent in analysis.intents}


def _without_absorbed(intents: list[IntentScore], knowledge: Knowledge) -> list[IntentScore]:
    """Problem and remedy are one story: an intent that another one's answer contains is not answered again."""
    ids = [intent.id for intent in intents]
    kept = []
    for place, intent in enumerate(intents):
        others = [other for other in ids if other != intent.id]
        absorbed = any(
            intent.id in knowledge.replies.intents[other].absorbs
            and not (other in knowledge.replies.intents[intent.id].absorbs and ids.index(other) > place)
            for other in others
        )
        implied = intent.id in IMPLIED and bool(set(others) - IMPLIED)
        if not absorbed and not implied and intent.id != "spam_phishing":
            kept.append(intent)
    return kept or intents[:1]


# --- which situation --------------------------------------------------------------------------------------------------


def _choose(
    intent: IntentScore, found: Found, facts: Facts, knowledge: Knowledge, language: str, reply_id: str | None
) -> Chosen | None:
    """Of the situations that hold and may be used in that language now, the most specific; among equals the one that retrieval finds nearest."""
    usable = {
        situation.id: variant
        for situation in knowledge.replies.intents[intent.id].situation
        if (variant := knowledge.replies.find_variant(situation.id, language, facts.occasion))
    }
    situations = [item for item in knowledge.replies.intents[intent.id].situation if item.id in usable]
    scores = {reply: found.score(reply) for reply in usable}
    possible = [situation for situation in situations if situation.id == reply_id] or [
        situation
        for situation in situations
        if _meant(situation, facts) and all_hold(situation.when, facts, found.asks_like(situation.id, tuple(scores)))
    ]
    if not possible:
        return None
    best = max(
        possible,
        key=lambda situation: (
            not situation.fallback,
            len(situation.when),
            max(map(_nearness, situation.when), default=0),
            scores[situation.id],
        ),
    )
    return Chosen(intent, best, usable[best.id], scores[best.id])


def _meant(situation: Situation, facts: Facts) -> bool:
    """What the shop writes first has its own replies; a buyer's message is never answered by them."""
    event = facts.message.event
    return situation.event is None if event is None else situation.id == event.reply_id


def _nearness(predicate: Predicate) -> int:
    """What is held against the buyer's own words says more than what the order tells: the very words, then their meaning."""
    return {"mentions": 2, "asks_like": 1}.get(predicate.name, 0)


def _answer(pick: Chosen, facts: Facts, knowledge: Knowledge) -> Answer:
    sentences = tuple(sentence.id for sentence in pick.situation.sentences if stands(sentence, facts, knowledge))
    return Answer(
        intent=pick.intent.id,
        situation=pick.situation.id,
        version=pick.variant.vetting.version,
        span=pick.intent.span,
        score=pick.intent.score,
        sentences=sentences,
    )


def stands(sentence: Sentence, facts: Facts, knowledge: Knowledge) -> bool:
    """Whether a worded sentence has all that it needs; asks are gathered apart."""
    if sentence.asks or not all_hold(sentence.conditions, facts):
        return False
    return all(name in facts.values or knowledge.slots[name].source == "site.name" for name in sentence.needs)


# --- what is missing --------------------------------------------------------------------------------------------------


def _asks(chosen: list[Chosen], facts: Facts) -> tuple[str, ...]:
    """Slots to ask the buyer for, each once, in the order of the answers."""
    wanted: dict[str, None] = {}
    for pick in chosen:
        for sentence in pick.situation.sentences:
            if sentence.asks and all_hold(sentence.conditions, facts):
                wanted |= dict.fromkeys(
                    name for name in sentence.asks if name not in facts.given and name not in facts.values
                )
    if facts.message.visibility == "public":
        return ()  # nothing personal is asked for in public
    return tuple(wanted)


def _missing_from_buyer(asks: Iterable[str], chosen: list[Chosen]) -> tuple[Missing, ...]:
    return tuple(
        Missing(
            slot=name,
            teller="buyer",
            why=next(
                (
                    pick.situation.id
                    for pick in chosen
                    for sentence in pick.situation.sentences
                    if name in sentence.asks
                ),
                "",
            ),
        )
        for name in asks
    )


def _missing_from_agent(chosen: list[Chosen], facts: Facts) -> tuple[Missing, ...]:
    wanted: dict[str, str] = {}
    for pick in chosen:
        for name in pick.situation.wants:
            if name not in facts.values:
                wanted.setdefault(name, pick.situation.id)
    return tuple(Missing(slot=name, teller="agent", why=situation) for name, situation in wanted.items())


# --- verdict and confidence -------------------------------------------------------------------------------------------


def _verdict(chosen: list[Chosen], facts: Facts, missing: tuple[Missing, ...]) -> tuple[Verdict, str | None]:
    escalating = next((pick.situation.id for pick in chosen if pick.situation.escalate), None)
    for reason in ("vulnerable", "threatens_legal"):
        if reason in facts.conduct:
            return "escalate", reason
    if escalating is not None:
        return "escalate", escalating
    if any(item.teller == "agent" for item in missing):
        return "needs_input", "agent_slot"
    return "ready", None


def _confidence(chosen: list[Chosen], found: Found, analysis: Analysis) -> float:
    """The calibrated score of the weakest answer, lowered where the nearest reply tells of another intent."""
    score = min(pick.intent.score for pick in chosen)
    best = found.best()
    answered = {pick.intent.id for pick in chosen} | {intent.id for intent in analysis.intents}
    agrees = best is None or best.score < LOOSELY or best.reply_id.partition(".")[0] in answered
    return round(score if agrees else score * DISAGREEMENT, 4)
