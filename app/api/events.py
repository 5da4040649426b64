"""Server-sent events: what happens at the desk, as it happens."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Request
from fastapi.sse import EventSourceResponse, ServerSentEvent

from app.api.depends import DeskOf, PrincipalOf
from app.feed import Event, Feed

router = APIRouter(prefix="/v1", tags=["events"])
NAMED = {"m_": "message_id", "d_": "draft_id"}  # by how an id begins; a notice names itself in its detail
LONGEST_S = 600  # then the client comes back with the last id, and whoever has lost the right to listen does not

LastEventId = Annotated[
    int | None, Header(ge=0, description="The last event that was seen; without it the stream starts now")
]


def json_of(event: Event) -> dict[str, object]:
    """As it is told to the outside; no text of anybody, only where to look."""
    named = {name: event.subject for start, name in NAMED.items() if event.subject.startswith(start)}
    return {
        "type": event.type,
        "at": event.at.isoformat(),
        "by": event.actor,
        "conversation_id": event.conversation_id,
        **named,
        **event.detail,
    }


def may_listen(principal: PrincipalOf) -> None:
    """Before the stream opens: whoever may see the queue."""
    principal.need_scope("drafts")


def known_conversation(conversation_id: str, desk: DeskOf, _: Annotated[None, Depends(may_listen)]) -> str:
    """Before the stream opens: there is such a conversation."""
    desk.get_conversation(conversation_id)
    return conversation_id


@router.get("/events", response_class=EventSourceResponse, dependencies=[Depends(may_listen)])
async def follow(request: Request, last_event_id: LastEventId = None) -> AsyncIterator[ServerSentEvent]:
    """All events of the desk."""
    async for item in stream(request.app.state.feed, last_event_id, None):
        yield item


@router.get("/conversations/{conversation_id}/events", response_class=EventSourceResponse)
async def follow_conversation(
    conversation_id: Annotated[str, Depends(known_conversation)], request: Request, last_event_id: LastEventId = None
) -> AsyncIterator[ServerSentEvent]:
    """The events of one conversation."""
    async for item in stream(request.app.state.feed, last_event_id, conversation_id):
        yield item


async def stream(feed: Feed, last: int | None, conversation_id: str | None) -> AsyncIterator[ServerSentEvent]:
    """The feed as server-sent events: `id` to come back with, `event` the type."""
    yield ServerSentEvent(comment="listening", retry=1000)
    try:
        async with asyncio.timeout(LONGEST_S):
            async for event in feed.follow(last, conversation_id):
                yield ServerSentEvent(id=str(event.id), event=event.type, data=json_of(event))
    except TimeoutError:
        return
