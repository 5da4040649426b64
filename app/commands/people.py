"""keys | accounts: who may come in."""

from typing import TYPE_CHECKING, Annotated

import typer

from app.commands.shared import fail, read_settings

if TYPE_CHECKING:
    from app.access import Access


app = typer.Typer()
keys_app = typer.Typer(help="Keys of integrations and people.", no_args_is_help=True)
accounts_app = typer.Typer(help="People who sign in.", no_args_is_help=True)
app.add_typer(keys_app, name="keys")
app.add_typer(accounts_app, name="accounts")


def _access() -> "Access":
    from app.access import Access
    from app.store.database import open_database

    settings = read_settings()
    return Access(open_database(settings.database), settings)


@keys_app.command("create")
def keys_create(name: str, role: str = "integration", scopes: str = "messages,analyze,drafts") -> None:
    """Makes a key and prints it once."""
    from app.access import SCOPES

    wanted = tuple(part.strip() for part in scopes.split(",") if part.strip())
    if role not in ("integration", "agent", "ops") or any(scope not in SCOPES for scope in wanted):
        raise fail(f"role is integration, agent or ops; scopes are of: {', '.join(SCOPES)}")
    key_id, secret = _access().create_key(name, role, wanted)
    print(f"{key_id}  {secret}")


@keys_app.command("list")
def keys_list() -> None:
    """All keys without their secrets."""
    for key in _access().list_keys():
        state = "revoked" if key.revoked_at else "in force"
        print(f"{key.id}  {key.prefix}...  {key.role}  {','.join(key.scopes)}  {state}  {key.name}")


@keys_app.command("revoke")
def keys_revoke(key_id: str) -> None:
    """Ends a key at once."""
    if not _access().revoke_key(key_id):
        raise fail("no key in force has that id")


@accounts_app.command("create")
def accounts_create(
    name: str,
    role: str = "agent",
    language: str = "en",
    password: Annotated[str, typer.Option(prompt=True, hide_input=True, confirmation_prompt=True)] = "",
) -> None:
    """Makes an account."""
    if role not in ("agent", "ops") or len(password) < 8:
        raise fail("role is agent or ops; a password has at least eight characters")
    print(_access().create_account(name, password, role, language))


@accounts_app.command("password")
def accounts_password(
    name: str, password: Annotated[str, typer.Option(prompt=True, hide_input=True, confirmation_prompt=True)] = ""
) -> None:
    """Sets a new password; the account's sessions end."""
    if len(password) < 8:
        raise fail("a password has at least eight characters")
    if not _access().set_password(name, password):
        raise fail("there is no such account")
