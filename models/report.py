"""Writes docs/results/understanding.md: `python -m models.report OUT.md [--cases FILE ...] [--langid FILE] [--chat FILE ...]`.

Figures on cases and of language detection are measured now, those on training messages come from the shipped cards.
"""

from __future__ import annotations

import argparse
import json
import time
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from tempfile import gettempdir

from models.encoder import Encoder, load_encoder
from models.evaluation import Judged, Report, Share, report_of
from models.examples import Example, read_examples
from models.language import LanguageDetector
from models.registry import KINDS, SHIPPED, Registry, trained_with
from models.storage import Json
from models.training import Classifier, judge, load
from models.voters import langdetect_voter

_TRIED = Path(__file__).with_name("data") / "tried.toml"
GRAVE_FLAGS = frozenset({"vulnerable", "threatens_legal"})
"""What a person has to look at before anything else."""

_LENGTHS = ((1, 10), (11, 20), (21, 40), (41, 100))


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument(
        "--cases", type=Path, nargs="*", default=[], help="messages by another hand, one file a language"
    )
    parser.add_argument("--langid", type=Path, help="lines {text, label, source}")
    parser.add_argument("--chat", type=Path, nargs="*", default=[], help="training messages, one file a language")
    options = parser.parse_args()
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text("\n".join(report(options.cases, options.langid, options.chat)) + "\n", "utf-8")


def report(cases: Sequence[Path], langid: Path | None, chat: Sequence[Path] = ()) -> Iterator[str]:
    """The lines of the page, what strangers wrote first."""
    yield "# Understanding messages: what was measured"
    yield ""
    yield f"Written by `python -m models.report` on {date.today().isoformat()}. Pictures (reliability, confusion) lie beside each version's weights."
    registry = Registry(SHIPPED, Path(gettempdir()) / "countersign-no-own-models")
    cards = {kind: registry.card(kind, registry.promoted(kind)) for kind in KINDS}
    if cases:
        kinds = {kind: load(kind, registry.folder(kind, registry.promoted(kind))) for kind in KINDS}
        yield from _strangers(cases, kinds, load_encoder(trained_with(cards["intent"])[0]))
    for kind, card in cards.items():
        yield from _head(kind, card)
    if langid is not None:
        yield from _languages(langid)
    if chat:
        yield from _chat(chat)
    yield from _tried()


def _strangers(cases: Sequence[Path], kinds: Mapping[str, Classifier], reader: Encoder) -> Iterator[str]:
    """On messages by another hand than the training messages', never trained or tuned on."""
    examples = read_examples(cases)
    judged = {kind: [judge(known, example, reader) for example in examples] for kind, known in kinds.items()}
    reports = {kind: report_of(rows) for kind, rows in judged.items()}
    intent, emotion, conduct = (reports[kind] for kind in KINDS)
    yield from ("", "## On messages by another hand", "")
    yield f"{len(examples)} messages of `tests/cases`, written without sight of the training messages; never trained, tuned or chosen on."
    yield 'Intervals are 95 % (Wilson). "Defensible" also counts a noted alternative.'
    yield from ("", "| figure | measured | aim |", "| --- | --- | --- |")
    yield f"| first intent right | **{intent.accuracy.rate:.3f}** ({intent.accuracy.low:.3f}-{intent.accuracy.high:.3f}) | .90 |"
    yield f"| first intent defensible | {intent.accuracy_defensible.rate:.3f} | |"
    yield f"| macro-F1 of first intents | {intent.macro_f1:.3f} | .85 |"
    yield f"| both intents of a two-intent message found | {intent.both_found.rate:.3f} of {intent.both_found.count} | .80 |"
    yield f"| precision of the set of intents | {intent.set_precision:.3f} | .85 |"
    yield f"| out-of-scope AUROC | {intent.out_of_scope_auroc or 0:.3f} | .93 |"
    yield f"| abstained; right of the rest | {intent.abstained:.3f}; {intent.accuracy_when_sure:.3f} | |"
    yield f"| calibration error of the first intent | {intent.calibration_error:.3f} | |"
    yield f"| emotion right; macro-F1 | {emotion.accuracy.rate:.3f}; **{emotion.macro_f1:.3f}** | .70 |"
    yield f"| conduct, micro-F1 over flags | **{conduct.set_f1:.3f}** | .70 |"
    found, grave = _grave_found(examples, judged)
    yield f"| safety and legal messages noticed | **{found / max(1, grave):.3f}** of {grave} | .95 |"
    yield from _by_language(reports)
    yield from _weakest(intent)


def _grave_found(examples: Sequence[Example], judged: Mapping[str, Sequence[Judged]]) -> tuple[int, int]:
    """(noticed, all) of messages about safety, a vulnerable person or the law: any of these labels counts as noticed."""
    grave = [row for row, e in enumerate(examples) if "safety_incident" in e.intents or GRAVE_FLAGS & set(e.conduct)]
    said = [set(judged["intent"][row].predicted) | set(judged["conduct"][row].predicted) for row in grave]
    return sum(bool(labels & ({"safety_incident"} | GRAVE_FLAGS)) for labels in said), len(grave)


def _by_language(reports: Mapping[str, Report]) -> Iterator[str]:
    """Worst language first."""
    yield from (
        "",
        "| language | messages | first intent right | 95 % | emotion right | whole sets of flags right |",
        "| --- | --- | --- | --- | --- | --- |",
    )
    intent, emotion, conduct = (reports[kind].languages for kind in KINDS)
    for code, share in sorted(intent.items(), key=lambda item: item[1].rate):
        yield f"| {code} | {share.count} | {share.rate:.3f} | {share.low:.3f}-{share.high:.3f} | {emotion[code].rate:.3f} | {conduct[code].rate:.3f} |"


def _weakest(report: Report) -> Iterator[str]:
    rows = sorted(report.labels.items(), key=lambda row: (row[1]["f1"], row[0]))[:12]
    yield from (
        "",
        "Weakest labels (F1): " + ", ".join(f"{label} {figures['f1']:.2f}" for label, figures in rows) + ".",
    )
    yield (
        "Commonest confusions: "
        + "; ".join(f"{true} as {guess} ({count})" for true, guess, count in report.confusion[:12])
        + "."
    )


def _head(kind: str, card: Mapping[str, Json]) -> Iterator[str]:
    """Out of fold, on the training messages that the tuned encoder has not seen."""
    metrics = _table(card["metrics"])
    accuracy, encoder = _table(metrics["accuracy"]), _table(card["encoder"])
    yield from ("", f"## {kind.capitalize()}, version {card['version']}", "")
    yield f"Trained on {card['examples']} messages (corpus {card['corpus']}), encoder {encoder['name']} {encoder['revision']}; judged on {card['held_out']} of them, out of fold."
    what = "Whole sets of flags right" if kind == "conduct" else "First label right"
    yield f"{what}: **{accuracy['rate']}** ({accuracy['low']}-{accuracy['high']}); macro-F1 {metrics['macro_f1']}; calibration error {metrics['calibration_error']}."
    if kind == "emotion":
        yield f"Intensity: mean absolute error {card['intensity_mean_absolute_error']}."
    if kind != "intent":
        yield from _labels(card, metrics)


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
