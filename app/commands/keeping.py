"""buyers | retention | backup | restore: what is kept, how long, and how it comes back."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.commands.shared import (
    fail,
    read_settings,
    say,
)

if TYPE_CHECKING:
    from app.privacy import Privacy


app = typer.Typer()
buyers_app = typer.Typer(help="What is kept of a buyer.", no_args_is_help=True)
retention_app = typer.Typer(help="How long things are kept.", no_args_is_help=True)
app.add_typer(buyers_app, name="buyers")
app.add_typer(retention_app, name="retention")


def _privacy() -> "Privacy":
    from app.privacy import Privacy
    from app.store.database import open_database

    settings = read_settings()
    return Privacy(open_database(settings.database), settings)


@buyers_app.command("export")
def buyers_export(site: str, buyer_id: str) -> None:
    """Prints all that is kept of a buyer, as JSON."""
    from app.errors import NotFound

    try:
        print(json.dumps(_privacy().export_buyer(site, buyer_id), ensure_ascii=False, indent=2))
    except NotFound as error:
        raise fail(error.detail) from error


@buyers_app.command("erase")
def buyers_erase(
    site: str, buyer_id: str, by: Annotated[str, typer.Option(help="Who asks for it, for the trail.")] = "ops"
) -> None:
    """Deletes all that is kept of a buyer, for good."""
    from app.desk import Person

    erased = _privacy().erase_buyer(site, buyer_id, Person(by, "ops"))
    print(f"{erased.receipt}  {erased.conversations} conversations, {erased.messages} messages deleted")


@retention_app.command("run")
def retention_run() -> None:
    """Deletes now what is older than the settings say; a server does it daily."""
    print(json.dumps(_privacy().retain()))


@app.command("backup")
def backup_command(file: Path) -> None:
    """Writes database and trained weights into FILE, while the server runs."""
    from app.backups import BackupError, backup

    try:
        size = backup(read_settings(), file)
    except (BackupError, OSError) as error:
        raise fail(str(error)) from error
    say(f"{file}: {size} bytes")


@app.command("restore")
def restore_command(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False)],
    replace: Annotated[bool, typer.Option("--replace", help="In the place of the database that is there.")] = False,
) -> None:
    """Puts a backup back; a running server goes on with it."""
    from app.backups import BackupError, restore

    try:
        restore(read_settings(), file, replace)
    except (BackupError, OSError) as error:
        raise fail(str(error)) from error
    say("restored; what was erased since the backup was made has to be erased again")
