"""Webhooks: who is told what, signed, once each, until it is answered; and replies that leave by one."""

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from standardwebhooks import Webhook, WebhookVerificationError

from app.drafting.drafter import Drafter
from app.follower import Follower
from app.main import create_app
from app.outward import Outward
from app.webhooks import EVENTS, signed
from tests.app.receiver import Answer, Receiver, receiving
from tests.conftest import KEY, PASSWORD, Clock, make_settings, signed_in


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as found:
        yield found


class Service:
    """The application without its threads: background work is done when a test says so, at the time that it says."""

    def __init__(self, app: FastAPI) -> None:
        self.app, self.clock = app, Clock()
        self.clock.now = datetime.now(UTC)
        for part in (app.state.jobs, app.state.desk, app.state.webhooks):
            part._clock = self.clock
        self.shop = TestClient(app, headers={"Authorization": f"Bearer {KEY}"})
        self.ops = signed_in(app, "ops", PASSWORD)

    def subscribe(self, url: str, *events: str, **more: object) -> dict:
        answer = self.ops.post("/v1/webhooks", json={"url": url, "events": events, **more})
        assert answer.status_code == 201, answer.text
        return answer.json()

    def receive(self, text: str = "Where is my parcel?", **more: object) -> dict:
        answer = self.shop.post("/v1/messages", json={"text": text, **more})
        assert answer.status_code == 201, answer.text
        return answer.json()["draft"]

    def approve(self, draft: dict) -> dict:
        answer = self.ops.post(f"/v1/drafts/{draft['id']}/approve")
        assert answer.status_code == 200, answer.text
        return answer.json()

    def work(self, **later: float) -> None:
        self.clock.forward(**later)
        while self.app.state.jobs.run_due():
            pass

    def status(self, draft: dict) -> str:
        return self.shop.get(f"/v1/drafts/{draft['id']}").json()["status"]

    def deliveries(self, webhook: dict, **query: str) -> list[dict]:
        return self.ops.get(f"/v1/webhooks/{webhook['id']}/deliveries", params=query).json()["items"]


@pytest.fixture
def app(drafter: Drafter, tmp_path: Path) -> FastAPI:
    return create_app(make_settings(tmp_path, call_private_addresses=True), drafter)


@pytest.fixture
def service(app: FastAPI) -> Service:
    return Service(app)


# --- what is told ----------------------------------------------------------------------------------------------------


def test_a_message_is_told_with_its_draft_and_a_signature_that_holds(service: Service, receiver: Receiver) -> None:
    webhook = service.subscribe(receiver.url, "message.received", "draft.ready")
    draft = service.receive()
    service.work()
    told = {came.json()["type"]: came for came in receiver.came}
    assert told.keys() == {"message.received", "draft.ready"}
    body = Webhook(webhook["secret"]).verify(told["draft.ready"].body, told["draft.ready"].headers)
    shown = service.shop.get(f"/v1/drafts/{draft['id']}").json()  # with what explains it, which is left out here
    assert body["data"]["draft"].keys() == draft.keys() and body["data"]["draft"].items() <= shown.items()
    assert body["data"]["draft_id"] == draft["id"] and body["data"]["message"]["text"] == "Where is my parcel?"


def test_a_changed_body_does_not_verify(service: Service, receiver: Receiver) -> None:
    webhook = service.subscribe(receiver.url, "message.received")
    service.receive()
    service.work()
    (came,) = receiver.came
    with pytest.raises(WebhookVerificationError):
        Webhook(webhook["secret"]).verify(came.body + b" ", came.headers)


def test_every_event_of_the_contract_is_told(service: Service, receiver: Receiver) -> None:
    service.subscribe(
        receiver.url,
        "message.received",
        "draft.ready",
        "draft.approved",
        "draft.rejected",
        "draft.escalated",
        "reply.sent",
    )
    service.approve(service.receive(channel="widget"))
    other = service.receive("How long does shipping take?")
    service.ops.post(f"/v1/drafts/{other['id']}/reject", json={"reason": "other"})
    service.receive("The charger caught fire and burned my son's hand!")
    service.work(seconds=6)
    assert {came.json()["type"] for came in receiver.came} == {
        "message.received", "draft.ready", "draft.approved", "draft.rejected", "draft.escalated", "reply.sent"
    }  # fmt: skip


