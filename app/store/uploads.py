"""Photos that visitors sent. They lie in the database, so that a backup, an erasure and a second server have them too."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, insert, select

from app.store.ids import new_id
from app.store.tables import uploads


@dataclass(frozen=True, slots=True)
class StoredUpload:
    """One photo as kept, and whose conversation it belongs to."""

    id: str
    conversation_id: str
    media_type: str
    data: bytes


def add_upload(
    connection: Connection, conversation_id: str, media_type: str, data: bytes, now: datetime
) -> str:  # fmt: skip
    """Keeps a photo; returns its id."""
    upload_id = new_id("a")
    connection.execute(
        insert(uploads).values(
            id=upload_id, conversation_id=conversation_id, media_type=media_type, data=data, at=now
        )
    )  # fmt: skip
    return upload_id


def find_upload(connection: Connection, upload_id: str) -> StoredUpload | None:
    """The photo with that id."""
    row = connection.execute(select(uploads).where(uploads.c.id == upload_id)).mappings().first()
    if row is None:
        return None
    return StoredUpload(str(row["id"]), str(row["conversation_id"]), str(row["media_type"]), bytes(row["data"]))


def count_uploads(connection: Connection, conversation_id: str) -> int:
    """How many photos a conversation has."""
    where = uploads.c.conversation_id == conversation_id
    return int(connection.execute(select(func.count()).select_from(uploads).where(where)).scalar_one())
