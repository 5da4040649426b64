"""What a message is about: fit, predict, save and load of the intent head.

One ridge gives two sets of scores: for the most pressing label (one of k) and for each label on its own. The first
label comes from the first set, further ones from the second; single parts of the message tell where each is asked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from models.calibration import Isotonic, softmax
from models.decision import Decision
from models.encoder import Encoder, load_encoder
from models.evaluation import OUT_OF_SCOPE, Judged
from models.examples import Example, Turn
from models.fitting import Progress
from models.head import Head, Inputs, part_inputs, whole_inputs
from models.storage import Json, load_head, number, numbers, save_head, text
from models.storage import names as config_names
from models.text import EncodedText, clean
from models.types import FloatArray

MOST = 3
"""A message has at most three labels: buyers seldom ask more, and a fourth is mostly noise."""

GRAVE = frozenset({"safety_incident"})
"""Labels of which hardly any may be missed: as further labels they count from a score of their own (`grave`), and those
that are not in doubt stand first, as the labelling notes have it."""

DOUBT = 0.4
"""Below this certainty of the first label the head abstains: it would be wrong more than six times in ten."""


@dataclass(frozen=True, slots=True)
class IntentScore:
    """A label with its calibrated probability, asked by text[start:end] (code points)."""

    id: str
    score: float
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class IntentReading:
    """`intents` most pressing first, never empty; `probabilities` of each label being the first one."""

    intents: tuple[IntentScore, ...]
    abstained: bool
    abstain_reason: str | None
    probabilities: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class IntentRules:
    """What is fitted beside the head: how scores become decisions.

    `alone` are labels never seen beside another; `further` maps a further label's score to its probability, `threshold`
    is the least score that counts; `familiar` the likeness under which a message resembles nothing seen.
    """

    labels: tuple[str, ...]
    alone: tuple[str, ...]
    decision: Decision
    further: Isotonic
    threshold: float
    familiar: float
    grave: float = 1.0

    def config(self) -> dict[str, Json]:
        """As saved."""
        return {
            "labels": list(self.labels),
            "alone": list(self.alone),
            "temperature": self.decision.temperature,
            "certainty": list(self.decision.certainty),
            "further_x": list(self.further.xs),
            "further_y": list(self.further.ys),
            "threshold": self.threshold,
            "familiar": self.familiar,
            "grave": self.grave,
        }

    @classmethod
    def of(cls, config: Mapping[str, Json]) -> IntentRules:
        """As loaded; WeightsError where something is missing."""
        decision = Decision(number(config, "temperature"), numbers(config, "certainty"))
        further = Isotonic(numbers(config, "further_x"), numbers(config, "further_y"))
        labels, alone = config_names(config, "labels"), config_names(config, "alone")
        grave = number(config, "grave") if "grave" in config else 1.0
        return cls(labels, alone, decision, further, number(config, "threshold"), number(config, "familiar"), grave)


class IntentClassifier:
    """Made by `fit` or `load`; predictions are pure and safe to share between threads."""

    def __init__(self, head: Head, rules: IntentRules, encoder: Encoder, version: str) -> None:
        self.version = version
        self.held_out: Sequence[Judged] = ()
        """Out-of-fold predictions on messages that the encoder was not tuned on either; empty once loaded."""
        self.labels = rules.labels
        self._head = head
        self._rules = rules
        self._encoder = encoder

    @classmethod
    def fit(cls, examples: Sequence[Example], encoder: Encoder, progress: Progress | None = None) -> IntentClassifier:
        """Learns from all examples that have labels; thresholds and `report` come from out-of-fold predictions.

        ValueError with fewer than two labels or ten examples.
        """
        from models.intent_fitting import fit_intents

        return fit_intents(examples, encoder, progress or (lambda _share, _step: None))

    def predict(self, encoded: EncodedText, history: Sequence[Turn] = ()) -> IntentReading:
        """The labels of a message; `history` is oldest first, of which the last seller's turn counts."""
        seller = seller_vector(self._encoder, history)
        whole = whole_inputs([encoded], None if seller is None else seller[None, :])
        scores, likeness = self._head.scores(with_parts(whole, encoded, seller))
        return self.reading(encoded, scores, likeness)

    def reading(self, encoded: EncodedText, scores: FloatArray, likeness: FloatArray) -> IntentReading:
        """From the head's scores (1 + parts, 2 labels) and likeness (1 + parts,) of `with_parts`."""
        count = len(self.labels)
        probabilities = self._rules.decision.probabilities(scores[:1, :count], likeness[:1])[0]
        parts = softmax(scores[1:, :count], self._rules.decision.temperature)
        chosen = self._chosen(probabilities, scores[0, count:])
        intents = tuple(self._placed(label, score, encoded, parts) for label, score in chosen)
        reason = self._doubt(probabilities, float(likeness[0]), encoded.text)
        named = dict(zip(self.labels, np.round(probabilities.astype(np.float64), 4).tolist(), strict=True))
        return IntentReading(intents, reason is not None, reason, named)

    def _chosen(self, probabilities: FloatArray, own: FloatArray) -> list[tuple[int, float]]:
        """(label, probability): the first, then further ones over the threshold, likeliest first."""
        first = int(probabilities.argmax())
        others = [
            (label, float(self._rules.further.apply(own[label : label + 1])[0]))
            for label in np.argsort(-own, kind="stable")[: MOST + 1].tolist()
            if label != first
            and own[label] >= self._least(self.labels[label])
            and self.labels[label] not in self._rules.alone
        ]
        single = self.labels[first] in self._rules.alone
        chosen = [(first, float(probabilities[first])), *([] if single else others[: MOST - 1])]
        return sorted(chosen, key=lambda item: not self._goes_first(*item))  # stable: nothing else moves

    def _goes_first(self, label: int, certainty: float) -> bool:
        """Whether the label stands before whatever else is asked: grave by definition, and not in doubt."""
        return self.labels[label] in GRAVE and certainty >= DOUBT

    def _least(self, label: str) -> float:
        """The score from which a further label counts."""
        return min(self._rules.threshold, self._rules.grave) if label in GRAVE else self._rules.threshold

    def _placed(self, label: int, score: float, encoded: EncodedText, parts: FloatArray) -> IntentScore:
        """Where the label is asked: the part most of it, with its neighbours that ask the same first of all."""
        start, end = 0, len(encoded.text)
        if encoded.parts:
            low = high = int(parts[:, label].argmax()) if len(parts) else 0
            tops = parts.argmax(axis=1) if len(parts) else np.zeros(1, dtype=np.int64)
            while low > 0 and tops[low - 1] == label:
                low -= 1
            while high + 1 < len(tops) and tops[high + 1] == label:
                high += 1
            start, end = encoded.parts[low].start, encoded.parts[high].end
        return IntentScore(self.labels[label], round(score, 4), start, end)

    def _doubt(self, probabilities: FloatArray, likeness: float, message: str) -> str | None:
        """Why the reading is too unsure to act on; None where it is not."""
        first, second = [*np.argsort(-probabilities, kind="stable")[:2].tolist(), 0][:2]
        if self._encoder.garbled(message):
            return "its letters form no words"
        if likeness < self._rules.familiar:
            return "unlike any message seen in training"
        if probabilities[first] >= DOUBT:
            return None
        return f"undecided between {self.labels[first]} and {self.labels[second]}"

    def save(self, folder: Path) -> None:
        """Writes weights and rules into `folder`."""
        config = {"version": self.version, "encoder": self._encoder.name, **self._rules.config()}
        save_head(folder, self._head, config)

    @classmethod
    def load(cls, folder: Path, encoder: Encoder | None = None) -> IntentClassifier:
        """The saved head, named after its folder; `encoder` (default: the one it was trained with) reads the history.

        WeightsError where the folder holds no usable weights.
        """
        head, config = load_head(folder)
        reader = encoder or load_encoder(text(config, "encoder"))
        return cls(head, IntentRules.of(config), reader, folder.name)


def judged_intents(example: Example, reading: IntentReading) -> Judged:
    """The example's labels beside the predicted ones; foreign is what no label but out of scope explains."""
    predicted = tuple(intent.id for intent in reading.intents)
    known = max((p for label, p in reading.probabilities.items() if label not in OUT_OF_SCOPE), default=0.0)
    score = reading.intents[0].score
    return Judged(example.language, example.intents, predicted, score, 1 - known, reading.abstained, example.also)


def seller_vector(encoder: Encoder, history: Sequence[Turn]) -> FloatArray | None:
    """(dim,) of the seller's last turn; None where the seller has not written."""
    turn = next((turn.text for turn in reversed(history) if turn.sender == "seller"), "")
    return encoder.encode([clean(turn)])[0] if turn.strip() else None


def with_parts(whole: Inputs, encoded: EncodedText, seller: FloatArray | None) -> Inputs:
    """The row of the whole, then one a part; none for a message of a single part, which its whole speaks for."""
    if len(encoded.parts) < 2:
        return whole
    parts = part_inputs(encoded, seller)
    dense, turns = np.vstack([whole.dense, parts.dense]), np.vstack([whole.seller, parts.seller])
    return Inputs(dense, turns, (*whole.grams, *parts.grams))
