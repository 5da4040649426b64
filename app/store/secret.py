"""Secrets that the service made for itself: the same for every process over one database."""

import secrets as random

from sqlalchemy import Connection, insert, select

from app.store.tables import secrets


def find_secret(connection: Connection, name: str) -> str | None:
    """The secret of that name, where it was made."""
    value = connection.execute(select(secrets.c.value).where(secrets.c.name == name)).scalar()
    return None if value is None else str(value)


def make_secret(connection: Connection, name: str) -> str:
    """A new one of 256 random bits."""
    value = random.token_urlsafe(32)
    connection.execute(insert(secrets).values(name=name, value=value))
    return value
