"""The chat of a shop's pages: a visitor comes in, writes, listens, sends photos. Never a draft, never an agent's name."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, Header, Query, Request, Response, Security, UploadFile
from fastapi.responses import JSONResponse
from fastapi.security import HTTPBearer
from fastapi.sse import EventSourceResponse, ServerSentEvent
from pydantic import Field, JsonValue, StringConstraints

from app.api.depends import DeskOf, IdempotencyKey, Once, PrincipalOf, once_of
from app.api.events import LONGEST_S, LastEventId
from app.api.requests import Text, example
from app.api.responses import Json
from app.domain import Key, ProductRef, Value
from app.errors import Unauthenticated
from app.feed import Feed
from app.store.messages import StoredMessage
from app.visitors import FRESH, Admitted, Arrival, Said, Visitor, Visitors

router = APIRouter(prefix="/widget/v1", tags=["widget"])
agents_router = APIRouter(prefix="/v1", tags=["widget"])
TOLD = frozenset({"message.received", "reply.sent"})  # every other step is the desk's own
PAGE = 200
Origin = Annotated[str, StringConstraints(pattern=r"^https?://[^/\s]+$", max_length=300)]
Locale = Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*$")]


class VisitIn(Value):
    """The page's site key; a token from before; the buyer for whom the shop vouches, as the signed text itself."""

    model_config = example(site_key="pk_...", origin="https://shop.example", locale="es-MX")

    site_key: Key
    origin: Origin | None = None
    locale: Locale | None = None
    token: Annotated[str, StringConstraints(max_length=4000)] | None = None
    buyer: Annotated[str, StringConstraints(max_length=2000)] | None = None
    buyer_signature: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")] | None = None


class PhotoRef(Value):
    """A photo by the id that its upload returned."""

    id: Key


class SaidIn(Value):
    """What a visitor writes."""

    model_config = example(text="Where is my parcel?", name="Emily", order_id="8123456789012345")

    text: Text
    name: Annotated[str, StringConstraints(max_length=120)] | None = None
    order_id: Annotated[str, StringConstraints(min_length=1, max_length=60)] | None = None
    product: ProductRef | None = None
    attachments: Annotated[tuple[PhotoRef, ...], Field(max_length=10)] = ()

    def to_domain(self, key: str | None) -> Said:
        """Blank fields count as not given."""
        name, order_id = (self.name or "").strip(), (self.order_id or "").strip()
        names = tuple(item.id for item in self.attachments)
        return Said(self.text, key, name or None, order_id or None, self.product, names)


def get_visitors(request: Request) -> Visitors:
    """The visitors of this process."""
    visitors: Visitors = request.app.state.visitors
    return visitors


VisitorsOf = Annotated[Visitors, Depends(get_visitors)]
TokenScheme = HTTPBearer(auto_error=False, scheme_name="Visitor", description="A visitor's token")


