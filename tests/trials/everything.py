"""All trials, and their table."""

import platform
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from fastapi import FastAPI

from app.draft_cases import read_cases, read_surroundings
from app.drafting.drafter import Drafter
from app.main import create_app
from app.parts import build_drafter
from app.settings import Settings
from tests.conftest import make_settings
from tests.trials.api import tried
from tests.trials.damage import damaged
from tests.trials.faults import faults, postgres_of_its_own
from tests.trials.outcome import Outcome
from tests.trials.texts import fuzzed, hurt
from tests.trials.together import clock_jumps, edited_under_search, signed_at_once, written_on

UNLIMITED = {"rate_key_per_minute": 10**6, "rate_visitor_per_minute": 10**6, "rate_address_per_minute": 10**6}


def run_all(kills: int, examples: int, texts: int, page: Path | None) -> bool:
    """Prints each line as it comes and writes the page anew, so that a run that is stopped leaves what it found; whether all held."""
    started, outcomes = time.monotonic(), list[Outcome]()
    with tempfile.TemporaryDirectory() as name:
        for outcome in _all(Path(name), kills, examples, texts):
            print(_row(outcome), file=sys.stderr, flush=True)
            outcomes.append(outcome)
            if page is not None:
                page.write_text(_page(outcomes, time.monotonic() - started), encoding="utf-8")
    return all(outcome.held for outcome in outcomes)


def _all(folder: Path, kills: int, examples: int, texts: int) -> Iterator[Outcome]:
    settings = Settings(data_dir=folder / "data")
    drafter = build_drafter(settings, lambda text: None)
    known = [case.message.text for case in read_cases(read_surroundings())]
    yield from hurt(drafter)
    yield from fuzzed(drafter, known, texts, 1)
    yield from faults(settings.index_dir, folder, kills)
    yield from damaged(settings.index_dir, folder / "damaged")
    with postgres_of_its_own() as postgres:
        yield from _within(folder / "postgresql", drafter, postgres.fresh, "PostgreSQL", examples)
    yield from _within(folder / "sqlite", drafter, lambda: "", "SQLite", examples)


def _within(folder: Path, drafter: Drafter, database: Callable[[], str], called: str, times: int) -> Iterator[Outcome]:
    """What needs no process of its own; each over a fresh database."""
    for number, trial in enumerate((signed_at_once, written_on, edited_under_search, _asked)):
        app = create_app(make_settings(folder / str(number), database_url=database(), **UNLIMITED), drafter)
        try:
            yield trial(app, called, times)
        finally:
            app.state.engine.dispose()
    yield _leaping(folder / "leaping", drafter, database(), called, times)


def _leaping(folder: Path, drafter: Drafter, database: str, called: str, times: int) -> Outcome:
    """A service that sends at once, and to this machine."""
    app = create_app(make_settings(folder, database_url=database, undo_seconds=0, call_private_addresses=True), drafter)
    try:
        return clock_jumps(app, called, times)
    finally:
        app.state.engine.dispose()


def _asked(app: FastAPI, called: str, times: int) -> Outcome:
    return tried(app, times, called)


def _page(outcomes: Sequence[Outcome], took_s: float) -> str:
    held = sum(outcome.held for outcome in outcomes)
    return "\n".join((
        "# Trials: faults and attacks", "",
        "Made by `make trials` (`scripts/trials.py`); short forms of all of it run in `make test`. "
        f"{datetime.now(UTC):%Y-%m-%d}, {platform.system()} on {platform.machine()}, Python {platform.python_version()}, {took_s / 60:.0f} minutes beside other work on two cores. **{held} of {len(outcomes)} held.**", "",
        "*Lost*: acknowledged and not there, signed and never sent, or damaged and served unnoticed. *Doubled*: a reply that left under two ids, a message answered with two drafts, or two signatures that both counted. *Crashed*: a 5xx other than 503, an exception, or a text that hangs its reader.", "",
        "| trial | what was tried | times | lost | doubled | crashed | meanwhile |", "| --- | --- | ---: | ---: | ---: | ---: | --- |",
        *(_row(outcome) for outcome in outcomes), "",
        "Found by these trials or while they were written, and mended: a NUL in any field made the figures fail for everybody on PostgreSQL; the same message pushed twice at once was a 500 there; two first messages of a buyer at once opened two conversations; "
        "listeners to the live feed heard nothing more after the database had been away; a condition of a reply that is no text was a 500; 20,000 letters kept the redaction busy for more than 25 seconds, 20,000 line ends the checks for seconds; YAML of endless levels cost time by its square.", "",
    ))  # fmt: skip


def _row(outcome: Outcome) -> str:
    return f"| {outcome.name} | {outcome.tried} | {outcome.times:,} | {outcome.lost} | {outcome.doubled} | {outcome.crashed} | {outcome.load} |"  # fmt: skip
