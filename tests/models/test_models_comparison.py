"""Comparing versions: noise is no finding, a real loss in one language is."""

import numpy as np
import pytest

from models.comparison import compare
from models.evaluation import Judged
from models.examples import Example


def judged_as(monkeypatch, hits):
    """`compare` with judgements given: hits[version][row]."""

    def judge(classifier, example, encoder):
        return Judged(example.language, ("a",), ("a",) if hits[classifier][int(example.text)] else ("b",), 0.9)

    monkeypatch.setattr("models.comparison.judge", judge)


def gate(rows):
    return [Example(str(row), "de" if row % 2 else "en") for row in range(rows)]


def test_the_same_readings_are_neither_better_nor_worse(monkeypatch):
    hits = np.random.default_rng(1).random(120) < 0.8
    judged_as(monkeypatch, {"new": hits, "old": hits})
    found = compare("new", "old", gate(120), (None, None))
    assert found.worse == ()
    assert (found.pooled.low, found.pooled.high) == (0.0, 0.0)


def test_a_loss_in_one_language_is_found_though_the_whole_gains(monkeypatch):
    old = [True] * 60 + [False] * 60
    new = [row % 2 == 0 for row in range(60)] + [True] * 60  # all of the German ones among the first sixty are lost
    old_de = {
        "old": [row < 60 or row % 2 == 1 for row in range(120)],
        "new": [row % 2 == 0 or row >= 110 for row in range(120)],
    }
    judged_as(monkeypatch, {"new": new, "old": old})
    assert compare("new", "old", gate(120), (None, None)).worse == ()
    judged_as(monkeypatch, old_de)
    assert "de" in compare("new", "old", gate(120), (None, None)).worse


def test_a_few_readings_more_or_less_are_noise(monkeypatch):
    old = np.random.default_rng(2).random(120) < 0.8
    new = old.copy()
    new[:4] = ~new[:4]
    judged_as(monkeypatch, {"new": new, "old": old})
    assert compare("new", "old", gate(120), (None, None)).worse == ()


def test_without_gate_messages_nothing_is_compared():
    with pytest.raises(ValueError, match="no gate messages"):
        compare("new", "old", [], (None, None))
