"""Figures as files: a table for a spreadsheet, and a page to read."""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import fields

from app.insights.analytics import Insight
from app.insights.figures import Figures, Wait
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
    writer.writerow([insight.group_by, *plain, *(f"{name}_{part}" for name, part in waits)])
    for group, found in insight.groups.items():
        values = [getattr(found, name) for name in plain]
        times = [getattr(getattr(found, name), part, None) for name, part in waits]
        writer.writerow([guarded(group), *values, *times])
    return out.getvalue()


def write_page(insight: Insight, title: str) -> str:
    """Markdown: the whole, its groups, what rises, what nobody could answer. No buyer's word stands in it but in examples without names."""
    lines = [
        f"# {title}",
        "",
        f"Messages received from {insight.since.isoformat()} to {insight.until.isoformat()}.",
        "",
    ]
    lines += [*_whole(insight), *_groups(insight), *_rising(insight), *_unanswered(insight)]
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
