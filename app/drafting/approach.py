"""Other ways to answer the same message: answer now, ask first, offer a choice. Each differs in what is said, not in how."""

from app.domain import Answer, Approach, Draft, Missing, Plan, Verdict
from app.drafting.facts import Facts
from app.drafting.plan import stands
from knowledge_base.knowledge import Knowledge

APPROACHES: tuple[Approach, ...] = ("answer_now", "ask_first", "offer_choice")
REALLY_OTHER = 2  # sentences on the matter in which two drafts have to differ
SKELETON = frozenset({"salutation", "closing", "signature"})
_ANSWERED = frozenset({"answer", "next_step"})


def approached(plan: Plan, approach: Approach | None, language: str, facts: Facts, knowledge: Knowledge) -> Plan:
    """The plan as that approach has it, in a language (bare code); unchanged where the approach has nothing to change."""
    match approach:
        case "answer_now":
            return _answer_now(plan, knowledge)
        case "ask_first":
            return _ask_first(plan, knowledge)
        case "offer_choice":
            return _offer_choice(plan, language, facts, knowledge)
        case None:
            return plan


def _answer_now(plan: Plan, knowledge: Knowledge) -> Plan:
    """Everything that can be said without the buyer's help, and no question."""
    answers = tuple(_keeping(answer, _ANSWERED | {"empathy"}, knowledge) for answer in plan.answers)
    missing = tuple(item for item in plan.missing if item.teller == "agent")
    return plan.model_copy(update={"answers": answers, "asks": (), "missing": missing})


def _ask_first(plan: Plan, knowledge: Knowledge) -> Plan:
    """Regret and questions alone; nothing is promised before the buyer has answered. What the agent misses can wait."""
    answers = tuple(_keeping(answer, frozenset({"empathy", "question"}), knowledge) for answer in plan.answers)
    if not plan.asks and not any(answer.sentences for answer in _keeping_questions(answers, knowledge)):
        return plan
    missing = tuple(item for item in plan.missing if item.teller == "buyer")
    ready: Verdict = "ready" if plan.verdict == "needs_input" else plan.verdict
    reason = None if plan.verdict == "needs_input" else plan.reason
    return plan.model_copy(update={"answers": answers, "missing": missing, "verdict": ready, "reason": reason})


def _keeping_questions(answers: tuple[Answer, ...], knowledge: Knowledge) -> tuple[Answer, ...]:
    return tuple(_keeping(answer, frozenset({"question"}), knowledge) for answer in answers)


def _keeping(answer: Answer, kinds: frozenset[str], knowledge: Knowledge) -> Answer:
    sentences = knowledge.replies.get_situation(answer.situation).sentences
    kept = tuple(one.id for one in sentences if one.id in answer.sentences and one.kind in kinds)
    return answer.model_copy(update={"sentences": kept})


def _offer_choice(plan: Plan, language: str, facts: Facts, knowledge: Knowledge) -> Plan:
    """The first matter answered by the vetted reply that leaves the buyer a choice, where the item has arrived."""
    first = plan.answers[0] if plan.answers else None
    choice = knowledge.replies.intents[first.intent].choice if first else None
    if first is None or choice is None or facts.status != "delivered":
        return plan
    variant = knowledge.replies.find_variant(choice, language, facts.occasion)
    if variant is None:
        return plan
    situation = knowledge.replies.get_situation(choice)
    said = tuple(one.id for one in situation.sentences if stands(one, facts, knowledge))
    answer = first.model_copy(update={"situation": choice, "version": variant.vetting.version, "sentences": said})
    wanted = [name for name in situation.wants if name not in facts.values]
    missing = tuple(Missing(slot=name, teller="agent", why=choice) for name in wanted)
    changes: dict[str, object] = {"answers": (answer, *plan.answers[1:]), "asks": (), "missing": missing}
    if plan.verdict != "escalate":
        changes |= (
            {"verdict": "needs_input", "reason": "agent_slot"} if missing else {"verdict": "ready", "reason": None}
        )
    return plan.model_copy(update=changes)


def really_differ(one: Draft, other: Draft) -> bool:
    """Whether two drafts say different things; a letter without a word on the matter is no draft."""
    return bool(_matter(other)) and len(_matter(one) ^ _matter(other)) >= REALLY_OTHER


def _matter(draft: Draft) -> frozenset[str]:
    return frozenset(part.source.id for part in draft.segments if part.kind not in SKELETON)
