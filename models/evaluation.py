"""How good a head is: one report for any label set, with uncertainty, calibration and a table per language."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field

import numpy as np

from models.calibration import auroc, calibration_error
from models.storage import Json

OUT_OF_SCOPE = frozenset({"oos", "out_of_scope"})
"""Labels of what no class covers (the first is the public sets'); where one occurs, its AUROC is reported."""

_Z = 1.96


@dataclass(frozen=True, slots=True)
class Share:
    """`hits` of `count`, as a rate with its 95 % interval (Wilson 1927)."""

    count: int
    rate: float
    low: float
    high: float

    @classmethod
    def of(cls, hits: int, count: int) -> Share:
        """All zero for a count of 0."""
        if not count:
            return cls(0, 0.0, 0.0, 0.0)
        rate, spread = hits / count, 1 + _Z**2 / count
        middle = (rate + _Z**2 / (2 * count)) / spread
        reach = _Z * np.sqrt(rate * (1 - rate) / count + _Z**2 / (4 * count**2)) / spread
        return cls(count, round(rate, 4), round(float(middle - reach), 4), round(float(middle + reach), 4))


@dataclass(frozen=True, slots=True)
class Judged:
    """One message: its true labels and the predicted ones (most pressing first), how sure, and how foreign it looks.

    `also` are first labels that another reader could defend.
    """

    language: str
    truth: tuple[str, ...]
    predicted: tuple[str, ...]
    confidence: float
    foreign: float = 0.0
    abstained: bool = False
    also: tuple[str, ...] = ()
    ordered: bool = True

    @property
    def right(self) -> bool:
        """Whether the first labels agree, or the whole sets where labels have no order."""
        return self.truth[:1] == self.predicted[:1] if self.ordered else set(self.truth) == set(self.predicted)


@dataclass(frozen=True, slots=True)
class Report:
    """Figures of one evaluation; `accuracy` and `macro_f1` are of first labels, `set_*` of all labels of a message.

    `accuracy_defensible` counts a noted alternative as right too; `both_found` is of messages with two labels or more.
    """

    accuracy: Share
    macro_f1: float
    calibration_error: float
    out_of_scope_auroc: float | None
    set_f1: float
    set_exact: float
    abstained: float
    accuracy_when_sure: float
    languages: Mapping[str, Share]
    labels: Mapping[str, Mapping[str, float]]
    confusion: tuple[tuple[str, str, int], ...] = field(default=())
    accuracy_defensible: Share = field(default=Share(0, 0.0, 0.0, 0.0))
    set_precision: float = 0.0
    both_found: Share = field(default=Share(0, 0.0, 0.0, 0.0))

    def to_dict(self) -> dict[str, Json]:
        """Plain JSON."""
        plain: dict[str, Json] = json.loads(json.dumps(asdict(self)))
        return plain

    def to_text(self) -> str:
        """The figures, the languages from worst to best, the weakest labels and the commonest confusions."""
        rows = sorted(self.languages.items(), key=lambda item: (item[1].rate, item[0]))
        weakest = sorted(self.labels.items(), key=lambda item: (item[1]["f1"], item[0]))[:12]
        head = [
            f"messages {self.accuracy.count}   accuracy {self.accuracy.rate:.3f} "
            f"({self.accuracy.low:.3f}-{self.accuracy.high:.3f})   macro-F1 {self.macro_f1:.3f}",
            f"calibration error {self.calibration_error:.3f}   all labels: F1 {self.set_f1:.3f}, exact {self.set_exact:.3f}",
            f"abstained {self.abstained:.3f}, accuracy of the rest {self.accuracy_when_sure:.3f}; "
            f"noted alternatives counted {self.accuracy_defensible.rate:.3f}",
            f"precision of the set {self.set_precision:.3f}; both of two labels found {self.both_found.rate:.3f} of {self.both_found.count}",
        ]
        if self.out_of_scope_auroc is not None:
            head.append(f"out-of-scope AUROC {self.out_of_scope_auroc:.3f}")
        head += ["", "language  messages  accuracy  95 % interval"]
        head += [f"{code:<9} {s.count:>8}  {s.rate:>8.3f}  {s.low:.3f}-{s.high:.3f}" for code, s in rows]
        head += ["", "weakest labels (precision, recall, F1, messages)"]
        head += [f"{n:<28} {v['precision']:.2f} {v['recall']:.2f} {v['f1']:.2f} {v['support']:.0f}" for n, v in weakest]
        head += ["", "commonest confusions (true -> predicted)"]
        return "\n".join(head + [f"{count:>4}  {true} -> {guess}" for true, guess, count in self.confusion[:15]])


def report_of(judged: Sequence[Judged]) -> Report:
    """The report of some judged messages; ValueError where there is none.

    Where labels have no order, accuracy is of whole sets, and figures of labels count all of a message.
    """
    if not judged:
        raise ValueError("nothing to evaluate")
    every_label = not judged[0].ordered
    hits = np.array([one.right for one in judged])
    sure = [one for one in judged if not one.abstained]
    labels = _label_figures(judged, None if every_label else 1)
    f1 = [figures["f1"] for figures in labels.values() if figures["support"]]
    return Report(
        accuracy=Share.of(int(hits.sum()), len(judged)),
        macro_f1=round(float(np.mean(f1)), 4) if f1 else 0.0,
        calibration_error=round(calibration_error(np.array([o.confidence for o in judged], dtype=np.float32), hits), 4),
        out_of_scope_auroc=_foreign_auroc(judged),
        set_f1=_set_f1(judged),
        set_exact=round(float(np.mean([set(one.truth) == set(one.predicted) for one in judged])), 4),
        abstained=round(1 - len(sure) / len(judged), 4),
        accuracy_when_sure=round(float(np.mean([one.right for one in sure])), 4) if sure else 0.0,
        languages=_by_language(judged, hits.tolist()),
        labels=labels,
        confusion=() if every_label else _confusion(judged),
        accuracy_defensible=Share.of(sum(map(_defensible, judged)), len(judged)),
        set_precision=_set_precision(judged),
        both_found=_both_found(judged),
    )


def _defensible(one: Judged) -> bool:
    return one.right or (one.predicted[:1] != () and one.predicted[0] in one.also)


def _set_precision(judged: Sequence[Judged]) -> float:
    """Share of predicted labels that the message has (noted alternatives counted)."""
    hits = sum(len({*one.truth, *one.also} & set(one.predicted)) for one in judged)
    return round(hits / max(1, sum(len(one.predicted) for one in judged)), 4)


def _both_found(judged: Sequence[Judged]) -> Share:
    """Of messages with two labels or more: the first two are both among the predicted, in any order."""
    several = [one for one in judged if len(one.truth) > 1]
    return Share.of(sum(set(one.truth[:2]) <= set(one.predicted) for one in several), len(several))


def _by_language(judged: Sequence[Judged], right: Sequence[bool]) -> dict[str, Share]:
    counts = Counter(one.language for one in judged)
    hits = Counter(one.language for one, hit in zip(judged, right, strict=True) if hit)
    return {code: Share.of(hits[code], counts[code]) for code in sorted(counts)}


def _label_figures(judged: Sequence[Judged], most: int | None) -> dict[str, dict[str, float]]:
    """Precision, recall and F1 of each label among the first `most` (None: all) of a message."""
    true = Counter(label for one in judged for label in one.truth[:most])
    guessed = Counter(label for one in judged for label in one.predicted[:most])
    both = Counter(label for one in judged for label in set(one.truth[:most]) & set(one.predicted[:most]))
    return {label: _figures(both[label], guessed[label], true[label]) for label in sorted({*true, *guessed})}


def _figures(both: int, guessed: int, true: int) -> dict[str, float]:
    precision, recall = both / guessed if guessed else 0.0, both / true if true else 0.0
    f1 = 2 * both / (guessed + true) if guessed + true else 0.0
    return {"precision": round(precision, 4), "recall": round(recall, 4), "f1": round(f1, 4), "support": float(true)}


def _set_f1(judged: Sequence[Judged]) -> float:
    """Micro F1 over all labels of all messages."""
    both = sum(len(set(one.truth) & set(one.predicted)) for one in judged)
    return round(2 * both / max(1, sum(len(one.truth) + len(one.predicted) for one in judged)), 4)


def _foreign_auroc(judged: Sequence[Judged]) -> float | None:
    foreign = np.array([one.foreign for one in judged if OUT_OF_SCOPE & set(one.truth)], dtype=np.float32)
    known = np.array([one.foreign for one in judged if not OUT_OF_SCOPE & set(one.truth)], dtype=np.float32)
    area = auroc(foreign, known)
    return None if area is None else round(area, 4)


def _confusion(judged: Sequence[Judged]) -> tuple[tuple[str, str, int], ...]:
    """(true, predicted, count) of first labels that differ, commonest first."""
    pairs = Counter(
        (*(one.truth[:1] or ("-",)), *(one.predicted[:1] or ("-",)))
        for one in judged
        if one.truth[:1] != one.predicted[:1]
    )
    return tuple((true, guess, n) for (true, guess), n in sorted(pairs.items(), key=lambda item: (-item[1], item[0])))
