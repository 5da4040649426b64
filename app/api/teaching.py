"""What people's decisions teach: feedback, corrections that wait for a second decision, files of examples."""

from collections.abc import Iterator
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import JSONResponse, StreamingResponse

from app.api.depends import OnceOf, PrincipalOf, TextOf
from app.api.paging import cursor_of, name_of
from app.api.responses import Json
from app.feedback import reading_of, without_buyer
from app.store.corrections import Proposal
from app.store.examples import ExampleFile
from app.teaching import Teaching

router = APIRouter(prefix="/v1", tags=["models"])
LINES = "application/jsonl"
_BODY = {"requestBody": {"required": True, "content": {LINES: {"schema": {"type": "string"}}}}}
Limit = Annotated[int, Query(ge=1, le=200)]


def get_teaching(request: Request) -> Teaching:
    """The teaching of this process."""
    teaching: Teaching = request.app.state.teaching
    return teaching


TeachingOf = Annotated[Teaching, Depends(get_teaching)]


def proposal_json(proposal: Proposal) -> Json:
    """The message's words without the buyer, how they were read, and what a person says that they are."""
    return {
        "id": proposal.id, "draft_id": proposal.draft_id, "state": proposal.state, "text": without_buyer(proposal.message),
        "predicted": reading_of(proposal.analysis).model_dump(mode="json") if proposal.analysis else None,
        "corrected": proposal.labels.model_dump(mode="json"), "by": proposal.by, "at": proposal.at.isoformat(),
        "decided_by": proposal.decided_by, "decided_at": proposal.decided_at.isoformat() if proposal.decided_at else None,
    }  # fmt: skip


def file_json(kept: ExampleFile) -> Json:
    """Without the lines themselves."""
    return {"id": kept.id, "name": kept.name, "by": kept.by, "at": kept.at.isoformat(), "lines": kept.lines}


@router.get("/feedback")
def list_feedback(teaching: TeachingOf, principal: PrincipalOf, limit: Limit = 50, cursor: str | None = None) -> Json:
    """Reviews as data, newest first: read as, really, which sentence was changed and how far; without the buyer."""
    principal.need_ops()
    page, following = teaching.list_feedback(limit, name_of(cursor))
    return {"items": [one.model_dump(mode="json") for one in page], "next_cursor": cursor_of(following)}


@router.get("/feedback/export", response_class=StreamingResponse, responses={200: {"content": {LINES: {}}}})
def export_feedback(teaching: TeachingOf, principal: PrincipalOf) -> StreamingResponse:
    """All of it as JSON lines, what says the same about the same words once."""
    principal.need_ops()

    def lines() -> Iterator[str]:
        for one in teaching.export_feedback():
            yield one.model_dump_json() + "\n"

    headers = {"Content-Disposition": 'attachment; filename="feedback.jsonl"'}
    return StreamingResponse(lines(), media_type=f"{LINES}; charset=utf-8", headers=headers)


@router.get("/corrections")
def list_corrections(
    teaching: TeachingOf, principal: PrincipalOf, state: Literal["proposed", "accepted", "refused"] | None = None,
    limit: Limit = 50, cursor: str | None = None,
) -> Json:  # fmt: skip
    """What people said that messages really were, newest first."""
    principal.need_agent()
    page, following = teaching.list_corrections(state, limit, name_of(cursor))
    return {"items": [proposal_json(one) for one in page], "next_cursor": cursor_of(following)}


@router.post("/corrections/{correction_id}/accept")
def accept(correction_id: str, teaching: TeachingOf, principal: PrincipalOf, once: OnceOf) -> JSONResponse:
    """The second decision, by another person or ops: later trainings learn from it."""
    principal.need_agent()
    return once(lambda: (200, proposal_json(teaching.accept(correction_id, principal.person))))


@router.post("/corrections/{correction_id}/refuse")
def refuse(correction_id: str, teaching: TeachingOf, principal: PrincipalOf, once: OnceOf) -> JSONResponse:
    """It teaches nothing; by another person or ops."""
    principal.need_agent()
    return once(lambda: (200, proposal_json(teaching.refuse(correction_id, principal.person))))


@router.get("/examples")
def list_examples(teaching: TeachingOf, principal: PrincipalOf) -> Json:
    """The files of labelled messages that trainings learn from beside the shipped ones."""
    principal.need_ops()
    return {"items": [file_json(one) for one in teaching.list_files()], "next_cursor": None}


@router.post("/examples", status_code=201, openapi_extra=_BODY)
def add_examples(
    once: OnceOf, text: TextOf, teaching: TeachingOf, principal: PrincipalOf,
    name: Annotated[str, Query(min_length=1, max_length=200)] = "examples.jsonl",
) -> JSONResponse:  # fmt: skip
    """Keeps a file of labelled messages; a fault in any line keeps all of it out. Each line names its `lang`."""
    principal.need_ops()
    return once(
        lambda: (201, file_json(teaching.add_file(name, text, principal.person))),
    )


@router.delete("/examples/{file_id}", status_code=204)
def delete_examples(file_id: str, teaching: TeachingOf, principal: PrincipalOf) -> None:
    """Later trainings go without it."""
    principal.need_ops()
    teaching.delete_file(file_id, principal.person)
