"""The measurement as a page: each table says what was done, each budget what it was held to."""

from collections.abc import Sequence

from app.bench.growth import QUESTIONS
from app.bench.load import LONGEST, Load
from app.bench.run import Figures, middle


def bench_page(figures: Figures) -> str:
    """Markdown."""
    parts = [
        "# Benchmarks",
        "Written by `countersign bench --page docs/benchmarks.md`. Timings tell of one machine on one day; where other work ran beside the measurement, the load says so, and processor time is the figure to compare. "
        "Rounds of different set-ups take turns in one run; of several rounds the median stands first, then the least and the most.",
        _table(("of the machine", ""), figures.machine),
        f"## A whole draft over HTTP\n\nUnderstanding, retrieval, composition, checks and storing; the {figures.messages} test messages of at most {LONGEST} characters in fourteen languages, one client, one worker, no language model.",
        _table(("measured", "value", "budget"), _drafts(figures)),
        "## Drafts a second\n\nFour clients at a time.",
        _table(("workers", "drafts a second", "processor ms a draft", "p95, ms"), _workers(figures)),
        "## What it needs",
        _table(("measured", "value", "budget"), _needs(figures)),
        "## Clients at a time, two workers",
        _table(("clients", "drafts a second", "p50, ms", "p95, ms"), [_client(load) for load in figures.clients]),
        "## Length of the message\n\nProcessor time of a draft without HTTP; texts are cut at 20,000 characters at the edge, and no stage reads all of a long one.",
        _table(("characters", "processor ms"), [(f"{length:,}", f"{ms:.1f}") for length, ms in figures.lengths]),
        f"## Size of the knowledge base\n\nThe exact search alone, {QUESTIONS} questions as a message with four parts asks them, on vectors drawn at random (the shipped index holds about 8,700 entries).",
        _table(("entries", "processor ms", "MiB of vectors"), [(f"{size:,}", f"{ms:.1f}", f"{mib:.0f}") for size, ms, mib in figures.sizes]),
    ]  # fmt: skip
    return "\n\n".join(parts) + "\n"


def _drafts(figures: Figures) -> list[tuple[str, ...]]:
    rows = [(f"p{share:.0%}".rstrip("%") + ", ms", middle([load.percentile(share) for load in figures.single]), budget) for share, budget in ((0.5, "8"), (0.95, "20"), (0.99, "50"))]  # fmt: skip
    return [*rows, ("processor ms a draft", middle([load.processor_ms for load in figures.single]), "")]


def _workers(figures: Figures) -> list[tuple[str, ...]]:
    return [_worker("1", figures.one_worker), _worker("2", figures.two_workers)]


def _worker(workers: str, loads: Sequence[Load]) -> tuple[str, ...]:
    return (
        workers,
        middle([load.per_second for load in loads]),
        middle([load.processor_ms for load in loads]),
        middle([load.percentile(0.95) for load in loads]),
    )


def _needs(figures: Figures) -> list[tuple[str, ...]]:
    return [
        ("start to ready with data prepared, s", middle(figures.ready_s), "4"),
        ("resident memory of a worker after the load, MiB", f"{figures.memory_mib:.0f}", "500"),
        ("installed files without extras, MiB", f"{figures.installed_mib:.0f}", "650"),
    ]


def _client(load: Load) -> tuple[str, ...]:
    return (str(load.clients), f"{load.per_second:.1f}", f"{load.percentile(0.5):.0f}", f"{load.percentile(0.95):.0f}")


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
