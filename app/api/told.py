"""What a webhook is told of an event: its ids, and what they name as the API shows it."""

from app.api.events import json_of
from app.api.responses import Json, draft_json, message_json
from app.desk import Desk
from app.feed import Event


def data_of(desk: Desk, event: Event) -> Json:
    """The draft with the message that it answers, or the message alone, as they stand now; a notice tells all itself."""
    named: Json = {name: value for name, value in json_of(event).items() if name not in ("type", "at")}  # type: ignore[misc]
    if event.subject.startswith("m_"):
        return {**named, "message": message_json(desk.get_message(event.subject))}
    if not event.subject.startswith("d_"):
        return named
    draft = desk.get_draft(event.subject)
    return {**named, "draft": draft_json(draft), "message": message_json(desk.get_message(draft.message_id))}
