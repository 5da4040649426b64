"""What a channel asks of its sellers: what may not stand in a message, how long it may be, what is due by when, what proves what.

Every rule names a source of its file, and the source says when it was read and whether somebody checked it where it is
published: rules of marketplaces change several times a year, and most are known second-hand only.
"""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Literal, Self, get_args

from pydantic import Field, field_validator, model_validator

from knowledge_base.files import Reader
from knowledge_base.schema import Predicate, Table

Ban = Literal[
    "contact", "outside_links", "outside_payment", "marketing", "coupons", "review_incentive", "review_request", "ask_to_cancel", "automatic_reply", "mass_text", "empty_reply",
]  # fmt: skip
Step = Literal["first_answer", "dispute_answer", "negotiation", "evidence", "return_check", "appeal"]
Since = Literal["message", "dispute", "platform_request", "return_address", "return_arrival", "decision"]
Otherwise = Literal["counted_late", "buyer_wins", "platform_decides", "lost"]
DisputeKind = Literal[
    "customs_hold", "in_transit", "returned", "other_address", "shown_delivered", "no_tracking", "refused",
    "differs", "quality", "counterfeit", "too_few", "damaged",
]  # fmt: skip
Proof = Literal[
    "customs_notice", "export_papers", "tracking_page", "carrier_letter", "dispatch_receipt", "delivery_proof", "address_match", "signature", "return_record", "resend_record",
    "refusal_record", "buyer_consent", "listing", "packing_photo", "weight_record", "item_photo", "serial_number", "quality_report", "purchase_invoice", "brand_licence", "chat",
]  # fmt: skip
UNKNOWN_LENGTH = 4000  # characters from which a text is called too long where the channel's limit is not known
DISPUTE_KINDS: tuple[DisputeKind, ...] = get_args(DisputeKind)
STEPS: tuple[Step, ...] = get_args(Step)


class Source(Table):
    """Where rules were read. `verified` is true only where somebody opened the publisher's page on that day and found it so."""

    title: str
    url: str | None = None
    checked: date
    verified: bool = False


class Rule(Table):
    """`source` is a key of the file's sources."""

    source: str


class Length(Rule):
    """Characters that a message may have; `cuts` where the channel drops or refuses the rest."""

    chars: int = Field(ge=100)
    cuts: bool = False


class Prohibition(Rule):
    """What a finding of the kind does to a draft."""

    status: Literal["warn", "block"] = "block"


class Deadline(Rule):
    """A time limit: exactly one of hours, days, working days (Monday to Friday), counted from what `since` says."""

    hours: int | None = Field(default=None, ge=1)
    days: int | None = Field(default=None, ge=1)
    working_days: int | None = Field(default=None, ge=1)
    since: Since
    otherwise: Otherwise

    @model_validator(mode="after")
    def _one_length(self) -> Self:
        if sum(value is not None for value in (self.hours, self.days, self.working_days)) != 1:
            raise ValueError("give exactly one of hours, days, working_days")
        return self


class Evidence(Rule):
    """What the seller keeps and hands in for one kind of dispute, most telling first."""

    keep: tuple[Proof, ...] = Field(min_length=1)


class ChannelPolicy(Table):
    """One channel's rules."""

    kind: Literal["marketplace", "own"]
    name: str
    hosts: tuple[str, ...] = ()
    burst_seconds: int = Field(default=90, ge=0)
    length: Length | None = None  # None: the limit is not known
    sources: dict[str, Source] = Field(min_length=1)
    bans: dict[Ban, Prohibition] = {}
    deadlines: dict[Step, Deadline] = {}
    evidence: dict[DisputeKind, Evidence] = {}

    @model_validator(mode="after")
    def _sources_fit(self) -> Self:
        named = {rule.source for rule in self.rules()}
        for stray in sorted(named - self.sources.keys()):
            raise ValueError(f"no source is called {stray!r}")
        for idle in sorted(self.sources.keys() - named):
            raise ValueError(f"no rule names the source {idle!r}")
        return self

    def rules(self) -> Iterator[Rule]:
        """Every rule of the file."""
        if self.length is not None:
            yield self.length
        yield from self.bans.values()
        yield from self.deadlines.values()
        yield from self.evidence.values()

    @property
    def max_chars(self) -> int:
        """Characters of the longest message."""
        return self.length.chars if self.length else UNKNOWN_LENGTH

    @property
    def cuts_at_limit(self) -> bool:
        """Whether a longer message would not arrive whole."""
        return bool(self.length and self.length.cuts)

    @property
    def coupons(self) -> bool:
        """Whether a coupon may be offered in a message."""
        return "coupons" not in self.bans

    @property
    def reply_hours(self) -> int | None:
        """Hours within which an answer is counted as in time, or None."""
        first = self.deadlines.get("first_answer")
        return first.hours if first else None


class Dispute(Table):
    """One kind of dispute: its group, and what proves the seller's side on any channel, most telling first."""

    group: Literal["not_received", "not_as_agreed"]
    keep: tuple[Proof, ...] = Field(min_length=1)


class Sign(Table):
    """What points to a kind: one of the intents, where the conditions hold, and where `disputed` only in an open or announced dispute."""

    kind: DisputeKind
    intents: tuple[str, ...] = Field(min_length=1)
    disputed: bool = False
    conditions: tuple[Predicate, ...] = Field(default=(), alias="when")

    @field_validator("conditions", mode="before")
    @classmethod
    def _parse(cls, value: list[str]) -> list[Predicate]:
        return [Predicate.parse(text) for text in value]


class Disputes(Table):
    """All kinds, and the signs in the order in which they are tried."""

    source: Source
    kinds: dict[DisputeKind, Dispute]
    sign: tuple[Sign, ...]

    @model_validator(mode="after")
    def _all_kinds(self) -> Self:
        missing = [kind for kind in DISPUTE_KINDS if kind not in self.kinds]
        if missing:
            raise ValueError(f"the kind {missing[0]!r} is missing")
        return self


def read_channels(content: Path, reader: Reader) -> dict[str, ChannelPolicy]:
    """Every file of `content/policies/channels/` by its name, which is the channel's id."""
    channels = {}
    for file in sorted((content / "policies" / "channels").glob("*.toml")):
        channel = reader.table(ChannelPolicy, reader.toml(file), file)
        if channel is not None:
            channels[file.stem] = channel
    if "api" not in channels:
        reader.fault(content / "policies" / "channels" / "api.toml", "", "the channel `api` is needed as the fallback")
    return channels


def read_disputes(content: Path, reader: Reader) -> Disputes | None:
    """`content/policies/disputes.toml`; None where it is faulty (the faults are kept in `reader`)."""
    path = content / "policies" / "disputes.toml"
    return reader.table(Disputes, reader.toml(path), path)
