"""The queue, and an agent's decisions about a draft."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query
from fastapi.responses import JSONResponse

from app.api.depends import DeskOf, IfMatch, OnceOf, PrincipalOf, wanted_revision
from app.api.requests import ApproveIn, RegenerateIn, RejectIn, SnoozeIn
from app.api.responses import Json, draft_json, explained_json, listed_json, message_json
from app.domain import Steer
from app.store.queue import DraftFilter

router = APIRouter(prefix="/v1", tags=["drafts"])


Status = Literal["pending", "approved", "rejected", "sent", "superseded"]
Label = Annotated[str | None, Query(max_length=200)]
AgentLanguage = Annotated[str | None, Query(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")]


def wanted_drafts(  # noqa: PLR0913 - one argument a query parameter
    status: Status | None = None, language: Label = None, market: Label = None, intent: Label = None, emotion: Label = None, channel: Label = None, site: Label = None,
    assignee: Label = None, verdict: Label = None, conversation_id: Label = None, q: Annotated[str | None, Query(max_length=200, description="Words of the message or the reply, a name, an order's number")] = None,
) -> DraftFilter:  # fmt: skip
    """The filters that list and counts share."""
    return DraftFilter(
        status, language, market, intent, emotion, channel, site, assignee, verdict, conversation_id, q or None
    )


Wanted = Annotated[DraftFilter, Depends(wanted_drafts)]


@router.get("/drafts")
def list_drafts(
    desk: DeskOf,
    principal: PrincipalOf,
    wanted: Wanted,
    sort: Literal["priority", "newest"] = "priority",
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: str | None = None,
    agent_language: AgentLanguage = None,
) -> Json:
    """The queue, most pressing first; `agent_language` words the gist in another language."""
    principal.need_scope("drafts")
    page, following = desk.list_drafts(wanted, limit, cursor, sort)
    language = agent_language or principal.language
    return {
        "items": [
            listed_json(item, desk.gist(item, language), desk.priority_reasons(item, language), desk.limits(item))
            for item in page
        ],
        "next_cursor": following,
    }


@router.get("/drafts/counts")
def count_drafts(desk: DeskOf, principal: PrincipalOf, wanted: Wanted) -> Json:
    """How many drafts there are by status, and of those that fit the filter by language, market, intent and so on."""
    principal.need_scope("drafts")
    facets: Json = {name: {**values} for name, values in desk.count_facets(wanted).items()}
    return {"status": {**desk.count_drafts()}, **facets}


@router.get("/labels", tags=["knowledge"])
def labels(desk: DeskOf, principal: PrincipalOf, language: AgentLanguage = None) -> Json:
    """What intents, emotions and conduct are called in an agent's language."""
    principal.need_scope("drafts")
    return {kind: {**names} for kind, names in desk.labels(language or principal.language).items()}


@router.get("/drafts/{draft_id}")
def get_draft(
    draft_id: str, desk: DeskOf, principal: PrincipalOf, agent_language: AgentLanguage = None
) -> JSONResponse:
    """One draft with its evidence, what it answers and how that was read; `agent_language` explains it in another language."""
    principal.need_scope("drafts")
    draft = desk.get_draft(draft_id, agent_language)
    return JSONResponse(explained_json(draft, desk.limits(draft)), headers={"ETag": f'"{draft.revision}"'})


@router.post("/drafts/{draft_id}/claim")
def claim(draft_id: str, desk: DeskOf, principal: PrincipalOf, once: OnceOf) -> JSONResponse:
    """A lease on the draft; it ends by itself."""
    principal.need_agent()
    return once(lambda: (200, draft_json(desk.claim(draft_id, principal.person))))


@router.post("/drafts/{draft_id}/release")
def release(draft_id: str, desk: DeskOf, principal: PrincipalOf, once: OnceOf) -> JSONResponse:
    """Ends one's own lease."""
    principal.need_agent()
    return once(lambda: (200, draft_json(desk.release(draft_id, principal.person))))


