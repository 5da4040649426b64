"""The fortnight told: a page of results, and a picture."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from app.drift import Shift
from app.insights.analytics import Rising
from app.insights.figures import GroupBy
from app.insights.gaps import Gap
from models.comparison import Comparison
from models.storage import Json
from scripts.fortnight.stream import PLANTED, Coming

LOOKED_AT: tuple[GroupBy, ...] = ("intent", "language", "market", "agent", "reply")
_INK, _BLUE, _GREY = "#1f2933", "#2563a8", "#9aa5b1"


@dataclass(frozen=True, slots=True)
class Story:
    """What happened, and what was noticed. `rising`: by what the figures were grouped; `compared`: after against before."""

    learned_from: int
    coming: Sequence[Coming]
    counts: Counter[str]
    rising: Mapping[GroupBy, Sequence[Rising]]
    drift: Sequence[Shift]
    gaps: Sequence[Gap]
    compared: Mapping[str, Comparison]
    labels: Mapping[str, Mapping[str, Json]]

    @property
    def found_gap(self) -> Gap | None:
        """The gap that holds most of the planted questions."""
        asked = set(PLANTED["gap"]["questions"])
        held = {gap.id: sum(example.text in asked for example in gap.examples) for gap in self.gaps}
        return next((gap for gap in sorted(self.gaps, key=lambda gap: -held[gap.id]) if held[gap.id]), None)


def write_page(story: Story) -> str:
    """Markdown."""
    parts = ["# A simulated fortnight", _told(story), "## Is it read better afterwards?", _comparisons(story), "## What was noticed", _noticed(story)]  # fmt: skip
    return "\n\n".join(parts) + "\n"


def _told(story: Story) -> str:
    counts = "; ".join(f"{name}: {count}" for name, count in sorted(story.counts.items()))
    return (
        "Written by `python -m scripts.fortnight DATA_FOLDER --page docs/results/fortnight.md`; the script says with which chances "
        "people act.\n\n"
        f"{story.learned_from} messages taught the versions that served at the start, through the general encoder; "
        f"{len(story.coming)} others came in within fourteen days and went through the desk: read, drafted, decided, decided again.\n\n"
        f"{counts[:1].upper()}{counts[1:]}.\n\n"
        "![Shares read right before and after, and the planted rise](../images/fortnight.png)"
    )


def _comparisons(story: Story) -> str:
    rows = ["| kind | language | messages | before | after | difference, interval | beyond noise |", "| --- | --- | --- | --- | --- | --- | --- |"]  # fmt: skip
    for kind, comparison in story.compared.items():
        named = sorted(comparison.languages.items(), key=lambda item: item[1].new - item[1].serving)
        for code, one in (*named, ("all", comparison.pooled)):
            mark = "worse" if one.worse else "better" if one.better else "no"
            rows.append(f"| {kind} | {code} | {one.messages} | {one.serving:.3f} | {one.new:.3f} | {one.low:+.3f} to {one.high:+.3f} | {mark} |")  # fmt: skip
    head = (
        "On the test messages by another hand: the share read right (first intent, emotion, whole set of conduct flags), paired "
        "bootstrap, 95 % for the whole table of a kind."
    )
    return "\n".join([head, "", *rows])


def _noticed(story: Story) -> str:
    return "\n".join(["**Rises**, the second week against the first:", "", *_rises(story), "", "**Drift**, the same weeks:", "", *_drifts(story), "", "**The gap**:", "", _gap(story)])  # fmt: skip


def _rises(story: Story) -> list[str]:
    planted = PLANTED["rise"]["intent"]
    rows = []
    for group, found in story.rising.items():
        for item in found:
            whose = "planted" if item.rise.group.partition(".")[0] == planted else "not planted"
            rows.append(f"| {group} | {item.rise.group} | {item.rise.before} | {item.rise.now} | {item.rise.chance:.6f} | {whose} |")  # fmt: skip
    return [
        "| grouped by | group | first week | second week | chance | |",
        "| --- | --- | --- | --- | --- | --- |",
        *rows,
    ]


def _drifts(story: Story) -> list[str]:
    rows = [f"- {one.language}, {one.of}: stability index {one.stability:.2f}, chance {one.chance:.6f}; most of all {_most(one)}" for one in story.drift]  # fmt: skip
    return rows or ["- none"]


def _most(shift: Shift) -> str:
    """The labels that rose most, with their counts."""
    risen = sorted(shift.now, key=lambda name: shift.before[name] - shift.now[name])[:2]
    return ", ".join(f"{name} {shift.before[name]} to {shift.now[name]}" for name in risen)


def _gap(story: Story) -> str:
    gap = story.found_gap
    place = f"{len(story.gaps)} gaps were found"
    if gap is None:
        return f"{place}; the planted one is not among them."
    told = f"{place}; the planted one is number {story.gaps.index(gap) + 1} by weight, with {gap.messages} messages."
    if gap.proposal is None:
        return f"{told} No entry was proposed for it."
    said = [text for wording in gap.proposal.reply.languages.values() for text in wording.sentences.values()]
    lines = "\n".join(f"> {text}" for text in said)
    return f"{told} From {gap.proposal.letters} letters by {gap.proposal.agents} agents this entry was proposed:\n\n{lines}"


def draw(story: Story, file: Path) -> None:
    """Left: each language's share read right before and after. Right: messages of the planted intent by day."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11, 4.6), layout="constrained")
    shares, days = figure.subplots(1, 2)
    languages = story.compared["intent"].languages
    order = sorted(languages, key=lambda code: languages[code].serving)
    rows = np.arange(len(order))
    before, after = ([getattr(languages[code], name) for code in order] for name in ("serving", "new"))
    shares.hlines(rows, before, after, color=_GREY, linewidth=2)
    shares.scatter(before, rows, color=_GREY, label="before", zorder=3)
    shares.scatter(after, rows, color=_BLUE, label="after", zorder=3)
    shares.set_yticks(rows, order)
    shares.set_xlabel("share of test messages whose first intent is read right")
    shares.legend(frameon=False)
    start, intent = story.coming[0].at, PLANTED["rise"]["intent"]
    counted = Counter((one.at - start).days for one in story.coming if one.example.intents[:1] == (intent,))
    days.bar(range(1, 15), [counted[day] for day in range(14)], color=_BLUE)
    days.set(xlabel="day", ylabel=f"messages of {intent}, planted")
    for axes in (shares, days):
        axes.spines[["top", "right"]].set_visible(False)
        axes.tick_params(colors=_INK)
    file.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(file, dpi=110)
