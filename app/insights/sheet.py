"""Figures as files: a table for a spreadsheet, and a page to read."""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from decimal import Decimal

from app.insights.analytics import Insight
from app.insights.figures import Figures, Wait
from app.insights.remedies import Given
from knowledge_base.spreadsheet import guarded

_MARKUP = re.compile(r"([\\`*_{}\[\]<>()#+!|&~-])")
_WAITS = ("to_approval", "to_first_response")
_COUNTED = ("messages", "approved", "edited", "rejected", "pending", "escalated", "unanswered")


def write_sheet(insight: Insight) -> str:
    """CSV, one line a group; text that a spreadsheet would run as a formula is guarded."""
    out = io.StringIO(newline="")
    plain = [field.name for field in fields(Figures) if field.name not in _WAITS]
    waits = [(name, field.name) for name in _WAITS for field in fields(Wait)]
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(
        [insight.group_by, *plain, *(f"{name}_{part}" for name, part in waits), "remedies", "remedies_cost"]
    )
    for group, found in insight.groups.items():
        values = [getattr(found, name) for name in plain]
        times = [getattr(getattr(found, name), part, None) for name, part in waits]
        granted = [item for item in insight.remedies.get(group, ()) if item.remedy != "offer"]
        writer.writerow([guarded(group), *values, *times, sum(item.times for item in granted), _cost(_together(granted))])  # fmt: skip
    return out.getvalue()


def _together(items: Sequence[Given]) -> Mapping[str, Decimal]:
    currencies = sorted({currency for item in items for currency in item.cost})
    return {currency: sum((item.cost.get(currency, Decimal(0)) for item in items), Decimal(0)) for currency in currencies}  # fmt: skip


def _cost(cost: Mapping[str, Decimal]) -> str:
    """Sums of different currencies beside each other."""
    return " + ".join(f"{amount:f} {currency}" for currency, amount in cost.items())


def write_page(insight: Insight, title: str) -> str:
    """Markdown: the whole, its groups, what rises, what nobody could answer. No buyer's word stands in it but in examples without names."""
    lines = [
        f"# {title}",
        "",
        f"Messages received from {insight.since.isoformat()} to {insight.until.isoformat()}.",
        "",
    ]
    lines += [*_whole(insight), *_groups(insight), *_remedies(insight), *_rising(insight), *_unanswered(insight)]
    return "\n".join(lines) + "\n"


def _whole(insight: Insight) -> Iterator[str]:
    yield "| | now | the time before |\n| --- | --- | --- |"
    for name in _COUNTED:
        yield f"| {name} | {getattr(insight.total, name)} | {getattr(insight.before, name)} |"
    for name, said in (("settled_at_once", "settled with the first answer"), ("edit_distance", "mean change of edited drafts")):  # fmt: skip
        yield f"| {said} | {_share(getattr(insight.total, name))} | {_share(getattr(insight.before, name))} |"
    for name, said in (("to_approval", "to approval"), ("to_first_response", "to the first response")):
        now, before = getattr(insight.total, name), getattr(insight.before, name)
        yield f"| {said}, median | {_hours(now)} | {_hours(before)} |"
        yield f"| {said}, as the market expects | {_share(now and now.within_expectation)} | {_share(before and before.within_expectation)} |"
    yield ""


def _groups(insight: Insight) -> Iterator[str]:
    yield f"## By {insight.group_by}\n\n| {insight.group_by} | {' | '.join(_COUNTED)} |\n| --- |{' --- |' * len(_COUNTED)}"
    for group, found in insight.groups.items():
        yield f"| {_cell(group) or '(unknown)'} | {' | '.join(str(getattr(found, name)) for name in _COUNTED)} |"
    yield ""


def _remedies(insight: Insight) -> Iterator[str]:
    yield "## Granted in signed letters\n"
    if not insight.remedies:
        yield "Nothing.\n"
        return
    yield f"| {insight.group_by} | remedy | times | cost | without a sum |\n| --- | --- | --- | --- | --- |"
    for group, items in insight.remedies.items():
        for item in items:
            yield f"| {_cell(group) or '(unknown)'} | {item.remedy} | {item.times} | {_cost(item.cost) or '–'} | {item.unpriced} |"
    yield ""


def _rising(insight: Insight) -> Iterator[str]:
    yield "## Rising\n"
    if not insight.rising:
        yield "Nothing beyond chance.\n"
    for item in insight.rising:
        yield f"- **{_cell(item.rise.group)}**: {item.rise.now} after {item.rise.before} (chance {item.rise.chance:.2g})"
        yield from (f"  - {_cell(sample.text)}" for sample in item.examples)
    yield ""


def _unanswered(insight: Insight) -> Iterator[str]:
    yield "## No vetted reply\n"
    if not insight.unanswered:
        yield "Every message had one."
    yield from (f"- {_cell(intent)}: {count}" for intent, count in insight.unanswered.items())


def _cell(text: str) -> str:
    """A stranger's words as words: on one line, nothing that Markdown or HTML takes for markup."""
    return _MARKUP.sub(r"\\\1", " ".join(text.split()))


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.0%}"


def _hours(wait: Wait | None) -> str:
    return "–" if wait is None else f"{wait.median / 3600:.1f} h"
