"""Times every action of the queue over HTTP with many drafts in it, as ratios to 100 ms. Run: python -m scripts.queue_figures [--drafts 10000]

Other work on the machine lengthens what a clock on the wall shows, so the processor's time of server and client stands beside it.
"""

import argparse
import os
import random
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx2 as httpx
import uvicorn
from fastapi import FastAPI
from sqlalchemy import Engine, text

from app.main import create_app
from app.settings import Settings

DRAFTS, TIMES, LIMIT_MS, PORT = 10_000, 20, 100.0, 8932
SECRET = "only for the figures"  # noqa: S105 - of a database that is thrown away
FACETS = ("language", "market", "intent", "emotion", "channel", "verdict")


def fill(engine: Engine, count: int) -> None:
    """So many drafts in all: copies of the sample drafts, so that each is real; labels are dealt anew, so that they come in every combination."""
    chance = random.Random(0)  # noqa: S311 - the same queue in every run
    with engine.begin() as connection:
        rows = [dict(row) for row in connection.execute(text("SELECT * FROM drafts")).mappings()]
        words = [dict(row) for row in connection.execute(text("SELECT * FROM draft_words")).mappings()]
        known = {row["draft_id"]: row["words"] for row in words}
        values = {name: [row[name] for row in rows] for name in FACETS}
        start = datetime.now(UTC).replace(tzinfo=None)
        for number in range(count - len(rows)):
            source = rows[number % len(rows)]
            copy = {**source, **{name: chance.choice(values[name]) for name in FACETS}, "id": f"d_copy{number}", "status": "pending", "created_at": str(start - timedelta(seconds=number))}  # fmt: skip
            _insert(connection, "drafts", copy)
            _insert(connection, "draft_words", {"draft_id": copy["id"], "words": f"{copy['id']} {known[source['id']]}"})


def _insert(connection: object, table: str, row: dict[str, object]) -> None:
    names = ", ".join(row)
    connection.execute(text(f"INSERT INTO {table} ({names}) VALUES ({', '.join(':' + name for name in row)})"), row)  # type: ignore[attr-defined]


@contextmanager
def serving(app: FastAPI) -> Iterator[str]:
    """The product as it runs, on its own thread."""
    server = uvicorn.Server(uvicorn.Config(app, port=PORT, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.1)
    yield f"http://127.0.0.1:{PORT}"
    server.should_exit = True
    thread.join()


class Desk:
    """An agent's desk: one signed-in client that takes the drafts one after the other."""

    def __init__(self, address: str) -> None:
        self._client = httpx.Client(base_url=address, timeout=30)
        person = self._client.post("/v1/session", json={"name": "ops", "password": SECRET}).json()
        self._client.headers["X-CSRF-Token"] = person["csrf_token"]
        self._left = [item["id"] for item in self.get("/v1/drafts", status="pending", verdict="ready", limit=200)["items"]]  # fmt: skip
        self.used: list[str] = []

    def get(self, path: str, **query: object) -> dict:
        """One GET; raises where it is refused."""
        answer = self._client.get(path, params={name: str(value) for name, value in query.items()})
        return dict(answer.raise_for_status().json())

    def post(self, verb: str, draft_id: str, body: object = None) -> None:
        """One decision."""
        self._client.post(f"/v1/drafts/{draft_id}/{verb}", json=body).raise_for_status()

    def receive(self, text: str) -> None:
        """A buyer's message: read, drafted and stored."""
        self._client.post("/v1/messages", json={"text": text}).raise_for_status()

    def fresh(self) -> str:
        """A draft nobody has touched."""
        return self._left.pop()


def actions(desk: Desk) -> dict[str, Callable[[], object]]:
    """What an agent can do, by name."""
    queue = {"status": "pending", "limit": 40}
    page = desk.get("/v1/drafts", **queue)
    some = page["items"][0]["id"]
    found: dict[str, Callable[[], object]] = {
        "first page of the queue": lambda: desk.get("/v1/drafts", **queue),
        "the same, in another language": lambda: desk.get("/v1/drafts", agent_language="zh", **queue),
        "next page": lambda: desk.get("/v1/drafts", cursor=page["next_cursor"], **queue),
        "counts of every filter": lambda: desk.get("/v1/drafts/counts", **queue),
        "search": lambda: desk.get("/v1/drafts", q="pedido", **queue),
        "counts of a search": lambda: desk.get("/v1/drafts/counts", q="pedido", **queue),
    }
    for name in FACETS:
        value = next(item for item in desk.get("/v1/drafts/counts", **queue)[name])
        found[f"filter by {name}"] = lambda name=name, value=value: desk.get("/v1/drafts", **queue, **{name: value})
    found |= {
        "open a draft": lambda: desk.get(f"/v1/drafts/{some}"),
        "open a draft in another language": lambda: desk.get(f"/v1/drafts/{some}", agent_language="zh"),
        "claim": lambda: desk.post("claim", desk.fresh()),
        "snooze": lambda: desk.post("snooze", desk.fresh(), {"until": (datetime.now(UTC) + timedelta(hours=1)).isoformat()}),
        "approve": lambda: desk.post("approve", desk.used.append(desk.fresh()) or desk.used[-1], {}),  # type: ignore[func-returns-value]
        "undo": lambda: desk.post("undo", desk.used.pop()),
        "reject": lambda: desk.post("reject", desk.fresh(), {"reason": "other"}),
        "receive a message": lambda: desk.receive(f"Where is my parcel? {time.monotonic_ns()}"),
        "draft again": lambda: desk.post("regenerate", desk.fresh(), {}),
    }  # fmt: skip
    return found


def main() -> None:
    """Of the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--drafts", type=int, default=DRAFTS)
    measure(parser.parse_args().drafts)


def measure(count: int) -> None:
    """Prints a table: median and worst on the wall of twenty, and the median of the processor's time, as ratios to the limit."""
    with TemporaryDirectory() as folder:
        settings = Settings(
            data_dir=Path(folder),
            bootstrap_password=SECRET,
            bootstrap_key=SECRET,
            undo_seconds=300,
            rate_address_per_minute=100_000,
        )  # type: ignore[arg-type]
        app = create_app(settings)
        fill(app.state.engine, count)
        print(f"load of the machine over the last minute: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores\n")
        print("| action | median | worst | processor |\n| --- | --- | --- | --- |")
        with serving(app) as address:
            for name, act in actions(Desk(address)).items():
                walls, works = zip(*(_timed(act) for _ in range(TIMES)), strict=True)
                told = (statistics.median(walls), max(walls), statistics.median(works))
                print(f"| {name} | {' | '.join(f'{took / LIMIT_MS:.2f}' for took in told)} |", flush=True)


def _timed(act: Callable[[], object]) -> tuple[float, float]:
    """Milliseconds on the wall, and of the processor."""
    wall, work = time.perf_counter(), time.process_time()
    act()
    return (time.perf_counter() - wall) * 1000, (time.process_time() - work) * 1000


if __name__ == "__main__":
    main()
