"""Who may come in: keys, passwords, sessions. Roles and scopes are the contract's."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from sqlalchemy import Connection, Engine

from app.desk import Person
from app.errors import Conflict, Forbidden, NotFound, Pointer, TooManyRequests, Unauthenticated
from app.settings import Settings
from app.store import accounts, ledger
from app.store.accounts import Account, StoredKey
from app.store.database import hold, reading, writing

SCOPES = ("messages", "analyze", "drafts", "products", "order_events", "knowledge", "metrics")
ATTEMPTS, WINDOW = 8, timedelta(minutes=1)  # failed sign-ins per name and address before a pause
TOUCH_EVERY = timedelta(minutes=5)  # a key's last use is noted no more often, to keep writes off the hot path


@dataclass(frozen=True, slots=True)
class Principal:
    """Whoever makes a request: a person or an integration, and how they came in."""

    name: str
    role: str  # integration | agent | ops
    scopes: tuple[str, ...]
    language: str
    csrf: str | None = None  # set for a session, whose writes must send it back
    account_id: str | None = None

    @property
    def person(self) -> Person:
        """As the desk knows them."""
        return Person(self.name, self.role)

    def need_scope(self, scope: str) -> None:
        """People may do what any integration may; an integration what its scopes say."""
        if self.role == "integration" and scope not in self.scopes:
            raise Forbidden(f"this key has no scope {scope!r}")

    def need_manager(self, scope: str) -> None:
        """Running a shop's data is for ops, and for integrations whose scope says so."""
        self.need_scope(scope)
        if self.role == "agent":
            raise Forbidden("this needs the role ops")

    def need_agent(self) -> None:
        """Signing is for people."""
        if self.role == "integration":
            raise Forbidden("an integration never signs; use an agent's session or personal key")

    def need_ops(self) -> None:
        """Running the service is for ops."""
        if self.role != "ops":
            raise Forbidden("this needs the role ops")


@dataclass(frozen=True, slots=True)
class Bootstrapped:
    """The secrets of a first start; None where they were given and must not be printed."""

    password: str | None
    key: str | None


@dataclass(frozen=True, slots=True)
class AccountChange:
    """What changes of an account; None: it stays."""

    role: str | None = None
    language: str | None = None
    password: str | None = None
    disabled: bool | None = None


