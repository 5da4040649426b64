"""Our drafts and the plain stack's, message by message in turns, in one process on one core."""

import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.bench.load import LONGEST
from app.bench.plain import PlainStack, learn, learned
from app.domain import Basis
from app.draft_cases import Case
from app.drafting.drafter import Drafter
from models.examples import Example

EVERY = 2  # so manieth ordinary message is timed; quality is counted on all messages
WARM = 20


@dataclass(frozen=True, slots=True)
class Side:
    """One of both: processor milliseconds of each draft, ascending; memory of a process (MiB); shares of messages read right."""

    ms: Sequence[float]
    memory_mib: float
    intent: float
    language: float


@dataclass(frozen=True, slots=True)
class Against:
    """Both on the same messages; `judged` of them for the shares."""

    ours: Side
    plain: Side
    judged: int


@dataclass(frozen=True, slots=True)
class Given:
    """What both learn from and are asked; `folder` is the plain stack's, `data` ours."""

    examples: Sequence[Example]
    cases: Sequence[Case]
    folder: Path
    data: Path


def against_plain(drafter: Drafter, given: Given, say: Callable[[str], None]) -> Against:
    """Teaches the plain stack where it has not learned yet (some ten minutes), then measures both.

    ImportError or BaseError where the extras `transformers` and `tuning` or scikit-learn are missing.
    """
    if not learned(given.folder, drafter.knowledge):
        say("the plain stack learns")
        learn(given.examples, drafter.knowledge, given.folder)
    stack = PlainStack(given.folder, drafter.knowledge)
    say("both in turns")
    ordinary = [case for case in given.cases if len(case.message.text) <= LONGEST]
    ours, plain = _timed(drafter, stack, ordinary[::EVERY])
    mine, theirs = _right(_read(drafter, given.cases), given.cases), _right(_said(stack, given.cases), given.cases)
    memory = (_memory("app.bench.worker", given.data), _memory("app.bench.plain", given.folder))
    return Against(Side(ours, memory[0], *mine), Side(plain, memory[1], *theirs), len(given.cases))


def _timed(drafter: Drafter, stack: PlainStack, cases: Sequence[Case]) -> tuple[list[float], list[float]]:
    ours, plain = list[float](), list[float]()
    for case in [*cases[-WARM:], *cases[:-WARM]]:
        plain.append(_ms(lambda case=case: stack.draft(case.message)))  # type: ignore[misc]
        ours.append(_ms(lambda case=case: drafter.draft(Basis(message=case.message))))  # type: ignore[misc]
    return sorted(ours[WARM:]), sorted(plain[WARM:])


def _ms(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return (time.process_time() - started) * 1000


Read = list[tuple[str, str]]
"""First intent and language of each message."""


def _read(drafter: Drafter, cases: Sequence[Case]) -> Read:
    readings = (drafter.analyze(case.message) for case in cases)
    return [(reading.intents[0].id, reading.language.code) for reading in readings]


def _said(stack: PlainStack, cases: Sequence[Case]) -> Read:
    drafts = (stack.draft(case.message) for case in cases)
    return [(draft.intent, draft.language) for draft in drafts]


def _right(read: Read, cases: Sequence[Case]) -> tuple[float, float]:
    """Shares of right first intents and of right languages."""
    pairs = list(zip(read, cases, strict=True))
    intents = sum(intent == case.intents[0] for (intent, _), case in pairs)
    return intents / len(pairs), sum(language == case.language for (_, language), case in pairs) / len(pairs)


def _memory(module: str, folder: Path) -> float:
    """MiB that a process of its own holds once it has drafted."""
    command = [sys.executable, "-W", "ignore", "-m", module, str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603
    return float(done.stdout.split()[-1])
