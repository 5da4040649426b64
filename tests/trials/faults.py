"""Shops and agents at work while processes, the database and the disk fail: what was acknowledged must be there, and leave once."""

import random
import resource
import shutil
import signal
import threading
import time
import urllib.error
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx2 as httpx

from tests.app.receiver import Answer, Came, Receiver, receiving
from tests.app.test_delivery_durability import SETTINGS, ops_of
from tests.app.test_durability import Server
from tests.postgres import Postgres
from tests.trials.outcome import Outcome

Fault = Callable[[Sequence[Server]], None]
CLIENTS = 3
SETTLED_S = 90  # how long what was signed may take to leave after the fault
UNSURE = (OSError, httpx.HTTPError, ConnectionError)  # nobody knows whether it was done: it is asked again


class Moody(Receiver):
    """Answers late or not at all now and then, but fails no delivery three times: its next try would come after SETTLED_S."""

    def answer(self, came: Came) -> Answer:
        tries = sum(other.headers["webhook-id"] == came.headers["webhook-id"] for other in tuple(self.came))
        mood = hash(came.headers["webhook-timestamp"] + came.headers["webhook-id"]) % 10
        return Answer(status=500) if mood == 0 and tries <= 2 else Answer(slow_s=1) if mood == 1 else Answer()  # fmt: skip


@dataclass
class Work:
    """What the service acknowledged: the draft of each message that was sent, the drafts that were signed; and what it should not have said."""

    key: str  # of a person who signs
    drafts: dict[str, str] = field(default_factory=dict)
    signed: set[str] = field(default_factory=set)
    answers: Counter[int] = field(default_factory=Counter)
    over: threading.Event = field(default_factory=threading.Event)

    @property
    def crashed(self) -> int:
        """Answers with another 5xx than 503."""
        return sum(count for status, count in self.answers.items() if status >= 500 and status != 503)


def under_fault(name: str, tried: str, servers: Sequence[Server], fault: Fault) -> Outcome:
    """Starts the servers, lets clients work while `fault` happens, and counts what is missing or there twice afterwards."""
    for server in servers:
        server.environment |= {**SETTINGS, "COUNTERSIGN_RATE_KEY_PER_MINUTE": "1000000"}
        server.start()
    started = time.monotonic()
    with receiving(Moody) as receiver:
        with closing(ops_of(servers[0])) as ops:
            ops.post("/v1/webhooks", json={"url": receiver.url, "events": ["reply.send"]})
            work = Work(ops.post("/v1/keys", json={"name": "signs", "role": "ops"}).json()["secret"])
        clients = [threading.Thread(target=_work, args=(work, servers, number)) for number in range(CLIENTS)]
        for client in clients:
            client.start()
        fault(servers)
        work.over.set()
        for client in clients:
            client.join()
        rate = len(work.drafts) / (time.monotonic() - started)
        unsent = _wait_until_sent(servers[0], work)
        doubled = _twice(receiver) + _again(servers[0], work)
    for server in servers:
        server.stop(signal.SIGKILL)
    return Outcome(name, tried, len(work.drafts), unsent, doubled, work.crashed, f"{rate:.1f} messages signed a second")


def _work(work: Work, servers: Sequence[Server], number: int) -> None:
    """One message after the other, sent and signed; what fails is sent again to the next server until it is answered."""
    place, count = number, 0
    while not work.over.is_set():
        name = f"x{number}-{count}"
        count += 1
        while name not in work.drafts or work.drafts[name] not in work.signed:
            place += 1
            try:
                _once(work, servers[place % len(servers)], name)
            except urllib.error.HTTPError as error:
                work.answers[error.code] += 1
                time.sleep(0.2)
            except UNSURE:
                time.sleep(0.2)
            if work.over.is_set() and name not in work.drafts:
                return


def _once(work: Work, server: Server, name: str) -> None:
    body = {"text": f"where is my order {name}?", "channel": "api", "external_id": name}
    work.drafts[name] = server.post("/v1/messages", body)["draft"]["id"]
    address = f"http://127.0.0.1:{server.port}/v1/drafts/{work.drafts[name]}/approve"
    status = httpx.post(address, headers={"Authorization": f"Bearer {work.key}"}, timeout=30).status_code
    work.answers[status] += 1
    if status in (200, 409):  # signed now, or before an answer that got lost
        work.signed.add(work.drafts[name])


