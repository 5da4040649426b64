"""The outbox: an approved reply leaves when its undo window is over, by one route, once."""

from collections.abc import Callable, Sequence
from datetime import datetime

from pydantic import JsonValue
from sqlalchemy import Engine

from app.desk import Desk, Person
from app.feed import Event
from app.jobs import Jobs, Kind, Task
from app.store import drafts, messages
from app.store.database import reading
from app.store.drafts import StoredDraft

LEAVE = "reply.leave"
OURSELVES = Person("countersign", "integration")
# Takes the reply on and returns True, or leaves it to the next one. The number is the step of the trail that approved it.
Route = Callable[[StoredDraft, int], bool]


class Outbox:
    """Without a route that takes it, a reply waits until an integration says that it was sent."""

    def __init__(self, engine: Engine, jobs: Jobs, desk: Desk, routes: Sequence[Route]) -> None:
        self._engine, self._jobs, self._desk = engine, jobs, desk
        self._routes = (self._into_the_widget, *routes)
        jobs.register(Kind(LEAVE, self._leave))

    def follow(self, event: Event) -> None:
        """An approval: the reply leaves when its window is over. One that was undone is signed anew under another id."""
        if event.type != "draft.approved":
            return
        with reading(self._engine) as connection:
            waiting = drafts.find_in_outbox(connection, event.subject)
        if waiting is not None and waiting["sent_at"] is None:
            leaves_at = waiting["leaves_at"]
            assert isinstance(leaves_at, datetime)  # noqa: S101 - the column's type, which a mapping does not tell
            self._jobs.enqueue(LEAVE, str(waiting["id"]), {"draft": event.subject, "step": event.id}, at=leaves_at)

    def _leave(self, task: Task) -> JsonValue:
        draft = self._desk.get_draft(str(task.payload["draft"]))
        with reading(self._engine) as connection:
            waiting = drafts.find_in_outbox(connection, draft.id)
        if draft.status != "approved" or waiting is None or waiting["id"] != task.key:
            return {"left": False}
        step = int(str(task.payload["step"]))
        return {"left": any(route(draft, step) for route in self._routes)}

    def _into_the_widget(self, draft: StoredDraft, _: int) -> bool:
        """The buyer reads the conversation itself."""
        with reading(self._engine) as connection:
            conversation = messages.find_conversation(connection, draft.conversation_id)
        if conversation is None or conversation["channel"] != "widget":
            return False
        self._desk.confirm_sent(draft.id, OURSELVES)
        return True
