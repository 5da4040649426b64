"""Labelled messages: the lines that the heads learn from and are judged by, read strictly."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Sender = Literal["buyer", "seller"]


@dataclass(frozen=True, slots=True)
class Turn:
    """An earlier message of the conversation."""

    sender: Sender
    text: str


@dataclass(frozen=True, slots=True)
class Example:
    """A message with its labels: intents most pressing first, one emotion with intensity 0 to 1, conduct flags.

    `emotion` and `intensity` are None where a set does not tell; `history` is oldest first. `also` are first intents that
    another reader could defend; `written` says why the text is not detected as its language; `corrected`: it was chosen because
    it was misread, so it teaches, but no figure is made from it.
    """

    text: str
    language: str
    intents: tuple[str, ...] = ()
    emotion: str | None = None
    intensity: float | None = None
    conduct: tuple[str, ...] = ()
    market: str | None = None
    history: tuple[Turn, ...] = ()
    also: tuple[str, ...] = ()
    written: str | None = None
    corrected: bool = False


class ExamplesError(ValueError):
    """Lines that are no examples; `faults` names each with its file and line."""

    def __init__(self, faults: Sequence[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(faults[:20]) + (f"; and {len(faults) - 20} more" if len(faults) > 20 else ""))


class _Fault(ValueError):
    """What is wrong with one line."""


def read_examples(paths: Sequence[Path]) -> list[Example]:
    """The examples of JSONL files, in order; ExamplesError names every faulty line, OSError an unreadable file."""
    examples: list[Example] = []
    faults: list[str] = []
    for path in paths:
        for number, line in _lines(path):
            try:
                examples.append(_example(line, path))
            except _Fault as fault:
                faults.append(f"{path}:{number}: {fault}")
    if faults:
        raise ExamplesError(faults)
    return examples


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    """(line number from 1, line) of the lines that are not blank."""
    with path.open(encoding="utf-8") as file:
        yield from ((number, line) for number, line in enumerate(file, 1) if line.strip())


def _example(line: str, path: Path) -> Example:
    try:
        row: object = json.loads(line)
    except json.JSONDecodeError as error:
        raise _Fault(f"no JSON: {error.msg}") from error
    if not isinstance(row, dict):
        raise _Fault("no JSON object")
    return Example(
        text=_text(row, "text", path=path),
        language=_optional(row, "lang") or language_of(path),
        intents=_names(row, "intents") or _names(row, "label"),
        emotion=_optional(row, "emotion"),
        intensity=_fraction(row, "intensity"),
        conduct=_names(row, "conduct"),
        market=_optional(row, "market"),
        history=_history(row.get("history")),
        also=_names(row, "also"),
        written=_optional(row, "written"),
    )


def language_of(path: Path) -> str:
    """The code in `.../languages/<code>/file.jsonl`, else what stands before the first dot of the file's name."""
    return path.parent.name if path.parent.parent.name == "languages" else path.name.split(".")[0]


def _text(row: Mapping[str, object], key: str, *, path: Path | None = None) -> str:
    value = row.get(key)
    if not isinstance(value, str) or (path is not None and not value.strip()):
        raise _Fault(f"`{key}` must be a text that is not blank")
    return value


def _optional(row: Mapping[str, object], key: str) -> str | None:
    value = row.get(key)
    if value is None or isinstance(value, str):
        return value or None
    raise _Fault(f"`{key}` must be a text")


def _names(row: Mapping[str, object], key: str) -> tuple[str, ...]:
    """A list of labels, or a single one as text."""
    value = row.get(key)
    listed = [value] if isinstance(value, str) else value if value is not None else []
    if not isinstance(listed, list) or not all(isinstance(name, str) and name for name in listed):
        raise _Fault(f"`{key}` must be a list of names")
    return tuple(dict.fromkeys(listed))


def _fraction(row: Mapping[str, object], key: str) -> float | None:
    value = row.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise _Fault(f"`{key}` must be a number from 0 to 1")
    return float(value)


def _history(value: object) -> tuple[Turn, ...]:
    if value is None:
        return ()
    if not isinstance(value, list):
        raise _Fault("`history` must be a list of turns")
    return tuple(_turn(turn) for turn in value)


def _turn(value: object) -> Turn:
    if not isinstance(value, dict) or value.get("from") not in {"buyer", "seller"}:
        raise _Fault("a turn of `history` needs `from` (buyer or seller) and `text`")
    return Turn("buyer" if value["from"] == "buyer" else "seller", _text(value, "text"))