def test_a_webhook_is_told_of_its_sites_only(service: Service, receiver: Receiver) -> None:
    webhook = service.subscribe(receiver.url, "message.received", sites=["lamps"])
    service.receive()
    service.receive(site="lamps")
    service.work()
    assert [came.json()["data"]["message"]["site"] for came in receiver.came] == ["lamps"]
    assert len(service.deliveries(webhook)) == 1


def test_what_was_before_a_webhook_is_not_told(service: Service, receiver: Receiver) -> None:
    service.receive()
    service.subscribe(receiver.url, "message.received")
    service.work()
    assert receiver.came == []


def test_each_event_is_told_once_however_many_processes_follow_the_trail(
    app: FastAPI, service: Service, receiver: Receiver
) -> None:
    """Two followers over one database stand for two processes."""
    webhook = service.subscribe(receiver.url, "message.received")
    for number in range(5):
        service.receive(f"Where is my parcel {number}?")
    hooks = app.state.webhooks
    followers = [Follower(app.state.engine, (hooks.follow,)) for _ in range(2)]
    threads = [threading.Thread(target=follower.follow_up) for follower in followers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(service.deliveries(webhook)) == 5


def test_a_page_of_the_trail_that_fails_is_followed_again_as_a_whole(
    app: FastAPI, service: Service, receiver: Receiver
) -> None:
    webhook = service.subscribe(receiver.url, "message.received")
    service.receive()

    def fails(event: object) -> None:
        raise RuntimeError("the process ends here")

    with pytest.raises(RuntimeError):
        Follower(app.state.engine, (app.state.webhooks.follow, fails)).follow_up()
    assert service.deliveries(webhook) == []
    service.work()
    assert len(service.deliveries(webhook)) == len(receiver.came) == 1


# --- answers of all sorts --------------------------------------------------------------------------------------------


def test_a_receiver_that_fails_once_is_told_again_under_the_same_id(service: Service, receiver: Receiver) -> None:
    webhook = service.subscribe(receiver.url, "message.received")
    receiver.answers = [Answer(500)]
    service.receive()
    service.work()
    (waiting,) = service.deliveries(webhook)
    assert (waiting["state"], waiting["status"]) == ("waiting", 500) and waiting["next_try_at"]
    service.work(seconds=10)
    first, second = receiver.came
    assert first.headers["webhook-id"] == second.headers["webhook-id"] == waiting["id"]
    assert first.headers["webhook-signature"] != second.headers["webhook-signature"]
    assert service.deliveries(webhook)[0]["state"] == "done"


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (Answer(302, {"location": "http://10.0.0.1/"}), "answered with status 302"),
        (Answer(500, body=b"\x00garbage <script>"), "answered with status 500"),
        (Answer(slow_s=2), "no answer within 0.5 s"),
        (Answer(200, drip=True), "no answer within 0.5 s"),
    ],
    ids=["redirect", "garbage", "silent", "drop by drop"],
)
def test_an_answer_that_is_none_is_told_to_ops_and_tried_again(
    app: FastAPI, service: Service, receiver: Receiver, answer: Answer, error: str
) -> None:
    app.state.webhooks._outward = Outward(private=True, within_s=0.5)
    webhook = service.subscribe(receiver.url, "message.received")
    receiver.answers = [answer]
    service.receive()
    service.work()
    (delivery,) = service.deliveries(webhook)
    assert (delivery["state"], delivery["error"], len(receiver.came)) == ("waiting", error, 1)