def get_visitor(
    request: Request, visitors: VisitorsOf, _: Annotated[object, Security(TokenScheme)] = None
) -> Visitor:  # fmt: skip
    """Whoever holds the token; it comes in a header only, so that no address and no log holds it."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        raise Unauthenticated("send the visitor's token as: Authorization: Bearer <token>")
    return visitors.recognise(token.strip())


VisitorOf = Annotated[Visitor, Depends(get_visitor)]


async def get_once(request: Request, desk: DeskOf, visitor: VisitorOf, idempotency_key: IdempotencyKey = None) -> Once:
    """For a visitor."""
    return await once_of(request, desk, visitor, idempotency_key)


@router.post("/session", status_code=201)
def come_in(
    body: VisitIn, request: Request, visitors: VisitorsOf, origin: Annotated[str | None, Header()] = None
) -> Json:  # fmt: skip
    """Site key against a visitor's token, for a page of the site's origins."""
    page = origin or ""
    if _is_own(page, request) and body.origin is not None:  # the frame, which says on whose page it stands
        page = body.origin
    arrival = Arrival(
        body.site_key, page, _is_own(page, request), body.locale, body.token, body.buyer, body.buyer_signature
    )  # fmt: skip
    return _admitted_json(visitors.admit(arrival))


def _is_own(origin: str, request: Request) -> bool:
    return bool(origin) and urlsplit(origin).netloc == request.headers.get("host")


def _admitted_json(admitted: Admitted) -> Json:
    visitor, hours = admitted.visitor, admitted.opening
    return {
        "token": admitted.token, "expires_at": (visitor.issued_at + FRESH).isoformat(), "conversation_id": visitor.conversation_id,
        "shop": admitted.shop, "buyer": {"name": visitor.buyer.name, "vouched": visitor.vouched},
        "opening": {"open": hours.open, "opens_at": hours.opens_at.isoformat() if hours.opens_at else None, "response_hours": hours.response_hours},
    }  # fmt: skip


@router.post("/messages", status_code=201)
def say(
    body: SaidIn, once: Annotated[Once, Depends(get_once)], visitor: VisitorOf, visitors: VisitorsOf, idempotency_key: IdempotencyKey = None
) -> JSONResponse:  # fmt: skip
    """A message of the visitor; an Idempotency-Key makes it once only, however late it comes again."""

    def act() -> tuple[int, Json]:
        return 201, {"message": told_json(visitors.say(visitor, body.to_domain(idempotency_key)))}

    return once(act)


@router.get("/messages")
def listen(visitor: VisitorOf, visitors: VisitorsOf, after: Annotated[str | None, Query()] = None) -> Json:
    """Both sides of the conversation after that message; of the shop's only what was signed and has left."""
    found = visitors.listen(visitor, after)
    page = found[:PAGE]
    items: list[JsonValue] = [told_json(item) for item in page]
    return {"items": items, "next_cursor": page[-1].id if len(found) > PAGE else None}


def told_json(stored: StoredMessage) -> Json:
    """A message as its buyer sees it."""
    photos = [item.id for item in stored.body.attachments] if stored.body else []
    return {
        "id": stored.id, "from": stored.sender, "text": stored.text, "at": stored.at.isoformat(),
        "attachments": [{"id": name, "type": "image"} for name in photos if name],
    }  # fmt: skip


@router.get("/events", response_class=EventSourceResponse)
async def follow(
    request: Request, visitor: VisitorOf, last_event_id: LastEventId = None
) -> AsyncIterator[ServerSentEvent]:  # fmt: skip
    """That something was said in the own conversation; what it was, `GET /widget/v1/messages` tells."""
    feed: Feed = request.app.state.feed
    yield ServerSentEvent(comment="listening", retry=1000)
    try:
        async with asyncio.timeout(LONGEST_S):
            async for event in feed.follow(last_event_id, visitor.conversation_id):
                if event.type in TOLD:
                    data = {"type": event.type, "at": event.at.isoformat()}
                    yield ServerSentEvent(id=str(event.id), event=event.type, data=data)
    except TimeoutError:
        return


@router.post("/uploads", status_code=201)
def upload(file: UploadFile, visitor: VisitorOf, visitors: VisitorsOf) -> Json:
    """A photo (JPEG, PNG, WebP, GIF); it is drawn anew, so that nothing else of the file is kept."""
    return {"id": visitors.add_photo(visitor, file.file.read()), "type": "image"}


@router.get("/uploads/{upload_id}", response_class=Response)
def photo_of_visitor(upload_id: str, visitor: VisitorOf, visitors: VisitorsOf) -> Response:
    """A photo of the own conversation."""
    return _photo(visitors, upload_id, visitor)


@agents_router.get("/uploads/{upload_id}", response_class=Response)
def photo(upload_id: str, principal: PrincipalOf, visitors: VisitorsOf) -> Response:
    """A photo that a message names in `attachments`, for whoever may see the queue."""
    principal.need_scope("drafts")
    return _photo(visitors, upload_id, None)


def _photo(visitors: Visitors, upload_id: str, visitor: Visitor | None) -> Response:
    """Never shown as a page of ours: a browser saves it, or draws it in an <img>."""
    found = visitors.get_photo(upload_id, visitor)
    headers = {
        "Content-Disposition": f'attachment; filename="{found.id}.jpg"',
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cache-Control": "private, max-age=3600",
    }
    return Response(found.data, media_type=found.media_type, headers=headers)
