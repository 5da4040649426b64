"""Trained weights on disk: shipped ones beside the code, own ones in the data directory, and which version serves.

A version's folder is complete or absent: it is written aside and renamed. What is promoted stands in one small pointer
file per kind, replaced atomically; the promoted versions before it are kept there for rollback.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from models.encoder import Encoder
from models.evaluation import Judged
from models.examples import Example
from models.fitting import Progress
from models.storage import CONFIG, WEIGHTS, Json, WeightsError

KINDS = ("intent", "emotion", "conduct")
SHIPPED = Path(__file__).with_name("weights")
CARD, REPORT = "card.json", "report.md"
_VERSION = re.compile(r"\d{4}\.\d{2}\.\d{2}-\d+")


class RegistryError(LookupError):
    """No such kind, version or earlier version; the message names it."""


class Registry:
    """Versions of each kind in `shipped` and `trained` folders: <folder>/<kind>/<version>/."""

    def __init__(self, shipped: Path, trained: Path) -> None:
        self._shipped = shipped
        self._trained = trained

    def versions(self, kind: str) -> tuple[str, ...]:
        """Complete versions, oldest first; shipped and own ones."""
        roots = (self._shipped / _known(kind), self._trained / kind)
        found = {path.name for root in roots if root.is_dir() for path in root.iterdir() if _complete(path)}
        return tuple(sorted(found, key=_age))

    def promoted(self, kind: str) -> str:
        """The version that serves: the promoted one, else the newest shipped one; RegistryError where there is none."""
        history = [version for version in self._pointer(kind) if version in self.versions(kind)]
        if history:
            return history[-1]
        root = self._shipped / _known(kind)
        shipped = sorted((path.name for path in root.glob("*") if _complete(path)), key=_age)
        if not shipped:
            raise RegistryError(f"no version of {kind} is promoted or shipped")
        return shipped[-1]

    def promote(self, kind: str, version: str) -> None:
        """Lets `version` serve from now on; RegistryError where it does not exist."""
        self.folder(kind, version)
        before = self._pointer(kind) or ([self.promoted(kind)] if self._has_shipped(kind) else [])
        if before[-1:] != [version]:
            self._point(kind, [*before, version])

    def serving(self) -> tuple[str, ...]:
        """The promoted version of every kind: what a process compares to notice that another serves now."""
        return tuple(self.promoted(kind) for kind in KINDS)

    def note(self, kind: str, event: Mapping[str, Json]) -> None:
        """Appends a line to the kind's log of promotions: who let which version serve, on what figures, for what reason."""
        home = self._trained / _known(kind)
        home.mkdir(parents=True, exist_ok=True)
        line = json.dumps({"at": datetime.now(UTC).isoformat(timespec="seconds"), **event}, ensure_ascii=False)
        with (home / "promotions.jsonl").open("a", encoding="utf-8") as file:
            file.write(line + "\n")

    def rollback(self, kind: str) -> str:
        """Lets the version before serve again and returns it; RegistryError where none came before."""
        history = self._pointer(kind)
        if len(history) < 2:
            raise RegistryError(f"no earlier version of {kind} to go back to")
        self._point(kind, history[:-1])
        return self.promoted(kind)

    def folder(self, kind: str, version: str) -> Path:
        """Where a version lies; RegistryError where it is not complete."""
        for root in (self._trained, self._shipped):
            path = root / _known(kind) / version
            if _VERSION.fullmatch(version) and _complete(path):
                return path
        raise RegistryError(f"no version {version!r} of {kind}")

    def card(self, kind: str, version: str) -> dict[str, Json]:
        """What is known of a version: date, corpus, encoder, figures."""
        card: dict[str, Json] = json.loads((self.folder(kind, version) / CARD).read_text("utf-8"))
        return card

    def next_version(self, kind: str) -> str:
        """A name for a version made now: date (UTC) and a running number."""
        today = f"{datetime.now(UTC):%Y.%m.%d}"
        numbers = [int(v.rpartition("-")[2]) for v in self.versions(kind) if v.startswith(today)]
        return f"{today}-{max(numbers, default=0) + 1}"

    def add(self, kind: str, version: str, write: Callable[[Path], None]) -> Path:
        """Makes a version: `write` fills a folder aside, which is then renamed; FileExistsError where it exists."""
        home = self._trained / _known(kind)
        home.mkdir(parents=True, exist_ok=True)
        aside = Path(tempfile.mkdtemp(prefix=".new-", dir=home))
        try:
            write(aside)
            if (home / version).exists():
                raise FileExistsError(home / version)
            aside.chmod(0o755)
            return aside.rename(home / version)
        finally:
            shutil.rmtree(aside, ignore_errors=True)

    def _has_shipped(self, kind: str) -> bool:
        return any(_complete(path) for path in (self._shipped / kind).glob("*"))

    def _pointer(self, kind: str) -> list[str]:
        """Promoted versions, the serving one last; [] where nothing was promoted."""
        path = self._trained / _known(kind) / "promoted.json"
        return [str(version) for version in json.loads(path.read_text("utf-8"))] if path.exists() else []

    def _point(self, kind: str, versions: list[str]) -> None:
        home = self._trained / kind
        home.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=".promoted-", dir=home)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(versions[-20:], file)
        Path(name).replace(home / "promoted.json")


