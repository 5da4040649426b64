"""What buyers ask that no vetted reply answers, or answers so badly that agents write it anew."""

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from rapidfuzz.distance import Levenshtein
from sqlalchemy import Engine

from app.drafting.deadlines import dues
from app.drafting.drafter import Drafter
from app.errors import InvalidInput, Pointer
from app.insights.proposals import Proposal, Proposer
from app.insights.redacted import Redactor
from app.store.database import reading
from app.store.insights import Case, list_unserved
from knowledge_base.knowledge import Knowledge
from models.clusters import clusters

ALIKE = 0.4  # mean cosine within a gap; of the gate messages, 0.78 of the pairs it puts together share their first intent (0.52 at 0.3, 0.94 at 0.5)
HEAVILY = 0.4  # share of a letter's characters that an agent changed: more than a sentence or two
PRESSING = timedelta(hours=24)  # a message whose answer is due within it counts twice
MOST = 3000  # messages looked at, newest first; the distances of all pairs are held at once (about 200 MiB, a second)
EXAMPLES = 5
SPAN = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Example:
    """A buyer's message without what tells who they are."""

    message_id: str
    draft_id: str
    language: str
    text: str


@dataclass(frozen=True, slots=True)
class Gap:
    """Messages that mean the same; `weight` counts those that are pressing twice."""

    id: str
    messages: int
    unanswered: int
    edited: int
    weight: int
    languages: Mapping[str, int]
    intents: Mapping[str, int]
    examples: tuple[Example, ...]
    proposal: Proposal | None


@dataclass(frozen=True, slots=True)
class Found:
    """The gaps of a time, heaviest first. `cut`: there were more messages than are looked at."""

    since: datetime
    until: datetime
    gaps: tuple[Gap, ...]
    cut: bool


class Gaps:
    """Built once; looks at nothing until it is asked."""

    def __init__(
        self,
        engine: Engine,
        drafter: Callable[[], Drafter],
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._engine, self._drafter, self._clock = engine, drafter, clock

    def find(self, since: datetime | None = None, until: datetime | None = None) -> Found:
        """Over the last thirty days where nothing else is said; raises InvalidInput where the time ends before it begins."""
        until = until or self._clock()
        since = since or until - SPAN
        if since >= until:
            raise InvalidInput("the time ends before it begins", (Pointer("/query/from", "not before `to`"),))
        with reading(self._engine) as connection:
            cases = list_unserved(connection, since, until, MOST + 1)
        cut, drafter = len(cases) > MOST, self._drafter()
        unserved = [case for case in cases[:MOST] if is_unserved(case)]
        if not unserved:
            return Found(since, until, (), cut)
        vectors = drafter.models.encoder.encode([case.basis.message.text for case in unserved])
        together = [[unserved[row] for row in rows] for rows in clusters(vectors, ALIKE)]
        proposer = Proposer(drafter.knowledge, drafter.models.encoder)
        gaps = [_gap(group, drafter.knowledge, proposer) for group in together]
        return Found(since, until, tuple(sorted(gaps, key=lambda gap: (-gap.weight, gap.id))), cut)


def is_unserved(case: Case) -> bool:
    """Whether the knowledge had no answer, or one that an agent wrote largely anew."""
    return case.body.verdict == "no_vetted_reply" or share_changed(case) >= HEAVILY


def share_changed(case: Case) -> float:
    """From 0 (signed as it was drafted, or not signed) to 1 (all of it anew), by characters (Levenshtein, normalised)."""
    return 0.0 if case.signed is None else Levenshtein.normalized_distance(case.body.text, case.signed)


def _gap(cases: Sequence[Case], knowledge: Knowledge, proposer: Proposer) -> Gap:
    oldest = min(cases, key=lambda case: (case.basis.message.received_at, case.draft_id))
    gap_id = f"gap_{hashlib.sha256(oldest.draft_id.encode()).hexdigest()[:8]}"  # stays while more messages come
    unanswered = sum(case.body.verdict == "no_vetted_reply" for case in cases)
    return Gap(
        id=gap_id,
        messages=len(cases),
        unanswered=unanswered,
        edited=len(cases) - unanswered,
        weight=sum(2 if _presses(case, knowledge) else 1 for case in cases),
        languages=_counted([_language(case) for case in cases]),
        intents=_counted([case.intent for case in cases]),
        examples=_examples(cases, knowledge),
        proposal=proposer.propose(gap_id, cases),
    )


def _presses(case: Case, knowledge: Knowledge) -> bool:
    message = case.basis.message
    ends = (due.at for due in dues(message, knowledge.policies.channel(message.channel)))
    return any(end is not None and end - message.received_at <= PRESSING for end in ends)


def _examples(cases: Sequence[Case], knowledge: Knowledge) -> tuple[Example, ...]:
    redactor = Redactor(knowledge)
    shown = cases[:EXAMPLES]
    return tuple(Example(case.message_id, case.draft_id, _language(case), redactor.show(case)) for case in shown)


def _language(case: Case) -> str:
    return case.analysis.language.code if case.analysis else case.body.language.partition("-")[0]


def _counted(values: Sequence[str]) -> Mapping[str, int]:
    """Most frequent first, then by name."""
    return dict(sorted(Counter(values).items(), key=lambda item: (-item[1], item[0])))
