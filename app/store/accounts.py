"""People, their sessions, and keys. Secrets are stored hashed: passwords by argon2, random tokens by SHA-256."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, RowMapping, delete, func, insert, select, update

from app.store.ids import new_id
from app.store.tables import accounts, keys, sessions, sign_in_failures


@dataclass(frozen=True, slots=True)
class Account:
    """A person who may sign in."""

    id: str
    name: str
    password_hash: str
    role: str
    language: str
    disabled_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class StoredKey:
    """A key by its hash; the secret itself is shown once and not kept."""

    id: str
    name: str
    prefix: str
    role: str
    scopes: tuple[str, ...]
    created_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None
    account_id: str | None = None


def token_hash(token: str) -> str:
    """SHA-256 is enough for 256 random bits; argon2 is for passwords that people choose."""
    return hashlib.sha256(token.encode()).hexdigest()


def add_account(connection: Connection, name: str, password_hash: str, role: str, language: str, now: datetime) -> str:
    account_id = new_id("u")
    connection.execute(
        insert(accounts).values(
            id=account_id, name=name, password_hash=password_hash, role=role, language=language, created_at=now
        )
    )
    return account_id


def find_account(connection: Connection, name: str) -> Account | None:
    row = connection.execute(select(accounts).where(accounts.c.name == name)).mappings().first()
    return _account(row) if row else None


def get_account(connection: Connection, account_id: str) -> Account | None:
    row = connection.execute(select(accounts).where(accounts.c.id == account_id)).mappings().first()
    return _account(row) if row else None


def change_account(connection: Connection, account_id: str, **values: str | datetime | None) -> None:
    """`values`: role, language, password_hash, disabled_at."""
    connection.execute(update(accounts).where(accounts.c.id == account_id).values(**values))


def end_sessions_of(connection: Connection, account_id: str) -> None:
    connection.execute(delete(sessions).where(sessions.c.account_id == account_id))


def count_ops(connection: Connection) -> int:
    """Ops accounts that may sign in; on PostgreSQL they are locked, so that two cannot leave together."""
    query = select(accounts.c.id).where((accounts.c.role == "ops") & accounts.c.disabled_at.is_(None)).with_for_update()
    return len(connection.execute(query).all())


def list_accounts(connection: Connection) -> Sequence[Account]:
    return [_account(row) for row in connection.execute(select(accounts).order_by(accounts.c.name)).mappings()]


def set_password(connection: Connection, name: str, password_hash: str) -> bool:
    """False where there is no such account; all its sessions end."""
    account = find_account(connection, name)
    if account is None:
        return False
    connection.execute(update(accounts).where(accounts.c.id == account.id).values(password_hash=password_hash))
    connection.execute(delete(sessions).where(sessions.c.account_id == account.id))
    return True


def set_language(connection: Connection, account_id: str, language: str) -> None:
    connection.execute(update(accounts).where(accounts.c.id == account_id).values(language=language))


def count_accounts(connection: Connection) -> int:
    return int(connection.execute(select(func.count()).select_from(accounts)).scalar_one())


def add_session(connection: Connection, account_id: str, token: str, csrf: str, expires_at: datetime) -> None:
    connection.execute(
        insert(sessions).values(token_hash=token_hash(token), account_id=account_id, csrf=csrf, expires_at=expires_at)
    )


def find_session(connection: Connection, token: str, now: datetime) -> tuple[Account, str] | None:
    """The account and its CSRF token, where the session has not run out and the account is not disabled."""
    joined = sessions.join(accounts, sessions.c.account_id == accounts.c.id)
    query = (
        select(accounts, sessions.c.csrf)
        .select_from(joined)
        .where(
            (sessions.c.token_hash == token_hash(token))
            & (sessions.c.expires_at > now)
            & accounts.c.disabled_at.is_(None)
        )
    )
    row = connection.execute(query).mappings().first()
    return (_account(row), str(row["csrf"])) if row else None


def end_session(connection: Connection, token: str) -> None:
    connection.execute(delete(sessions).where(sessions.c.token_hash == token_hash(token)))


def end_old_sessions(connection: Connection, now: datetime) -> None:
    connection.execute(delete(sessions).where(sessions.c.expires_at <= now))


def note_failure(connection: Connection, who: str, now: datetime, window: timedelta) -> None:
    """One failed sign-in; those before the window are forgotten."""
    connection.execute(delete(sign_in_failures).where(sign_in_failures.c.at <= now - window))
    connection.execute(insert(sign_in_failures).values(who=token_hash(who), at=now))


def list_failures(connection: Connection, who: str, since: datetime) -> Sequence[datetime]:
    """Oldest first."""
    where = (sign_in_failures.c.who == token_hash(who)) & (sign_in_failures.c.at > since)
    return (
        connection.execute(select(sign_in_failures.c.at).where(where).order_by(sign_in_failures.c.at)).scalars().all()
    )


def add_key(
    connection: Connection, name: str, secret: str, role: str, scopes: Sequence[str], now: datetime, account_id: str | None = None
) -> str:  # fmt: skip
    key_id = new_id("k")
    connection.execute(
        insert(keys).values(
            id=key_id,
            name=name,
            key_hash=token_hash(secret),
            prefix=secret[:8],
            role=role,
            scopes=list(scopes),
            created_at=now,
            account_id=account_id,
        )
    )
    return key_id


def find_key(connection: Connection, secret: str, now: datetime) -> StoredKey | None:
    """The key in force with that secret."""
    row = (
        connection.execute(select(keys).where((keys.c.key_hash == token_hash(secret)) & _in_force(now)))
        .mappings()
        .first()
    )
    return _key(row) if row else None


def get_key(connection: Connection, key_id: str) -> StoredKey | None:
    row = connection.execute(select(keys).where(keys.c.id == key_id)).mappings().first()
    return _key(row) if row else None


def list_keys(connection: Connection) -> Sequence[StoredKey]:
    return [_key(row) for row in connection.execute(select(keys).order_by(keys.c.created_at)).mappings()]


def revoke_key(connection: Connection, key_id: str, now: datetime, at: datetime | None = None) -> bool:
    """Now, or `at` a later moment; False where no key in force has that id."""
    result = connection.execute(update(keys).where((keys.c.id == key_id) & _in_force(now)).values(revoked_at=at or now))
    return result.rowcount == 1


def touch_key(connection: Connection, key_id: str, now: datetime) -> None:
    connection.execute(update(keys).where(keys.c.id == key_id).values(last_used_at=now))


def _in_force(now: datetime) -> ColumnElement[bool]:
    return keys.c.revoked_at.is_(None) | (keys.c.revoked_at > now)


def _account(row: RowMapping) -> Account:
    return Account(
        id=str(row["id"]),
        name=str(row["name"]),
        password_hash=str(row["password_hash"]),
        role=str(row["role"]),
        language=str(row["language"]),
        disabled_at=row["disabled_at"],
    )


def _key(row: RowMapping) -> StoredKey:
    values = {name: row[name] for name in StoredKey.__dataclass_fields__ if name != "scopes"}
    return StoredKey(**values, scopes=tuple(row["scopes"]))
