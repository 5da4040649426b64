"""Which drafter serves: the shipped knowledge with all edits and the promoted models, followed in every process.

A newer edit number in the database, or another promoted version, makes a new drafter aside; one assignment puts it in
the place of the old one, which requests that are under way use to their end.
"""

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import Lock

from sqlalchemy import Engine

from app.drafting.analyze import Models
from app.drafting.drafter import Drafter
from app.store.database import reading
from app.store.edits import edit_number, read_edits
from knowledge_base.overlay import unfit
from knowledge_base.proofread import Flaw
from models.storage import WeightsError

LOOKS_EVERY_S = 0.5  # one small query; an edit made elsewhere is followed by the first message after that time


log = logging.getLogger("countersign.serving")


@dataclass(frozen=True, slots=True)
class Promoted:
    """How a process learns which versions serve, and loads them."""

    versions: Callable[[], tuple[str, ...]]
    load: Callable[[], Models]


class Serving:
    """Holds the drafter of this process; built once. Without `promoted` the models stay as they are."""

    def __init__(self, engine: Engine, shipped: Drafter, promoted: Promoted | None = None) -> None:
        self._engine, self._shipped, self._promoted = engine, shipped, promoted
        self._versions = promoted.versions() if promoted else ()
        self._drafter, self._number = shipped, 0
        self._looked, self._lock = float("-inf"), Lock()
        self._edits_here, self._followed = 0, 0

    def drafter(self) -> Drafter:
        """The newest that is ready: while one request builds a newer one, the others go on with this one, but for an edit made in this process all wait."""
        behind = self._is_behind()
        due = behind or time.monotonic() - self._looked >= LOOKS_EVERY_S
        if due and self._lock.acquire(blocking=behind):
            try:
                if not behind or self._is_behind():  # another request may have followed the edit meanwhile
                    self._look()
            finally:
                self._lock.release()
        return self._drafter

    def _is_behind(self) -> bool:
        return self._edits_here != self._followed

    def unfit(self) -> Mapping[str, list[Flaw]]:
        """Edits that do not fit the shipped content (any more), by reply."""
        with reading(self._engine) as connection:
            return unfit(self._shipped.knowledge, read_edits(connection))

    def look_again(self) -> None:
        """An edit was made in this process: the next message follows it, however short the time since the last look."""
        self._edits_here += 1

    def _look(self) -> None:
        self._looked, made = time.monotonic(), self._edits_here
        self._follow_edits()
        self._followed = made

    def _follow_edits(self) -> None:
        self._follow_models()
        with reading(self._engine) as connection:
            number = edit_number(connection)
            if number == self._number:
                return
            edits = read_edits(connection)
        self._drafter = self._shipped.edited(edits, self._drafter.index)
        self._number = number

    def _follow_models(self) -> None:
        """Another promoted version is loaded aside; one that cannot be loaded leaves the old one serving, and is logged once."""
        versions = self._promoted.versions() if self._promoted else ()
        if self._promoted is None or versions == self._versions:
            return
        self._versions = versions
        try:
            models = self._promoted.load()
        except (WeightsError, LookupError, OSError) as error:
            log.error("the promoted models cannot be loaded, the ones before go on serving: %s", error)
            return
        self._shipped = self._shipped.reading_with(models)
        self._drafter = self._drafter.reading_with(models)
