"""Market profiles: how a reply sounds where it is read. A market's file inherits from its family and changes what differs."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from knowledge_base.files import Reader, Toml
from knowledge_base.schema import Table

Reason = dict[str, str]  # agent language -> one sentence; English is always there


class Rule(Table):
    """One choice of manner, with the reason that an agent is shown."""

    reason: Reason = Field(min_length=1)


class Salutation(Rule):
    """Which salutation, and what of the buyer's name stands in it."""

    value: Literal["formal", "warm"]
    name: Literal["full", "first", "none"]


class Opening(Rule):
    """What stands before the matter of a message that shows no feeling."""

    value: Literal["thanks", "formula", "none"]


class Order(Rule):
    """Whether an upset buyer's feeling comes before the answer (everywhere) and a calm buyer's thanks too."""

    value: Literal["feeling_first", "answer_first"]


class Facts(Rule):
    """Whether consecutive facts stand as lines or run as prose."""

    value: Literal["lines", "prose"]


class Apologies(Rule):
    """How many apologies one letter may hold."""

    value: Annotated[int, Field(ge=1, le=2)]


class Closing(Rule):
    """Which valediction."""

    value: Literal["formal", "warm"]


class Signature(Rule):
    """Who signs: the team, or the agent by name."""

    value: Literal["team", "agent"]


class Avoid(Rule):
    """Something that a text for this market should not contain; a warning, never a change of facts."""

    kind: Literal["number", "text"]
    value: str


class Manner(Table):
    """The rules of one (market, language); their ids are the field names."""

    salutation: Salutation
    opening: Opening
    order: Order
    facts: Facts
    apologies: Apologies
    closing: Closing
    signature: Signature


class Profile(Table):
    """One market: its languages, clock and manner."""

    market: str
    family: str
    languages: tuple[str, ...] = Field(min_length=1)  # full tags, first is the default, last the fallback
    timezone: str
    weekend: tuple[int, ...] = (5, 6)  # Monday is 0
    response_hours: int = Field(ge=1)
    first_concern: tuple[str, ...] = ()
    manner: Manner
    avoid: dict[str, Avoid] = {}
    by_language: dict[str, dict[str, dict[str, object]]] = {}

    def manner_in(self, language: str) -> Manner:
        """The manner for one language of the market; `language` is the bare code."""
        changes = self.by_language.get(language)
        return Manner.model_validate(_merge(self.manner.model_dump(), changes)) if changes else self.manner

    def reply_tag(self, language: str) -> str | None:
        """The market's full tag of a bare language code (`pt` -> `pt-PT` in Portugal), or None where it has none."""
        return next((tag for tag in self.languages if tag.partition("-")[0] == language), None)


DEFAULT_MARKET = "ZZ"  # CLDR's code for an unknown territory: what a stranger from anywhere can read


class Profiles(Table):
    """Profiles by market."""

    by_market: dict[str, Profile]

    def get(self, market: str | None) -> Profile:
        """The market's profile, or the neutral one where it has none (`known` tells which)."""
        return self.by_market.get(market or "") or self.by_market[DEFAULT_MARKET]

    def known(self, market: str | None) -> bool:
        """Whether the market has a profile of its own."""
        return market in self.by_market


def read_profiles(content: Path, reader: Reader) -> Profiles | None:
    """Reads `content/families/` and `content/markets/`; None where no default profile could be read."""
    families = {path.stem: reader.toml(path) for path in sorted((content / "families").glob("*.toml"))}
    profiles: dict[str, Profile] = {}
    for path in sorted((content / "markets").glob("*.toml")):
        own = reader.toml(path)
        family = str(own.get("family", ""))
        if family not in families:
            reader.fault(path, "family", f"no file {family}.toml in content/families")
            continue
        profile = reader.table(Profile, _merge(families[family], own) | {"market": path.stem}, path)
        if profile is not None:
            profiles[path.stem] = profile
    if DEFAULT_MARKET not in profiles:
        reader.fault(content / "markets" / f"{DEFAULT_MARKET}.toml", "", "the neutral profile is needed")
        return None
    return Profiles(by_market=profiles)


def _merge(base: Mapping[str, object], own: Mapping[str, object]) -> Toml:
    """Tables are merged key by key; everything else in `own` replaces what the base has."""
    merged: Toml = dict(base)
    for key, value in own.items():
        held = merged.get(key)
        merged[key] = _merge(held, value) if isinstance(held, dict) and isinstance(value, dict) else value
    return merged
