"""A client of the HTTP API for integrations and scripts: `with Countersign("http://127.0.0.1:8080", key) as desk: ...`.

One file that needs httpx and pydantic alone, so that a shop may copy it into a program of its own. It holds the fields that
an integration needs; whatever else an answer holds is in `raw`. `tests/app/test_client.py` holds it against a real server.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from types import TracebackType
from typing import Literal, Self
from uuid import uuid4

import httpx2 as httpx
from pydantic import BaseModel, ConfigDict, Field, JsonValue

WAIT_S = 10.0
PAGE = 100  # drafts asked for at a time
Status = Literal["pending", "approved", "sent", "rejected", "superseded", "snoozed"]


class Answered(BaseModel):
    """Part of an answer; fields that this client does not name are left in `raw`."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class Gloss(Answered):
    """The draft in the agent's language."""

    language: str
    text: str


class Check(Answered):
    """One finding on a text: it blocks, or warns."""

    id: str
    severity: Literal["block", "warn"]
    detail: str


class Limits(Answered):
    """What bounds an answer: its length on the channel, and how long a signature may be taken back."""

    max_chars: int
    undo_seconds: int


class Draft(Answered):
    """A draft, or what was signed of it: then `text` is the signed text."""

    id: str
    revision: int
    status: Status
    verdict: str
    language: str
    text: str
    gloss: Gloss
    confidence: float
    checks: tuple[Check, ...]
    conversation_id: str
    message_id: str
    channel: str
    site: str
    received_at: datetime
    approved_at: datetime | None = None
    limits: Limits | None = None  # told with drafts of the queue and with a single one
    raw: Mapping[str, JsonValue] = Field(default={}, repr=False)

    def may_leave(self, now: datetime) -> bool:
        """Whether it is signed and its undo window is over; only then may it be delivered."""
        if self.status != "approved" or self.approved_at is None or self.limits is None:
            return False
        return self.approved_at + timedelta(seconds=self.limits.undo_seconds) <= now


class Refused(Exception):
    """The service said no. `code` is the last part of the problem's type, such as `stale` or `rate-limited`."""

    def __init__(self, status: int, code: str, detail: str) -> None:
        super().__init__(f"{status} {code}: {detail}")
        self.status, self.code, self.detail = status, code, detail


class Countersign:
    """Talks to one service with one key. Any method raises Refused, or httpx.HTTPError where no answer came."""

    def __init__(self, url: str, key: str, wait_s: float = WAIT_S) -> None:
        self._http = httpx.Client(base_url=url, headers={"Authorization": f"Bearer {key}"}, timeout=wait_s)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()

    def post_message(self, text: str, *, idempotency_key: str | None = None, **fields: JsonValue) -> Draft:
        """Hands a buyer's message in; the draft is waiting when this returns.

        `fields` as in `POST /v1/messages`: `buyer`, `order`, `channel`, `external_id`, `agent_language`, ... With an
        `external_id` or an `idempotency_key` the same message handed in twice is stored once.
        """
        headers = {"Idempotency-Key": idempotency_key or str(uuid4())}
        answer = self._ask("POST", "/v1/messages", {"text": text, **fields}, headers)
        return _draft(answer["draft"])

    def drafts(self, status: Status = "pending", **wanted: str) -> Iterator[Draft]:
        """The queue, most pressing first, page after page; `wanted` as in `GET /v1/drafts`."""
        cursor: JsonValue = None
        while True:
            asked = {"status": status, "limit": str(PAGE), **wanted, **({"cursor": str(cursor)} if cursor else {})}
            page = self._ask("GET", f"/v1/drafts?{httpx.QueryParams(asked)}")
            items = page["items"]
            yield from map(_draft, items if isinstance(items, list) else ())
            cursor = page.get("next_cursor")
            if not cursor:
                return

    def draft(self, draft_id: str, agent_language: str | None = None) -> Draft:
        """One draft, with its gloss in another language where asked for."""
        wanted = f"?agent_language={agent_language}" if agent_language else ""
        return _draft(self._ask("GET", f"/v1/drafts/{draft_id}{wanted}"))

    def approve(self, draft: Draft, text: str | None = None) -> Draft:
        """Signs the draft as it is, or with another text; for the key of a person. Refused with `stale` where a newer revision came."""
        body = {"text": text} if text is not None else {}
        return _draft(self._ask("POST", f"/v1/drafts/{draft.id}/approve", body, {"If-Match": f'"{draft.revision}"'}))

    def reject(self, draft: Draft, reason: str, **corrections: JsonValue) -> Draft:
        """Says that the draft is not right; `corrections` (`intents`, `emotion`, `note`) teach later trainings."""
        return _draft(self._ask("POST", f"/v1/drafts/{draft.id}/reject", {"reason": reason, **corrections}))

    def confirm_sent(self, draft: Draft) -> Draft:
        """Tells that an approved text has reached the buyer; asked twice, it was sent once."""
        return _draft(self._ask("POST", f"/v1/drafts/{draft.id}/sent"))

    def _ask(
        self,
        method: str,
        path: str,
        body: Mapping[str, JsonValue] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> dict[str, JsonValue]:
        answer = self._http.request(method, path, json=body, headers=headers)
        if answer.is_success:
            return _table(answer.json())
        problem = _table(answer.json()) if "json" in answer.headers.get("content-type", "") else {}
        code = str(problem.get("type", "")).rpartition("/")[2]
        raise Refused(answer.status_code, code, str(problem.get("detail") or answer.reason_phrase))


def _table(value: JsonValue) -> dict[str, JsonValue]:
    return value if isinstance(value, dict) else {}


def _draft(value: JsonValue) -> Draft:
    raw = _table(value)
    return Draft.model_validate({**raw, "raw": raw})
