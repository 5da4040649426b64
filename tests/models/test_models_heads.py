import json

import numpy as np
import pytest

from models.calibration import Isotonic
from models.conduct import ConductClassifier
from models.decision import Decision
from models.emotion import EmotionClassifier
from models.evaluation import report_of
from models.examples import Turn
from models.intent import IntentClassifier, IntentRules
from models.storage import CONFIG, WEIGHTS, WeightsError
from models.text import encode_text

KINDS = {"intent": IntentClassifier, "emotion": EmotionClassifier, "conduct": ConductClassifier}
MESSAGES = ["where is my parcel", "refund me. which size fits me?", "你好", "zzz qqq"]


@pytest.fixture(scope="module")
def fitted(examples, encoder):
    return {kind: known.fit(examples, encoder) for kind, known in KINDS.items()}


def loaded(kind, folder, encoder):
    return IntentClassifier.load(folder, encoder) if kind == "intent" else KINDS[kind].load(folder)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("message", MESSAGES)
def test_a_saved_head_predicts_exactly_the_same(kind, message, fitted, encoder, tmp_path):
    fitted[kind].save(tmp_path)
    again = loaded(kind, tmp_path, encoder)
    encoded = encode_text(encoder, message)
    assert again.predict(encoded) == fitted[kind].predict(encoded)


@pytest.mark.parametrize("kind", KINDS)
def test_fitting_is_deterministic(kind, fitted, examples, encoder):
    encoded = encode_text(encoder, MESSAGES[1])
    assert KINDS[kind].fit(examples, encoder).predict(encoded) == fitted[kind].predict(encoded)


def test_the_first_intent_is_learned(fitted, encoder):
    reading = fitted["intent"].predict(encode_text(encoder, "where is the parcel"))
    assert reading.intents[0].id == "order_tracking"
    assert reading.intents[0].score == reading.probabilities["order_tracking"] == max(reading.probabilities.values())


def test_each_of_two_intents_is_placed_in_the_part_that_asks_it(fitted, encoder):
    text = "i want my money back. which size fits me?"
    spans = {i.id: text[i.start : i.end] for i in fitted["intent"].predict(encode_text(encoder, text)).intents}
    assert spans == {"refund_request": "i want my money back.", "size_fit": "which size fits me?"}


def test_what_never_stood_beside_another_label_stays_alone(fitted, encoder):
    reading = fitted["intent"].predict(encode_text(encoder, "where is my parcel. hello hello"))
    assert "greeting" not in [intent.id for intent in reading.intents[1:]]


def test_a_message_unlike_all_training_is_abstained_from(fitted, encoder):
    reading = fitted["intent"].predict(encode_text(encoder, "qxj wvk zzy"))
    assert reading.abstained
    assert reading.abstain_reason
    assert reading.intents


def test_the_seller_s_turn_is_read(fitted, encoder):
    encoded = encode_text(encoder, "the blue one")
    plain, after = (
        fitted["intent"].predict(encoded),
        fitted["intent"].predict(encoded, [Turn("seller", "how can we help")]),
    )
    assert plain.probabilities != after.probabilities


def test_a_blank_message_still_gets_an_intent(fitted, encoder):
    (first, *_) = fitted["intent"].predict(encode_text(encoder, " ")).intents
    assert (first.start, first.end) == (0, 1)


def test_a_feeling_has_an_intensity_and_neutral_has_none(fitted, encoder):
    angry = fitted["emotion"].predict(encode_text(encoder, "refund me the money now"))
    neutral = fitted["emotion"].predict(encode_text(encoder, "which size fits me"))
    assert (angry.id, angry.intensity > 0.5) == ("angry", True)
    assert (neutral.id, neutral.intensity) == ("neutral", 0.0)


def test_a_flag_is_raised_and_otherwise_none(fitted, encoder):
    assert [f.id for f in fitted["conduct"].predict(encode_text(encoder, "give the money back"))] == ["threatens_legal"]
    assert fitted["conduct"].predict(encode_text(encoder, "hello")) == ()


@pytest.mark.parametrize("kind", KINDS)
def test_too_few_examples_are_refused(kind, examples, encoder):
    with pytest.raises(ValueError, match=r"few|needed|carries"):
        KINDS[kind].fit(examples[:3], encoder)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("damage", ["missing", "weights", "config"])
def test_damaged_weights_are_named(kind, damage, fitted, encoder, tmp_path):
    fitted[kind].save(tmp_path / "v")
    if damage == "weights":
        (tmp_path / "v" / WEIGHTS).write_bytes(b"damaged")
    if damage == "config":
        (tmp_path / "v" / CONFIG).write_text(json.dumps({"encoder": "letters"}))
    with pytest.raises(WeightsError):
        loaded(kind, tmp_path / ("none" if damage == "missing" else "v"), encoder)


def test_the_report_is_out_of_fold(fitted, examples):
    report = report_of(fitted["intent"].held_out)
    assert report.accuracy.count == len(examples)
    assert np.isclose(sum(share.count for share in report.languages.values()), len(examples))


@pytest.mark.parametrize(("own", "expected"), [(0.6, ["safety_incident", "item_defective"]), (0.3, ["item_defective", "safety_incident"]), (0.1, ["item_defective"])])  # fmt: skip
def test_a_grave_label_that_is_not_in_doubt_stands_first(own, expected, encoder):
    """Below that certainty it is told, and moves nothing."""
    rules = IntentRules(("item_defective", "safety_incident"), (), Decision(1.0, (0.0, 1.0, 0.0, 0.0)), Isotonic((0.0, 1.0), (0.0, 1.0)), 0.5, -1.0, 0.2)  # fmt: skip
    classifier = IntentClassifier(None, rules, encoder, "test")
    scores = np.array([[0.9, 0.1, 0.9, own]], dtype=np.float32)
    reading = classifier.reading(encode_text(encoder, "it smells burnt"), scores, np.ones(1, dtype=np.float32))
    assert [intent.id for intent in reading.intents] == expected
