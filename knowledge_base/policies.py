"""What a site grants its buyers, and what a marketplace forbids: files with defaults that a site or market overrides."""

from decimal import Decimal
from pathlib import Path
from typing import Literal, Self

from pydantic import Field

from knowledge_base.files import Reader
from knowledge_base.schema import Table


class SitePolicy(Table):
    """The shipped default stands in `content/policies/site.toml`; a site changes single values."""

    dispatch_days: int = Field(ge=0, le=60)
    return_days: int = Field(ge=0, le=400)
    return_shipping: Literal["seller_if_at_fault", "buyer", "seller"]
    refund_days: int = Field(ge=0, le=60)
    damaged: Literal["replacement_or_refund_on_photo", "replacement_on_photo", "refund_on_photo"]
    defective: Literal[
        "replacement_or_refund_on_photo_or_video", "replacement_on_photo_or_video", "refund_on_photo_or_video"
    ]
    wrong_or_missing: Literal["send_or_refund_on_photo", "send_on_photo", "refund_on_photo"]
    lost_parcel: Literal["resend_or_refund", "refund"]
    tracing_days: int = Field(ge=1, le=90)
    tracing_answer_days: int = Field(ge=1, le=90)
    ships_to: tuple[str, ...] | Literal["all"]
    shipping_days: dict[str, tuple[int, int]]
    payment_methods: tuple[str, ...] | Literal["platform"]
    special_requests: tuple[str, ...]
    privacy_days: int = Field(ge=1, le=365)
    protection_extension_days: int = Field(ge=0, le=120)
    max_partial_refund: Decimal = Field(ge=0, le=1)
    coupon: str | None = None
    free_shipping: Literal["standard"] | None
    duties: Literal["buyer", "seller"]
    warranty_months: int = Field(ge=0, le=120)
    sample_credit: bool
    price_adjustment_days: int = Field(ge=0, le=365)
    reply_by_hours: int = Field(ge=1, le=240)
    allowed_hosts: tuple[str, ...]
    by_market: dict[str, dict[str, int | str | bool]] = {}

    def for_market(self, market: str | None) -> Self:
        """The policy with what the law or the shop grants beyond it in that market."""
        changes = self.by_market.get(market or "")
        return self.model_validate(self.model_dump() | changes) if changes else self


class ChannelPolicy(Table):
    """What a marketplace allows in a message. Each rule carries where it was read and whether it was checked at the source."""

    kind: Literal["marketplace", "own"]
    hosts: tuple[str, ...] = ()
    max_chars: int = Field(default=4000, ge=100)
    cuts_at_limit: bool = False
    marketing: bool = True
    coupons: bool = True
    reply_hours: int | None = None
    burst_seconds: int = Field(default=90, ge=0)
    source: str
    checked: str
    verified: bool


class Policies(Table):
    """The shipped site policy and the channels by name."""

    site: SitePolicy
    channels: dict[str, ChannelPolicy]

    def channel(self, name: str) -> ChannelPolicy:
        """The channel's rules; a channel without a file is held to the rules of the own shop's API."""
        return self.channels.get(name) or self.channels["api"]


def read_policies(content: Path, reader: Reader) -> Policies | None:
    """Reads `content/policies/`; None where a file is faulty (the faults are kept in `reader`)."""
    path = content / "policies" / "site.toml"
    site = reader.table(SitePolicy, reader.toml(path), path)
    channels = {}
    for file in sorted((content / "policies" / "channels").glob("*.toml")):
        channel = reader.table(ChannelPolicy, reader.toml(file), file)
        if channel is not None:
            channels[file.stem] = channel
    if "api" not in channels:
        reader.fault(content / "policies" / "channels" / "api.toml", "", "the channel `api` is needed as the fallback")
    return None if site is None or "api" not in channels else Policies(site=site, channels=channels)
