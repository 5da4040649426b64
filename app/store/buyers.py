"""What is kept of a buyer: gathered, and deleted with all that hangs on it."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, RowMapping, Text, cast, delete, func, or_, select, update

from app.store.tables import answers, audit, conversations, drafts, jobs, messages, metadata

MENTIONS = (answers.c.body, jobs.c.payload)  # where a buyer's words may stand without a key that points to them


def list_conversations(connection: Connection, site: str, buyer_id: str) -> Sequence[RowMapping]:
    """Oldest first."""
    where = (conversations.c.site == site) & (conversations.c.buyer_id == buyer_id)
    query = select(conversations).where(where).order_by(conversations.c.started_at, conversations.c.id)
    return connection.execute(query).mappings().all()


def list_silent(connection: Connection, since: datetime, limit: int) -> Sequence[str]:
    """Conversations in which nothing was said or drafted since then."""
    later = select(drafts.c.conversation_id).where(drafts.c.updated_at >= since)
    query = select(conversations.c.id).where((conversations.c.last_at < since) & conversations.c.id.not_in(later))
    return connection.execute(query.order_by(conversations.c.last_at).limit(limit)).scalars().all()


def rows_of(connection: Connection, conversation_id: str) -> Mapping[str, Sequence[RowMapping]]:
    """All messages and drafts of one conversation, oldest first."""
    said = select(messages).where(messages.c.conversation_id == conversation_id).order_by(messages.c.at, messages.c.id)
    made = select(drafts).where(drafts.c.conversation_id == conversation_id).order_by(drafts.c.created_at, drafts.c.id)
    return {
        "messages": connection.execute(said).mappings().all(),
        "drafts": connection.execute(made).mappings().all(),
    }


def erase_conversation(connection: Connection, conversation_id: str) -> int:
    """The conversation, and every row of every table that points to it, its messages or its drafts; how many messages there were.

    The trail keeps its steps, without what somebody typed into them.
    """
    ids = {"conversations.id": [conversation_id]}
    for table in (messages, drafts):
        query = select(table.c.id).where(table.c.conversation_id == conversation_id)
        ids[f"{table.name}.id"] = list(connection.execute(query).scalars())
    for table in reversed(metadata.sorted_tables):
        for key in table.foreign_keys:
            if key.target_fullname in ids:
                connection.execute(delete(table).where(key.parent.in_(ids[key.target_fullname])))
    for column in MENTIONS:
        named = [_mentions(column, one) for found in ids.values() for one in found]
        connection.execute(delete(column.table).where(or_(*named)))
    connection.execute(update(audit).where(audit.c.conversation_id == conversation_id).values(detail={}))
    connection.execute(delete(conversations).where(conversations.c.id == conversation_id))
    return len(ids["messages.id"])


def _mentions(column: ColumnElement[object], one: str) -> ColumnElement[bool]:
    return cast(column, Text).contains(one, autoescape=True)


def delete_old_steps(connection: Connection, before: datetime) -> int:
    """Of the trail, all but its newest: the numbers that readers of the feed remember go on."""
    newest = select(func.max(audit.c.id)).scalar_subquery()
    return connection.execute(delete(audit).where((audit.c.at < before) & (audit.c.id < newest))).rowcount


def delete_old_answers(connection: Connection, before: datetime) -> int:
    """First answers to an Idempotency-Key that have run out."""
    return connection.execute(delete(answers).where(answers.c.at <= before)).rowcount


def delete_old_jobs(connection: Connection, before: datetime) -> int:
    """Work that is over, done or dead."""
    where = jobs.c.state.in_(("done", "dead")) & (jobs.c.changed_at < before)
    return connection.execute(delete(jobs).where(where)).rowcount
