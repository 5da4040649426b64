"""What goes out: stored values as the contract names them."""

from collections.abc import Sequence

from pydantic import JsonValue

from app.desk import Limits
from app.domain import Analysis, Check, Drafted
from app.library import Brought, Held
from app.products import HeldProduct
from app.store.drafts import StoredDraft
from app.store.messages import StoredMessage
from knowledge_base.exchange import Difference, RowFault
from knowledge_base.proofread import Flaw

Json = dict[str, JsonValue]


def draft_json(stored: StoredDraft) -> Json:
    """A draft with its identity and state; `text` is what was signed once it is."""
    body = stored.body.model_dump(mode="json", by_alias=True)
    signed = stored.status in ("approved", "sent")
    return {
        "id": stored.id, "revision": stored.revision, "status": stored.status, "edited": stored.edited, **body, "text": stored.text if signed else body["text"],
        "message_id": stored.message_id, "conversation_id": stored.conversation_id, "priority": stored.priority, "created_at": stored.created_at.isoformat(), "updated_at": stored.updated_at.isoformat(),
        "claimed_by": stored.claimed_by, "claimed_until": stored.claimed_until.isoformat() if stored.claimed_until else None,
        "snoozed_until": stored.snoozed_until.isoformat() if stored.snoozed_until else None,
        "channel": stored.basis.message.channel, "site": stored.basis.message.site, "buyer_name": stored.basis.message.buyer.name, "market": stored.market,
        "received_at": stored.basis.message.received_at.isoformat(), "approved_by": stored.approved_by, "approved_at": stored.approved_at.isoformat() if stored.approved_at else None,
        "sent_at": stored.sent_at.isoformat() if stored.sent_at else None, "superseded_by": stored.superseded_by,
        "event": stored.basis.message.event.type if stored.basis.message.event else None,
        "approach": stored.basis.steer.approach, "alternative_of": stored.alternative_of,
    }  # fmt: skip


def explained_json(stored: StoredDraft, limits: Limits) -> Json:
    """A draft with the message that it answers, how that was read, and what bounds the answer."""
    return {
        **draft_json(stored),
        "message": stored.basis.message.model_dump(mode="json", by_alias=True),
        "analysis": analysis_json(stored.analysis) if stored.analysis else None,
        "limits": limits_json(limits),
    }


def listed_json(stored: StoredDraft, gist: str, reasons: Sequence[str], limits: Limits) -> Json:
    """A draft in the queue, with why it stands where it does and its clock."""
    return {**draft_json(stored), "gist": gist, "priority_reasons": [*reasons], "limits": limits_json(limits)}


def limits_json(limits: Limits) -> Json:
    """What bounds an answer."""
    due = limits.answer_due.isoformat() if limits.answer_due else None
    return {"max_chars": limits.max_chars, "answer_due": due, "undo_seconds": limits.undo_seconds}


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
        "external_id": stored.external_id, "buyer_id": body.buyer.id if body else None, "channel": body.channel if body else None, "site": body.site if body else None,
        "history": [turn.model_dump(mode="json", by_alias=True) for turn in body.history] if body else [],
        "attachments": [item.model_dump(mode="json") for item in body.attachments] if body else [],
    }  # fmt: skip


def reply_json(held: Held, language: str | None = None) -> Json:
    """A reply with its structure and its words; of each language who vouches for it, and which version of it drafts use (null: none)."""
    document = held.document.model_dump(mode="json", by_alias=True)
    used = held.in_use.languages if held.in_use and not held.in_use.retired else {}
    languages = {
        code: {**words, "in_use": used[code].vetting.version if code in used and used[code].vetting.vetted else None}
        for code, words in document.pop("languages").items()
        if language is None or code == language
    }
    return {
        "id": document.pop("id"), "intent": held.document.intent, "version": held.version, "state": held.state, "source": "edited" if held.by else "shipped",
        **document, "languages": languages, "updated_by": held.by, "updated_at": held.at.isoformat() if held.at else None,
    }  # fmt: skip


def step_json(action: str, held: Held) -> Json:
    """One step in a reply's history."""
    return {
        "version": held.version, "action": action, "by": held.by, "at": held.at.isoformat() if held.at else None,
        "languages": {code: kept.vetting.vetted for code, kept in held.document.languages.items()}, "retired": held.document.retired,
    }  # fmt: skip


def brought_json(brought: Brought, dry_run: bool) -> Json:
    """What a file changes, reply by reply and value by value, and what is wrong with it, row by row."""
    changed = [one for one in brought.replies if one.before and one.differences]
    return {
        "dry_run": dry_run,
        "added": [one.reply_id for one in brought.replies if one.before is None and one.written],
        "changed": [{"id": one.reply_id, "differences": [_difference_json(item) for item in one.differences]} for one in changed],
        "unchanged": sum(one.before is not None and one.written is not None and not one.differences for one in brought.replies),
        "errors": [fault_json(fault) for fault in brought.faults],
    }  # fmt: skip


def fault_json(fault: RowFault) -> Json:
    """One fault of a file."""
    return {"row": fault.line, "id": fault.item_id, "pointer": fault.flaw.pointer, "detail": fault.flaw.detail}


def _difference_json(item: Difference) -> Json:
    return {"pointer": Flaw(item.place, "").pointer, "before": item.before, "after": item.after}  # type: ignore[dict-item]


def product_json(held: HeldProduct) -> Json:
    """A product and where it comes from."""
    return {
        **held.product.model_dump(mode="json"), "source": "edited" if held.by else "shipped",
        "updated_by": held.by, "updated_at": held.at.isoformat() if held.at else None,
    }  # fmt: skip


def check_json(check: Check) -> Json:
    """One finding."""
    return check.model_dump(mode="json")
