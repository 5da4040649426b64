import json

import numpy as np
import pytest

from models.calibration import Isotonic, auroc, calibration_error, fit_logistic, fit_temperature, softmax
from models.evaluation import Judged, Share, report_of
from models.examples import Example
from models.language import LanguageDetector
from models.training import evaluate, evaluate_language, fit


def judged(truth, predicted, language="en", confidence=0.9, foreign=0.0, **more):
    return Judged(language, tuple(truth), tuple(predicted), confidence, foreign, **more)


def test_a_share_has_wilson_s_interval():
    assert Share.of(8, 10) == Share(10, 0.8, 0.4902, 0.9433)


def test_accuracy_is_of_first_labels_and_sets_count_all():
    report = report_of([judged("ab", "a"), judged("c", "d", "de")])
    assert (report.accuracy.rate, report.set_exact) == (0.5, 0.0)
    assert report.set_f1 == pytest.approx(2 / 5)
    assert report.languages["de"].rate == 0.0
    assert report.confusion == (("c", "d", 1),)


def test_macro_f1_is_the_mean_over_true_labels():
    assert report_of([judged("a", "a"), judged("a", "a"), judged("b", "a")]).macro_f1 == pytest.approx((0.8 + 0) / 2)


def test_flags_have_no_order():
    report = report_of([judged("ab", "ba", ordered=False), judged("", "", ordered=False)])
    assert report.accuracy.rate == 1.0


def test_out_of_scope_is_ranked_where_it_occurs():
    rows = [judged(["oos"], ["a"], foreign=0.9), judged("a", "a", foreign=0.1), judged("b", "a", foreign=0.9)]
    assert report_of(rows).out_of_scope_auroc == 0.75
    assert report_of(rows[1:]).out_of_scope_auroc is None


def test_a_report_can_be_read_and_sent():
    report = report_of([judged("a", "a"), judged("b", "a", "de")])
    assert "de" in report.to_text()
    assert json.loads(json.dumps(report.to_dict()))["accuracy"]["count"] == 2


def test_an_empty_set_is_refused():
    with pytest.raises(ValueError, match="nothing"):
        report_of([])


@pytest.mark.parametrize("kind", ["intent", "emotion"])
def test_a_head_of_its_own_is_trained_for_any_labels(kind, encoder):
    rows = [Example(f"{word} number {n}", "en", (word,)) for n in range(8) for word in ("alpha", "bravo", "oos")]
    report = evaluate(fit(kind, rows, encoder), rows, encoder)
    assert (report.accuracy.rate, report.out_of_scope_auroc) == (1.0, 1.0)


def test_language_is_judged_by_the_label_of_a_line():
    rows = [Example("wo ist mein Paket geblieben", "dev", ("de",)), Example("where is my parcel now", "en")]
    assert evaluate_language(LanguageDetector(), rows).accuracy.rate == 1.0


def test_temperature_makes_confidence_match_the_share_of_hits():
    rng = np.random.default_rng(0)
    scores = rng.normal(size=(4000, 3)).astype(np.float32)
    cumulated = softmax(scores, 5.0).cumsum(axis=1)
    truth = np.minimum((rng.random((4000, 1)) > cumulated).sum(axis=1), 2)
    assert fit_temperature(scores, truth) == pytest.approx(5.0, rel=0.15)


def test_isotonic_rises_and_keeps_the_mean():
    scores = np.linspace(0, 1, 50, dtype=np.float32)
    hits = (scores + np.sin(scores * 40) * 0.2) > 0.5
    mapped = Isotonic.fit(scores, hits).apply(scores)
    assert (np.diff(mapped) >= 0).all()
    assert mapped.mean() == pytest.approx(hits.mean(), abs=0.03)


def test_logistic_finds_the_direction():
    features = np.array([[-1.0], [-0.5], [0.5], [1.0]] * 10, dtype=np.float32)
    slope, intercept = fit_logistic(features, features[:, 0] > 0)
    assert slope > 1
    assert abs(intercept) < 1e-6


def test_ties_count_half():
    assert auroc(np.array([1.0, 0.0]), np.array([0.0])) == 0.75


def test_calibration_error_is_the_mean_gap():
    assert calibration_error(np.array([0.95, 0.95], dtype=np.float32), np.array([True, False])) == pytest.approx(0.45)
