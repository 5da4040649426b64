"""What a site grants its buyers, what the law of their market asks at least, and what a channel asks of its sellers.

A value is taken from the nearest of four layers: the site's own for the market, the site's own, the shipped one for the
market, the shipped default. The market's law stands over the outcome: it can raise a value or lower it, never the other way.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, ValidationError, model_validator

from knowledge_base.channels import ChannelPolicy, Disputes, read_channels, read_disputes
from knowledge_base.files import Reader
from knowledge_base.schema import Table

Layer = Literal["site and market", "site", "market", "default", "law"]
Values = Mapping[str, object]


class SitePolicy(Table):
    """What buyers are granted. Days of delivery count from dispatch, of a return from delivery, of a refund until the bank shows it."""

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


class LegalFact(Table):
    """One thing that the law of a market fixes, as the least or the most of policy values."""

    id: str
    says: str
    at_least: dict[str, int] = {}
    at_most: dict[str, int] = {}
    source: str
    url: str | None = None
    checked: date
    verified: bool = False

    @model_validator(mode="after")
    def _numbers_of_the_policy(self) -> Self:
        numbers = {name for name, field in SitePolicy.model_fields.items() if field.annotation is int}
        strays = sorted((self.at_least.keys() | self.at_most.keys()) - numbers)
        if strays:
            raise ValueError(f"{strays[0]!r} is no number of the site's policy")
        return self

    def bounded(self, name: str, value: int) -> int:
        """The value, raised or lowered to what the fact allows."""
        raised = max(value, self.at_least.get(name, value))
        return min(raised, self.at_most.get(name, raised))


class Law(Table):
    """The facts that hold in some markets: one file of `content/policies/law/`."""

    markets: tuple[str, ...] = Field(min_length=1)
    fact: tuple[LegalFact, ...] = Field(min_length=1)


class Granted(Table):
    """One value of a resolved policy, the layer that it comes from, and the legal fact where it is the law's."""

    name: str
    value: object
    layer: Layer
    fact: LegalFact | None = None


class Policies(Table):
    """The shipped values, each site's own, the law by market, the channels by name, and the kinds of dispute."""

    default: dict[str, object]
    by_market: dict[str, dict[str, object]] = {}
    sites: dict[str, dict[str, object]] = {}
    sites_by_market: dict[str, dict[str, dict[str, object]]] = {}
    law: dict[str, tuple[LegalFact, ...]] = {}
    channels: dict[str, ChannelPolicy]
    disputes: Disputes

    def channel(self, name: str) -> ChannelPolicy:
        """The channel's rules; a channel without a file is held to the rules of the own shop's API."""
        return self.channels.get(name) or self.channels["api"]

    def granted(self, site: str, market: str | None) -> SitePolicy:
        """What that site grants a buyer of that market; an unknown site is the default one. Raises ValidationError."""
        values: dict[str, object] = {}
        for _, own in reversed(self._layers(site, market)):
            values |= own
        policy = SitePolicy.model_validate(values)
        return policy.model_copy(update={name: value for name, value, _ in self._by_law(policy, market)})

    def with_site(self, site: str, policy: Values) -> "Policies":
        """The same with this site's own values in the place of what it had."""
        own, markets = _split(policy)
        return self.model_copy(
            update={"sites": {**self.sites, site: own}, "sites_by_market": {**self.sites_by_market, site: markets}}
        )

    def faults(self, site: str) -> Iterator[tuple[str, str]]:
        """What is wrong with a site's own values, by place: no such value, not in its range, or less than a market's law."""
        markets = self.sites_by_market.get(site, {})
        for market in (None, *markets):
            yield from self.unresolved(site, market)
        for market, values in markets.items():
            for fact in self.law.get(market, ()):
                for name, value in values.items():
                    if isinstance(value, int) and fact.bounded(name, value) != value:
                        yield f"by_market.{market}.{name}", f"the law says {fact.bounded(name, value)}: {fact.source}"

    def unresolved(self, site: str, market: str | None) -> Iterator[tuple[str, str]]:
        """Values that are not of the policy's form, by place."""
        try:
            self.granted(site, market)
        except ValidationError as error:
            for item in error.errors():
                place = ".".join(str(part) for part in item["loc"])
                yield f"by_market.{market}.{place}" if market else place, item["msg"]

    def explained(self, site: str, market: str | None) -> list[Granted]:
        """The same, value by value, with where each comes from."""
        policy = self.granted(site, market)
        lawful = {name: fact for name, _, fact in self._by_law(self._without_law(site, market), market)}
        found = []
        for name in SitePolicy.model_fields:
            layer: Layer = next((layer for layer, own in self._layers(site, market) if name in own), "default")
            fact = lawful.get(name)
            found.append(Granted(name=name, value=getattr(policy, name), layer="law" if fact else layer, fact=fact))
        return found

    def _without_law(self, site: str, market: str | None) -> SitePolicy:
        return self.model_copy(update={"law": {}}).granted(site, market)

    def _layers(self, site: str, market: str | None) -> list[tuple[Layer, Values]]:
        """Nearest first."""
        key, place = site if site in self.sites else "default", market or ""
        return [
            ("site and market", self.sites_by_market.get(key, {}).get(place, {})),
            ("site", self.sites.get(key, {})),
            ("market", self.by_market.get(place, {})),
            ("default", self.default),
        ]

    def _by_law(self, policy: SitePolicy, market: str | None) -> Iterator[tuple[str, int, LegalFact]]:
        """Values that the market's law changes, each with what it becomes and the fact behind it."""
        for fact in self.law.get(market or "", ()):
            for name in (*fact.at_least, *fact.at_most):
                value: int = getattr(policy, name)
                if fact.bounded(name, value) != value:
                    yield name, fact.bounded(name, value), fact


