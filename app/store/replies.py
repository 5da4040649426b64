"""Edited replies: append-only, each step with the whole reply as it then was."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import Connection, RowMapping, Select, func, insert, select

from app.store.tables import reply_edits
from knowledge_base.edits import Reply

Action = Literal["saved", "vetted", "retired", "restored"]


@dataclass(frozen=True, slots=True)
class StoredReply:
    """One step of a reply. `in_use` is None where drafts still use what was shipped, or nothing."""

    reply_id: str
    version: int
    action: Action
    by: str
    at: datetime
    document: Reply
    in_use: Reply | None


def add_step(
    connection: Connection, version: int, action: Action, by: str, now: datetime, document: Reply, in_use: Reply | None
) -> None:
    """The next step; nothing before it is changed."""
    connection.execute(
        insert(reply_edits).values(
            reply_id=document.id, version=version, action=action, by=by, at=now,
            document=_kept(document), in_use=_kept(in_use) if in_use else None,
        )
    )  # fmt: skip


def list_newest(connection: Connection) -> Sequence[StoredReply]:
    """The newest step of every edited reply, by id."""
    newest = select(func.max(reply_edits.c.edit)).group_by(reply_edits.c.reply_id)
    query = select(reply_edits).where(reply_edits.c.edit.in_(newest)).order_by(reply_edits.c.reply_id)
    return [_stored(row) for row in connection.execute(query).mappings()]


def find_newest(connection: Connection, reply_id: str) -> StoredReply | None:
    """The newest step of one reply; None where it was never edited."""
    row = connection.execute(_steps(reply_id).limit(1)).mappings().first()
    return _stored(row) if row else None


def list_steps(connection: Connection, reply_id: str) -> Sequence[StoredReply]:
    """All steps of one reply, newest first."""
    return [_stored(row) for row in connection.execute(_steps(reply_id)).mappings()]


def _steps(reply_id: str) -> Select[tuple[object, ...]]:
    return select(reply_edits).where(reply_edits.c.reply_id == reply_id).order_by(reply_edits.c.edit.desc())


def _kept(reply: Reply) -> dict[str, object]:
    return reply.model_dump(mode="json", by_alias=True)


def _stored(row: RowMapping) -> StoredReply:
    return StoredReply(
        reply_id=str(row["reply_id"]), version=int(row["version"]), action=row["action"], by=str(row["by"]), at=row["at"],
        document=Reply.model_validate(row["document"]), in_use=Reply.model_validate(row["in_use"]) if row["in_use"] else None,
    )  # fmt: skip