@router.post("/drafts/{draft_id}/approve")
def approve(
    draft_id: str,
    once: OnceOf,
    desk: DeskOf,
    principal: PrincipalOf,
    body: ApproveIn | None = None,
    if_match: IfMatch = None,
) -> JSONResponse:
    """Signs the draft as it is, or with another text, on which the checks run again."""
    principal.need_agent()
    wanted = body or ApproveIn()
    revision = wanted_revision(if_match)
    return once(
        lambda: (
            200,
            draft_json(
                desk.approve(
                    draft_id, principal.person, wanted.text, revision, wanted.override, wanted.corrections.to_domain()
                )
            ),
        ),
    )


@router.post("/drafts/{draft_id}/reject")
def reject(
    draft_id: str,
    body: RejectIn,
    once: OnceOf,
    desk: DeskOf,
    principal: PrincipalOf,
) -> JSONResponse:
    """Refuses the draft; what the message really was is kept for training."""
    principal.need_agent()
    return once(
        lambda: (
            200,
            draft_json(desk.reject(draft_id, principal.person, body.reason, body.note, body.to_domain())),
        ),
    )


@router.post("/drafts/{draft_id}/regenerate")
def regenerate(draft_id: str, body: RegenerateIn, desk: DeskOf, principal: PrincipalOf, once: OnceOf) -> JSONResponse:
    """The next revision, with other options, slots or intents, or with one particular reply."""
    principal.need_agent()
    known = desk.get_draft(draft_id).basis.message
    changes: dict[str, object] = {"slots": {**known.slots, **body.slots}}
    if body.options is not None:
        changes["options"] = body.options
    return once(
        lambda: (
            200,
            draft_json(
                desk.regenerate(
                    draft_id, principal.person, changes, Steer(intents=body.intents, reply_id=body.reply_id)
                )
            ),
        )
    )


@router.post("/drafts/{draft_id}/alternatives")
def alternatives(draft_id: str, desk: DeskOf, principal: PrincipalOf, once: OnceOf) -> JSONResponse:
    """Up to three drafts that really differ (answer now, ask first, offer a choice), made when first asked for; each may be signed instead."""
    principal.need_agent()
    return once(lambda: (200, draft_json(desk.offer_alternatives(draft_id, principal.person))))


@router.post("/drafts/{draft_id}/snooze")
def snooze(draft_id: str, body: SnoozeIn, desk: DeskOf, principal: PrincipalOf, once: OnceOf) -> JSONResponse:
    """Takes the draft out of the queue until then."""
    principal.need_agent()
    return once(lambda: (200, draft_json(desk.snooze(draft_id, body.until, principal.person))))


@router.post("/drafts/{draft_id}/undo")
def undo(draft_id: str, desk: DeskOf, principal: PrincipalOf, once: OnceOf) -> JSONResponse:
    """Takes a signature back while the reply has not left."""
    principal.need_agent()
    return once(lambda: (200, draft_json(desk.undo(draft_id, principal.person))))


@router.post("/drafts/{draft_id}/sent")
def sent(draft_id: str, desk: DeskOf, principal: PrincipalOf, once: OnceOf) -> JSONResponse:
    """An integration confirms that it has delivered the reply."""
    principal.need_scope("drafts")
    return once(lambda: (200, draft_json(desk.confirm_sent(draft_id, principal.person))))


@router.get("/conversations/{conversation_id}", tags=["conversations"])
def conversation(conversation_id: str, desk: DeskOf, principal: PrincipalOf) -> Json:
    """All messages and drafts of one conversation, oldest message first."""
    principal.need_scope("messages")
    found, drafts = desk.get_conversation(conversation_id)
    return {
        "id": conversation_id,
        "messages": [message_json(item) for item in found],
        "drafts": [draft_json(item) for item in drafts],
    }
