"""Chatwoot: payloads as its documentation shows them, and a fake of its API that checks what it gets."""

import hashlib
import hmac
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response

from app.drafting.drafter import Drafter
from app.main import create_app
from tests.app.receiver import Answer, Came, Receiver, receiving
from tests.app.test_webhooks import Service
from tests.conftest import make_settings

SECRET, TOKEN = "hook secret of chatwoot", "access token"


class FakeChatwoot(Receiver):
    """Knows one account and its conversations; refuses what the real one would refuse."""

    def __init__(self, port: int) -> None:
        super().__init__(port)
        self.messages: list[dict] = []

    def answer(self, came: Came) -> Answer:
        fault = super().answer(came)
        if not re.fullmatch(r"/api/v1/accounts/1/conversations/10/messages", came.path):
            return Answer(404)
        if came.headers.get("api_access_token") != TOKEN:
            return Answer(401)
        if came.method == "GET":
            return Answer(200, body=json.dumps({"meta": {}, "payload": self.messages}).encode())
        message = came.json()
        if not message["content"] or message["message_type"] not in ("incoming", "outgoing"):
            return Answer(422)
        self.messages.append({"id": 500 + len(self.messages), **message})
        return fault if fault.status != 204 else Answer(200, body=json.dumps(self.messages[-1]).encode())


@pytest.fixture
def chatwoot() -> Iterator[FakeChatwoot]:
    with receiving(FakeChatwoot) as found:
        assert isinstance(found, FakeChatwoot)
        yield found


@pytest.fixture
def service(drafter: Drafter, tmp_path: Path, chatwoot: FakeChatwoot) -> Service:
    site = {"url": chatwoot.url, "token": TOKEN, "secret": SECRET, "agent_language": "zh"}
    return Service(create_app(make_settings(tmp_path, chatwoot={"default": site}), drafter))


def created(content: str, number: int = 118, **changed: object) -> dict:
    """The event message_created with all that its documentation lists."""
    sender = {"id": 14, "name": "little-haze-776", "avatar": "", "type": "contact"}
    conversation = {
        "additional_attributes": {"referer": "https://shop.example.com/"}, "can_reply": True, "channel": "Channel::WebWidget", "id": 10, "inbox_id": 1,
        "contact_inbox": {"id": 12, "contact_id": 14, "inbox_id": 1}, "messages": [], "meta": {"sender": sender, "assignee": None}, "status": "open", "unread_count": 1,
        "agent_last_seen_at": 0, "contact_last_seen_at": 0, "timestamp": 1627063369,
    }  # fmt: skip
    return {
        "id": number, "content": content, "created_at": "2026-11-22T18:02:48.000Z", "message_type": "incoming", "content_type": "text", "private": False,
        "content_attributes": {}, "source_id": None, "sender": sender, "inbox": {"id": 1, "name": "Acme Support"}, "conversation": conversation,
        "account": {"id": 1, "name": "Acme Inc"}, "event": "message_created",
    } | changed  # fmt: skip


AGENT = {"message_type": "outgoing", "sender": {"id": 1, "name": "Li", "email": "li@example.com", "type": "user"}}


def push(service: Service, payload: object, secret: str = SECRET, site: str = "default", late_s: int = 0) -> Response:
    body, stamp = json.dumps(payload), str(int(datetime.now(UTC).timestamp()) - late_s)
    mine = hmac.new(secret.encode(), f"{stamp}.{body}".encode(), hashlib.sha256).hexdigest()
    headers = {"X-Chatwoot-Signature": f"sha256={mine}", "X-Chatwoot-Timestamp": stamp, "X-Chatwoot-Delivery": "d-1"}
    return TestClient(service.app).post(f"/v1/hooks/chatwoot/{site}", content=body, headers=headers)


def drafted(service: Service, text: str = "Where is my parcel?") -> dict:
    assert push(service, created(text)).status_code == 202
    service.work()
    (draft,) = service.shop.get("/v1/drafts").json()["items"]
    return draft


