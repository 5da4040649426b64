"""How well the checks find what must not go out: texts of other hands (tests/checks), caught and falsely alarmed."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
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
class CheckText:
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

    text: CheckText
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


def read_texts(folder: Path = TEXTS) -> list[CheckText]:
    """Every test text, by language and line."""
    found = []
    for path in sorted(folder.glob("*.jsonl")):
        for line in path.read_text("utf-8").splitlines():
            data = json.loads(line)
            found.append(
                CheckText(
                    text=data["text"],
                    language=path.stem,
                    market=data["market"],
                    channel=data["channel"],
                    part=data["part"],
                    finds=tuple(data["finds"]),
                    about=data.get("about", ""),
                )
            )
    return found


def judge(texts: Iterable[CheckText], drafter: Drafter) -> Iterator[Judged]:
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


# --- the page ---------------------------------------------------------------------------------------------------------

FIRST = TEXTS / "first.json"
"""What the checks found before anyone had seen a test text: kept, so that progress can be judged."""
Counts = dict[str, dict[str, list[int]]]  # group -> name -> bad, caught, harmless, alarmed
_POOLED = "all"


def counts_of(figures: Figures) -> Counts:
    """The same as plain lists."""
    groups = {"pooled": {_POOLED: figures.pooled}, "languages": figures.languages, "checks": figures.checks}
    return {
        group: {name: [one.bad, one.caught, one.harmless, one.alarmed] for name, one in sorted(tallies.items())}
        for group, tallies in groups.items()
    }


def figures_table(now: Counts, first: Counts | None = None) -> Iterator[str]:
    """One table: pooled, by language, by check; each rate with its count and 95 % interval."""
    yield "| | caught | false alarms |" if first is None else "| | caught | first | false alarms | first |"
    yield "| --- " * (3 if first is None else 5) + "|"
    for group in ("pooled", "languages", "checks"):
        for name, counts in now[group].items():
            before = first[group].get(name) if first is not None else None
            yield f"| {_titled(group, name)} | " + " | ".join(_cells(counts, before, first is not None)) + " |"


def _titled(group: str, name: str) -> str:
    return {"pooled": f"**{name}**", "languages": name, "checks": f"`{name}`"}[group]


def _cells(now: Sequence[int], first: Sequence[int] | None, compared: bool) -> list[str]:
    cells = []
    for hits, count in ((1, 0), (3, 2)):
        cells.append(_rate(now[hits], now[count]))
        if compared:
            cells.append(_rate(first[hits], first[count], interval=False) if first else "–")
    return cells


def _rate(hits: int, count: int, interval: bool = True) -> str:
    if not count:
        return "–"
    share = Share.of(hits, count)
    spread = f" ({abs(share.low) * 100:.0f}–{share.high * 100:.0f})" if interval else ""
    return f"{share.rate * 100:.1f} %{spread}, {hits} of {count}"


def figures_page(judged: Sequence[Judged], first: dict[Part, Counts]) -> str:
    """Both parts as Markdown, each beside what was found at first."""
    lines = [*_HEAD, _sizes(judged), ""]
    for part, title in (("report", "Held back"), ("dev", "Worked on")):
        now = counts_of(count(one for one in judged if one.text.part == part))
        lines += [f"## {title} (`{part}`)", "", *figures_table(now, first.get(part)), ""]  # type: ignore[call-overload]
    return "\n".join(lines)


def _sizes(judged: Sequence[Judged]) -> str:
    bad = sum(bool(one.text.finds) for one in judged)
    languages = len({one.text.language for one in judged})
    return f"{len(judged)} texts in {languages} languages: {bad} bad, {len(judged) - bad} harmless."


def read_first(path: Path = FIRST) -> dict[Part, Counts]:
    """The figures of the first measuring, by part."""
    found: dict[Part, Counts] = json.loads(path.read_text("utf-8")) if path.exists() else {}
    return found


_HEAD = (
    "# How well the checks find what must not go out",
    "",
    "Written by `countersign checks measure --page docs/results/checks.md`.",
    "",
    "Second writers, who had not seen the patterns, wrote for each language replies that must not go out (some disguised,",
    "most in words that no list names) and harmless ones that come near to them: refusals, explanations, words with a second",
    "meaning. Each is checked as an agent's own text for its market and channel, without order and without draft.",
    "*Caught*: a check that the writer expected fires, with warn or block. *False alarm*: any check fires on a harmless text",
    "(warnings about length and mixed forms of address are not counted). Under a check, its false alarms are of all harmless texts.",
    "Intervals are 95 % (Wilson).",
    "",
    "The texts were halved by a checksum. *First* are the figures before anyone had looked at any text; afterwards the patterns",
    "were improved on `dev` until it held nearly everything, and the witness by meaning has learned from it too, so that **its",
    "figures say nothing of new texts**. The texts of `report` were not looked at one by one, and neither a pattern nor the witness",
    "was made from them; the rates of the patterns were seen twice on the way. The same writers wrote both halves: strangers' texts",
    "fare worse, as the witness's card tells out of fold. The checks are a net below a person who reads, not a proof.",
    "",
)
