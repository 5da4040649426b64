"""What goes out: stored values as the contract names them."""

from pydantic import JsonValue

from app.domain import Analysis, Check, Drafted
from app.store.drafts import StoredDraft
from app.store.messages import StoredMessage

Json = dict[str, JsonValue]


def draft_json(stored: StoredDraft) -> Json:
    """A draft with its identity and state; `text` is what was signed once it is."""
    body = stored.body.model_dump(mode="json", by_alias=True)
    signed = stored.status in ("approved", "sent")
    return {
        "id": stored.id, "revision": stored.revision, "status": stored.status, "edited": stored.edited, **body, "text": stored.text if signed else body["text"],
        "message_id": stored.message_id, "conversation_id": stored.conversation_id, "priority": stored.priority, "created_at": stored.created_at.isoformat(), "updated_at": stored.updated_at.isoformat(),
        "claimed_by": stored.claimed_by, "claimed_until": stored.claimed_until.isoformat() if stored.claimed_until else None,
        "approved_by": stored.approved_by, "approved_at": stored.approved_at.isoformat() if stored.approved_at else None,
        "sent_at": stored.sent_at.isoformat() if stored.sent_at else None, "superseded_by": stored.superseded_by,
    }  # fmt: skip


def dry_draft_json(drafted: Drafted) -> Json:
    """A draft that is not stored: it has no id."""
    return {
        "id": None,
        "revision": 1,
        "status": "pending",
        "edited": False,
        **drafted.draft.model_dump(mode="json", by_alias=True),
    }


def analysis_json(analysis: Analysis) -> Json:
    """`abstained` and its reason stand only where the reading is too unsure."""
    body = analysis.model_dump(mode="json")
    if not analysis.abstained:
        del body["abstained"], body["abstain_reason"]
    for entity in body["entities"]:
        for name in ("carrier", "currency", "amount"):
            if entity[name] is None:
                del entity[name]
    return body


def message_json(stored: StoredMessage) -> Json:
    """A message of either side."""
    body = stored.body
    return {
        "id": stored.id, "conversation_id": stored.conversation_id, "from": stored.sender, "text": stored.text, "at": stored.at.isoformat(), "draft_id": stored.draft_id,
        "channel": body.channel if body else None, "site": body.site if body else None,
        "history": [turn.model_dump(mode="json", by_alias=True) for turn in body.history] if body else [],
        "attachments": [item.model_dump(mode="json") for item in body.attachments] if body else [],
    }  # fmt: skip


def check_json(check: Check) -> Json:
    """One finding."""
    return check.model_dump(mode="json")
