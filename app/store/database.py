"""Opening the database: SQLite in the data folder, or PostgreSQL by URL; migrated forwards before it is used."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, event, func, make_url, select, text
from sqlalchemy.engine.interfaces import DBAPIConnection, ExceptionContext
from sqlalchemy.exc import DatabaseError
from sqlalchemy.pool import ConnectionPoolEntry

MIGRATIONS = Path(__file__).parent / "migrations"
_transaction: ContextVar[Connection | None] = ContextVar("transaction", default=None)
_afterwards: ContextVar[list[Callable[[], None]] | None] = ContextVar("afterwards", default=None)
_NUL_IN_JSON = re.compile(r"(?<!\\)((?:\\\\)*)\\u0000")  # the escape itself, not the letters after an escaped backslash
BUSY_MS = 10_000  # how long a writer waits for another one


def open_database(url: str) -> Engine:
    """An engine whose acknowledged writes survive a killed process; the schema is brought up to date."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite" and parsed.database:
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        url, pool_pre_ping=parsed.get_backend_name() != "sqlite", hide_parameters=True, json_serializer=_as_json
    )  # an error quotes no value: it ends in the log
    event.listen(engine, "before_cursor_execute", _storable, retval=True)
    if parsed.get_backend_name() == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    else:
        event.listen(engine, "handle_error", _without_values)
    migrate(engine)
    return engine


def _as_json(value: object) -> str:
    """NUL is written as U+FFFD: PostgreSQL would keep it, and then fail for whoever reads a part of that value."""
    return _NUL_IN_JSON.sub(r"\1\\ufffd", json.dumps(value))


def _storable(_c: object, _u: object, statement: str, values: object, _x: object, _m: bool) -> tuple[str, object]:
    """The same for texts, which PostgreSQL refuses with a NUL in them."""
    return statement, _without_nul(values)


def _without_nul(value: object) -> object:
    if isinstance(value, str):
        return value.replace("\0", "\ufffd")
    if isinstance(value, Mapping):
        return {name: _without_nul(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_without_nul(item) for item in value)
    return value


def _prepare_sqlite(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    """WAL lets readers go on while one writes; FULL makes each commit survive a power cut; what is deleted is overwritten; we begin transactions ourselves."""
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "secure_delete=ON",
        f"busy_timeout={BUSY_MS}",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    """A writer takes its lock at once, so that two writers wait for each other and never fail half-way."""
    connection.exec_driver_sql("BEGIN IMMEDIATE" if connection.get_execution_options().get("writes") else "BEGIN")


def _without_values(context: ExceptionContext) -> None:
    """PostgreSQL's details quote the row that failed; what it says first names the fault alone."""
    primary = getattr(getattr(context.original_exception, "diag", None), "message_primary", None)
    if primary is not None and context.sqlalchemy_exception is not None:
        context.original_exception.args = (primary,)
        context.sqlalchemy_exception.args = (f"({type(context.original_exception).__name__}) {primary}",)


def hold(connection: Connection, name: str) -> None:
    """Who else holds that name waits until this transaction ends. SQLite's one writer holds all names."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0))))


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """One transaction that writes: all of it or nothing. Inside another one it is part of that one."""
    outer = _transaction.get()
    if outer is not None:
        yield outer
        return
    afterwards: list[Callable[[], None]] = []
    with engine.connect().execution_options(writes=True) as connection, connection.begin():
        token, acts = _transaction.set(connection), _afterwards.set(afterwards)
        try:
            yield connection
        finally:
            _transaction.reset(token)
            _afterwards.reset(acts)
    for act in afterwards:
        act()


def once_committed(act: Callable[[], None]) -> None:
    """Done when the transaction that is open has been committed, and not where it is not; at once where none is open."""
    afterwards = _afterwards.get()
    if afterwards is None:
        act()
    else:
        afterwards.append(act)


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A consistent view for reading; inside a writing transaction it sees what that one wrote."""
    outer = _transaction.get()
    if outer is not None:
        yield outer
        return
    with engine.connect() as connection, connection.begin():
        yield connection


def migrate(engine: Engine) -> None:
    """Brings the schema to the newest version; does nothing where it is there."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine.connect().execution_options(writes=True) as connection:
        config.attributes["connection"] = connection
        hold(connection, "schema")  # replicas that start together
        command.upgrade(config, "head")
        connection.commit()


def schema_fault(url: str) -> str | None:
    """Why the database cannot be brought up to date; None where it can. It is only looked at."""
    known = {script.revision for script in ScriptDirectory(str(MIGRATIONS)).walk_revisions()}
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            revision = MigrationContext.configure(connection).get_current_revision()
    except DatabaseError as error:
        return f"this is no database: {type(error.orig).__name__}"
    finally:
        engine.dispose()
    if revision is None:
        return "this is no database of Countersign"
    return None if revision in known else f"the database is of a newer version (schema {revision}); upgrade first"


def ping(engine: Engine) -> None:
    """Raises where the database does not answer."""
    with engine.connect() as connection:
        connection.execute(text("SELECT 1"))