class Access:
    """Checks secrets against what is stored."""

    def __init__(self, engine: Engine, settings: Settings) -> None:
        self._engine, self._settings = engine, settings
        self._hasher = PasswordHasher()

    def bootstrap(self) -> Bootstrapped | None:
        """On an empty database: an ops account and an integration key. None where there are accounts already."""
        now = datetime.now(UTC)
        given_password, given_key = self._settings.bootstrap_password, self._settings.bootstrap_key
        password = given_password.get_secret_value() if given_password else secrets.token_urlsafe(12)
        key = given_key.get_secret_value() if given_key else f"sk_{secrets.token_urlsafe(32)}"
        hashed = self._hasher.hash(password)
        with writing(self._engine) as connection:
            hold(connection, "first start")
            if accounts.count_accounts(connection):
                return None
            accounts.add_account(connection, "ops", hashed, "ops", "en", now)
            accounts.add_key(connection, "first integration", key, "integration", SCOPES, now)
            ledger.record(connection, "countersign", "bootstrap", "accounts", now)
        return Bootstrapped(None if given_password else password, None if given_key else key)

    def by_key(self, secret: str) -> Principal:
        """Raises Unauthenticated where no key in force has that secret."""
        now = datetime.now(UTC)
        with reading(self._engine) as connection:
            key = accounts.find_key(connection, secret, now)
            owner = accounts.get_account(connection, key.account_id) if key and key.account_id else None
        if key is None or (owner and owner.disabled_at):
            raise Unauthenticated("the key is unknown or revoked")
        if key.last_used_at is None or now - key.last_used_at > TOUCH_EVERY:
            with writing(self._engine) as connection:
                accounts.touch_key(connection, key.id, now)
        if owner is not None:
            return Principal(owner.name, owner.role, (), owner.language, account_id=owner.id)
        return Principal(key.name, key.role, key.scopes, "en")

    def by_session(self, token: str) -> Principal:
        """Raises Unauthenticated where the session has run out."""
        with reading(self._engine) as connection:
            found = accounts.find_session(connection, token, datetime.now(UTC))
        if found is None:
            raise Unauthenticated("the session has ended; sign in again")
        account, csrf = found
        return Principal(account.name, account.role, (), account.language, csrf, account.id)

    def sign_in(self, name: str, password: str, address: str) -> tuple[str, str, Account]:
        """Session token, CSRF token and account. Raises Unauthenticated, or TooManyRequests after failed attempts."""
        with reading(self._engine) as connection:
            self._slow_down(connection, f"{name}|{address}")
            account = accounts.find_account(connection, name)
        matches = self._matches(account.password_hash if account else _NOBODY, password)
        if not matches or account is None or account.disabled_at:
            with writing(self._engine) as connection:
                accounts.note_failure(connection, f"{name}|{address}", datetime.now(UTC), WINDOW)
            raise Unauthenticated("name or password is wrong")
        token, csrf = secrets.token_urlsafe(32), secrets.token_urlsafe(24)
        now = datetime.now(UTC)
        with writing(self._engine) as connection:
            accounts.end_old_sessions(connection, now)
            accounts.add_session(
                connection, account.id, token, csrf, now + timedelta(hours=self._settings.session_hours)
            )
            ledger.record(connection, name, "session.started", account.id, now)
        return token, csrf, account

    def sign_out(self, token: str) -> None:
        """Ends the session."""
        with writing(self._engine) as connection:
            accounts.end_session(connection, token)

    def _matches(self, hashed: str, password: str) -> bool:
        """The same work for a name that does not exist, so that answers' times tell nothing."""
        try:
            return self._hasher.verify(hashed, password)
        except (VerifyMismatchError, InvalidHashError):
            return False

    def _slow_down(self, connection: Connection, who: str) -> None:
        now = datetime.now(UTC)
        failures = accounts.list_failures(connection, who, now - WINDOW)
        if len(failures) >= ATTEMPTS:
            wait = int((failures[0] + WINDOW - now).total_seconds()) + 1
            raise TooManyRequests("too many failed attempts; wait a minute", wait)

    # --- keys --------------------------------------------------------------------------------------------------------

    def create_key(
        self, name: str, role: str, scopes: Sequence[str], by: str = "ops", account_id: str | None = None
    ) -> tuple[str, str]:
        """The new key's id and its secret, which is shown this once. With `account_id` it is that person's own."""
        now = datetime.now(UTC)
        with writing(self._engine) as connection:
            return self._add_key(connection, name, role, scopes, account_id, by, now)

    def list_keys(self, account_id: str | None = None) -> Sequence[StoredKey]:
        """All keys, or one person's own, without secrets."""
        with reading(self._engine) as connection:
            found = accounts.list_keys(connection)
        return [key for key in found if account_id in (None, key.account_id)]

    def get_key(self, key_id: str) -> StoredKey:
        """Raises NotFound."""
        with reading(self._engine) as connection:
            key = accounts.get_key(connection, key_id)
        if key is None:
            raise NotFound("there is no such key")
        return key

    def rotate_key(self, key_id: str, by: str, grace: timedelta = timedelta()) -> tuple[str, str]:
        """Another key with the same rights; the old one ends after `grace`. Raises NotFound where none in force has that id."""
        now = datetime.now(UTC)
        with writing(self._engine) as connection:
            key = accounts.get_key(connection, key_id)
            if key is None or not accounts.revoke_key(connection, key_id, now, now + grace):
                raise NotFound("no key in force has that id")
            ledger.record(connection, by, "key.rotated", key_id, now)
            return self._add_key(connection, key.name, key.role, key.scopes, key.account_id, by, now)

    def revoke_key(self, key_id: str, by: str = "ops") -> bool:
        """False where no key in force has that id."""
        now = datetime.now(UTC)
        with writing(self._engine) as connection:
            revoked = accounts.revoke_key(connection, key_id, now)
            if revoked:
                ledger.record(connection, by, "key.revoked", key_id, now)
            return revoked

    def _add_key(
        self, connection: Connection, name: str, role: str, scopes: Sequence[str], account_id: str | None, by: str, now: datetime
    ) -> tuple[str, str]:  # fmt: skip
        secret = f"sk_{secrets.token_urlsafe(32)}"
        key_id = accounts.add_key(connection, name, secret, role, scopes, now, account_id)
        ledger.record(connection, by, "key.created", key_id, now, name=name, role=role)
        return key_id, secret

    # --- accounts ----------------------------------------------------------------------------------------------------

    def create_account(self, name: str, password: str, role: str, language: str = "en", by: str = "ops") -> str:
        """The new account's id; raises Conflict where the name is taken."""
        now, hashed = datetime.now(UTC), self._hasher.hash(password)
        with writing(self._engine) as connection:
            hold(connection, f"account {name}")
            if accounts.find_account(connection, name) is not None:
                raise Conflict("there is an account of that name", (Pointer("/name", "already used"),))
            account_id = accounts.add_account(connection, name, hashed, role, language, now)
            ledger.record(connection, by, "account.created", account_id, now, role=role)
        return account_id

    def list_accounts(self) -> Sequence[Account]:
        """All of them by name, disabled ones too."""
        with reading(self._engine) as connection:
            return accounts.list_accounts(connection)

    def get_account(self, account_id: str) -> Account:
        """Raises NotFound."""
        with reading(self._engine) as connection:
            return _known(accounts.get_account(connection, account_id))

    def change_account(self, account_id: str, change: AccountChange, by: str) -> Account:
        """What is not None is changed. Raises Conflict where no ops would be left. A new password and disabling end the sessions."""
        hashed = (
            self._hasher.hash(change.password) if change.password is not None else None
        )  # before any lock: it takes its time
        now = datetime.now(UTC)
        with writing(self._engine) as connection:
            account = _known(accounts.get_account(connection, account_id))
            self._keep_an_ops(connection, account, change)
            given = {"role": change.role, "language": change.language, "password_hash": hashed}
            values: dict[str, str | datetime | None] = {
                name: value for name, value in given.items() if value is not None
            }
            if change.disabled is not None:
                values["disabled_at"] = (account.disabled_at or now) if change.disabled else None
            if values:
                accounts.change_account(connection, account_id, **values)
                ledger.record(connection, by, "account.changed", account_id, now, changed=sorted(values))
            if hashed is not None or change.disabled:
                accounts.end_sessions_of(connection, account_id)
            return _known(accounts.get_account(connection, account_id))

    def _keep_an_ops(self, connection: Connection, account: Account, change: AccountChange) -> None:
        leaves = change.disabled or change.role not in (None, "ops")
        if account.role == "ops" and not account.disabled_at and leaves and accounts.count_ops(connection) == 1:
            raise Conflict("the last ops account cannot be disabled, nor made an agent's")

    def set_password(self, name: str, password: str) -> bool:
        """False where there is no such account."""
        with writing(self._engine) as connection:
            return accounts.set_password(connection, name, self._hasher.hash(password))

    def set_language(self, account_id: str, language: str) -> None:
        """In which language an account's console and explanations are."""
        with writing(self._engine) as connection:
            accounts.set_language(connection, account_id, language)


def _known(account: Account | None) -> Account:
    if account is None:
        raise NotFound("there is no such account")
    return account


_NOBODY = PasswordHasher().hash("nobody has this password: " + secrets.token_hex(8))
