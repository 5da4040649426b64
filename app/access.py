"""Who may come in: keys, passwords, sessions. Roles and scopes are the contract's."""

import secrets
import time
from collections import defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Lock

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from sqlalchemy import Engine

from app.desk import Person
from app.errors import Forbidden, TooManyRequests, Unauthenticated
from app.settings import Settings
from app.store import accounts, ledger
from app.store.accounts import Account, StoredKey
from app.store.database import reading, writing

SCOPES = ("messages", "analyze", "drafts", "products", "order_events", "knowledge")
ATTEMPTS, WINDOW_S = 8, 60  # failed sign-ins per name and address before a pause
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


class Access:
    """Checks secrets against what is stored; counts failed attempts in memory."""

    def __init__(self, engine: Engine, settings: Settings) -> None:
        self._engine, self._settings = engine, settings
        self._hasher = PasswordHasher()
        self._failures: dict[str, deque[float]] = defaultdict(deque)
        self._lock = Lock()

    def bootstrap(self) -> Bootstrapped | None:
        """On an empty database: an ops account and an integration key. None where there are accounts already."""
        now = datetime.now(UTC)
        given_password, given_key = self._settings.bootstrap_password, self._settings.bootstrap_key
        password = given_password.get_secret_value() if given_password else secrets.token_urlsafe(12)
        key = given_key.get_secret_value() if given_key else f"sk_{secrets.token_urlsafe(32)}"
        hashed = self._hasher.hash(password)
        with writing(self._engine) as connection:
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
            key = accounts.find_key(connection, secret)
        if key is None:
            raise Unauthenticated("the key is unknown or revoked")
        if key.last_used_at is None or now - key.last_used_at > TOUCH_EVERY:
            with writing(self._engine) as connection:
                accounts.touch_key(connection, key.id, now)
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
        self._slow_down(f"{name}|{address}")
        with reading(self._engine) as connection:
            account = accounts.find_account(connection, name)
        if not self._matches(account.password_hash if account else _NOBODY, password) or account is None:
            with self._lock:
                self._failures[f"{name}|{address}"].append(time.monotonic())
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

    def _slow_down(self, who: str) -> None:
        with self._lock:
            failures = self._failures[who]
            now = time.monotonic()
            while failures and now - failures[0] > WINDOW_S:
                failures.popleft()
            if len(failures) >= ATTEMPTS:
                raise TooManyRequests(
                    "too many failed attempts; wait a minute", int(WINDOW_S - (now - failures[0])) + 1
                )

    # --- keys and accounts, for ops ----------------------------------------------------------------------------------

    def create_key(self, name: str, role: str, scopes: Sequence[str]) -> tuple[str, str]:
        """The new key's id and its secret, which is shown this once."""
        secret = f"sk_{secrets.token_urlsafe(32)}"
        now = datetime.now(UTC)
        with writing(self._engine) as connection:
            key_id = accounts.add_key(connection, name, secret, role, scopes, now)
            ledger.record(connection, "ops", "key.created", key_id, now, name=name, role=role)
        return key_id, secret

    def list_keys(self) -> Sequence[StoredKey]:
        """All keys, without secrets."""
        with reading(self._engine) as connection:
            return accounts.list_keys(connection)

    def revoke_key(self, key_id: str) -> bool:
        """False where no key in force has that id."""
        now = datetime.now(UTC)
        with writing(self._engine) as connection:
            ledger.record(connection, "ops", "key.revoked", key_id, now)
            return accounts.revoke_key(connection, key_id, now)

    def create_account(self, name: str, password: str, role: str, language: str = "en") -> str:
        """The new account's id."""
        now = datetime.now(UTC)
        with writing(self._engine) as connection:
            account_id = accounts.add_account(connection, name, self._hasher.hash(password), role, language, now)
            ledger.record(connection, "ops", "account.created", account_id, now, name=name, role=role)
        return account_id

    def set_password(self, name: str, password: str) -> bool:
        """False where there is no such account."""
        with writing(self._engine) as connection:
            return accounts.set_password(connection, name, self._hasher.hash(password))

    def set_language(self, account_id: str, language: str) -> None:
        """In which language an account's console and explanations are."""
        with writing(self._engine) as connection:
            accounts.set_language(connection, account_id, language)


_NOBODY = PasswordHasher().hash("nobody has this password: " + secrets.token_hex(8))
