"""When the shop writes first: which reply answers an event, and the rules that keep it from being drafted."""

from collections.abc import Mapping
from datetime import time
from pathlib import Path
from typing import Literal

from pydantic import Field

from knowledge_base.channels import Ban
from knowledge_base.files import Reader
from knowledge_base.phrases import PhraseSpec
from knowledge_base.replies import Replies
from knowledge_base.schema import Table

About = Literal["order", "product", "season", "buyer", "step"]


class EventRule(Table):
    """One kind of event. It is drafted once for the order, product, season, buyer or step of a case that it is `about`."""

    reply: str
    about: About
    statuses: tuple[str, ...] = ()  # of the order; empty: any
    forbidden_by: tuple[Ban, ...] = ()
    matters: bool = False  # the buyer waits for this news: neither a complaint nor the frequency holds it back
    asked: bool = False  # by an agent, from a case; no shop's system tells it
    days_since_delivery: int | None = Field(default=None, ge=1)


class Season(Table):
    """Greeted from `days_before` one of the holidays until `until_before` it, where the market keeps it."""

    holidays: tuple[str, ...] = Field(min_length=1)  # any part of their English names
    days_before: int = Field(ge=0, le=60)
    until_before: int = Field(default=0, ge=0)
    markets: tuple[str, ...] = ()  # empty: any


class OutreachRules(Table):
    """`content/policies/outreach.toml`."""

    quiet_from: time
    quiet_until: time
    most: int = Field(ge=1)
    within_days: int = Field(ge=1)
    complaint_days: int = Field(ge=0)
    complaints: tuple[str, ...]
    events: dict[str, EventRule]
    seasons: dict[str, Season]


def read_outreach(
    content: Path, replies: Replies, phrases: Mapping[str, PhraseSpec], reader: Reader
) -> OutreachRules | None:
    """None where the file is faulty (the faults are kept in `reader`); every event, reply, intent and season that it names is there."""
    path = content / "policies" / "outreach.toml"
    rules = reader.table(OutreachRules, reader.toml(path), path)
    if rules is None:
        return None
    events = {situation.id: situation.event for situation in replies.situations()}
    for name, rule in rules.events.items():
        if events.get(rule.reply) != name:
            reader.fault(path, f"events.{name}.reply", f"{rule.reply!r} does not answer this event")
    for missing in sorted({event for event in events.values() if event} - rules.events.keys()):
        reader.fault(path, "events", f"the event {missing!r} is missing")
    for stray in sorted(set(rules.complaints) - replies.intents.keys()):
        reader.fault(path, "complaints", f"unknown intent {stray!r}")
    for stray in sorted({f"season.{name}" for name in rules.seasons} - phrases.keys()):
        reader.fault(path, "seasons", f"no phrase {stray!r}")
    return rules
