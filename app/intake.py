"""Messages that other systems push: taken in at once, read and drafted afterwards, once each."""

from collections.abc import Mapping

from pydantic import JsonValue

from app.desk import Desk, Person
from app.domain import BuyerMessage
from app.errors import CountersignError, NotReady
from app.jobs import GiveUp, Jobs, Kind, Task

RECEIVE = "message.receive"


class Intake:
    """Built once a process."""

    def __init__(self, jobs: Jobs, desk: Desk) -> None:
        self._jobs, self._desk = jobs, desk
        jobs.register(Kind(RECEIVE, self._receive, forgets=True))

    def push(
        self, source: str, delivery_id: str, message: BuyerMessage, conversation_id: str | None, external_id: str | None
    ) -> str:
        """The id of the job that drafts the answer; the same delivery of the same source is the same job."""
        payload: Mapping[str, JsonValue] = {
            "source": source,
            "message": message.model_dump(mode="json", by_alias=True),
            "conversation_id": conversation_id,
            "external_id": external_id,
        }
        return self._jobs.enqueue(RECEIVE, f"{source}:{delivery_id}", payload)

    def _receive(self, task: Task) -> JsonValue:
        message = BuyerMessage.model_validate(task.payload["message"])
        try:
            received = self._desk.receive(
                message,
                _text(task.payload["conversation_id"]),
                # Without an id of the sender's own the delivery's stands for it: a run that was cut off stores nothing twice.
                _text(task.payload["external_id"]) or task.key[-200:],
                Person(str(task.payload["source"]), "integration"),
            )
        except NotReady:
            raise
        except CountersignError as error:
            raise GiveUp(error.detail) from error
        return {"message_id": received.message.id, "draft_id": received.draft.id}


def _text(value: JsonValue) -> str | None:
    return None if value is None else str(value)
