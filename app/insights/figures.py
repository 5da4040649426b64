"""Figures of the work, of all of it or of one group: counts, shares and waits. Pure: rows in, values out."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import fmean, quantiles
from typing import Literal, get_args

from rapidfuzz.distance import Levenshtein

from app.drafting.deadlines import due_after
from app.store.insights import Work
from knowledge_base.knowledge import Knowledge

GroupBy = Literal["intent", "language", "market", "agent", "reply", "product", "carrier", "lane"]
GROUPS: tuple[GroupBy, ...] = get_args(GroupBy)
UNKNOWN = ""  # the group of rows whose value is not known
SIGNED = ("approved", "sent")


@dataclass(frozen=True, slots=True)
class Wait:
    """Seconds: the middle of all, and what nine in ten stay below. `within_*`: the share in time, None where no limit is known."""

    count: int
    median: float
    ninth: float
    within_expectation: float | None
    within_platform: float | None


@dataclass(frozen=True, slots=True)
class Figures:
    """Of the messages of one group. `edit_distance`: mean share of characters changed in edited drafts; None where there is no case."""

    messages: int
    approved: int
    edited: int
    rejected: int
    pending: int
    superseded: int
    escalated: int
    unanswered: int
    edit_distance: float | None
    settled_at_once: float | None
    to_approval: Wait | None
    to_first_response: Wait | None


def figures(rows: Sequence[Work], knowledge: Knowledge) -> Figures:
    """Approved means signed as it was drafted; edited and rejected are counted apart."""
    edited = [row for row in rows if row.status in SIGNED and row.edited]
    return Figures(
        messages=len(rows),
        approved=sum(row.status in SIGNED and not row.edited for row in rows),
        edited=len(edited),
        rejected=sum(row.status == "rejected" for row in rows),
        pending=sum(row.status == "pending" for row in rows),
        superseded=sum(row.status == "superseded" for row in rows),
        escalated=sum(row.verdict == "escalate" for row in rows),
        unanswered=sum(row.verdict == "no_vetted_reply" for row in rows),
        edit_distance=_mean([Levenshtein.normalized_distance(row.drafted, row.text) for row in edited]),
        settled_at_once=_mean(_settled(rows)),
        to_approval=_wait([(row, row.approved_at) for row in rows], knowledge),
        to_first_response=_wait([(row, row.sent_at) for row in _first_sent(rows)], knowledge),
    )


def grouped(rows: Iterable[Work], group_by: GroupBy, knowledge: Knowledge) -> Mapping[str, Sequence[Work]]:
    """Rows by their value, most rows first; a row with several replies or products stands in each of their groups."""
    found: dict[str, list[Work]] = {}
    for row in rows:
        for value in _VALUES[group_by](row, knowledge) or (UNKNOWN,):
            found.setdefault(value, []).append(row)
    return dict(sorted(found.items(), key=lambda item: (-len(item[1]), item[0])))


def _one(value: str | None) -> tuple[str, ...]:
    return (value,) if value else ()


def _lane(row: Work, knowledge: Knowledge) -> tuple[str, ...]:
    """From the site's country to where the parcel goes."""
    return (f"{knowledge.site(row.site).country}-{row.destination}",) if row.destination else ()


_VALUES: Mapping[GroupBy, Callable[[Work, Knowledge], tuple[str, ...]]] = {
    "intent": lambda row, _: _one(row.intent),
    "language": lambda row, _: _one(row.language.partition("-")[0]),
    "market": lambda row, _: _one(row.market),
    "agent": lambda row, _: _one(row.agent),
    "reply": lambda row, _: row.replies,
    "product": lambda row, _: row.products,
    "carrier": lambda row, _: _one(row.carrier),
    "lane": _lane,
}


def _mean(values: Sequence[float]) -> float | None:
    return round(fmean(values), 4) if values else None


def _settled(rows: Sequence[Work]) -> list[float]:
    """For each answered conversation 1 where the buyer did not write again after the first answer, else 0. Thanks are no question."""
    found = []
    for conversation in _by_conversation(rows):
        answered = min((row.sent_at for row in conversation if row.sent_at), default=None)
        if answered is not None:
            again = [row for row in conversation if row.received_at > answered and row.intent != "thanks_praise"]
            found.append(0.0 if again else 1.0)
    return found


def _first_sent(rows: Sequence[Work]) -> list[Work]:
    """Of each conversation the earliest message that was answered: later ones are not a first response."""
    sent = ([row for row in conversation if row.sent_at] for conversation in _by_conversation(rows))
    return [min(answered, key=lambda row: row.received_at) for answered in sent if answered]


def _by_conversation(rows: Sequence[Work]) -> Iterable[Sequence[Work]]:
    found: dict[str, list[Work]] = {}
    for row in rows:
        found.setdefault(row.conversation_id, []).append(row)
    return found.values()


def _wait(ends: Sequence[tuple[Work, datetime | None]], knowledge: Knowledge) -> Wait | None:
    ended = [(row, end) for row, end in ends if end is not None]
    if not ended:
        return None
    seconds = [max(0.0, (end - row.received_at).total_seconds()) for row, end in ended]
    tenths = quantiles(seconds, n=10, method="inclusive") if len(seconds) > 1 else seconds * 9
    return Wait(
        len(ended),
        round(quantiles(seconds, n=2, method="inclusive")[0] if len(seconds) > 1 else seconds[0], 1),
        round(tenths[8], 1),
        _mean([float((end - row.received_at).total_seconds() <= _expected(row, knowledge)) for row, end in ended]),
        _mean([float(end <= due) for row, end in ended if (due := _due(row, knowledge)) is not None]),
    )


def _expected(row: Work, knowledge: Knowledge) -> float:
    return knowledge.profiles.get(row.market).response_hours * 3600.0


def _due(row: Work, knowledge: Knowledge) -> datetime | None:
    rule = knowledge.policies.channel(row.channel).deadlines.get("first_answer")
    return due_after(row.received_at, rule) if rule else None
