"""Disputes as cases: opened, worked, closed; by people only."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import JSONResponse
from pydantic import AwareDatetime

from app.api.depends import IfMatch, OnceOf, PrincipalOf, wanted_revision
from app.api.paging import cursor_of, name_of
from app.api.requests import Tag, example
from app.api.responses import Json, draft_json
from app.case import Case, CaseChange, CaseFilter, CaseState, Proposed, Purpose
from app.dispute_steps import DisputeSteps
from app.disputes import Disputes, Opening
from app.domain import Value

router = APIRouter(prefix="/v1/disputes", tags=["disputes"])


class OpeningIn(Opening):
    """For which conversation, and where it names several, for which order."""

    model_config = example(conversation_id="c_3f9c", order_id="8123456789012345", kind="damaged")


class CaseChangeIn(CaseChange):
    """What changes of a case; what is left out stays."""

    model_config = example(
        state="platform",
        evidence=[{"proof": "item_photo", "state": "have"}],
        moments={"platform_request": "2026-11-22T10:00:00Z"},
        note="asked the packer",
    )


class OfferIn(Proposed):
    """What one side proposes: an amount, or a share of what was paid."""

    model_config = example(by="seller", amount={"amount": "5.00", "currency": "EUR"}, returns=False)


class StepIn(Value):
    """What the draft is to say: `accept` the buyer's (or the platform's) newest offer, `counter_offer` with the shop's newest one, `evidence`, `platform_step`."""

    model_config = example(purpose="counter_offer", agent_language="zh")

    purpose: Purpose
    agent_language: Tag | None = None


def get_steps(request: Request) -> DisputeSteps:
    """What makes the drafts of cases in this process."""
    steps: DisputeSteps = request.app.state.dispute_steps
    return steps


def get_disputes(request: Request) -> Disputes:
    """The cases of this process."""
    disputes: Disputes = request.app.state.disputes
    return disputes


DisputesOf = Annotated[Disputes, Depends(get_disputes)]


def case_json(case: Case) -> Json:
    """All of it, flat; offers with their terms beside their time."""
    told: Json = case.model_dump(mode="json", exclude={"file"})
    held = case.file.model_dump(mode="json", exclude={"offers"})
    offers = [{"at": one.at.isoformat(), **one.terms.model_dump(mode="json")} for one in case.file.offers]
    return {**told, **held, "offers": offers}


@router.post("", status_code=201)
def open_case(
    body: OpeningIn, once: OnceOf, disputes: DisputesOf, principal: PrincipalOf
) -> JSONResponse:  # fmt: skip
    """A case for an order that is named in the conversation; one is open at a time."""
    principal.need_agent()
    return once(lambda: (201, case_json(disputes.open(body, principal.person)))
    )  # fmt: skip


@router.get("")
def list_cases(
    disputes: DisputesOf, principal: PrincipalOf, state: CaseState | None = None, site: str | None = None,
    due_before: AwareDatetime | None = None, limit: Annotated[int, Query(ge=1, le=200)] = 50, cursor: str | None = None,
) -> Json:  # fmt: skip
    """What is due first stands first."""
    principal.need_agent()
    page, following = disputes.list(CaseFilter(state, site, due_before), limit, name_of(cursor))
    return {"items": [case_json(one) for one in page], "next_cursor": cursor_of(following)}


@router.get("/{case_id}")
def get_case(case_id: str, disputes: DisputesOf, principal: PrincipalOf) -> Json:
    """One case with evidence, offers and history."""
    principal.need_agent()
    return case_json(disputes.get(case_id))


@router.patch("/{case_id}")
def change_case(
    case_id: str, body: CaseChangeIn, once: OnceOf, disputes: DisputesOf, principal: PrincipalOf,
    if_match: IfMatch = None,
) -> JSONResponse:  # fmt: skip
    """State, evidence, a note; each stands in the history."""
    principal.need_agent()
    version = wanted_revision(if_match)
    return once(lambda: (200, case_json(disputes.change(case_id, body, version, principal.person))),
    )  # fmt: skip


@router.post("/{case_id}/offers", status_code=201)
def add_offer(
    case_id: str, body: OfferIn, once: OnceOf, disputes: DisputesOf, principal: PrincipalOf,
    if_match: IfMatch = None,
) -> JSONResponse:  # fmt: skip
    """What a side proposed; it sends nothing to the buyer."""
    principal.need_agent()
    version = wanted_revision(if_match)
    return once(lambda: (201, case_json(disputes.offer(case_id, body, version, principal.person))),
    )  # fmt: skip


@router.post("/{case_id}/drafts", status_code=201)
def draft_step(
    case_id: str, body: StepIn, once: OnceOf, steps: Annotated[DisputeSteps, Depends(get_steps)],
    principal: PrincipalOf, if_match: IfMatch = None,
) -> JSONResponse:  # fmt: skip
    """A draft for that step in the queue, for a person to sign; the case keeps its id in the history."""
    principal.need_agent()
    version = wanted_revision(if_match)

    def act() -> tuple[int, Json]:
        case, draft = steps.draft(
            case_id, body.purpose, body.agent_language or principal.language, version, principal.person
        )
        return 201, {"case": case_json(case), "draft": draft_json(draft)}

    return once(act)
