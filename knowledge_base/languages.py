"""What a language needs besides wordings: its tag, direction, typography, and the names of the labels for an agent who reads it."""

from pathlib import Path
from typing import Literal

from pydantic import Field

from knowledge_base.files import Reader
from knowledge_base.schema import Table


class Gist(Table):
    """Words of the one-line account of a buyer's message; `about` and `mentions` take one list each."""

    about: str
    mentions: str
    feeling: str
    unsure: str


class LanguageProfile(Table):
    """One language's `profile.toml`."""

    name: str  # in the language itself
    tag: str  # the tag used where no market says otherwise
    home_market: str | None = (
        None  # the market to assume where nothing tells one, for a language with one dominant market
    )
    script: str
    direction: Literal["ltr", "rtl"] = "ltr"
    quotes: tuple[str, str]
    regional_quotes: dict[str, tuple[str, str]] = {}  # full tag -> quotes, where a region writes others
    joiner: Literal[" ", ""]  # what stands between two sentences
    list_mark: str = "– "
    date_skeleton: str = "MMMMd"  # CLDR skeleton of a date within the year
    like: dict[str, str] = {}  # full tag -> the tag whose regional words it shares (`en-AU` says what `en-GB` says)
    countries: dict[str, str] = {}  # by market, where people use a shorter name than CLDR's official one
    intents: dict[str, str]
    emotions: dict[str, str]
    conduct: dict[str, str]
    gist: Gist
    pattern_note: str = Field(default="", description="remarks for writers; not shown to anyone")

    def region(self, tag: str) -> str:
        """The tag under which the words of a full tag's region are filed."""
        return self.like.get(tag, tag)

    def quotes_in(self, tag: str) -> tuple[str, str]:
        """The quotes of a full tag such as `de-CH`."""
        return self.regional_quotes.get(self.region(tag), self.quotes)


def read_languages(content: Path, reader: Reader) -> dict[str, LanguageProfile]:
    """All languages that have a `profile.toml`, by bare code."""
    found = {}
    for path in sorted((content / "languages").glob("*/profile.toml")):
        profile = reader.table(LanguageProfile, reader.toml(path), path)
        if profile is not None:
            found[path.parent.name] = profile
    return found
