"""Chatwoot: its buyers' messages are drafted, the draft lies beside them as a private note, and what the agent sent is read back.

Facts of its public documentation: a webhook's signature is HMAC-SHA256 over "TIMESTAMP.BODY"; a message is made by
POST /api/v1/accounts/ACCOUNT/conversations/NUMBER/messages with the header api_access_token.
"""

import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, JsonValue
from sqlalchemy import Engine

from app.desk import Desk, Person
from app.domain import Buyer, BuyerMessage
from app.errors import CountersignError, NotFound, NotReady, Unauthenticated
from app.feed import Event
from app.jobs import GiveUp, Jobs, Kind, Task, TryAgain
from app.outbox import OURSELVES
from app.outward import Answered, Outward
from app.settings import ChatwootSite
from app.store import chatwoot
from app.store.chatwoot import CHANNEL
from app.store.database import reading
from app.store.drafts import StoredDraft

CAME, NOTE, REPLY = "chatwoot.came", "chatwoot.note", "chatwoot.reply"
WINDOW_S = 300  # how old or how early a signed request may be
MARK = "countersign"  # in a message's content_attributes: it is ours, and which one


class _Loose(BaseModel):
    """What we use of a payload; Chatwoot adds fields from release to release."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class _Sender(_Loose):
    id: int | None = None
    name: str | None = None
    type: str | None = None


class _Numbered(_Loose):
    id: int


class MessageCreated(_Loose):
    """The event `message_created`."""

    event: Literal["message_created"]
    id: int
    content: str | None = None
    created_at: datetime
    message_type: str
    private: bool = False
    content_attributes: dict[str, JsonValue] | None = None
    sender: _Sender | None = None
    account: _Numbered
    conversation: _Numbered

    @property
    def is_from_buyer(self) -> bool:
        """Something to draft an answer to."""
        return self.message_type == "incoming" and not self.private and bool((self.content or "").strip())

    @property
    def is_from_agent(self) -> bool:
        """A person answered; bots and our own messages are not people."""
        ours = MARK in (self.content_attributes or {})
        person = self.sender is not None and self.sender.type == "user"
        return self.message_type == "outgoing" and not self.private and not ours and person and bool(self.content)


@dataclass(frozen=True, slots=True)
class _Place:
    """A conversation of theirs."""

    site: str
    account: int
    number: int


class Chatwoot:
    """Built once a process; `words` are an agent's, by language. Sites without settings have no Chatwoot."""

    def __init__(
        self, engine: Engine, jobs: Jobs, desk: Desk, outward: Outward, sites: Mapping[str, ChatwootSite], words: Callable[[str], Mapping[str, str]],
    ) -> None:  # fmt: skip
        self._engine, self._jobs, self._desk, self._outward = engine, jobs, desk, outward
        self._sites, self._words = sites, words
        jobs.register(Kind(CAME, self._came, forgets=True))
        jobs.register(Kind(NOTE, self._note))
        jobs.register(Kind(REPLY, self._reply))

    # --- coming in ---------------------------------------------------------------------------------------------------

    def verify(self, site: str, timestamp: str, signature: str, body: bytes, now: datetime) -> None:
        """Raises NotFound where the site has no Chatwoot, Unauthenticated unless the request is its own and fresh."""
        known = self._sites.get(site)
        if known is None:
            raise NotFound("this site has no Chatwoot")
        mine = hmac.new(known.secret.get_secret_value().encode(), timestamp.encode() + b"." + body, hashlib.sha256)
        if not hmac.compare_digest(f"sha256={mine.hexdigest()}".encode(), signature.encode()):
            raise Unauthenticated("the signature does not fit the request")
        if not timestamp.isdigit() or abs(now.timestamp() - int(timestamp)) > WINDOW_S:
            raise Unauthenticated("the request is too old, or from the future")

    def take(self, site: str, came: MessageCreated) -> str | None:
        """The id of the job that deals with it; None where it is of no interest. The same message is taken once."""
        if not (came.is_from_buyer or came.is_from_agent):
            return None
        payload: dict[str, JsonValue] = {"site": site, "came": came.model_dump(mode="json")}
        return self._jobs.enqueue(CAME, f"{site}:{came.account.id}:{came.id}", payload)

    def _came(self, task: Task) -> JsonValue:
        site, came = str(task.payload["site"]), MessageCreated.model_validate(task.payload["came"])
        try:
            return self._draft(site, came) if came.is_from_buyer else self._read_back(site, came)
        except NotReady:
            raise
        except CountersignError as error:
            raise GiveUp(error.detail) from error

    def _draft(self, site: str, came: MessageCreated) -> JsonValue:
        sender = came.sender or _Sender()
        message = BuyerMessage(
            text=came.content or "", received_at=came.created_at, channel=CHANNEL, site=site, agent_language=self._settings(site).agent_language,
            buyer=Buyer(id=f"{came.account.id}/{sender.id}" if sender.id else None, name=sender.name),
        )  # fmt: skip
        with reading(self._engine) as connection:
            known = chatwoot.find_conversation_id(connection, site, came.account.id, came.conversation.id)
        external_id = f"{came.account.id}/{came.conversation.id}/{came.id}"
        received = self._desk.receive(message, known, external_id, Person(CHANNEL, "integration"))
        return {"message_id": received.message.id, "draft_id": received.draft.id}

    def _read_back(self, site: str, came: MessageCreated) -> JsonValue:
        """What the agent sent there, held against the newest draft that waits here: signed as it was, or edited."""
        with reading(self._engine) as connection:
            known = chatwoot.find_conversation_id(connection, site, came.account.id, came.conversation.id)
        name = came.sender.name if came.sender and came.sender.name else CHANNEL
        person = Person(f"{CHANNEL}:{name}"[:100], "agent")
        draft = self._desk.answered_elsewhere(known, came.content or "", person) if known else None
        return {"draft_id": draft.id if draft else None, "edited": draft.edited if draft else None}

    # --- going out ---------------------------------------------------------------------------------------------------

    def follow(self, event: Event) -> None:
        """A draft that can be reviewed: it is noted beside the message."""
        if not self._sites or event.type != "draft.ready":
            return
        if self._find_place(self._desk.get_draft(event.subject)) is not None:
            revision = event.detail["revision"]
            self._jobs.enqueue(NOTE, f"{event.subject}:{revision}", {"draft": event.subject, "revision": str(revision)})

    def carry(self, draft: StoredDraft, _: int) -> bool:
        """A reply that was signed here: it goes into their conversation."""
        if self._find_place(draft) is None:
            return False
        self._jobs.enqueue(REPLY, f"{draft.id}:{draft.approved_at}", {"draft": draft.id})
        return True

    def _note(self, task: Task) -> JsonValue:
        draft = self._desk.get_draft(str(task.payload["draft"]))
        if draft.status != "pending" or str(draft.revision) != task.payload["revision"]:
            return {"noted": False}
        self._put(draft, self._worded(draft), f"{draft.id}:{draft.revision}", private=True, again=task.tries > 1)
        return {"noted": True}

    def _reply(self, task: Task) -> JsonValue:
        draft = self._desk.get_draft(str(task.payload["draft"]))
        if draft.status != "approved":
            return {"sent": False}
        self._put(draft, draft.text, f"{draft.id}:sent", private=False, again=task.tries > 1)
        self._desk.confirm_sent(draft.id, OURSELVES)
        return {"sent": True}

    def _worded(self, draft: StoredDraft) -> str:
        """The text, what it says in the agent's language, and why there is none or what blocks it."""
        words, body = self._words(draft.basis.message.agent_language), draft.body
        blocks = [f"⚠ {check.detail}" for check in body.checks if check.status != "pass"]
        parts = [words["note.heading"], body.gist, body.reason or "", "\n".join(blocks)]
        if body.text:
            parts += [words["note.draft"], body.text]
        if body.text and body.gloss.text and body.gloss.text != body.text:
            parts += [words["note.gloss"], body.gloss.text]
        return "\n\n".join(part for part in parts if part)

    def _put(self, draft: StoredDraft, content: str, mark: str, private: bool, again: bool) -> None:
        """A message in their conversation; where a try before may have got through, it is looked for first."""
        place = self._find_place(draft)
        if place is None:
            raise GiveUp("the site has no Chatwoot any more")
        if again and self._is_there(place, mark):
            return
        message = {
            "content": content,
            "message_type": "outgoing",
            "private": private,
            "content_attributes": {MARK: mark},
        }
        self._call("POST", place, json.dumps(message, ensure_ascii=False).encode())

    def _is_there(self, place: _Place, mark: str) -> bool:
        try:
            found = json.loads(self._call("GET", place, b"").body)
            marks = [(message.get("content_attributes") or {}).get(MARK) for message in found["payload"]]
        except (ValueError, KeyError, AttributeError, TypeError) as error:
            raise TryAgain("Chatwoot's messages cannot be read") from error
        return mark in marks

    def _call(self, method: str, place: _Place, body: bytes) -> Answered:
        settings = self._settings(place.site)
        url = f"{settings.url.rstrip('/')}/api/v1/accounts/{place.account}/conversations/{place.number}/messages"
        headers = {"api_access_token": settings.token.get_secret_value(), "Content-Type": "application/json"}
        answered = self._outward.send(method, url, headers, body)
        if not answered.is_fine:
            raise TryAgain(f"Chatwoot answered with status {answered.status}")
        return answered

    def _settings(self, site: str) -> ChatwootSite:
        known = self._sites.get(site)
        if known is None:
            raise GiveUp("the site has no Chatwoot any more")
        return known

    def _find_place(self, draft: StoredDraft) -> _Place | None:
        message = self._desk.get_message(draft.message_id)
        body, named = message.body, (message.external_id or "").split("/")
        if (
            body is None
            or body.channel != CHANNEL
            or body.site not in self._sites
            or len(named) != 3
            or not all(part.isdigit() for part in named)
        ):
            return None
        return _Place(body.site, int(named[0]), int(named[1]))