def test_a_buyers_message_is_answered_at_once_and_its_draft_comes_back_as_a_private_note(
    service: Service, chatwoot: FakeChatwoot
) -> None:
    draft = drafted(service)
    (note,) = chatwoot.messages
    assert note["private"] is True and draft["text"] in note["content"] and draft["gloss"]["text"] in note["content"]
    assert "草稿" in note["content"]


def test_the_same_event_twice_makes_one_draft_and_one_note(service: Service, chatwoot: FakeChatwoot) -> None:
    drafted(service)
    push(service, created("Where is my parcel?"))
    service.work()
    assert len(chatwoot.messages) == len(service.shop.get("/v1/drafts").json()["items"]) == 1


@pytest.mark.parametrize("edited", [False, True])
def test_what_the_agent_sent_there_is_read_back_as_a_review(
    service: Service, chatwoot: FakeChatwoot, edited: bool
) -> None:
    draft = drafted(service)
    text = draft["text"] + (" See you!" if edited else "")
    push(service, created(text, 119, **AGENT))
    service.work()
    after = service.shop.get(f"/v1/drafts/{draft['id']}").json()
    assert (after["status"], after["edited"], after["text"], after["approved_by"]) == (
        "sent",
        edited,
        text,
        "chatwoot:Li",
    )
    conversation = service.shop.get(f"/v1/conversations/{draft['conversation_id']}").json()
    assert [item["text"] for item in conversation["messages"] if item["from"] == "seller"] == [text]
    assert len(chatwoot.messages) == 1


@pytest.mark.parametrize(
    "payload",
    [created("psst", 120, **AGENT, private=True), created("I am a bot", 120, message_type="outgoing", sender={"id": 3, "type": "agent_bot"}), created("Get notified", 120, message_type="template"),
     created("", 120), created("ours", 120, **AGENT, content_attributes={"countersign": "d_1:sent"}), {**created("later"), "event": "message_updated"}, {"event": "conversation_opened", "id": 10}],
)  # fmt: skip
def test_what_is_of_no_interest_is_taken_and_left(service: Service, payload: dict) -> None:
    answer = push(service, payload)
    assert answer.status_code == 202 and answer.json() == {"job": None}


def test_a_reply_signed_here_goes_into_their_conversation(service: Service, chatwoot: FakeChatwoot) -> None:
    draft = drafted(service)
    service.approve(draft)
    service.work(seconds=6)
    reply = chatwoot.messages[1]
    assert (reply["content"], reply["private"], reply["message_type"]) == (draft["text"], False, "outgoing")
    assert service.status(draft) == "sent"


def test_a_reply_whose_answer_was_lost_is_not_sent_again(service: Service, chatwoot: FakeChatwoot) -> None:
    draft = drafted(service)
    service.approve(draft)
    chatwoot.answers = [Answer(502)]  # it took the message, and the answer was lost on the way
    service.work(seconds=6)
    assert service.status(draft) == "approved"
    service.work(seconds=10)
    assert service.status(draft) == "sent" and len(chatwoot.messages) == 2


def test_a_dead_chatwoot_leaves_a_dead_letter(service: Service, chatwoot: FakeChatwoot) -> None:
    push(service, created("Where is my parcel?"))
    chatwoot.answers = [Answer(503) for _ in range(40)]
    chatwoot.answer = lambda came: Answer(503)  # type: ignore[method-assign]
    for _ in range(13):
        service.work(hours=9)
    (dead,) = service.ops.get("/v1/jobs", params={"state": "dead"}).json()["items"]
    assert (dead["kind"], dead["error"], dead["tries"]) == ("chatwoot.note", "Chatwoot answered with status 503", 12)


@pytest.mark.parametrize(
    ("changed", "status"), [({"secret": "another"}, 401), ({"late_s": 301}, 401), ({"site": "lamps"}, 404)]
)
def test_what_chatwoot_did_not_sign_now_is_refused(service: Service, changed: dict, status: int) -> None:
    answer = push(service, created("Where is my parcel?"), **changed)
    assert answer.status_code == status and answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("payload", [[], {}, {"event": 1}, {"event": "message_created"}, created("x", account=None)])
def test_a_signed_payload_that_is_none_is_refused_with_the_place(service: Service, payload: object) -> None:
    answer = push(service, payload)
    assert answer.status_code == 422 and answer.json()["errors"]
