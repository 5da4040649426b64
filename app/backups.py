"""Backups: database and trained weights in one file, taken and put back while a server runs.

SQLite's online copy is one consistent view, whoever writes meanwhile. The database is copied before the files, so that no
copied row names a file that was not copied. A PostgreSQL database is backed up by its own tools (docs/operations/runbook.md).
"""

import hashlib
import json
import shutil
import sqlite3
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import make_url
from sqlalchemy.exc import SQLAlchemyError

from app.settings import Settings
from app.store.database import open_database, schema_fault, writing
from app.store.edits import begin_edit

MANIFEST, DATABASE, FILES = "manifest.json", "countersign.db", "data/"
FORMAT = 1
MADE_ANEW = ("index", "vectors")  # folders that are built from the rest
WAITS_S = 60.0  # how long a running server's writers are waited for


class BackupError(Exception):
    """The text is shown to ops."""


def backup(settings: Settings, file: Path) -> int:
    """Writes FILE, complete or not at all, readable by its owner only; its size in bytes. Raises BackupError."""
    database = _database_file(settings)
    if not database.exists():
        raise BackupError(f"there is no database at {database}")
    with tempfile.TemporaryDirectory(dir=file.parent or None) as folder:
        copy, partial = Path(folder) / DATABASE, Path(folder) / "backup.tar.gz"
        _copy_database(database, copy)
        partial.touch(mode=0o600)
        sums = {}
        with tarfile.open(partial, "w:gz") as archive:
            for name, path in ((DATABASE, copy), *_files(settings)):
                archive.add(path, name, recursive=False)
                sums[name] = _sum(path)
            _add_manifest(archive, Path(folder) / MANIFEST, sums)
        partial.replace(file)
    return file.stat().st_size


def restore(settings: Settings, file: Path, replace: bool = False) -> None:
    """Puts FILE in the place of what is there; a running server goes on with it. Raises BackupError and changes nothing where FILE is not whole."""
    database = _database_file(settings)
    if database.exists() and not replace:
        raise BackupError(f"there is a database at {database}; to put the backup in its place: --replace")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _unpack(file, folder)
        _bring_up_to_date(folder / DATABASE, database)
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        for source in sorted((folder / FILES).rglob("*")):
            if source.is_file():
                _put(source, settings.data_dir / source.relative_to(folder / FILES))
        _copy_database(folder / DATABASE, database)


def _database_file(settings: Settings) -> Path:
    url = make_url(settings.database)
    if url.get_backend_name() != "sqlite" or not url.database:
        raise BackupError("the database is PostgreSQL: back it up with pg_dump, and the data folder as files (docs/operations/runbook.md)")  # fmt: skip
    return Path(url.database)


def _copy_database(source: Path, target: Path) -> None:
    """In one step, so that nobody sees half of it and no writer can make it begin again."""
    try:
        with closing(sqlite3.connect(source, timeout=WAITS_S)) as old, closing(sqlite3.connect(target, timeout=WAITS_S)) as new:  # fmt: skip
            old.backup(new, pages=-1)
    except sqlite3.Error as error:
        raise BackupError(f"the database could not be copied: {error}") from error


def _files(settings: Settings) -> Iterator[tuple[str, Path]]:
    """All that lies in the data folder beside the database and is not made anew from it."""
    for path in sorted(settings.data_dir.rglob("*")):
        inside = path.relative_to(settings.data_dir)
        if path.is_file() and inside.parts[0] not in MADE_ANEW and not path.name.startswith(DATABASE):
            yield FILES + inside.as_posix(), path


def _add_manifest(archive: tarfile.TarFile, path: Path, sums: dict[str, str]) -> None:
    made = {"format": FORMAT, "made_at": datetime.now(UTC).isoformat(), "sha256": sums}
    path.write_text(json.dumps(made, indent=1), encoding="utf-8")
    archive.add(path, MANIFEST, recursive=False)


def _unpack(file: Path, folder: Path) -> None:
    """Raises BackupError unless each file is there as it was written."""
    try:
        with tarfile.open(file, "r:gz") as archive:
            archive.extractall(folder, filter="data")
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        found = {name: _sum(folder / name) for name in manifest["sha256"]}
    except (OSError, EOFError, tarfile.TarError, ValueError, KeyError, TypeError) as error:
        raise BackupError(f"{file} is not a whole backup: {error}") from error
    if manifest.get("format") != FORMAT or found != manifest["sha256"] or DATABASE not in found:
        raise BackupError(f"{file} is not a whole backup: its sums do not fit")


def _bring_up_to_date(copy: Path, replaced: Path) -> None:
    """Migrated before anybody sees it; its number of edits lies above the one that servers have seen, so that they look."""
    fault = schema_fault(f"sqlite:///{copy}")
    if fault is not None:
        raise BackupError(fault)
    seen = 0
    if replaced.exists():
        with suppress(sqlite3.Error), closing(sqlite3.connect(f"file:{replaced}?mode=ro", uri=True)) as old:
            seen = int(old.execute("SELECT number FROM counters WHERE name = 'knowledge'").fetchone()[0])
    try:
        engine = open_database(f"sqlite:///{copy}")
        with writing(engine) as connection:
            begin_edit(connection, seen)
        engine.dispose()
    except SQLAlchemyError as error:
        raise BackupError(f"the backup's database cannot be used: {type(error).__name__}") from error


def _put(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    aside = target.with_name(f".{target.name}.restored")
    shutil.copyfile(source, aside)
    aside.replace(target)


def _sum(path: Path) -> str:
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
