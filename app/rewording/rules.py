"""What a rewording goes by that is data: rewording.toml beside this file."""

import tomllib
from functools import cache
from pathlib import Path

from app.domain import Value


class Rules(Value):
    """See the remarks in the file."""

    instructions: str
    shown_types: frozenset[str]
    unquoted_intents: frozenset[str]
    nouns_with_capitals: frozenset[str]
    capitals: dict[str, tuple[str, ...]]
    least_likeness: float


@cache
def read_rules() -> Rules:
    """Read once."""
    return Rules.model_validate(tomllib.loads(Path(__file__).with_name("rewording.toml").read_text("utf-8")))
