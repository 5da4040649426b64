"""The labelled messages of the knowledge base, held to their rules and told as a page: what `models.audit` cannot know."""

import json
import tomllib
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from knowledge_base.knowledge import CONTENT, Knowledge
from models.audit import AuditRules, LabelledSet, SetRules, read_set
from models.variety import Variety, variety

CASES = Path(__file__).parent.parent / "tests" / "cases"
"""Only in a checkout: an installed package carries no tests."""


def corpus_sets(content: Path = CONTENT, cases: Path = CASES) -> list[LabelledSet]:
    """Training messages first, then gate and cases; ExamplesError names every line that does not parse."""
    folders = sorted(path for path in (content / "languages").iterdir() if path.is_dir())
    named = [(kind, folder / f"{kind}.jsonl") for kind in ("examples", "gate") for folder in folders]
    named += [("cases", path) for path in sorted(cases.glob("*.jsonl"))]
    return [read_set(kind, path) for kind, path in named if path.exists()]


def audit_rules(knowledge: Knowledge, content: Path = CONTENT) -> AuditRules:
    """The rules of `content/corpus.toml` with the labels that the knowledge base names."""
    rules = tomllib.loads((content / "corpus.toml").read_text("utf-8"))
    english = knowledge.languages["en"]
    return AuditRules(
        intents=frozenset(english.intents), emotions=frozenset(english.emotions), conduct=frozenset(english.conduct),
        frequent_intents=frozenset(rules["lists"]["frequent_intents"]), written=frozenset(rules["lists"]["written"]),
        allowed_domains=tuple(rules["allowed_domains"]), test_cards=frozenset(rules["test_cards"]),
        sets={kind: SetRules(**table) for kind, table in rules["sets"].items()},
        offensive={path.parent.name: _stems(path) for path in sorted((content / "languages").glob("*/offensive.txt"))},
    )  # fmt: skip


def _stems(path: Path) -> tuple[str, ...]:
    return tuple(line.strip() for line in path.read_text("utf-8").splitlines() if line.strip())


def corpus_page(sets: Sequence[LabelledSet], content: Path = CONTENT) -> str:
    """The variety report and the agreement of second readers as Markdown."""
    training = [one for one in sets if one.kind == "examples"]
    return "\n".join(
        [
            "# The corpus in figures",
            "",
            "Written by `countersign knowledge corpus --page docs/results/corpus.md`; what the figures mean stands in [the data card](../corpus.md).",
            "",
            *_counts_table(sets),
            *_variety_table(training),
            *_agreement_table(content),
            *_label_table(training),
        ]
    )


def _counts_table(sets: Sequence[LabelledSet]) -> Iterable[str]:
    counted = {(one.kind, one.language): len(one.lines) for one in sets}
    languages = sorted({one.language for one in sets})
    yield "## Messages\n\n| language | training | gate | cases |\n| --- | --- | --- | --- |"
    for code in languages:
        yield (
            f"| {code} | "
            + " | ".join(str(counted.get((kind, code), 0)) for kind in ("examples", "gate", "cases"))
            + " |"
        )
    totals = (sum(n for (kind, _), n in counted.items() if kind == wanted) for wanted in ("examples", "gate", "cases"))
    yield "| all | " + " | ".join(map(str, totals)) + " |\n"


def _variety_table(training: Sequence[LabelledSet]) -> Iterable[str]:
    yield "## Variety of the training messages\n"
    yield "Distinct openings: the first two words, as a share of messages. Length: 5th, 50th, 95th percentile and longest, in characters. Type-token ratio over 2,000 words. Template-like: share of messages whose shape (numbers and all but the 120 commonest words masked) another message has too.\n"
    yield "| language | distinct openings | length | type-token | template-like | with two or more intents | with history |\n| --- | --- | --- | --- | --- | --- | --- |"
    for one in training:
        found: Variety = variety([line.example.text for line in one.lines])
        several = sum(len(line.example.intents) > 1 for line in one.lines) / found.messages
        earlier = sum(bool(line.example.history) for line in one.lines) / found.messages
        yield f"| {one.language} | {found.openings:.2f} | {' / '.join(map(str, found.lengths))} | {found.type_token:.2f} | {found.template:.1%} | {several:.0%} | {earlier:.0%} |"
    yield ""


def _agreement_table(content: Path) -> Iterable[str]:
    yield "## A second reader's blind labels\n"
    yield "Cohen's kappa before anything was mended, on messages drawn at random; believed: of thirty, how many a reader who did not write them would believe a buyer typed.\n"
    yield "| language | messages | intent | emotion | conduct | conduct F1 | believed |\n| --- | --- | --- | --- | --- | --- | --- |"
    for path in sorted((content / "languages").glob("*/agreement.json")):
        found = json.loads(path.read_text("utf-8"))
        yield f"| {path.parent.name} | {found['n']} | {found['kappa_first_intent']:.2f} | {found['kappa_emotion']:.2f} | {found['kappa_conduct']:.2f} | {found['conduct_f1']:.2f} | {found['believed']} |"
    yield ""


def _label_table(training: Sequence[LabelledSet]) -> Iterable[str]:
    examples = [line.example for one in training for line in one.lines]
    first, anywhere = Counter(e.intents[0] for e in examples), Counter(name for e in examples for name in e.intents)
    yield "## Labels of the training messages, all languages\n\n| intent | first | anywhere |\n| --- | --- | --- |"
    yield from (f"| {name} | {count} | {anywhere[name]} |" for name, count in first.most_common())
    others = Counter(e.emotion for e in examples if e.emotion) + Counter(flag for e in examples for flag in e.conduct)
    yield "\n| emotion or conduct | messages |\n| --- | --- |"
    yield from (f"| {name} | {count} |" for name, count in others.most_common())
    yield ""
