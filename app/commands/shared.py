"""What the commands share: how they speak, what they read, the kinds of options."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer
from pydantic import ValidationError

from app.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

    from app.drafting.drafter import Drafter

T = TypeVar("T")
Json = Annotated[bool, typer.Option("--json", help="Print the contract's object.")]
Market = Annotated[str | None, typer.Option(help="The buyer's country, ISO 3166-1 alpha-2.")]
Language = Annotated[str | None, typer.Option(help="A bare language code: only words of this one.")]
FileFormat = Annotated[str | None, typer.Option(help="yaml, jsonl or csv; otherwise the file's name tells.")]
OrderFile = Annotated[
    Path | None, typer.Option("--order", help="A JSON file with the order.", exists=True, dir_okay=False)
]


def say(text: str) -> None:
    """Progress goes to standard error, so that standard output can be piped."""
    print(f"countersign: {text}", file=sys.stderr, flush=True)


def fail(text: str) -> typer.Exit:
    """Prints what is wrong; the command ends with 2."""
    print(f"countersign: {text}", file=sys.stderr)
    return typer.Exit(2)


def read_settings() -> Settings:
    """From the environment; what is wrong there ends the command."""
    try:
        return Settings()
    except ValidationError as error:
        raise fail(
            "; ".join(f"COUNTERSIGN_{str(item['loc'][0]).upper()}: {item['msg']}" for item in error.errors())
        ) from error


def load_drafter() -> "Drafter":
    """As the server drafts, edits of this data folder and all."""
    from app.parts import build_drafter
    from app.store.edits import read_edits
    from knowledge_base.errors import KnowledgeError
    from models.encoder import EncoderError
    from models.registry import RegistryError
    from models.storage import WeightsError

    settings = read_settings()
    try:
        shipped = build_drafter(settings, lambda text: None if text.startswith(("reading", "loading")) else say(text))
    except (KnowledgeError, EncoderError, WeightsError, RegistryError) as error:
        raise fail(str(error)) from error
    edits = read(settings, read_edits)
    return shipped.edited(edits) if edits else shipped


def read(settings: Settings, read: "Callable[[Connection], T]") -> "T | None":
    """What the database holds; None where there is none yet (looking makes none)."""
    from app.store.database import open_database, reading

    if not settings.database_url and not settings.database_file.exists():
        return None
    with reading(open_database(settings.database)) as connection:
        return read(connection)