def test_garbage_with_a_2xx_is_an_answer(service: Service, receiver: Receiver) -> None:
    webhook = service.subscribe(receiver.url, "message.received")
    receiver.answers = [Answer(200, body=b"\xff\xfe not json")]
    service.receive()
    service.work()
    assert service.deliveries(webhook)[0]["state"] == "done"


def test_a_dead_receiver_leaves_a_dead_letter_that_can_be_sent_again(service: Service, receiver: Receiver) -> None:
    webhook = service.subscribe("http://127.0.0.1:1/", "message.received")
    service.receive()
    for _ in range(12):
        service.work(hours=9)
    (dead,) = service.deliveries(webhook, state="dead")
    assert (dead["tries"], dead["status"]) == (12, None) and "no answer" in dead["error"]
    service.ops.patch(f"/v1/webhooks/{webhook['id']}", json={"url": receiver.url})
    assert service.ops.post(f"/v1/deliveries/{dead['id']}/replay").json()["state"] == "waiting"
    service.work()
    assert receiver.came[0].headers["webhook-id"] == dead["id"] and service.deliveries(webhook)[0]["state"] == "done"


def test_an_address_that_turned_out_to_be_inside_the_house_is_not_called(
    app: FastAPI, service: Service, receiver: Receiver
) -> None:
    webhook = service.subscribe(receiver.url, "message.received")

    async def inside(host: str, port: int) -> list[str]:
        return ["127.0.0.1"]

    app.state.webhooks._outward = Outward(private=False, resolve=inside)
    service.ops.patch(f"/v1/webhooks/{webhook['id']}", json={"url": "https://shop.example.com/"})
    service.receive()
    service.work()
    assert "inside the house" in service.deliveries(webhook)[0]["error"] and receiver.came == []


def test_a_receiver_that_says_gone_is_not_asked_again(service: Service, receiver: Receiver) -> None:
    webhook = service.subscribe(receiver.url, "message.received")
    receiver.answers = [Answer(410)]
    service.receive()
    service.work()
    assert service.deliveries(webhook)[0]["state"] == "dead"


# --- replies that leave ----------------------------------------------------------------------------------------------


def test_a_reply_in_the_widget_leaves_by_itself_when_its_window_is_over(service: Service) -> None:
    draft = service.receive(channel="widget")
    service.approve(draft)
    service.work(seconds=4)
    assert service.status(draft) == "approved"
    service.work(seconds=2)
    conversation = service.shop.get(f"/v1/conversations/{draft['conversation_id']}").json()
    assert service.status(draft) == "sent"
    assert [item["text"] for item in conversation["messages"] if item["from"] == "seller"] == [draft["text"]]


def test_a_reply_in_the_widget_leaves_by_no_webhook(service: Service, receiver: Receiver) -> None:
    service.subscribe(receiver.url, "reply.send")
    draft = service.receive(channel="widget")
    service.approve(draft)
    service.work(seconds=6)
    assert service.status(draft) == "sent" and receiver.came == []


def test_a_reply_that_was_taken_back_does_not_leave(service: Service) -> None:
    draft = service.receive(channel="widget")
    service.approve(draft)
    service.work(seconds=1)
    assert service.ops.post(f"/v1/drafts/{draft['id']}/undo").status_code == 200
    service.work(minutes=1)
    assert service.status(draft) == "pending"


def test_a_reply_that_was_taken_back_and_signed_anew_leaves_after_its_new_window(service: Service) -> None:
    draft = service.receive(channel="widget")
    service.approve(draft)
    service.work(seconds=1)
    service.ops.post(f"/v1/drafts/{draft['id']}/undo")
    service.approve(draft)
    service.work(seconds=4)
    assert service.status(draft) == "approved"
    service.work(seconds=2)
    assert service.status(draft) == "sent"


