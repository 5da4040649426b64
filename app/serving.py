"""Which drafter serves: the shipped knowledge with all edits, followed within a moment in every process.

A newer edit number in the database makes a new pair of knowledge and index aside; one assignment puts it in the place
of the old one, which requests that are under way use to their end.
"""

import time
from collections.abc import Mapping
from threading import Lock

from sqlalchemy import Engine

from app.drafting.drafter import Drafter
from app.store.database import reading
from app.store.edits import edit_number, read_edits
from knowledge_base.overlay import unfit
from knowledge_base.proofread import Flaw

LOOKS_EVERY_S = 0.5  # one small query; an edit made elsewhere is followed by the first message after that time


class Serving:
    """Holds the drafter of this process; built once."""

    def __init__(self, engine: Engine, shipped: Drafter) -> None:
        self._engine, self._shipped = engine, shipped
        self._drafter, self._number = shipped, 0
        self._looked, self._lock = float("-inf"), Lock()

    def drafter(self) -> Drafter:
        """The newest that is ready; while one request builds a newer one, the others go on with this one."""
        if time.monotonic() - self._looked >= LOOKS_EVERY_S and self._lock.acquire(blocking=False):
            try:
                self._look()
            finally:
                self._lock.release()
        return self._drafter

    def unfit(self) -> Mapping[str, list[Flaw]]:
        """Edits that do not fit the shipped content (any more), by reply."""
        with reading(self._engine) as connection:
            return unfit(self._shipped.knowledge, read_edits(connection))

    def look_again(self) -> None:
        """An edit was made in this process: the next message looks, however short the time since."""
        self._looked = float("-inf")

    def _look(self) -> None:
        self._looked = time.monotonic()
        with reading(self._engine) as connection:
            number = edit_number(connection)
            if number == self._number:
                return
            edits = read_edits(connection)
        self._drafter = self._shipped.edited(edits, self._drafter.index)
        self._number = number
