"""Backups of a server that is written to, put back beside it and under it; and databases of every released schema."""

import gzip
import os
import subprocess
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path
from threading import Event, Thread

import pytest
from alembic import command
from alembic.config import Config
from fastapi.testclient import TestClient
from sqlalchemy import create_engine, text

from app.backups import BackupError, backup, restore
from app.drafting.drafter import Drafter
from app.main import create_app
from app.store.database import MIGRATIONS
from tests.app.test_durability import Server, server
from tests.conftest import KEY, make_settings, signed_in

__all__ = ["server"]  # a fixture


def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "COUNTERSIGN_DATA_DIR": str(folder)}
    return subprocess.run([sys.executable, "-m", "app.cli", *words], check=False, env=environment, capture_output=True, text=True, timeout=120)  # fmt: skip


def say(server: Server, name: str) -> str:
    return str(server.post("/v1/messages", {"text": f"where is my order {name}?", "external_id": name})["draft"]["id"])


def test_a_backup_of_a_server_under_writes_holds_all_that_was_acknowledged_before(
    server: Server, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    before, stop = [say(server, f"before-{number}") for number in range(3)], Event()

    def write() -> None:
        number = 0
        while not stop.is_set():
            say(server, f"meanwhile-{(number := number + 1)}")

    writer, elsewhere = Thread(target=write), tmp_path_factory.mktemp("elsewhere")
    writer.start()
    done = run(tmp_path, "backup", str(elsewhere / "b.tar.gz"))
    stop.set()
    writer.join()
    assert done.returncode == 0, done.stderr
    other = elsewhere / "data"
    assert run(other, "restore", str(elsewhere / "b.tar.gz")).returncode == 0
    with create_engine(f"sqlite:///{other}/countersign.db").connect() as connection:
        assert connection.execute(text("PRAGMA integrity_check")).scalar() == "ok"
        kept = set(connection.execute(text("SELECT id FROM drafts")).scalars())
        halves = connection.execute(text("SELECT count(*) FROM messages m LEFT JOIN drafts d ON d.message_id = m.id WHERE m.sender = 'buyer' AND d.id IS NULL")).scalar()  # fmt: skip
    assert set(before) <= kept and halves == 0


def test_a_backup_is_put_back_under_a_running_server(server: Server, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> None:  # fmt: skip
    file = tmp_path_factory.mktemp("elsewhere") / "b.tar.gz"
    first = say(server, "first")
    assert run(tmp_path, "backup", str(file)).returncode == 0
    say(server, "second")
    refused = run(tmp_path, "restore", str(file))
    assert refused.returncode == 2 and "--replace" in refused.stderr
    assert run(tmp_path, "restore", str(file), "--replace").returncode == 0
    assert [item["id"] for item in server.get("/v1/drafts")["items"]] == [first]
    third = say(server, "third")
    assert {item["id"] for item in server.get("/v1/drafts")["items"]} == {first, third}


@pytest.fixture
def filled(drafter: Drafter, tmp_path: Path) -> Path:
    """A data folder with one draft, an edit and a trained file."""
    folder = tmp_path / "data"
    app = create_app(make_settings(folder), drafter)
    with TestClient(app, headers={"Authorization": f"Bearer {KEY}"}) as client:
        client.post("/v1/messages", json={"text": "where is my parcel?"})
    (folder / "models" / "intent" / "v9").mkdir(parents=True)
    (folder / "models" / "intent" / "v9" / "card.json").write_text("{}")
    (folder / "vectors").mkdir()
    (folder / "vectors" / "remembered").write_text("x")
    return folder


def test_trained_weights_come_along_and_what_is_made_anew_does_not(filled: Path, tmp_path: Path) -> None:
    backup(make_settings(filled), tmp_path / "b.tar.gz")
    restore(make_settings(tmp_path / "other"), tmp_path / "b.tar.gz")
    assert (tmp_path / "other" / "models" / "intent" / "v9" / "card.json").read_text() == "{}"
    assert not (tmp_path / "other" / "vectors").exists()


def test_a_backup_is_for_its_owner_only_and_leaves_nothing_else_behind(filled: Path, tmp_path: Path) -> None:
    backup(make_settings(filled), tmp_path / "b.tar.gz")
    assert (tmp_path / "b.tar.gz").stat().st_mode & 0o077 == 0
    assert {path.name for path in tmp_path.iterdir()} == {"data", "b.tar.gz"}


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-200])


