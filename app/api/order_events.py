"""Events of orders, products and seasons: a draft for approval, or the reason why none is made."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse
from pydantic import AwareDatetime, StringConstraints

from app.api.depends import DeskOf, OnceOf, PrincipalOf
from app.api.requests import Tag, example
from app.api.responses import Json, draft_json
from app.domain import Buyer, BuyerMessage, Channel, Key, Order, ProductRef, Value
from app.outreach import Happened, Outreach

router = APIRouter(prefix="/v1", tags=["order events"])


class OrderEventIn(Value):
    """What happened, to whom, and with which order or product."""

    model_config = example(
        id="evt_4711",
        type="order.delayed",
        occurred_at="2026-11-22T09:30:00+08:00",
        channel="aliexpress",
        buyer={"id": "b_17", "name": "María López", "country": "ES"},
        order={"id": "8123456789012345", "status": "shipped", "eta_from": "2026-12-01", "eta_to": "2026-12-08"},
        agent_language="zh",
    )

    id: Key
    type: Key
    occurred_at: AwareDatetime
    site: Key = "default"
    channel: Channel = "api"
    buyer: Buyer
    order: Order | None = None
    product: ProductRef | None = None
    season: Key | None = None
    slots: dict[str, Annotated[str, StringConstraints(max_length=2000)]] = {}
    agent_language: Tag | None = None

    def to_domain(self, agent_language: str) -> Happened:
        """A message that nobody wrote, at the time of the event."""
        message = BuyerMessage(
            text="",
            received_at=self.occurred_at,
            site=self.site,
            channel=self.channel,
            buyer=self.buyer,
            order=self.order,
            product=self.product,
            slots=self.slots,
            agent_language=self.agent_language or agent_language,
        )
        return Happened(id=self.id, type=self.type, season=self.season, message=message)


def get_outreach(request: Request) -> Outreach:
    """The outreach of this process."""
    outreach: Outreach = request.app.state.outreach
    return outreach


@router.post(
    "/order-events", status_code=201, responses={200: {"description": "no draft, with the reason; or told before"}}
)
def tell(
    body: OrderEventIn, once: OnceOf, desk: DeskOf, outreach: Annotated[Outreach, Depends(get_outreach)],
    principal: PrincipalOf,
) -> JSONResponse:  # fmt: skip
    """A draft in the queue, or the reason why the shop does not write now; nothing is sent."""
    principal.need_scope("order_events")
    happened = body.to_domain(principal.language if principal.account_id else desk.agent_language_of(body.site))

    def act() -> tuple[int, Json]:
        told = outreach.tell(happened, principal.person)
        reason: Json | None = None
        if told.refusal is not None:
            reason = {"id": told.refusal, "detail": outreach.worded(told.refusal, happened.message.agent_language)}
        made = told.draft is not None and not told.repeated
        return 201 if made else 200, {"draft": draft_json(told.draft) if told.draft else None, "reason": reason}

    return once(act)
