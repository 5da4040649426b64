"""Any of the three heads by its kind: fitted, loaded, judged on any set, described in a card."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from models.conduct import ConductClassifier
from models.emotion import EmotionClassifier, judged_emotion
from models.encoder import Encoder
from models.evaluation import Judged, Report, report_of
from models.examples import Example
from models.fitting import Progress
from models.intent import IntentClassifier, judged_intents
from models.language import LanguageDetector
from models.storage import Json
from models.text import clean, encode_text
from models.tokens import told_before

Classifier = IntentClassifier | EmotionClassifier | ConductClassifier
_CLASSES: dict[str, type[IntentClassifier] | type[EmotionClassifier] | type[ConductClassifier]] = {
    "intent": IntentClassifier,
    "emotion": EmotionClassifier,
    "conduct": ConductClassifier,
}


def fit(kind: str, examples: Sequence[Example], encoder: Encoder, progress: Progress | None = None) -> Classifier:
    """A head of `kind` that is not registered; for emotion and conduct a plain `label` serves too."""
    return _CLASSES[kind].fit([_labelled(kind, example) for example in examples], encoder, progress)


def load(kind: str, folder: Path) -> Classifier:
    """The head of `kind` saved in `folder`."""
    return _CLASSES[kind].load(folder)


def evaluate(classifier: Classifier, examples: Sequence[Example], encoder: Encoder) -> Report:
    """The figures of a head on labelled messages that it has not learned from; ValueError where there is none."""
    return report_of([judge(classifier, example, encoder) for example in examples])


def evaluate_language(detector: LanguageDetector, examples: Sequence[Example]) -> Report:
    """The same for language detection; the truth is `label` or `lang` of a line."""
    judged = []
    for example in examples:
        truth = example.intents[0] if example.intents else example.language
        reading = detector.detect(clean(example.text))
        judged.append(Judged(truth, (truth,), (reading.code,), reading.confidence))
    return report_of(judged)


def judge(classifier: Classifier, labelled: Example, encoder: Encoder) -> Judged:
    """One labelled message as the head reads it; `encoder` is the one that the head was trained with."""
    kind = next(kind for kind, known in _CLASSES.items() if isinstance(classifier, known))
    example = _labelled(kind, labelled)
    encoded = encode_text(encoder, clean(example.text), told_before(example.history))
    if isinstance(classifier, IntentClassifier):
        return judged_intents(example, classifier.predict(encoded, example.history))
    if isinstance(classifier, EmotionClassifier):
        return judged_emotion(example, classifier.predict(encoded))
    return classifier.judged(example, classifier.probabilities(encoded))


def _labelled(kind: str, example: Example) -> Example:
    """Public sets name their label `label`, which is read as an intent: here it becomes what is trained."""
    if kind == "intent" or not example.intents or example.emotion or example.conduct:
        return example
    emotion = example.intents[0] if kind == "emotion" else None
    conduct = tuple(label for label in example.intents if label != "none") if kind == "conduct" else ()
    return Example(example.text, example.language, (), emotion, None, conduct, example.market, example.history)


def card_of(
    kind: str, version: str, fitted: Classifier, examples: Sequence[Example], encoder: Encoder
) -> dict[str, Json]:
    """What is kept beside the weights: date, corpus, encoder, labels, out-of-fold figures."""
    card: dict[str, Json] = {
        "kind": kind,
        "version": version,
        "trained_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "corpus": corpus_hash(examples),
        "examples": len(examples),
        "examples_by_language": dict(sorted(Counter(example.language for example in examples).items())),
        "encoder": {"name": encoder.name, "revision": encoder.revision, "dim": encoder.dim},
        "labels": list(fitted.labels),
        "held_out": len(fitted.held_out),
        "metrics": report_of(fitted.held_out).to_dict() if fitted.held_out else None,
    }
    if isinstance(fitted, EmotionClassifier):
        card["intensity_mean_absolute_error"] = fitted.intensity_error
    if isinstance(fitted, ConductClassifier):
        card["flags"] = fitted.flags
    return card


def corpus_hash(examples: Sequence[Example]) -> str:
    """A digest of texts and labels that does not depend on their order."""
    lines = sorted(
        repr((e.text, e.language, e.intents, e.emotion, e.intensity, e.conduct, e.history)) for e in examples
    )
    return hashlib.sha256("\n".join(lines).encode("utf-8", "replace")).hexdigest()[:16]
