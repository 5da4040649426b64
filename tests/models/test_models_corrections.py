"""A few corrections teach, and what was known stays known."""

import pytest

from models import training
from models.comparison import compare
from models.corpus import encoded_corpus
from models.examples import Example
from models.fitting import CORRECTED_SHARE, CORRECTION_WEIGHT, weighted
from tests.models.conftest import corpus

MISREAD = [
    Example("the zipper is jammed", "en", ("refund_request",)),
    Example("buttons fell off at once", "en", ("refund_request",)),
    Example("zu klein geschnitten", "de", ("size_fit",)),
]


@pytest.fixture(scope="module")
def before(encoder):
    return training.fit("intent", corpus(), encoder)


@pytest.fixture(scope="module")
def after(encoder):
    return training.fit("intent", [*corpus(), *weighted(MISREAD, 12_000)], encoder)


def test_what_was_misread_is_read_right_after_a_training_with_its_correction(before, after, encoder):
    wrong = [one for one in MISREAD if not training.judge(before, one, encoder).right]
    assert wrong and all(training.judge(after, one, encoder).right for one in wrong)


def test_a_few_corrections_count_eight_times_and_many_never_more_than_a_quarter_of_the_rest():
    assert len(weighted(MISREAD, 12_000)) == len(MISREAD) * CORRECTION_WEIGHT
    many = MISREAD * 400
    assert len(many) < len(weighted(many, 12_000)) <= 12_000 * CORRECTED_SHARE
    assert [one.text for one in weighted(many, 100)] == [one.text for one in many]


def test_no_figure_is_made_from_a_correction(encoder):
    whole = encoded_corpus([*corpus(), *weighted(MISREAD, 12_000)], encoder, lambda share, step: None, history=False)
    assert not any(whole.examples[row].corrected for row in whole.honest)
    assert len(whole.honest) == len(corpus())


def test_no_language_gets_worse_by_a_few_corrections(before, after, encoder):
    assert compare(after, before, corpus(), (encoder, encoder)).worse == ()
