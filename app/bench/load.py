"""Clients that send test messages as shops' systems do, one after another each, and what they wait for an answer."""

import json
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http.client import HTTPConnection

from app.bench.server import KEY, Served
from app.draft_cases import Case

LONGEST = 300  # characters of a message that counts as an ordinary one
_SENT = {"text", "channel", "buyer", "order", "history"}


@dataclass(frozen=True, slots=True)
class Load:
    """One round: what each draft took (ms, ascending), drafts a second, processor milliseconds a draft."""

    clients: int
    latencies: tuple[float, ...]
    per_second: float
    processor_ms: float

    def percentile(self, share: float) -> float:
        """The latency under which that share of the drafts stayed."""
        return self.latencies[min(len(self.latencies) - 1, int(share * len(self.latencies)))]


def bodies(cases: Sequence[Case]) -> list[bytes]:
    """The ordinary messages as bodies of POST /v1/messages."""
    ordinary = [case.message for case in cases if len(case.message.text) <= LONGEST]
    dumped = (item.model_dump(mode="json", by_alias=True, exclude_none=True, include=_SENT) for item in ordinary)
    return [json.dumps(body).encode() for body in dumped]


def send(served: Served, messages: Sequence[bytes], clients: int, seconds: float) -> Load:
    """`clients` at a time until `seconds` are over, each with a share of the messages, from the first again at the end."""
    before, started = served.processor_s(), time.perf_counter()
    until = started + seconds
    with ThreadPoolExecutor(clients) as pool:
        shares = [messages[place::clients] for place in range(clients)]
        taken = sorted(took for found in pool.map(lambda share: _sent(served.port, share, until), shares) for took in found)  # fmt: skip
    passed = time.perf_counter() - started
    return Load(clients, tuple(taken), len(taken) / passed, (served.processor_s() - before) * 1000 / max(1, len(taken)))


def warm(served: Served, messages: Sequence[bytes]) -> None:
    """So that no first time is measured; with messages that are not measured soon after, for what was just read is remembered."""
    for message in messages:
        _one(HTTPConnection("127.0.0.1", served.port, timeout=60), message)


def _sent(port: int, messages: Sequence[bytes], until: float) -> list[float]:
    connection, taken, place = HTTPConnection("127.0.0.1", port, timeout=120), list[float](), 0
    while time.perf_counter() < until:
        taken.append(_one(connection, messages[place % len(messages)]))
        place += 1
    return taken


def _one(connection: HTTPConnection, message: bytes) -> float:
    """Milliseconds until the whole answer is there; RuntimeError where it is no draft."""
    started = time.perf_counter()
    connection.request("POST", "/v1/messages", message, {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"})  # fmt: skip
    answer = connection.getresponse()
    told = answer.read()
    if answer.status != 201:
        raise RuntimeError(f"no draft but {answer.status}: {told[:200]!r}")
    return (time.perf_counter() - started) * 1000
