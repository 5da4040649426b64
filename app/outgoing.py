"""What leaves the house, and what systems outside push into it: built and mounted in one place."""

from functools import partial

from fastapi import FastAPI

from app.api import told, webhooks
from app.follower import Follower
from app.outbox import Outbox
from app.outward import Outward
from app.settings import Settings
from app.webhooks import Webhooks


def install(app: FastAPI, settings: Settings) -> None:
    """By which route a reply goes, and who is told of what; after the desk and the jobs were built."""
    engine, jobs, desk = app.state.engine, app.state.jobs, app.state.desk
    outward = Outward(settings.call_private_addresses)
    app.state.webhooks = hooks = Webhooks(engine, jobs, desk, outward, partial(told.data_of, desk))
    outbox = Outbox(engine, jobs, desk, (hooks.carry,))
    jobs.every_beat(Follower(engine, (hooks.follow, outbox.follow)).follow_up)
    app.include_router(webhooks.router)
