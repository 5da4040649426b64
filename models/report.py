"""Writes docs/results/understanding.md: `python -m models.report OUT.md [--langid FILE] [--chat FILE ...]`.

Figures of heads come from the cards of the shipped weights (out of fold), those of language detection are measured now.
"""

from __future__ import annotations

import argparse
import json
import time
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import gettempdir

from models.evaluation import Share
from models.examples import read_examples
from models.language import LanguageDetector
from models.registry import KINDS, SHIPPED, Registry
from models.storage import Json
from models.voters import langdetect_voter

_TRIED = Path(__file__).with_name("data") / "tried.toml"
_LENGTHS = ((1, 10), (11, 20), (21, 40), (41, 100))


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--langid", type=Path, help="lines {text, label, source}")
    parser.add_argument("--chat", type=Path, nargs="*", default=[], help="training messages, one file a language")
    options = parser.parse_args()
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text("\n".join(report(options.langid, options.chat)) + "\n", "utf-8")


def report(langid: Path | None, chat: Sequence[Path] = ()) -> Iterator[str]:
    """The lines of the page."""
    yield "# Understanding messages: what was measured"
    yield ""
    yield "Written by `python -m models.report`. Figures of the heads are out of fold (five folds, near-identical messages"
    yield "in one fold) on the project's own training messages; intervals are 95 % (Wilson). They tell how new messages"
    yield "*written by the same authors* fare; strangers' messages will do worse. Temperature, thresholds and the choices"
    yield "at the end of this page were made on the same predictions, which flatters them a little."
    registry = Registry(SHIPPED, Path(gettempdir()) / "countersign-no-own-models")
    for kind in KINDS:
        yield from _head(kind, registry.card(kind, registry.promoted(kind)))
    if langid is not None:
        yield from _languages(langid)
    if chat:
        yield from _chat(chat)
    yield from _tried()


def _head(kind: str, card: Mapping[str, Json]) -> Iterator[str]:
    metrics = _table(card["metrics"])
    accuracy = _table(metrics["accuracy"])
    yield from ("", f"## {kind.capitalize()}, version {card['version']}", "")
    yield f"{card['examples']} messages; encoder {_table(card['encoder'])['name']} {_table(card['encoder'])['revision']}."
    what = "Whole sets of flags right" if kind == "conduct" else "First label right"
    yield f"{what}: **{accuracy['rate']}** ({accuracy['low']}-{accuracy['high']}); macro-F1 {metrics['macro_f1']};"
    yield f"calibration error {metrics['calibration_error']}."
    if kind == "intent":
        yield f"All labels of a message: F1 {metrics['set_f1']}, exactly right {metrics['set_exact']}. Abstained from"
        yield f"{metrics['abstained']}; accuracy of the rest {metrics['accuracy_when_sure']}."
    if kind == "emotion":
        yield f"Intensity: mean absolute error {card['intensity_mean_absolute_error']}."
    yield from ("", "| language | messages | right | 95 % |", "| --- | --- | --- | --- |")
    for code, share in sorted(_table(metrics["languages"]).items()):
        row = _table(share)
        yield f"| {code} | {row['count']} | {row['rate']} | {row['low']}-{row['high']} |"
    yield from _weakest(metrics) if kind == "intent" else _labels(card, metrics)


def _weakest(metrics: Mapping[str, Json]) -> Iterator[str]:
    rows = [(label, _table(figures)) for label, figures in _table(metrics["labels"]).items()]
    weak = sorted(rows, key=lambda row: (str(row[1]["f1"]), row[0]))[:12]
    yield from ("", "Weakest labels (F1): " + ", ".join(f"{label} {figures['f1']}" for label, figures in weak) + ".")
    confusion = metrics["confusion"]
    pairs = [f"{pair[0]} as {pair[1]}" for pair in confusion[:8]] if isinstance(confusion, list) else []
    yield "Commonest confusions: " + "; ".join(pairs) + "."


