"""What somebody should know without asking: a group of messages that rises suddenly, messages that are read otherwise than before,
a step of a dispute that is due within a day.

Looked for every hour by one of the processes, told once a week for the same matter: as a step of the trail, which the live
feed and the webhooks follow.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine, RowMapping

from app.disputes import running
from app.domain import DISPUTE_DUE, DRIFTED, NOTICES, RISING
from app.drafting.deadlines import dues
from app.drift import Drift
from app.feed import Event, event_of
from app.insights.analytics import Analytics
from app.insights.figures import GroupBy
from app.jobs import Jobs, Kind
from app.store import ledger, messages
from app.store.database import reading, writing
from app.store.disputes import list_conversations, list_due
from knowledge_base.channels import Step
from knowledge_base.knowledge import Knowledge

LOOK = "notices.look"
GROUPS: tuple[GroupBy, ...] = ("intent", "product", "carrier", "lane", "market")  # where a cause can be mended
QUIET = timedelta(days=7)  # the same matter is not told again
SHOWN = 50
AHEAD = timedelta(days=1)  # how long before its end a step of a dispute is told
OPEN_FOR = timedelta(days=60)  # a dispute of which nobody has heard for longer is over


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing to tell. `subject` names the matter, for as long as it is the same; `detail` holds labels and figures, never a text."""

    action: str
    subject: str
    detail: Mapping[str, object]
    conversation_id: str | None = None


class Notices:
    """Built once; looks at nothing until its hour comes or it is asked."""

    def __init__(
        self,
        engine: Engine,
        analytics: Analytics,
        drift: Drift,
        knowledge: Callable[[], Knowledge],
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._engine, self._analytics, self._drift = engine, analytics, drift
        self._knowledge, self._clock = knowledge, clock
        self._enqueued_for = ""

    def look_hourly(self, jobs: Jobs) -> None:
        """From now on the background work looks once an hour, in one of the processes."""
        jobs.register(Kind(LOOK, lambda _: len(self.look())))
        jobs.every_beat(lambda: self._enqueue(jobs))

    def _enqueue(self, jobs: Jobs) -> None:
        hour = self._clock().isoformat(timespec="hours")
        if hour != self._enqueued_for:
            jobs.enqueue(LOOK, hour, {})
            self._enqueued_for = hour

    def look(self) -> Sequence[Notice]:
        """What is told now; nothing of what was told within the last week."""
        found, now = [*self._rises(), *self._shifts(), *self._due()], self._clock()
        with writing(self._engine) as connection:
            new = [one for one in found if not ledger.was_told(connection, one.action, one.subject, now - QUIET)]
            for one in new:
                ledger.record(
                    connection, "countersign", one.action, one.subject, now, one.conversation_id, **one.detail
                )
        return new

    def list(self, days: int = 30) -> Sequence[Event]:
        """What was told in the last days, newest first, at most fifty."""
        with reading(self._engine) as connection:
            rows: Sequence[RowMapping] = ledger.read_newest(
                connection, NOTICES, self._clock() - timedelta(days=days), SHOWN
            )
        return [event_of(row) for row in rows]

    def _rises(self) -> Iterator[Notice]:
        for group_by in GROUPS:
            for rise in self._analytics.sudden(group_by):
                detail = {"group_by": group_by, "group": rise.group, "messages": rise.now, "before": rise.before, "chance": rise.chance}  # fmt: skip
                yield Notice(RISING, f"{group_by}/{rise.group}", detail)

    def _due(self) -> Iterator[Notice]:
        """By its case; where there is none, by what the newest message of a conversation, or event of its order, says of the dispute."""
        now, policies = self._clock(), self._knowledge().policies
        with reading(self._engine) as connection:
            disputed = messages.list_disputed(connection, now - OPEN_FOR)
            cases = list_due(connection, now, now + AHEAD)
            kept = list_conversations(connection)
        for case in cases:
            rule = running(case, policies.channel(case.channel))
            if case.due_by is not None:  # without a rule of the channel it is the platform's own day for the answer
                yield _due_notice(case.conversation_id, rule.step if rule else "dispute_answer", case.due_by)
        for conversation_id, message in disputed.items():
            for due in dues(message, policies.channel(message.channel)) if conversation_id not in kept else ():
                if due.step != "first_answer" and due.at is not None and now <= due.at <= now + AHEAD:
                    yield _due_notice(conversation_id, due.step, due.at)

    def _shifts(self) -> Iterator[Notice]:
        for one in self._drift.look()[0]:
            if one.moved:
                detail = {
                    "language": one.language,
                    "of": one.of,
                    "stability_index": one.stability,
                    "chance": one.chance,
                }
                yield Notice(DRIFTED, f"{one.language}/{one.of}", detail)


def _due_notice(conversation_id: str, step: Step, at: datetime) -> Notice:
    detail = {"step": step, "due_by": at.isoformat()}
    return Notice(DISPUTE_DUE, f"{conversation_id}/{step}/{at:%Y-%m-%d}", detail, conversation_id)
