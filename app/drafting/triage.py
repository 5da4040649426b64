"""How pressing a message is: feeling, conduct, the platform's clock, the buyer's value. Reasons are keys of the agent's words."""

from datetime import datetime, timedelta
from typing import Literal

from app.domain import BuyerMessage, Priority
from knowledge_base.knowledge import Knowledge

Level = Literal["low", "normal", "high", "urgent"]
ALWAYS_URGENT = frozenset({"vulnerable", "threatens_legal"})
RAISING = frozenset({"urgent", "threatens_dispute", "threatens_review"})
QUIET = frozenset({"spam_phishing", "out_of_scope", "thanks_praise", "greeting"})
STRONG = 0.5  # intensity of a plain feeling (taxonomy)
CLOSING = timedelta(days=3)  # a protection or dispute window that ends within it raises priority
SHORT_CLOCK = 12  # hours within which a channel counts a late answer against the shop
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


def _clock_reasons(message: BuyerMessage, knowledge: Knowledge) -> list[str]:
    reasons, order = [], message.order
    hours = knowledge.policies.channel(message.channel).reply_hours
    if hours is not None and hours <= SHORT_CLOCK:
        reasons.append(f"channel_clock:{hours}")
    due_by = order.dispute.due_by if order and order.dispute else None
    for name, moment in (("protection", order.protection_until if order else None), ("dispute", due_by)):
        left = (
            None
            if moment is None
            else (moment.date() if isinstance(moment, datetime) else moment) - message.received_at.date()
        )
        if left is not None and timedelta(0) <= left <= CLOSING:
            reasons.append(f"{name}_closes:{left.days}")
    return reasons


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
