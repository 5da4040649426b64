"""The measurement as a page: each table says what was done, each budget what it was held to."""

from collections.abc import Sequence

from app.bench.against import Against, Side
from app.bench.growth import ASKED, QUESTIONS, Size
from app.bench.load import LONGEST, Load
from app.bench.run import Figures, middle
from knowledge_base.vectors import EXACT_UP_TO


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
        f"## Size of the knowledge base\n\nThe search alone, {QUESTIONS} questions as a message with four parts asks them. The entries are the shipped ones and, beyond them, vectors at the distance of another wording; up to {EXACT_UP_TO:,} all are looked at, beyond that cells (the index's manifest says which). Found: the share of the ten nearest entries of {ASKED} test messages, and of all the entries that a search looks at.",
        _table(("entries", "search", "processor ms", "exact, ms", "found of ten", "found of all", "made in, s", "MiB of vectors"), [_size(size) for size in figures.sizes]),
        *_against(figures.against),
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


def _size(size: Size) -> tuple[str, ...]:
    return (f"{size.entries:,}", size.method, f"{size.ms:.1f}", f"{size.exact_ms:.1f}", f"{size.found:.3f}", f"{size.found_of_all:.3f}", f"{size.made_s:.1f}", f"{size.mib:.0f}")  # fmt: skip


def _against(against: Against | None) -> list[str]:
    """Nothing where the plain stack was not measured."""
    if against is None:
        return []
    ours, plain = against.ours, against.plain
    rows = [(f"p{share:.0%}".rstrip("%") + " of a draft, processor ms", _at(ours, share), _at(plain, share)) for share in (0.5, 0.95, 0.99)]  # fmt: skip
    rows += [
        ("drafts a second and core", 1000 * len(ours.ms) / sum(ours.ms), 1000 * len(plain.ms) / sum(plain.ms)),
        ("memory of a process, MiB", ours.memory_mib, plain.memory_mib),
        (f"first intent right, of {against.judged}", ours.intent, plain.intent),
        ("language right", ours.language, plain.language),
    ]
    told = f"## Against the plain stack\n\nThe obvious design (`app/bench/plain.py`): langdetect, multilingual-e5-small by sentence-transformers, a logistic regression for each label set on the same training messages, FAISS flat over the same replies, a template filled with the order's facts. It has no checks, no gloss, no parts of a message and no manner of a market. Both in one process on one thread, {len(ours.ms)} ordinary test messages in turns, without HTTP; quality on all {against.judged} test messages."
    return [told, _table(("measured", "ours", "plain", "ours to plain"), [(what, f"{one:.3g}", f"{other:.3g}", f"{one / other:.2f}") for what, one, other in rows])]  # fmt: skip


def _at(side: Side, share: float) -> float:
    return side.ms[min(len(side.ms) - 1, int(share * len(side.ms)))]


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
