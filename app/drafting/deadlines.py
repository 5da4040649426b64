"""What is due by when on a channel: the first answer, and the steps of a dispute. Pure: dates in, dates out."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from app.domain import BuyerMessage, Dispute
from knowledge_base.channels import ChannelPolicy, Deadline, Since, Step


@dataclass(frozen=True, slots=True)
class Due:
    """One step with its rule. `at` is None where the moment that it counts from is not known, or lies ahead; `rule` where the order itself names the day."""

    step: Step
    at: datetime | None
    rule: Deadline | None


def dues(message: BuyerMessage, channel: ChannelPolicy) -> Iterator[Due]:
    """The steps of the channel that a message puts before the seller: its own answer, and those of a dispute that is open."""
    dispute = message.order.dispute if message.order else None
    first = channel.deadlines.get("first_answer")
    if first is not None:
        yield Due("first_answer", due_after(waiting_since(message), first), first)
    if dispute is None or dispute.opened_at is None:
        return
    for step, rule in channel.deadlines.items():
        if rule.since == "dispute":
            yield Due(step, _dispute_day(step, dispute, rule), rule)
    if "dispute_answer" not in channel.deadlines and dispute.due_by is not None:
        yield Due("dispute_answer", dispute.due_by, None)


def ahead(channel: ChannelPolicy, since: Since) -> Iterator[Due]:
    """The steps that begin to count once something happens."""
    yield from (Due(step, None, rule) for step, rule in channel.deadlines.items() if rule.since == since)


def waiting_since(message: BuyerMessage) -> datetime:
    """When the buyer began to wait: the first message after the shop's last one, as far as the times are known."""
    since = message.received_at
    for turn in reversed(message.history):
        if turn.sender == "seller":
            break
        since = min(since, turn.at) if turn.at else since
    return since


def _dispute_day(step: Step, dispute: Dispute, rule: Deadline) -> datetime | None:
    """The platform's own date goes before any rule."""
    if step == "dispute_answer" and dispute.due_by is not None:
        return dispute.due_by
    return due_after(dispute.opened_at, rule) if dispute.opened_at else None


def due_after(start: datetime, rule: Deadline) -> datetime:
    """When the time that a rule gives has run out."""
    if rule.hours is not None:
        return start + timedelta(hours=rule.hours)
    if rule.days is not None:
        return start + timedelta(days=rule.days)
    return _working_days_after(start, rule.working_days or 0)


def _working_days_after(start: datetime, days: int) -> datetime:
    """Monday to Friday. The platform's holidays are not known; leaving them out is early, which is the safe side."""
    moment = start
    while days > 0:
        moment += timedelta(days=1)
        days -= moment.weekday() < SATURDAY
    return moment


SATURDAY = 5


def as_moment(day: date | datetime) -> datetime:
    """A plain day counts from its beginning, in UTC: early is the safe side."""
    return day if isinstance(day, datetime) else datetime(day.year, day.month, day.day, tzinfo=UTC)