def train(
    kind: str, examples: Sequence[Example], encoder: Encoder, registry: Registry, progress: Progress | None = None
) -> dict[str, Json]:
    """Fits a head, judges it out of fold, adds it to the registry (not promoted) and returns its card.

    ValueError where the examples cannot teach it; RegistryError for an unknown kind.
    """
    from models.training import card_of, fit

    version = registry.next_version(kind)
    fitted = fit(kind, examples, encoder, progress)
    fitted.version = version
    card = card_of(kind, version, fitted, examples, encoder)

    def write(folder: Path) -> None:
        fitted.save(folder)
        (folder / CARD).write_text(json.dumps(card, ensure_ascii=False, indent=1), "utf-8")
        _write_report(folder, kind, version, fitted.held_out)

    registry.add(kind, version, write)
    return card


def _write_report(folder: Path, kind: str, version: str, held_out: Sequence[Judged]) -> None:
    """The figures of held-out messages as a page with pictures, for a person to read before promoting."""
    from models.evaluation import report_of

    text, pictures = report_of(held_out).to_text(), _pictures(folder, kind, held_out)
    (folder / REPORT).write_text(f"# {kind} {version}\n\n```\n{text}\n```\n\n{pictures}\n", "utf-8")


def _pictures(folder: Path, kind: str, held_out: Sequence[Judged]) -> str:
    """Drawn into `folder`; returns what the page says of them, where they cannot be drawn what to install."""
    from models.plots import draw_confusion, draw_reliability

    try:
        draw_reliability(held_out, folder / "reliability.png")
        if kind == "conduct":
            return "![reliability](reliability.png)"
        draw_confusion(held_out, folder / "confusion.png")
    except ImportError:
        return "For pictures: pip install 'countersign[pictures]', and train again."
    return "![reliability](reliability.png)\n\n![confusion](confusion.png)"


def trained_with(card: Mapping[str, Json]) -> tuple[str, str]:
    """(name, revision) of the encoder that a card names; WeightsError where it names none."""
    encoder = card.get("encoder")
    if not isinstance(encoder, dict) or not isinstance(encoder.get("name"), str):
        raise WeightsError("the card names no encoder")
    return str(encoder["name"]), str(encoder.get("revision"))


def _known(kind: str) -> str:
    if kind not in KINDS:
        raise RegistryError(f"no kind {kind!r}; there are {', '.join(KINDS)}")
    return kind


def _complete(path: Path) -> bool:
    return all((path / name).is_file() for name in (WEIGHTS, CONFIG, CARD))


def _age(version: str) -> tuple[str, int]:
    date, _, number = version.rpartition("-")
    return date, int(number) if number.isdigit() else 0
