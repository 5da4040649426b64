"""A site is a shop: what it is called, its clock, who works when, and where its buyers come from."""

from collections.abc import Mapping
from datetime import time
from pathlib import Path
from typing import Annotated, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field, JsonValue, StringConstraints, model_validator

from knowledge_base.files import Reader
from knowledge_base.schema import Table


def _timezone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"{name!r} is no time zone of the IANA database") from error
    return name


def _origin(text: str) -> str:
    """Scheme, host and port as a browser sends them: a path or a star would never match."""
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or text != f"{parts.scheme}://{parts.netloc}":
        raise ValueError("an origin is scheme, host and, where it is not the usual one, port: https://shop.example")
    if "@" in parts.netloc or "*" in parts.netloc or text != text.lower():
        raise ValueError("an origin is exact: no name, no star, small letters")
    return text


def _source(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc:
        raise ValueError("the order source is an http or https address without a name or password in it")
    return text


Line = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f]*$")]
Weekday = Annotated[int, Field(ge=0, le=6)]  # Monday is 0
Origin = Annotated[str, StringConstraints(max_length=300), AfterValidator(_origin)]


class Hours(Table):
    """When people answer, on the site's clock."""

    opens: time
    closes: time

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.opens >= self.closes:
            raise ValueError("it closes after it opens, on the same day")
        return self


class Site(Table):
    """A shop. `policy` holds the values that it changes, and those for one market under `by_market`."""

    name: Line
    signature: Line | None = None  # how letters call the shop; None: by its name
    timezone: Annotated[str, AfterValidator(_timezone)]
    country: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
    weekend: Annotated[tuple[Weekday, ...], Field(max_length=6)] = (5, 6)
    working_hours: Hours | None = None  # None: nothing is promised about hours
    agent_language: Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")] = "en"
    undo_seconds: Annotated[int, Field(ge=0, le=300)] | None = None  # None: the service's setting
    channels: Annotated[tuple[Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,39}$")], ...], Field(max_length=50)] = ()  # none named: all  # fmt: skip
    widget_origins: Annotated[tuple[Origin, ...], Field(max_length=50)] = ()
    order_source: Annotated[str, StringConstraints(max_length=500), AfterValidator(_source)] | None = None
    policy: dict[str, JsonValue] = {}

    @property
    def called(self) -> str:
        """The shop's name in letters."""
        return self.signature or self.name


def read_sites(content: Path, reader: Reader) -> Mapping[str, Site]:
    """Each file of `content/sites/`, by its name; faults are kept in `reader`."""
    found = {path.stem: reader.table(Site, reader.toml(path), path) for path in sorted((content / "sites").glob("*.toml"))}  # fmt: skip
    return {name: site for name, site in found.items() if site}
