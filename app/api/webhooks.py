"""Webhooks, for ops: what is told to whom, and what became of each delivery."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import JSONResponse
from pydantic import ConfigDict, Field, JsonValue, StringConstraints

from app.api.depends import OnceOf, PrincipalOf
from app.api.responses import Json
from app.domain import Key, Value
from app.store.webhooks import StoredDelivery, StoredWebhook
from app.webhooks import Wanted, Webhooks

router = APIRouter(prefix="/v1", tags=["webhooks"])
EventName = Literal[
    "message.received", "draft.ready", "draft.approved", "draft.rejected", "draft.escalated", "reply.sent",
    "figures.rising", "reading.drifted", "dispute.due", "reply.send",
]  # fmt: skip
Url = Annotated[str, StringConstraints(min_length=8, max_length=2000)]
Events = Annotated[tuple[EventName, ...], Field(min_length=1, max_length=20)]
Sites = Annotated[tuple[Key, ...], Field(max_length=200)]


class WebhookIn(Value):
    """Where to send which events; without `sites`, those of all."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "url": "https://shop.example.com/countersign",
                "events": ["draft.ready", "reply.send"],
                "sites": ["default"],
            }
        }
    )

    url: Url
    events: Events
    sites: Sites = ()


class WebhookChangeIn(Value):
    """What is named changes; `new_secret` makes a new secret, which the answer shows once."""

    model_config = ConfigDict(json_schema_extra={"example": {"active": False}})

    url: Url | None = None
    events: Events | None = None
    sites: Sites | None = None
    active: bool | None = None
    new_secret: bool = False


def get_webhooks(request: Request) -> Webhooks:
    """The webhooks of this process."""
    webhooks: Webhooks = request.app.state.webhooks
    return webhooks


WebhooksOf = Annotated[Webhooks, Depends(get_webhooks)]


def webhook_json(stored: StoredWebhook, with_secret: bool = False) -> Json:
    """A webhook; its secret is shown when it is made, and never again."""
    shown: Json = {
        "id": stored.id, "url": stored.url, "events": list(stored.events), "sites": list(stored.sites), "active": stored.active,
        "created_at": stored.created_at.isoformat(), "changed_at": stored.changed_at.isoformat(),
    }  # fmt: skip
    secret: dict[str, JsonValue] = {"secret": stored.secret} if with_secret else {}
    return {**shown, **secret}


def delivery_json(stored: StoredDelivery) -> Json:
    """`id` is the webhook-id on the wire; `status` is what was answered last, null where nothing was."""
    return {
        "id": stored.id, "webhook_id": stored.webhook_id, "event_id": stored.event_id, "type": stored.type, "subject": stored.subject,
        "state": stored.state, "tries": stored.tries, "status": stored.status, "error": stored.error, "created_at": stored.created_at.isoformat(),
        "answered_at": stored.answered_at.isoformat() if stored.answered_at else None, "next_try_at": stored.runs_at.isoformat() if stored.state == "waiting" else None,
    }  # fmt: skip


@router.post("/webhooks", status_code=201)
def create(
    body: WebhookIn,
    once: OnceOf,
    webhooks: WebhooksOf,
    principal: PrincipalOf,
) -> JSONResponse:
    """The answer holds the secret that signs the deliveries, this once."""
    principal.need_ops()

    def act() -> tuple[int, Json]:
        made = webhooks.create(body.url, body.events, body.sites, principal.person)
        return 201, webhook_json(made, with_secret=True)

    return once(act, forgets=("secret",))


@router.get("/webhooks")
def list_webhooks(webhooks: WebhooksOf, principal: PrincipalOf) -> Json:
    """All of them, the oldest first."""
    principal.need_ops()
    return {"items": [webhook_json(item) for item in webhooks.list()], "next_cursor": None}


@router.get("/webhooks/{webhook_id}")
def get_webhook(webhook_id: str, webhooks: WebhooksOf, principal: PrincipalOf) -> Json:
    """One of them."""
    principal.need_ops()
    return webhook_json(webhooks.get(webhook_id))


@router.patch("/webhooks/{webhook_id}")
def change(
    webhook_id: str, body: WebhookChangeIn, webhooks: WebhooksOf, principal: PrincipalOf, once: OnceOf
) -> JSONResponse:
    """Changes what is named; deliveries that wait go by the new address and secret."""
    principal.need_ops()
    wanted = Wanted(body.url, body.events, body.sites, body.active)

    def act() -> tuple[int, Json]:
        changed = webhooks.change(webhook_id, wanted, principal.person)
        if body.new_secret:
            changed = webhooks.renew_secret(webhook_id, principal.person)
        return 200, webhook_json(changed, with_secret=body.new_secret)

    return once(act, forgets=("secret",))


@router.delete("/webhooks/{webhook_id}", status_code=204)
def delete(webhook_id: str, webhooks: WebhooksOf, principal: PrincipalOf) -> Response:
    """Nothing more is sent there."""
    principal.need_ops()
    webhooks.delete(webhook_id, principal.person)
    return Response(status_code=204)


@router.get("/webhooks/{webhook_id}/deliveries")
def deliveries(
    webhook_id: str,
    webhooks: WebhooksOf,
    principal: PrincipalOf,
    state: Literal["waiting", "running", "done", "dead"] | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Json:
    """The newest first."""
    principal.need_ops()
    found = webhooks.deliveries(webhook_id, state, limit)
    return {"items": [delivery_json(item) for item in found], "next_cursor": None}


@router.post("/deliveries/{delivery_id}/replay")
def replay(delivery_id: str, webhooks: WebhooksOf, principal: PrincipalOf, once: OnceOf) -> JSONResponse:
    """Sends it again, under the same webhook-id."""
    principal.need_ops()
    return once(lambda: (200, delivery_json(webhooks.replay(delivery_id))))
