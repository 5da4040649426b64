"""What follows from a step of the trail, once for each step however many processes follow it.

The place in the trail is moved in the transaction in which the consequences are stored: both or neither.
"""

from collections.abc import Callable, Sequence

from sqlalchemy import Engine

from app.feed import EVENTS, Event, event_of
from app.store import ledger, webhooks
from app.store.database import reading, writing

PAGE = 100  # steps in one transaction
Follow = Callable[[Event], None]  # writes what follows from it; joins the open transaction


class Follower:
    """Built once a process; `follow_up` is called twice a second."""

    def __init__(self, engine: Engine, followers: Sequence[Follow]) -> None:
        self._engine, self._followers = engine, followers

    def follow_up(self) -> None:
        """Everything up to now."""
        while self._is_behind():
            self._follow_page()

    def _is_behind(self) -> bool:
        with reading(self._engine) as connection:
            followed = webhooks.read_followed(connection)
            return bool(ledger.read_after(connection, followed, tuple(EVENTS), None, 1))

    def _follow_page(self) -> None:
        with writing(self._engine) as connection:
            followed = webhooks.lock_followed(connection)
            for row in ledger.read_after(connection, followed, tuple(EVENTS), None, PAGE):
                for follow in self._followers:
                    follow(event_of(row))
                webhooks.move_followed(connection, row["id"])
