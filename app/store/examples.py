"""Files of labelled messages that ops brought."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from app.store.ids import new_id
from app.store.tables import example_files


@dataclass(frozen=True, slots=True)
class ExampleFile:
    """One file; `text` is JSON lines as the training reads them."""

    id: str
    name: str
    by: str
    at: datetime
    lines: int
    text: str


def add_file(connection: Connection, name: str, text: str, lines: int, by: str, now: datetime) -> ExampleFile:
    """Keeps a file."""
    kept = ExampleFile(new_id("x"), name, by, now, lines, text)
    fields = {field: getattr(kept, field) for field in ExampleFile.__dataclass_fields__}
    connection.execute(insert(example_files).values(**fields))
    return kept


def list_files(connection: Connection) -> Sequence[ExampleFile]:
    """Oldest first."""
    rows = connection.execute(select(example_files).order_by(example_files.c.at, example_files.c.id)).mappings()
    return [ExampleFile(**row) for row in rows]


def delete_file(connection: Connection, file_id: str) -> bool:
    """False where there is none."""
    return connection.execute(delete(example_files).where(example_files.c.id == file_id)).rowcount == 1
