"""The short form: a bit that turned and a file that is cut off, in every file of index, weights and encoder."""

from pathlib import Path

from app.drafting.drafter import Drafter
from tests.trials.damage import damaged


def test_no_damaged_file_serves_unnoticed(indexed: Path, tmp_path: Path, drafter: Drafter) -> None:
    del drafter  # made before the encoders are forgotten: the tests after this one share it
    outcomes = list(damaged(indexed / "index", tmp_path / "harmed", ("a bit turned",)))
    assert [outcome for outcome in outcomes if not outcome.held] == []
    assert all(outcome.times for outcome in outcomes)
