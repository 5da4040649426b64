"""What the knowledge does not answer yet."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from pydantic import AwareDatetime

from app.api.depends import PrincipalOf
from app.api.responses import Json
from app.insights.gaps import Example, Gap, Gaps
from app.insights.proposals import Proposal

router = APIRouter(prefix="/v1", tags=["knowledge"])
From = Annotated[AwareDatetime | None, Query(alias="from", description="First moment, RFC 3339 with offset")]
To = Annotated[AwareDatetime | None, Query(description="First moment after it; now where it is left out")]


def get_gaps(request: Request) -> Gaps:
    """The gaps of this process's knowledge."""
    gaps: Gaps = request.app.state.gaps
    return gaps


@router.get("/knowledge/gaps")
def list_gaps(
    gaps: Annotated[Gaps, Depends(get_gaps)], principal: PrincipalOf, since: From = None, to: To = None
) -> Json:
    """Messages that no vetted reply answered, or whose draft was written largely anew, put together by meaning; heaviest first.

    `proposal.reply` can be posted to `/v1/replies` as it is where `proposal.flaws` is empty; it is a suggestion then, until ops vets it.
    """
    principal.need_scope("knowledge")
    found = gaps.find(since, to)
    items = [gap_json(gap) for gap in found.gaps]
    return {"from": found.since.isoformat(), "to": found.until.isoformat(), "cut": found.cut, "items": [*items], "next_cursor": None}  # fmt: skip


def gap_json(gap: Gap) -> Json:
    """A gap as the contract names it."""
    return {
        "id": gap.id, "messages": gap.messages, "unanswered": gap.unanswered, "edited": gap.edited, "weight": gap.weight,
        "languages": dict(gap.languages), "intents": dict(gap.intents), "examples": [_example(item) for item in gap.examples],
        "proposal": _proposal(gap.proposal) if gap.proposal else None,
    }  # fmt: skip


def _example(example: Example) -> Json:
    return {"message_id": example.message_id, "draft_id": example.draft_id, "language": example.language, "text": example.text}  # fmt: skip


def _proposal(proposal: Proposal) -> Json:
    reply = proposal.reply.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    flaws: list[Json] = [{"pointer": flaw.pointer, "detail": flaw.detail} for flaw in proposal.flaws]
    return {"reply": reply, "letters": proposal.letters, "agents": proposal.agents, "flaws": [*flaws]}
