"""How well the search over replies finds what belongs together, as a page."""

from collections.abc import Iterator, Sequence

import numpy as np

from knowledge_base.knowledge import Knowledge
from knowledge_base.recall import ALL, QUANTILES, Recall, Separation, recalls, separation
from knowledge_base.search import Encoder


def recall_page(knowledge: Knowledge, encoder: Encoder) -> str:
    """Markdown: each language against the whole index and against each other, and how far right and wrong lie apart."""
    entries = knowledge.entries()
    vectors = np.concatenate(
        [encoder.encode([e.text for e in entries[at : at + 256]]) for at in range(0, len(entries), 256)]
    )
    table = recalls(entries, vectors)
    lines = [
        "# Finding the vetted reply: what was measured", "",
        f"Written by `countersign knowledge recall --page docs/results/retrieval.md`: {len(entries)} entries, encoder {encoder.name} {encoder.revision}.",
        "Each example question is asked of an index without it. A reply is one of 117 situations; situations of one intent differ by the order's state as often as by words, so *same intent* says more about an answer than *first*.", "",
        *_whole(table), *_pairs(table), *_apart(separation(entries, vectors)),
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


def _whole(table: Sequence[Recall]) -> Iterator[str]:
    yield "## Against the whole index, worst first\n"
    yield "| language | questions | first | among three | same intent first |\n| --- | --- | --- | --- | --- |"
    rows = sorted((row for row in table if row.held == ALL), key=lambda row: row.three)
    yield from (f"| {r.asked} | {r.questions} | {r.first:.3f} | {r.three:.3f} | {r.same_intent:.3f} |" for r in rows)
    yield ""


def _pairs(table: Sequence[Recall]) -> Iterator[str]:
    languages = sorted({row.asked for row in table})
    found = {(row.asked, row.held): row.three for row in table}
    yield "## Asked in one language (down), held in another (across): among three\n"
    yield f"| | {' | '.join(languages)} |\n| --- |{' --- |' * len(languages)}"
    for asked in languages:
        yield f"| {asked} | " + " | ".join(f"{found[asked, held]:.2f}" for held in languages) + " |"
    yield ""


def _apart(found: Separation) -> Iterator[str]:
    yield "## How far right and wrong lie apart\n"
    yield "Cosine of the nearest entry of the same intent, and of another one:\n"
    yield f"| quantile | {' | '.join(str(q) for q in QUANTILES)} |\n| --- |{' --- |' * len(QUANTILES)}"
    yield f"| same intent | {' | '.join(map(str, found.right))} |"
    yield f"| another intent | {' | '.join(map(str, found.wrong))} |"