def _labels(card: Mapping[str, Json], metrics: Mapping[str, Json]) -> Iterator[str]:
    figures = _table(card["flags"] if "flags" in card else metrics["labels"])
    yield from ("", "| label | precision | recall | F1 | messages |", "| --- | --- | --- | --- | --- |")
    for label, values in figures.items():
        row = _table(values)
        yield f"| {label} | {row['precision']} | {row['recall']} | {row['f1']} | {row['support']} |"


def _languages(path: Path) -> Iterator[str]:
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]
    detector, alone = LanguageDetector(), _langdetect_alone()
    started = time.perf_counter()
    ours = [detector.detect(row["text"]).code == row["label"] for row in rows]
    spent = (time.perf_counter() - started) / len(rows) * 1000
    theirs = [alone(row["text"]) == row["label"] for row in rows]
    yield from ("", "## Language", "")
    yield f"{len(rows)} texts, {spent:.2f} ms each, most of it langdetect, which only short or doubtful texts need."
    yield "When this was written, 63 of the 122 missed subtitles were no text of their language (46 paths of files, 17"
    yield "mis-decoded Chinese lines); without them subtitles stand at .977."
    keys: dict[str, Callable[[dict[str, str]], str]] = {
        "source": lambda row: row["source"],
        "length": lambda row: next((f"{a}-{b}" for a, b in _LENGTHS if a <= len(row["text"]) <= b), "longer"),
        "language": lambda row: row["label"],
    }
    for name, key in keys.items():
        yield from ("", f"| {name} | texts | here | langdetect alone (seeded) |", "| --- | --- | --- | --- |")
        for group in sorted({key(row) for row in rows}):
            chosen = [index for index, row in enumerate(rows) if key(row) == group]
            mine, other = (Share.of(sum(hits[i] for i in chosen), len(chosen)) for hits in (ours, theirs))
            yield f"| {group} | {len(chosen)} | {mine.rate} ({mine.low}-{mine.high}) | {other.rate} |"


def _chat(paths: Sequence[Path]) -> Iterator[str]:
    """Our own messages: the file says the language, though people mix theirs (Taglish, Spanglish, order numbers alone)."""
    detector, hits = LanguageDetector(), Counter[str]()
    examples = read_examples(paths)
    for example in examples:
        hits[example.language] += detector.detect(example.text).code == example.language
    counts = Counter(example.language for example in examples)
    yield from (
        "",
        "Buyers' messages of the training set, without priors; mixed languages and bare numbers count as misses.",
    )
    yield from ("", "| language | messages | here |", "| --- | --- | --- |")
    for code, count in sorted(counts.items()):
        share = Share.of(hits[code], count)
        yield f"| {code} | {count} | {share.rate} ({share.low}-{share.high}) |"


def _langdetect_alone() -> Callable[[str], str]:
    """langdetect as it comes (all its languages, no cleaning), but seeded; Chinese variants are one language."""
    from langdetect.detector_factory import PROFILES_DIRECTORY

    vote = langdetect_voter()
    known = [path.name for path in Path(PROFILES_DIRECTORY).iterdir()]

    def detect(text: str) -> str:
        scores = vote(text, "", known)
        return max(scores, key=lambda code: scores[code]).split("-")[0] if scores else "und"

    return detect


def _tried() -> Iterator[str]:
    yield from ("", "## What was tried", "")
    yield "Measured once while building, on the messages that existed then; a standard error is about .01."
    for part in tomllib.loads(_TRIED.read_text("utf-8"))["round"]:
        yield from ("", f"**{part['title']}**", "", "| variant | result |", "| --- | --- |")
        yield from (f"| {name} | {figure} |" for name, figure in part["rows"])


def _table(value: Json) -> Mapping[str, Json]:
    """A JSON object; TypeError otherwise."""
    if not isinstance(value, dict):
        raise TypeError(f"expected an object, found {type(value).__name__}")
    return value


if __name__ == "__main__":
    main()
