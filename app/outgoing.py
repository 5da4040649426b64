"""What leaves the house, what systems outside push into it, and what else follows the trail: built and mounted in one place."""

from functools import partial

from fastapi import FastAPI

from app.api import hooks as pushed
from app.api import told, webhooks
from app.chatwoot import Chatwoot
from app.follower import Follower
from app.intake import Intake
from app.outbox import Outbox
from app.outward import Outward
from app.settings import Settings
from app.webhooks import Webhooks


def install(app: FastAPI, settings: Settings) -> None:
    """By which route a reply goes, and who is told of what; after the desk, the jobs and the disputes were built."""
    engine, jobs, desk = app.state.engine, app.state.jobs, app.state.desk
    outward = Outward(settings.call_private_addresses)
    app.state.webhooks = hooks = Webhooks(engine, jobs, desk, outward, partial(told.data_of, desk))
    app.state.intake = Intake(jobs, desk)
    # Its address is named by who runs this machine, and often stands in the same house.
    words = app.state.serving.drafter().knowledge.words
    chatwoot = Chatwoot(engine, jobs, desk, Outward(private=True), settings.chatwoot, words)
    app.state.chatwoot = chatwoot
    outbox = Outbox(engine, jobs, desk, (chatwoot.carry, hooks.carry))
    jobs.every_beat(
        Follower(engine, (hooks.follow, outbox.follow, chatwoot.follow, app.state.disputes.follow)).follow_up
    )
    for router in (webhooks.router, pushed.router):
        app.include_router(router)
