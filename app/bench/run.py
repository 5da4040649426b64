"""One measurement of everything, in rounds that take turns, so that a busy minute hurts all of them alike."""

import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from app.bench.against import Against
from app.bench.growth import ASKED, Size, by_length, by_size
from app.bench.load import Load, bodies, send, warm
from app.bench.machine import describe, installed_mib
from app.bench.server import Served, serving
from app.draft_cases import Case
from app.drafting.drafter import Drafter
from knowledge_base.vectors import FloatArray

ROUNDS = 3
CLIENTS = (1, 4, 16, 64)
STARTS = 3


@dataclass(frozen=True, slots=True)
class Figures:
    """All that was measured. `single` and `double` are rounds of one client on one worker, and of four on one and on two."""

    machine: Sequence[tuple[str, str]]
    single: Sequence[Load]
    one_worker: Sequence[Load]
    two_workers: Sequence[Load]
    clients: Sequence[Load]
    ready_s: Sequence[float]
    memory_mib: float
    installed_mib: float
    lengths: Sequence[tuple[int, float]]
    sizes: Sequence[Size]
    messages: int
    against: Against | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What is measured: on servers with copies of the ready index in `index`, with these messages, in rounds of so many seconds."""

    index: Path
    cases: Sequence[Case]
    seconds: float
    sizes: Sequence[int]


def run(drafter: Drafter, plan: Plan, say: Callable[[str], None]) -> Figures:
    """Everything but the plain stack."""
    machine, messages, cases, seconds = describe(), bodies(plan.cases), plan.cases, plan.seconds
    say("growth with length and size")
    lengths, sizes = by_length(drafter, cases), by_size(drafter.index.vectors, _asked(drafter, cases), plan.sizes)
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        shutil.copytree(plan.index, data / "one" / "index")
        shutil.copytree(plan.index, data / "two" / "index")
        say("starting servers")
        ready = [_ready(data / "one") for _ in range(STARTS)]
        with serving(data / "one") as one, serving(data / "two", workers=2) as two:
            warm(one, messages[-40:])
            warm(two, messages[-120:])
            single, first, second = _turns(one, two, messages, seconds, say)
            say("clients")
            clients = [send(two, messages, count, seconds) for count in CLIENTS]
            memory = max(one.memory_mib(), two.memory_mib())
    return Figures(machine, single, first, second, clients, ready, memory, installed_mib(), lengths, sizes, len(messages))  # fmt: skip


def _asked(drafter: Drafter, cases: Sequence[Case]) -> FloatArray:
    """Vectors of test messages of all languages."""
    chosen = cases[:: max(1, len(cases) // ASKED)][:ASKED]
    return drafter.models.encoder.encode([case.message.text for case in chosen])


def _ready(folder: Path) -> float:
    with serving(folder) as served:
        return served.ready_s


def _turns(one: Served, two: Served, messages: list[bytes], seconds: float, say: Callable[[str], None]) -> tuple[list[Load], list[Load], list[Load]]:  # fmt: skip
    single, first, second = list[Load](), list[Load](), list[Load]()
    share = len(messages) // (3 * ROUNDS)
    parts = iter([messages[start:] + messages[:start] for start in range(0, 3 * ROUNDS * share, share)])
    for number in range(ROUNDS):  # no round begins where another has begun: a service remembers what it has just read
        say(f"round {number + 1} of {ROUNDS}")
        single.append(send(one, next(parts), 1, seconds))
        first.append(send(one, next(parts), 4, seconds))
        second.append(send(two, next(parts), 4, seconds))
    return single, first, second


def middle(values: Sequence[float]) -> str:
    """The median with the least and the most."""
    return f"{median(values):.1f} ({min(values):.1f} to {max(values):.1f})"