def read_policies(content: Path, reader: Reader) -> Policies | None:
    """Reads `content/policies/` and the `[policy]` of each site; None where a file is faulty (the faults are kept in `reader`)."""
    path = content / "policies" / "site.toml"
    default, by_market = _split_file(reader.toml(path), path, reader)
    sites, sites_by_market = {}, {}
    for file in sorted((content / "sites").glob("*.toml")):
        own = _table(reader.toml(file).get("policy"))
        sites[file.stem], sites_by_market[file.stem] = _split_file(own, file, reader)
    law = _read_law(content, reader)
    channels, disputes = read_channels(content, reader), read_disputes(content, reader)
    if "api" not in channels or disputes is None:
        return None
    policies = Policies(
        default=default, by_market=by_market, sites=sites, sites_by_market=sites_by_market, law=law, channels=channels, disputes=disputes,
    )  # fmt: skip
    sound = _hold_values(policies, path, reader) and _hold_sites(policies, content, reader)
    return policies if sound else None


def _split_file(table: Values, path: Path, reader: Reader) -> tuple[dict[str, object], dict[str, dict[str, object]]]:
    for place in misplaced(table):
        reader.fault(path, place, "is a table of policy values")
    return _split(table)


def misplaced(table: Values) -> list[str]:
    """Places under `by_market` that are no tables."""
    markets = table.get("by_market", {})
    if not isinstance(markets, dict):
        return ["by_market"]
    return [f"by_market.{market}" for market, values in markets.items() if not isinstance(values, dict)]


def _split(table: Values) -> tuple[dict[str, object], dict[str, dict[str, object]]]:
    """The values of a policy's table, and those of its `by_market`."""
    own = dict(table)
    markets = _table(own.pop("by_market", {}))
    return own, {market: values for market, values in markets.items() if isinstance(values, dict)}


def _table(value: object) -> dict[str, object]:
    return value if isinstance(value, dict) else {}


def _read_law(content: Path, reader: Reader) -> dict[str, tuple[LegalFact, ...]]:
    law: dict[str, tuple[LegalFact, ...]] = {}
    for file in sorted((content / "policies" / "law").glob("*.toml")):
        read = reader.table(Law, reader.toml(file), file)
        for market in read.markets if read else ():
            law[market] = (*law.get(market, ()), *(read.fact if read else ()))
    return law


def _hold_values(policies: Policies, path: Path, reader: Reader) -> bool:
    """The shipped values are whole and valid in every market that they name."""
    shipped = policies.model_copy(update={"sites": {}, "sites_by_market": {}})
    markets = (None, *policies.by_market)
    faults = [fault for market in markets for fault in shipped.unresolved("default", market)]
    for place, detail in faults:
        reader.fault(path, place, detail)
    return not faults


def _hold_sites(policies: Policies, content: Path, reader: Reader) -> bool:
    """A site's values are valid, and what it grants in a market by name is not less than that market's law."""
    faults = [(site, place, detail) for site in policies.sites for place, detail in policies.faults(site)]
    for site, place, detail in faults:
        reader.fault(content / "sites" / f"{site}.toml", f"policy.{place}", detail)
    return not faults
