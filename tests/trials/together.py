"""Many at the same thing at once, within one service: two sign the same draft, a buyer writes on while it is signed, replies are edited under search."""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import time_machine
from fastapi import FastAPI
from fastapi.testclient import TestClient

from tests.app.receiver import receiving
from tests.conftest import KEY, PASSWORD, signed_in
from tests.trials.outcome import Outcome, told

Deed = Callable[[], int]  # gives an HTTP status
EDITED, EDITORS = "en", 6
SERVES_S = 10
LEAPS = tuple(timedelta(hours=hours) for hours in (-48, -1, -0.1, 0.1, 1, 48))
SETTLES = 30


def at_once(deeds: Sequence[Deed]) -> list[int]:
    """The status of each; all begin at the same moment."""
    gate = threading.Barrier(len(deeds))

    def do(deed: Deed) -> int:
        gate.wait()
        return deed()

    with ThreadPoolExecutor(len(deeds)) as pool:
        return [answer.result() for answer in [pool.submit(do, deed) for deed in deeds]]


def crashed(answers: Counter[int]) -> int:
    """Answers of the service that are its own fault; none of these trials takes anything away from it, so 503 is one too."""
    return sum(count for status, count in answers.items() if status >= 500)


def _shop(app: FastAPI) -> TestClient:
    return TestClient(app, headers={"Authorization": f"Bearer {KEY}"}, raise_server_exceptions=False)


def _written(shop: TestClient, text: str, buyer: str) -> dict[str, Any]:
    answer = shop.post("/v1/messages", json={"text": text, "channel": "widget", "buyer": {"id": buyer}})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def _people(app: FastAPI, count: int) -> list[TestClient]:
    for number in range(count):
        app.state.access.create_account(f"p{number}", "a long password of theirs", "ops", "en")
    return [signed_in(app, f"p{number}", "a long password of theirs") for number in range(count)]


def signed_at_once(app: FastAPI, database: str, rounds: int, people: int = 4) -> Outcome:
    """People press the same button: one signature counts, and what leaves is what that one signed."""
    shop, agents, answers, doubled, lost = _shop(app), _people(app, people), Counter[int](), 0, 0
    for number in range(rounds):
        draft = _written(shop, f"where is my parcel {number}?", f"signed-{number}")["draft"]["id"]
        texts = [f"Hello, we are looking into it and write to you again. {name}" for name in range(people)]
        found = at_once([lambda one=one, text=text, draft=draft: one.post(f"/v1/drafts/{draft}/approve", json={"text": text}).status_code for one, text in zip(agents, texts, strict=True)])  # fmt: skip
        answers.update(found)
        winners = [text for text, status in zip(texts, found, strict=True) if status == 200]
        doubled += max(0, len(winners) - 1)
        lost += not winners or shop.get(f"/v1/drafts/{draft}").json()["text"] != winners[0]
    return Outcome("Signed at once", f"{database}; {people} people approve one draft", rounds, lost, doubled, crashed(answers), told(answers))  # fmt: skip


def written_on(app: FastAPI, database: str, rounds: int) -> Outcome:
    """The buyer writes on within the burst while the draft, one of several, is signed: either it was signed or it is superseded, never both."""
    shop, ops, answers, doubled, lost = _shop(app), signed_in(app, "ops", PASSWORD), Counter[int](), 0, 0
    dice = random.Random(rounds)  # noqa: S311 - the message is drafted before it is stored: the signatures come about then
    for number in range(rounds):
        buyer = f"burst-{number}"
        draft = _written(shop, "where is my parcel? and can i have a refund", buyer)["draft"]["id"]
        others = ops.post(f"/v1/drafts/{draft}/alternatives").json()["alternatives"]
        found = at_once([
            *(lambda one=one, late=dice.uniform(0, 0.1): _signed_late(ops, one, late) for one in (draft, *others[:1])),
            lambda buyer=buyer: shop.post("/v1/messages", json={"text": "hello??", "channel": "widget", "buyer": {"id": buyer}}).status_code,
        ])  # fmt: skip
        answers.update(found)
        approved = [
            one for one in (draft, *others) if shop.get(f"/v1/drafts/{one}").json()["status"] in ("approved", "sent")
        ]
        doubled += max(0, len(approved) - 1)
        lost += found[-1] != 201 or found[:-1].count(200) != len(approved)
    return Outcome("Written on while signed", f"{database}; a message of the burst and two signatures at once", rounds, lost, doubled, crashed(answers), told(answers))  # fmt: skip


def _signed_late(ops: TestClient, draft: str, late_s: float) -> int:
    time.sleep(late_s)
    return ops.post(f"/v1/drafts/{draft}/approve").status_code