def test_a_reply_leaves_by_the_webhook_that_asks_for_replies_and_is_sent_when_it_says_so(
    service: Service, receiver: Receiver
) -> None:
    webhook = service.subscribe(receiver.url, "reply.send")
    receiver.answers = [Answer(503)]
    draft = service.receive(external_id="order-7", buyer={"id": "b-9"})
    service.approve(draft)
    service.work(seconds=6)
    assert service.status(draft) == "approved"
    service.work(seconds=10)
    body = Webhook(webhook["secret"]).verify(receiver.came[1].body, receiver.came[1].headers)
    assert body["type"] == "reply.send" and body["data"]["draft"]["text"] == draft["text"]
    assert (body["data"]["message"]["external_id"], body["data"]["message"]["buyer_id"]) == ("order-7", "b-9")
    assert service.status(draft) == "sent"


def test_nothing_leaves_before_its_window_is_over(service: Service, receiver: Receiver) -> None:
    service.subscribe(receiver.url, "reply.send")
    service.approve(service.receive())
    service.work(seconds=4)
    assert receiver.came == []


def test_of_two_webhooks_that_ask_for_replies_one_sends(service: Service, receiver: Receiver) -> None:
    for _ in range(2):
        service.subscribe(receiver.url, "reply.send")
    service.approve(service.receive())
    service.work(seconds=6)
    assert len(receiver.came) == 1


def test_without_any_route_a_reply_waits_for_an_integration(service: Service, receiver: Receiver) -> None:
    service.subscribe(receiver.url, "reply.send", sites=["lamps"])
    draft = service.receive()
    service.approve(draft)
    service.work(minutes=5)
    assert service.status(draft) == "approved" and receiver.came == []
    assert service.shop.post(f"/v1/drafts/{draft['id']}/sent").json()["status"] == "sent"


def test_a_run_that_was_cut_off_does_not_send_a_reply_twice(app: FastAPI, service: Service, receiver: Receiver) -> None:
    """The process ends after the receiver has answered and the reply was noted as sent, before the job was."""
    service.subscribe(receiver.url, "reply.send")
    draft = service.receive()
    service.approve(draft)
    service.work(seconds=6)
    (job,) = app.state.jobs.list("webhook.deliver")
    (leave,) = app.state.jobs.list("reply.leave")
    for ended in (job, leave):
        app.state.jobs.replay(ended.id, even_done=True)
    service.work()
    assert len(receiver.came) == 1 and service.status(draft) == "sent"


def test_a_reply_that_has_left_is_not_replayed(service: Service, receiver: Receiver) -> None:
    webhook = service.subscribe(receiver.url, "reply.send")
    service.approve(service.receive())
    service.work(seconds=6)
    (done,) = service.deliveries(webhook)
    assert service.ops.post(f"/v1/deliveries/{done['id']}/replay").status_code == 409


# --- running them ----------------------------------------------------------------------------------------------------


def test_the_secret_is_shown_once(service: Service, receiver: Receiver) -> None:
    made = service.subscribe(receiver.url, "draft.ready")
    assert made["secret"].startswith("whsec_")
    assert "secret" not in service.ops.get(f"/v1/webhooks/{made['id']}").json()
    assert "secret" not in service.ops.get("/v1/webhooks").json()["items"][0]