def _wait_until_sent(server: Server, work: Work) -> int:
    """How many acknowledged drafts are not there, or signed and never sent."""
    waiting, until = set(work.drafts.values()), time.monotonic() + SETTLED_S
    while waiting and time.monotonic() < until:
        waiting = {draft for draft in waiting if server.get(f"/v1/drafts/{draft}")["status"] != "sent" and draft in work.signed}  # fmt: skip
        time.sleep(0.5)
    return len(waiting)


def _twice(receiver: Receiver) -> int:
    """Replies that left under more than one id: a receiver could not tell them from two replies."""
    ids: dict[str, set[str]] = {}
    for came in tuple(receiver.came):
        ids.setdefault(came.json()["data"]["draft_id"], set()).add(came.headers["webhook-id"])
    return sum(len(found) > 1 for found in ids.values())


def _again(server: Server, work: Work) -> int:
    """Messages that, sent once more, are answered with another draft."""
    sent = ({"text": f"where is my order {name}?", "channel": "api", "external_id": name} for name in work.drafts)
    return sum(server.post("/v1/messages", body)["draft"]["id"] != work.drafts[str(body["external_id"])] for body in sent)  # fmt: skip


# --- the faults -------------------------------------------------------------------------------------------------------


def killing(times: int, number: int) -> Fault:
    """kill -9 of a server at a moment that nobody chose; it is started anew."""
    dice = random.Random(number)  # noqa: S311

    def fault(servers: Sequence[Server]) -> None:
        for _ in range(times):
            time.sleep(dice.uniform(1, 4))
            server = dice.choice(list(servers))
            server.stop(signal.SIGKILL)
            time.sleep(dice.uniform(0, 1))
            server.start()
        time.sleep(2)

    return fault


def database_away(postgres: Postgres, times: int) -> Fault:
    """PostgreSQL is stopped at once, connections and all, and started after a while."""

    def fault(servers: Sequence[Server]) -> None:
        for _ in range(times):
            time.sleep(3)
            postgres.stop()
            time.sleep(2)
            postgres.start()
        time.sleep(4)

    return fault


def disk_full(times: int) -> Fault:
    """No file of the server may grow by a byte for a while: what a full disk does to it."""

    def fault(servers: Sequence[Server]) -> None:
        for _ in range(times):
            time.sleep(3)
            for size in (0, resource.RLIM_INFINITY):
                for server in servers:
                    resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))  # type: ignore[union-attr]
                time.sleep(2)
        time.sleep(2)

    return fault


@contextmanager
def postgres_of_its_own() -> Iterator[Postgres]:
    """Stopped and deleted at the end."""
    server = Postgres()
    try:
        yield server
    finally:
        server.close()


def faults(index: Path, folder: Path, times: int) -> Iterator[Outcome]:
    """All of them, one after the other; each over a database of its own."""
    one = [Server(_data(index, folder / "kill"))]
    yield under_fault("kill -9, one server", f"SQLite; {times} kills under load, receivers that fail and dawdle", one, killing(times, 1))  # fmt: skip
    full = [Server(_data(index, folder / "full"))]
    yield under_fault("Full disk", f"SQLite; no file may grow, {times} times for two seconds", full, disk_full(times))
    with postgres_of_its_own() as postgres:
        data = _data(index, folder / "two")
        two = [Server(data, database=database) for database in [postgres.fresh()] for _ in range(2)]
        yield under_fault("kill -9, two replicas", f"PostgreSQL; {times} kills of one of them under load", two, killing(times, 2))  # fmt: skip
        away = [Server(data, database=database) for database in [postgres.fresh()] for _ in range(2)]
        yield under_fault("Database away and back", f"PostgreSQL stopped and started {times} times under two replicas", away, database_away(postgres, times))  # fmt: skip


def _data(index: Path, folder: Path) -> Path:
    shutil.copytree(index, folder / "index")
    return folder
