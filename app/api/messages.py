"""A message comes in, a draft comes back; reading and checking alone."""

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from app.api.depends import DeskOf, OnceOf, PrincipalOf
from app.api.requests import AnalyzeIn, CheckIn, MessageIn
from app.api.responses import Json, analysis_json, check_json, draft_json, dry_draft_json, message_json
from app.drafting.checks import outcome

router = APIRouter(prefix="/v1", tags=["messages"])


@router.post(
    "/messages", status_code=201, responses={200: {"description": "dry_run, or a message that had come before"}}
)
def receive(body: MessageIn, once: OnceOf, desk: DeskOf, principal: PrincipalOf) -> JSONResponse:
    """The main job: stores the message and answers with what was understood and a draft to sign."""
    principal.need_scope("messages")
    message = body.to_domain(principal.language if principal.account_id else desk.agent_language_of(body.site))
    if message.options.dry_run:
        drafted = desk.try_out(message)
        return JSONResponse(
            {"message": None, "analysis": analysis_json(drafted.analysis), "draft": dry_draft_json(drafted)}, 200
        )

    def act() -> tuple[int, Json]:
        received = desk.receive(message, body.conversation_id, body.external_id, principal.person)
        answer: Json = {
            "message": message_json(received.message),
            "analysis": analysis_json(received.analysis),
            "draft": draft_json(received.draft),
        }
        return 200 if received.repeated else 201, answer

    return once(act)


@router.post("/analyze")
def analyze(body: AnalyzeIn, desk: DeskOf, principal: PrincipalOf) -> Json:
    """Language, intents, feeling, conduct, entities and priority of one text; nothing is stored."""
    principal.need_scope("analyze")
    return analysis_json(desk.analyze(body.to_domain(principal.language)))


@router.post("/check")
def check(body: CheckIn, desk: DeskOf, principal: PrincipalOf, all: bool = False) -> Json:
    """The checks alone, for a text typed by hand."""
    principal.need_scope("drafts")
    checks = desk.check(body.text, body.to_domain(principal.language), body.draft_id, body.language, everything=all)
    return {"outcome": outcome(checks), "checks": [check_json(item) for item in checks]}