def other_archive(file: Path) -> None:
    with tarfile.open(file, "w:gz") as archive:
        archive.add(__file__, "something.py")


def no_archive(file: Path) -> None:
    file.write_bytes(gzip.compress(b"nothing"))


@pytest.mark.parametrize("spoil", [cut, other_archive, no_archive])
def test_a_file_that_is_not_whole_is_refused_and_changes_nothing(
    filled: Path, tmp_path: Path, spoil: Callable[[Path], None]
) -> None:
    backup(make_settings(filled), tmp_path / "b.tar.gz")
    spoil(tmp_path / "b.tar.gz")
    before = (filled / "countersign.db").read_bytes()
    with pytest.raises(BackupError, match="not a whole backup"):
        restore(make_settings(filled), tmp_path / "b.tar.gz", replace=True)
    assert (filled / "countersign.db").read_bytes() == before


def test_a_backup_of_a_newer_version_is_refused(filled: Path, tmp_path: Path) -> None:
    with create_engine(f"sqlite:///{filled}/countersign.db").begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    backup(make_settings(filled), tmp_path / "b.tar.gz")
    with pytest.raises(BackupError, match="newer version"):
        restore(make_settings(tmp_path / "other"), tmp_path / "b.tar.gz")


def test_what_the_command_cannot_back_up_it_says(tmp_path: Path) -> None:
    with pytest.raises(BackupError, match="pg_dump"):
        backup(make_settings(tmp_path, database_url="postgresql+psycopg://x/y"), tmp_path / "b")
    with pytest.raises(BackupError, match="no database"):
        backup(make_settings(tmp_path), tmp_path / "b")


# --- databases of earlier versions ------------------------------------------------------------------------------------


def at_schema(source: Path, target: Path, revision: str) -> None:
    """A database of that schema with the rows that it can hold of a newer one."""
    engine = create_engine(f"sqlite:///{target}")
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        connection.commit()
        connection.execute(text("ATTACH DATABASE :file AS newer"), {"file": str(source)})
        for (table,) in list(connection.execute(text("SELECT name FROM main.sqlite_master WHERE type = 'table'"))):
            if table in ("alembic_version", "counters", "sqlite_sequence"):
                continue
            columns = ", ".join(f'"{row[1]}"' for row in connection.execute(text(f"PRAGMA main.table_info({table})")))
            connection.execute(text(f"INSERT INTO main.{table} ({columns}) SELECT {columns} FROM newer.{table}"))
        connection.commit()
    engine.dispose()


@pytest.mark.parametrize("revision", sorted(path.name[:4] for path in (MIGRATIONS / "versions").glob("0*.py")))
def test_a_database_of_an_earlier_schema_comes_up_with_all_its_rows_and_serves(
    drafter: Drafter, filled: Path, tmp_path: Path, revision: str
) -> None:
    folder = tmp_path / "old"
    folder.mkdir()
    at_schema(filled / "countersign.db", folder / "countersign.db", revision)
    app = create_app(make_settings(folder), drafter)
    with TestClient(app, headers={"Authorization": f"Bearer {KEY}"}) as client:
        draft = client.get("/v1/drafts").json()["items"][0]
        assert client.post("/v1/messages", json={"text": "where is it?"}).status_code == 201
    with signed_in(app, "ops", "correct horse battery") as ops:
        assert ops.post(f"/v1/drafts/{draft['id']}/claim").json()["claimed_by"] == "ops"
