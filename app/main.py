"""create_app(settings): builds every part once and mounts the faces."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from types import FrameType

import uvicorn
from anyio import to_thread
from fastapi import FastAPI
from fastapi_offline import FastAPIOffline

from app import edge, outgoing, samples
from app.access import Access, Bootstrapped
from app.api import (
    accounts,
    analytics,
    buyers,
    disputes,
    drafts,
    errors,
    events,
    gaps,
    generators,
    health,
    jobs,
    keys,
    messages,
    models,
    notices,
    order_events,
    phrases,
    products,
    replies,
    replies_files,
    session,
    sites,
    teaching,
)
from app.api import widget as visits
from app.console import pages
from app.desk import Desk
from app.dispute_steps import DisputeSteps
from app.disputes import Disputes
from app.drafting.drafter import Drafter
from app.drift import Drift
from app.feed import Feed
from app.insights.analytics import Analytics
from app.insights.gaps import Gaps
from app.jobs import Jobs
from app.learning import Learning
from app.library import Library
from app.metrics import Metrics
from app.notices import Notices
from app.outreach import Outreach
from app.parts import Progress, build_backends, build_drafter, load_models, open_registry
from app.privacy import Privacy
from app.products import Products
from app.rewording.step import Rewording
from app.rewording.work import enlist
from app.serving import Promoted, Serving
from app.settings import Settings
from app.sites import Sites
from app.store.database import open_database
from app.teaching import Teaching
from app.visitors import Visitors
from app.widget import demo
from app.widget import pages as widget

ROUTED = (  # where two patterns fit a path, the first one answers
    messages,
    order_events,
    disputes,
    drafts,
    events,
    replies_files,
    replies,
    gaps,
    analytics,
    notices,
    phrases,
    products,
    sites,
    buyers,
    accounts,
    keys,
    generators,
    session,
    jobs,
    teaching,
    models,
    health,
    pages,
    visits,
)
THREADS = 8
"""Requests that a worker works on at a time; others wait for their turn. Drafting is the processor's work: with forty at a
time, the framework's own limit, 32 clients wait no less, some drafts fail on a database that others hold, and each thread's
memory stays with it (608 MiB a worker against 565, November 2026)."""

DESCRIPTION = (
    "Drafts replies to the buyers of cross-border shops, for a person to sign. Nothing reaches a buyer unsigned."
)


def create_app(
    settings: Settings,
    drafter: Drafter | None = None,
    progress: Progress = lambda text: None,
    announce: Callable[[Bootstrapped], None] = lambda secrets: None,
) -> FastAPI:
    """The application, ready to serve. `announce` is told the secrets of a first start, once."""
    app = FastAPIOffline(title="Countersign", version="1", description=DESCRIPTION, lifespan=_lifespan)
    app.state.settings = settings
    app.state.engine = open_database(settings.database)
    shipped = drafter or build_drafter(settings, progress)
    followed = Promoted(open_registry(settings).serving, lambda: load_models(settings)) if drafter is None else None
    app.state.serving = serving = Serving(app.state.engine, shipped, followed)
    app.state.feed = Feed(app.state.engine)
    app.state.jobs = Jobs(app.state.engine, timedelta(seconds=settings.job_lease_seconds))
    app.state.desk = Desk(app.state.engine, serving.drafter, settings)
    enlist(Rewording(app.state.engine, serving.drafter, build_backends(settings)), app.state.jobs)
    app.state.drift = Drift(app.state.engine)
    app.state.teaching = Teaching(app.state.engine)
    app.state.learning = Learning(app.state.engine, app.state.jobs, settings)
    app.state.disputes = Disputes(app.state.engine, lambda: serving.drafter().knowledge)
    outgoing.install(app, settings)
    app.state.outreach = Outreach(app.state.engine, app.state.desk, serving.drafter, settings)
    app.state.dispute_steps = DisputeSteps(app.state.engine, app.state.disputes, app.state.outreach)
    app.state.library = Library(app.state.engine, shipped.knowledge, serving.look_again)
    app.state.products = Products(app.state.engine, shipped.knowledge, serving.look_again)
    app.state.gaps = Gaps(app.state.engine, serving.drafter)
    app.state.analytics = Analytics(app.state.engine, lambda: serving.drafter().knowledge)
    app.state.notices = Notices(
        app.state.engine, app.state.analytics, app.state.drift, lambda: serving.drafter().knowledge
    )
    app.state.notices.look_hourly(app.state.jobs)
    app.state.privacy = Privacy(app.state.engine, settings)
    app.state.privacy.keep_daily(app.state.jobs)
    app.state.metrics = Metrics(app.state.engine, serving.drafter)
    app.state.sites = Sites(app.state.engine, shipped.knowledge, serving.look_again)
    app.state.sites.ensure_keys()
    app.state.visitors = Visitors(
        app.state.engine, app.state.desk, app.state.sites, lambda: serving.drafter().knowledge
    )
    for reply_id, flaws in serving.unfit().items():
        progress(f"the edit of {reply_id} does not fit the shipped content any more and is left out: {flaws[0].detail}")
    app.state.access = Access(app.state.engine, settings)
    secrets = app.state.access.bootstrap()
    if secrets is not None:
        announce(secrets)
        if settings.sample_data:
            progress(f"{samples.fill(app.state.desk, datetime.now(UTC))} sample messages drafted")
    for router in (*(noun.router for noun in ROUTED), visits.agents_router, widget.router, demo.router):
        app.include_router(router)
    pages.mount(app)
    widget.mount(app, shipped.knowledge)
    errors.install(app)
    edge.install(app, settings, app.state.metrics)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    """What runs beside the requests, and ends with them."""
    to_thread.current_default_thread_limiter().total_tokens = THREADS
    app.state.jobs.start()
    yield
    app.state.feed.close()
    await asyncio.to_thread(app.state.jobs.stop)


class _Server(uvicorn.Server):
    """Lets those who listen to the feed go first: a stopping server waits for open streams otherwise."""

    def __init__(self, config: uvicorn.Config, feed: Feed) -> None:
        super().__init__(config)
        self._feed = feed

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """On the signal to stop."""
        self._feed.close()
        super().handle_exit(sig, frame)


def run(app: FastAPI, settings: Settings) -> None:
    """Serves until told to stop; what was taken in is finished first."""
    config = uvicorn.Config(app, host=settings.host, port=settings.port, log_config=None, timeout_graceful_shutdown=20)
    _Server(config, app.state.feed).run()