def edited_under_search(app: FastAPI, database: str, edits: int) -> Outcome:
    """Each reply is changed and vetted by two people at once while others search and messages come in: one edit of the two counts and is found afterwards."""
    shop, ops, answers, over = _shop(app), signed_in(app, "ops", PASSWORD), Counter[int](), threading.Event()
    replies = [item for item in ops.get("/v1/replies", params={"limit": 200}).json()["items"] if item["intent"] != "outreach"][:edits]  # fmt: skip
    looking = [threading.Thread(target=_look, args=(shop, ops, answers, over, number)) for number in range(3)]
    for thread in looking:
        thread.start()
    with ThreadPoolExecutor(EDITORS) as pool:
        kept = list(pool.map(lambda reply: _edit(ops, reply, answers), replies))
    over.set()
    for thread in looking:
        thread.join()
    lost = sum(len(asked) != 1 or not _is_found(ops, asked[0], reply["id"]) for reply, asked in zip(replies, kept, strict=True))  # fmt: skip
    return Outcome("Edited under search", f"{database}; replies changed by two each, {EDITORS} at once, and vetted", len(replies), lost, 0, crashed(answers), told(answers))  # fmt: skip


def _edit(ops: TestClient, reply: Mapping[str, Any], answers: Counter[int]) -> list[str]:
    """The new questions of the edits that were taken."""
    asked = [
        f"{hand} {reply['id'].replace('.', ' ').replace('_', ' ')} {reply['version']}" for hand in ("penguin", "walrus")
    ]
    header = {"If-Match": f'"{reply["version"]}"'}
    found = at_once([lambda one=one: ops.put(f"/v1/replies/{reply['id']}", json=_with(reply, one), headers=header).status_code for one in asked])  # fmt: skip
    found.append(ops.post(f"/v1/replies/{reply['id']}/vet", json={}).status_code)
    answers.update(found)
    return [one for one, status in zip(asked, found, strict=False) if status == 200]


def _with(reply: Mapping[str, Any], question: str) -> dict[str, Any]:
    words = reply["languages"][EDITED]
    return {
        **reply,
        "languages": {**reply["languages"], EDITED: {**words, "questions": [*words["questions"], question]}},
    }


def _is_found(ops: TestClient, question: str, reply: str) -> bool:
    """Whether the search finds the reply by the new question, at the latest after some seconds: an index that is being made serves when it is whole."""
    until = time.monotonic() + SERVES_S
    while True:
        found = ops.get("/v1/replies/search", params={"q": question, "language": EDITED, "k": 1}).json()["items"]
        if found[0]["reply_id"] == reply or time.monotonic() > until:
            return bool(found[0]["reply_id"] == reply)
        time.sleep(0.2)


def _look(shop: TestClient, ops: TestClient, answers: Counter[int], over: threading.Event, number: int) -> None:
    count = 0
    while not over.is_set():
        count += 1
        if number:
            found = ops.get("/v1/replies/search", params={"q": f"where is my parcel {count}", "language": EDITED})
        else:
            found = shop.post("/v1/messages", json={"text": f"where is my order {count}?"})
        answers[found.status_code] += 1


def clock_jumps(app: FastAPI, database: str, times: int) -> Outcome:
    """The machine's clock leaps back and forth by up to two days while messages are signed: each reply leaves, under one id."""
    dice, answers, drafts = random.Random(times), Counter[int](), list[str]()  # noqa: S311
    with receiving() as receiver, time_machine.travel(datetime.now(UTC)) as clock, TestClient(app):
        shop, ops = _shop(app), signed_in(app, "ops", PASSWORD)
        assert ops.post("/v1/webhooks", json={"url": receiver.url, "events": ["reply.send"]}).status_code == 201
        person = {
            "Authorization": f"Bearer {ops.post('/v1/keys', json={'name': 'signs', 'role': 'ops'}).json()['secret']}"
        }
        for number in range(times):
            answer = shop.post("/v1/messages", json={"text": f"where is my order {number}?", "channel": "api"})
            draft = answer.json()["draft"]["id"]
            drafts.append(draft)
            approved = shop.post(f"/v1/drafts/{draft}/approve", headers=person).status_code
            answers.update([answer.status_code, approved])
            clock.shift(dice.choice(LEAPS))
            time.sleep(dice.uniform(0, 0.5))
        lost = _unsent(shop, clock, drafts)
    ids: dict[str, set[str]] = {}
    for came in tuple(receiver.came):
        ids.setdefault(came.json()["data"]["draft_id"], set()).add(came.headers["webhook-id"])
    doubled = sum(len(found) > 1 for found in ids.values())
    return Outcome("Clock that leaps", f"{database}; back and forth by up to two days between signatures", times, lost, doubled, crashed(answers), told(answers))  # fmt: skip


def _unsent(shop: TestClient, clock: time_machine.Coordinates, drafts: Sequence[str]) -> int:
    """How many have not left although every clock has passed the moment that they waited for."""
    for _ in range(SETTLES):
        clock.shift(timedelta(days=1))
        time.sleep(1)
        waiting = [one for one in drafts if shop.get(f"/v1/drafts/{one}").json()["status"] != "sent"]
        if not waiting:
            return 0
    return len(waiting)
