"""Several workers on one address: a process each, over one database, kept alive by uvicorn's supervisor.

What is done once (index, migrations, secrets of a first start, sample messages) is done in a process of its own before
the first worker starts. Background work is shared out by its leases; the live feed follows the trail in the database.
"""

import signal
import sys
from collections.abc import Callable
from multiprocessing import get_context
from types import FrameType

import uvicorn
from fastapi import FastAPI
from uvicorn.supervisors import Multiprocess

from app import report
from app.feed import Feed
from app.logs import write_json_lines
from app.main import create_app
from app.settings import Settings

GRACE_S = 20  # what was taken in is finished before a worker ends


def run_workers(settings: Settings, workers: int) -> bool:
    """Serves until told to stop; False where the preparation failed, which has said why."""
    preparing = get_context("spawn").Process(target=_prepare)
    preparing.start()
    preparing.join()
    if preparing.exitcode != 0:
        return False
    config = uvicorn.Config(
        "app.workers:worker_app", factory=True, host=settings.host, port=settings.port, workers=workers, log_config=None,
        timeout_graceful_shutdown=GRACE_S, timeout_worker_healthcheck=60,
    )  # fmt: skip
    Multiprocess(config, sockets=[config.bind_socket()]).run()
    return True


def worker_app() -> FastAPI:
    """One worker's application; uvicorn calls this in the worker's main thread, after it has taken the signals."""
    write_json_lines()
    app = create_app(Settings())
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _closing_first(app.state.feed, signal.getsignal(number)))
    return app


Handler = Callable[[int, FrameType | None], object]


def _closing_first(feed: Feed, after: Handler | int | None) -> Handler:
    """Those who listen to the feed go first: a stopping server waits for open streams otherwise."""

    def handle(number: int, frame: FrameType | None) -> None:
        feed.close()
        if callable(after):
            after(number, frame)

    return handle


def _say(text: str) -> None:
    print(f"countersign: {text}", file=sys.stderr, flush=True)


def _prepare() -> None:
    settings = Settings()
    create_app(settings, progress=_say, announce=lambda secrets: report.print_secrets(secrets, settings))
