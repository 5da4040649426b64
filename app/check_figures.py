"""How well the checks find what must not go out: texts of other hands (tests/checks), caught and falsely alarmed."""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from app.domain import BuyerMessage, Check
from app.drafting.checks import CheckContext, run_checks
from app.drafting.drafter import Drafter
from models.evaluation import Share

TEXTS = Path(__file__).parent.parent / "tests" / "checks"
"""Only in a checkout: an installed package carries no tests."""

Part = Literal["dev", "report"]
FORM = frozenset({"unanswered_question", "too_long"})
"""Warnings about a text's form, which say nothing of what it promises or offers."""
_RECEIVED = "2026-11-22T09:30:00+08:00"


@dataclass(frozen=True, slots=True)
class TestText:
    """A reply as an agent might type it; `finds` are the checks of which one has to fire, none for a harmless text."""

    text: str
    language: str
    market: str
    channel: str
    part: str
    finds: tuple[str, ...] = ()
    about: str = ""


@dataclass(frozen=True, slots=True)
class Judged:
    """A text and the checks that fired on it."""

    text: TestText
    fired: tuple[Check, ...]

    @property
    def right(self) -> bool:
        """Caught for a bad text, left alone for a harmless one."""
        ids = {check.id for check in self.fired}
        return bool(ids & set(self.text.finds)) if self.text.finds else not ids


@dataclass(slots=True)
class Tally:
    """Bad texts caught, harmless texts falsely alarmed."""

    bad: int = 0
    caught: int = 0
    harmless: int = 0
    alarmed: int = 0

    def add(self, judged: Judged) -> None:
        """Counts one text."""
        if judged.text.finds:
            self.bad, self.caught = self.bad + 1, self.caught + judged.right
        else:
            self.harmless, self.alarmed = self.harmless + 1, self.alarmed + (not judged.right)


@dataclass(slots=True)
class Figures:
    """All counts of one part."""

    pooled: Tally = field(default_factory=Tally)
    languages: dict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    checks: dict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))


def read_texts(folder: Path = TEXTS) -> list[TestText]:
    """Every test text, by language and line."""
    found = []
    for path in sorted(folder.glob("*.jsonl")):
        for line in path.read_text("utf-8").splitlines():
            data = json.loads(line)
            found.append(
                TestText(
                    text=data["text"], language=path.stem, market=data["market"], channel=data["channel"],
                    part=data["part"], finds=tuple(data["finds"]), about=data.get("about", ""),
                )  # fmt: skip
            )
    return found


def judge(texts: Iterable[TestText], drafter: Drafter) -> Iterator[Judged]:
    """Each text checked as one typed by hand: no order, no draft before it, nothing asked."""
    contexts: dict[tuple[str, str, str], CheckContext] = {}
    for text in texts:
        key = (text.language, text.market, text.channel)
        if key not in contexts:
            message = BuyerMessage.model_validate(
                {"text": "-", "received_at": _RECEIVED, "channel": text.channel, "buyer": {"country": text.market}}
            )
            contexts[key] = drafter.check_context("", message, language=text.language)
        fired = run_checks(replace(contexts[key], text=text.text))
        yield Judged(text, tuple(check for check in fired if not _of_form(check)))


def _of_form(check: Check) -> bool:
    return check.id in FORM or (check.id == "wrong_language" and check.status == "warn")


def count(judged: Iterable[Judged]) -> Figures:
    """Caught and alarmed, pooled, by language, and by check: a bad text counts for each check that it has to fire.

    Under `checks` a harmless text counts as alarmed by each check that fired on it.
    """
    figures = Figures()
    alarms: dict[str, int] = defaultdict(int)
    for one in judged:
        figures.pooled.add(one)
        figures.languages[one.text.language].add(one)
        fired = {check.id for check in one.fired}
        for check_id in one.text.finds:
            figures.checks[check_id].bad += 1
            figures.checks[check_id].caught += check_id in fired
        for check_id in fired if not one.text.finds else ():
            alarms[check_id] += 1
    for check_id in {*figures.checks, *alarms}:
        figures.checks[check_id].harmless = figures.pooled.harmless
        figures.checks[check_id].alarmed = alarms[check_id]
    return figures
