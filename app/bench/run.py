"""One measurement of everything, in rounds that take turns, so that a busy minute hurts all of them alike."""

import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from app.bench.growth import by_length, by_size
from app.bench.load import Load, bodies, send, warm
from app.bench.machine import describe, installed_mib
from app.bench.server import Served, serving
from app.draft_cases import Case
from app.drafting.drafter import Drafter

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
    sizes: Sequence[tuple[int, float, float]]
    messages: int


def run(drafter: Drafter, index: Path, cases: Sequence[Case], seconds: float, say: Callable[[str], None]) -> Figures:
    """`index` is the folder of a ready index, copied for the servers; each round takes `seconds`."""
    machine, messages = describe(), bodies(cases)
    say("growth with length and size")
    lengths, sizes = by_length(drafter, cases), by_size(drafter.index.manifest.dim)
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        shutil.copytree(index, data / "one" / "index")
        shutil.copytree(index, data / "two" / "index")
        say("starting servers")
        ready = [_ready(data / "one") for _ in range(STARTS)]
        with serving(data / "one") as one, serving(data / "two", workers=2) as two:
            warm(one, messages)
            warm(two, messages, 120)
            single, first, second = _turns(one, two, messages, seconds, say)
            say("clients")
            clients = [send(two, messages, count, seconds) for count in CLIENTS]
            memory = max(one.memory_mib(), two.memory_mib())
    return Figures(machine, single, first, second, clients, ready, memory, installed_mib(), lengths, sizes, len(messages))  # fmt: skip


def _ready(folder: Path) -> float:
    with serving(folder) as served:
        return served.ready_s


def _turns(one: Served, two: Served, messages: Sequence[bytes], seconds: float, say: Callable[[str], None]) -> tuple[list[Load], list[Load], list[Load]]:  # fmt: skip
    single, first, second = list[Load](), list[Load](), list[Load]()
    for number in range(ROUNDS):
        say(f"round {number + 1} of {ROUNDS}")
        single.append(send(one, messages, 1, seconds))
        first.append(send(one, messages, 4, seconds))
        second.append(send(two, messages, 4, seconds))
    return single, first, second


def middle(values: Sequence[float]) -> str:
    """The median with the least and the most."""
    return f"{median(values):.1f} ({min(values):.1f} to {max(values):.1f})"
