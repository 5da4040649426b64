"""How pressing a message is: feeling, conduct, the platform's clock, the buyer's value. Reasons are keys of the agent's words."""

from datetime import UTC, datetime, timedelta
from typing import Literal

from app.domain import Analysis, BuyerMessage, Priority
from app.drafting.deadlines import as_moment, dues
from knowledge_base.knowledge import Knowledge

Level = Literal["low", "normal", "high", "urgent"]
ALWAYS_URGENT = frozenset({"vulnerable", "threatens_legal"})
RAISING = frozenset({"urgent", "threatens_dispute", "threatens_review"})
QUIET = frozenset({"spam_phishing", "out_of_scope", "thanks_praise", "greeting"})
STRONG = 0.5  # intensity of a plain feeling (taxonomy)
CLOSING = timedelta(days=3)  # a protection or dispute window that ends within it raises priority
SHORT_CLOCK = 12  # hours within which a channel counts a late answer against the shop
NEAR = timedelta(hours=6)  # what is left of the channel's time from which an answer is pressing
REGULAR = 3  # orders from which a buyer counts as a regular one


def triage(
    first_intent: str, emotion: str, intensity: float, conduct: set[str], message: BuyerMessage, knowledge: Knowledge
) -> Priority:
    """A level and its reasons; each reason is `kind` or `kind:detail`."""
    reasons = [f"conduct:{flag}" for flag in sorted(conduct & (ALWAYS_URGENT | RAISING))]
    if first_intent in ("safety_incident", "dispute_claim"):
        reasons.append(f"intent:{first_intent}")
    if emotion in ("angry", "frustrated", "worried") and intensity >= STRONG:
        reasons.append(f"emotion:{emotion}")
    reasons += _clock_reasons(message, knowledge)
    if message.visibility == "public":
        reasons.append("public")
    if (message.buyer.orders_count or 0) >= REGULAR:
        reasons.append("regular_buyer")
    return Priority(level=_level(first_intent, conduct, reasons), reasons=tuple(reasons))


def triaged(analysis: Analysis, message: BuyerMessage, knowledge: Knowledge) -> Priority:
    """The same for a message that has been read, so that its reasons can be worded for another reader."""
    emotion = analysis.emotion
    return triage(analysis.intents[0].id, emotion.id, emotion.intensity, set(analysis.conduct_ids), message, knowledge)


def _clock_reasons(message: BuyerMessage, knowledge: Knowledge) -> list[str]:
    channel, order = knowledge.policies.channel(message.channel), message.order
    reasons = []
    if channel.reply_hours is not None and channel.reply_hours <= SHORT_CLOCK:
        reasons.append(f"channel_clock:{channel.reply_hours}")
    steps = {due.step: due.at for due in dues(message, channel)}
    reasons += _answer_reasons(steps.get("first_answer"), message.received_at)
    until = order.protection_until if order else None
    due_by = steps.get("dispute_answer") or (order.dispute.due_by if order and order.dispute else None)
    for name, moment in (("protection", until), ("dispute", due_by)):
        left = None if moment is None else as_moment(moment).date() - message.received_at.astimezone(UTC).date()
        if left is not None and timedelta(0) <= left <= CLOSING:
            reasons.append(f"{name}_closes:{left.days}")
        elif left is not None and left < timedelta(0) and name == "dispute":
            reasons.append("dispute_overdue")
    return reasons


def _answer_reasons(due: datetime | None, now: datetime) -> list[str]:
    """A buyer who has waited since an earlier message has used up some of the channel's time."""
    if due is None or due - now > NEAR:
        return []
    return ["answer_overdue"] if due < now else [f"answer_due:{max(1, int((due - now).total_seconds() // 3600))}"]


def _level(first_intent: str, conduct: set[str], reasons: list[str]) -> Level:
    if conduct & ALWAYS_URGENT or first_intent == "safety_incident":
        return "urgent"
    if first_intent in QUIET and not reasons:
        return "low"
    pressing = [reason for reason in reasons if reason != "regular_buyer"]
    if len(pressing) >= 2:
        return (
            "urgent" if any(reason.startswith(("protection", "dispute", "intent")) for reason in pressing) else "high"
        )
    return "high" if pressing else "normal"
