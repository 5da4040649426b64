"""The verb that looks back: figures of a time, in groups, with what rises and what nobody could answer."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, Engine

from app.errors import InvalidInput, Pointer
from app.insights.figures import Figures, GroupBy, figures, grouped
from app.insights.redacted import Redactor
from app.insights.remedies import Given, given
from app.insights.rising import Rise, rises, sudden_rises
from app.store.database import reading
from app.store.insights import Work, find_cases, list_work
from knowledge_base.knowledge import Knowledge

DAY, SPAN = timedelta(days=1), timedelta(days=7)
LONGEST = timedelta(days=366)
EXAMPLES = 3


@dataclass(frozen=True, slots=True)
class Sample:
    """A buyer's message without what tells who they are."""

    draft_id: str
    text: str


@dataclass(frozen=True, slots=True)
class Rising:
    """A group that rises, with its newest messages."""

    rise: Rise
    examples: tuple[Sample, ...]


@dataclass(frozen=True, slots=True)
class Insight:
    """A time in figures. `unanswered`: how often no vetted reply answered, by intent, most first."""

    since: datetime
    until: datetime
    group_by: GroupBy
    total: Figures
    before: Figures
    groups: Mapping[str, Figures]
    rising: tuple[Rising, ...]
    unanswered: Mapping[str, int]
    remedies: Mapping[str, tuple[Given, ...]]  # by group; of the letters that the shop wrote first as well


class Analytics:
    """Built once; looks at nothing until it is asked."""

    def __init__(
        self,
        engine: Engine,
        knowledge: Callable[[], Knowledge],
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._engine, self._knowledge, self._clock = engine, knowledge, clock

    def sudden(self, group_by: GroupBy) -> Sequence[Rise]:
        """What rose within the last day, against the week before it. Nothing where there was no such week."""
        until = self._clock()
        knowledge = self._knowledge()
        with reading(self._engine) as connection:
            today = list_work(connection, until - DAY, until)
            week = list_work(connection, until - DAY - SPAN, until - DAY)
        now, before = (_counted(grouped(rows, group_by, knowledge)) for rows in (today, week))
        return sudden_rises(now, before, DAY / (DAY + SPAN)) if before else ()

    def look(self, group_by: GroupBy = "intent", since: datetime | None = None, until: datetime | None = None) -> Insight:  # fmt: skip
        """The messages received in that time beside the equally long time before it; the last seven days where nothing is said."""
        until = until or self._clock()
        since = since or until - SPAN
        _hold_in_order(since, until)
        knowledge = self._knowledge()
        with reading(self._engine) as connection:
            now = list_work(connection, since, until)
            before = list_work(connection, since - (until - since), since)
            first = list_work(connection, since, until, "event")
            groups = grouped(now, group_by, knowledge)
            rising = _rising(connection, groups, grouped(before, group_by, knowledge), knowledge)
        letters = grouped((*now, *first), group_by, knowledge)
        unanswered = grouped([row for row in now if row.verdict == "no_vetted_reply"], "intent", knowledge)
        return Insight(
            since,
            until,
            group_by,
            figures(now, knowledge),
            figures(before, knowledge),
            {name: figures(rows, knowledge) for name, rows in groups.items()},
            rising,
            {intent: len(rows) for intent, rows in unanswered.items()},
            {name: found for name, rows in letters.items() if (found := given(rows, knowledge))},
        )


def _hold_in_order(since: datetime, until: datetime) -> None:
    if since >= until:
        raise InvalidInput("the time ends before it begins", (Pointer("/query/from", "not before `to`"),))
    if until - since > LONGEST:
        raise InvalidInput("a year is looked at at most", (Pointer("/query/from", "more than 366 days before `to`"),))


def _rising(
    connection: Connection,
    now: Mapping[str, Sequence[Work]],
    before: Mapping[str, Sequence[Work]],
    knowledge: Knowledge,
) -> tuple[Rising, ...]:
    found = rises(_counted(now), _counted(before))
    return tuple(Rising(rise, _samples(connection, now[rise.group], knowledge)) for rise in found)


def _counted(groups: Mapping[str, Sequence[Work]]) -> Mapping[str, int]:
    return {name: len(rows) for name, rows in groups.items()}


def _samples(connection: Connection, rows: Sequence[Work], knowledge: Knowledge) -> tuple[Sample, ...]:
    newest = [row.draft_id for row in rows[-EXAMPLES:]][::-1]
    cases, redactor = find_cases(connection, newest), Redactor(knowledge)
    return tuple(Sample(draft_id, redactor.show(cases[draft_id])) for draft_id in newest)
