"""What Prometheus reads: requests and drafts of this process as they come, and what waits in the database. No label names anybody."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy import Engine
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.domain import NOTICES
from app.drafting.drafter import Drafter
from app.store import figures
from app.store.database import reading
from app.store.queue import count_drafts

_Labels = TypeVar("_Labels", bound=tuple[str, ...])
DRAFTING = ("/v1/messages", "/v1/drafts/{draft_id}/regenerate")
WEEK = timedelta(days=7)
SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)  # a draft takes tens of milliseconds


class Metrics:
    """Built once a process."""

    def __init__(self, engine: Engine, drafter: Callable[[], Drafter]) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter("countersign_requests", "Requests by route and status", ("method", "route", "status"), registry=self.registry)  # fmt: skip
        self._drafting = Histogram("countersign_draft_seconds", "From a message to its draft, stored", buckets=SECONDS, registry=self.registry)  # fmt: skip
        self.registry.register(_Stored(engine, drafter))

    def note(self, method: str, route: str, status: int, seconds: float) -> None:
        """One request that was answered."""
        self._requests.labels(method, route, str(status)).inc()
        if route in DRAFTING and status in (200, 201):
            self._drafting.observe(seconds)

    def text(self) -> bytes:
        """All of it in Prometheus' text format."""
        return generate_latest(self.registry)


class _Stored(Collector):
    """Asked at each scrape: a few counts over indexed columns."""

    def __init__(self, engine: Engine, drafter: Callable[[], Drafter]) -> None:
        self._engine, self._drafter = engine, drafter

    def describe(self) -> Iterator[GaugeMetricFamily]:
        """Nothing is asked of the database when the process starts."""
        return iter(())

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """The state of the database and of what serves."""
        with reading(self._engine) as connection:
            drafts, jobs = count_drafts(connection), figures.count_jobs(connection)
            waiting = figures.count_waiting_replies(connection, datetime.now(UTC))
            degraded = figures.count_degraded(connection)
            noticed = figures.count_steps(connection, NOTICES, datetime.now(UTC) - WEEK)
        yield _gauge("countersign_drafts", "Drafts by status", ("status",), {(status,): count for status, count in drafts.items()})  # fmt: skip
        yield _gauge(
            "countersign_outbox_waiting", "Signed replies that nobody has confirmed as sent", (), {(): waiting}
        )
        yield _gauge("countersign_drafts_degraded", "Pending drafts made while a part was missing", (), {(): degraded})
        yield _gauge("countersign_notices", "Sudden rises and drifts of the last seven days", ("type",), noticed)
        yield _gauge("countersign_jobs", "Background work by kind and state; deliveries are among it", ("kind", "state"), jobs)  # fmt: skip
        drafter = self._drafter()
        versions = {**drafter.models.versions, "knowledge": drafter.knowledge.version}
        yield _gauge("countersign_version_info", "What serves", ("part", "version"), dict.fromkeys(versions.items(), 1))


def _gauge(name: str, told: str, labels: Sequence[str], values: Mapping[_Labels, int]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, told, labels=labels)
    for named, value in values.items():
        family.add_metric(named, value)
    return family


class Measured:
    """Counts what is answered, by the route's pattern: a path may name a buyer."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app, self._metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """A stream is counted when it ends."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started, status = time.perf_counter(), 500

        async def measured(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, measured)
        finally:
            route = str(getattr(scope.get("route"), "path", "-"))
            self._metrics.note(scope["method"], route, status, time.perf_counter() - started)