def test_a_new_secret_signs_from_then_on(service: Service, receiver: Receiver) -> None:
    made = service.subscribe(receiver.url, "message.received")
    renewed = service.ops.patch(f"/v1/webhooks/{made['id']}", json={"new_secret": True}).json()["secret"]
    service.receive()
    service.work()
    (came,) = receiver.came
    assert Webhook(renewed).verify(came.body, came.headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(made["secret"]).verify(came.body, came.headers)


def test_a_webhook_that_is_switched_off_is_told_nothing(service: Service, receiver: Receiver) -> None:
    made = service.subscribe(receiver.url, "message.received")
    service.ops.patch(f"/v1/webhooks/{made['id']}", json={"active": False})
    service.receive()
    service.work()
    assert receiver.came == [] and service.deliveries(made) == []


def test_a_deleted_webhook_is_gone_and_what_waited_for_it_is_dead(
    app: FastAPI, service: Service, receiver: Receiver
) -> None:
    made = service.subscribe(receiver.url, "message.received")
    receiver.answers = [Answer(500)]
    service.receive()
    service.work()
    assert service.ops.delete(f"/v1/webhooks/{made['id']}").status_code == 204
    assert service.ops.get(f"/v1/webhooks/{made['id']}").status_code == 404
    service.work(minutes=1)
    assert app.state.jobs.list("webhook.deliver")[0].state == "dead" and len(receiver.came) == 1


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"url": "nonsense", "events": ["draft.ready"]}, "/url"),
        ({"url": "https://user:pw@shop.example.com/", "events": ["draft.ready"]}, "/url"),
        ({"url": "https://shop.example.com/", "events": ["draft.unknown"]}, "/events/0"),
        ({"url": "https://shop.example.com/", "events": []}, "/events"),
        ({"url": "https://shop.example.com/"}, "/events"),
        ({"url": "https://shop.example.com/", "events": ["draft.ready"], "secret": "mine"}, "/secret"),
    ],
)
def test_a_webhook_that_cannot_work_is_refused_with_the_place(service: Service, body: dict, pointer: str) -> None:
    answer = service.ops.post("/v1/webhooks", json=body)
    assert answer.status_code == 422 and answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["errors"][0]["pointer"] == pointer


def test_without_the_setting_no_address_inside_the_house_can_be_named(drafter: Drafter, tmp_path: Path) -> None:
    service = Service(create_app(make_settings(tmp_path), drafter))
    for url in ("http://127.0.0.1:9/", "https://127.0.0.1:9/", "https://[::ffff:10.0.0.1]/"):
        assert service.ops.post("/v1/webhooks", json={"url": url, "events": ["draft.ready"]}).status_code == 422


def test_webhooks_are_for_ops(service: Service, agent: TestClient) -> None:
    for who in (service.shop, agent):
        assert who.get("/v1/webhooks").status_code == 403
        assert (
            who.post("/v1/webhooks", json={"url": "https://a.example.com/", "events": ["draft.ready"]}).status_code
            == 403
        )
        assert who.post("/v1/deliveries/wd_none/replay").status_code == 403
    assert service.ops.post("/v1/deliveries/wd_none/replay").status_code == 404


# --- the guide -------------------------------------------------------------------------------------------------------

GUIDE = (Path(__file__).parents[2] / "docs" / "guides" / "webhooks.md").read_text(encoding="utf-8")


def guide_block(language: str, holding: str) -> str:
    return next(
        block.partition("```")[0]
        for block in GUIDE.split(f"```{language}\n")[1:]
        if holding in block.partition("```")[0]
    )


def test_the_guides_vector_is_what_we_sign() -> None:
    vector = json.loads(guide_block("json", "whsec_"))
    at = datetime.fromtimestamp(vector["now"], UTC)
    assert (
        signed(vector["secret"], vector["headers"]["webhook-id"], at, vector["body"]).items()
        >= vector["headers"].items()
    )


@pytest.mark.parametrize(
    ("change", "holds"),
    [
        ({}, True),
        ({"body": "{}"}, False),
        ({"now": 1795339800 + 301}, False),
        ({"webhook-id": "wd_other"}, False),
        ({"webhook-timestamp": "1795339801"}, False),
        ({"webhook-signature": "v1,AAAA v2,x"}, False),
    ],
)
def test_the_guides_verifier_holds_for_its_vector_alone(change: dict, holds: bool) -> None:
    vector = json.loads(guide_block("json", "whsec_"))
    names: dict = {}
    exec(guide_block("python", "def verify"), names)  # noqa: S102 - the guide's own code
    headers = vector["headers"] | {name: value for name, value in change.items() if name.startswith("webhook-")}
    body = change.get("body", vector["body"]).encode()
    assert names["verify"](vector["secret"], headers, body, change.get("now", vector["now"])) is holds


@pytest.mark.parametrize("event", EVENTS)
def test_every_event_is_told_in_the_guide(event: str) -> None:
    assert f"| `{event}` |" in GUIDE
