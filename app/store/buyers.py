"""What is kept of a buyer: gathered, and deleted with all that hangs on it."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, RowMapping, Table, Text, cast, delete, func, or_, select, update

from app.store.tables import answers, audit, conversations, disputes, drafts, jobs, messages, metadata, uploads

MENTIONS = (
    (answers, answers.c.body),
    (jobs, jobs.c.payload),
)  # where a buyer's words may stand without a key that points to them


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
    """All messages, drafts, photos and disputes of one conversation, oldest first."""
    said = select(messages).where(messages.c.conversation_id == conversation_id).order_by(messages.c.at, messages.c.id)
    made = select(drafts).where(drafts.c.conversation_id == conversation_id).order_by(drafts.c.created_at, drafts.c.id)
    sent = select(uploads).where(uploads.c.conversation_id == conversation_id).order_by(uploads.c.at, uploads.c.id)
    told = (
        select(disputes)
        .where(disputes.c.conversation_id == conversation_id)
        .order_by(disputes.c.opened_at, disputes.c.id)
    )
    return {
        "messages": connection.execute(said).mappings().all(),
        "drafts": connection.execute(made).mappings().all(),
        "photos": connection.execute(sent).mappings().all(),
        "disputes": connection.execute(told).mappings().all(),
    }


def erase_conversation(connection: Connection, conversation_id: str) -> int:
    """The conversation, and every row of every table that points to it, its messages or its drafts; how many messages there were.

    The trail keeps its steps, without what somebody typed into them.
    """
    ids = [conversation_id]
    for table in (messages, drafts):
        ids += connection.execute(select(table.c.id).where(table.c.conversation_id == conversation_id)).scalars()
    said = connection.execute(select(func.count()).where(messages.c.conversation_id == conversation_id)).scalar_one()
    _delete(connection, conversations, conversations.c.id == conversation_id)
    for table, column in MENTIONS:
        _delete(connection, table, or_(*(_mentions(column, one) for one in ids)))
    connection.execute(update(audit).where(audit.c.conversation_id == conversation_id).values(detail={}))
    return int(said)


def _delete(connection: Connection, table: Table, where: ColumnElement[bool]) -> int:
    """The rows, and before them every row of every table that points to one of them."""
    for other in metadata.sorted_tables:
        for key in other.foreign_keys:
            if key.column.table is table:
                _delete(connection, other, key.parent.in_(select(key.column).where(where)))
    return connection.execute(delete(table).where(where)).rowcount


def _mentions(column: ColumnElement[object], one: str) -> ColumnElement[bool]:
    return cast(column, Text).contains(one, autoescape=True)


def delete_old_steps(connection: Connection, before: datetime) -> int:
    """Of the trail, all but its newest: the numbers that readers of the feed remember go on."""
    newest = select(func.max(audit.c.id)).scalar_subquery()
    return _delete(connection, audit, (audit.c.at < before) & (audit.c.id < newest))


def delete_old_answers(connection: Connection, before: datetime) -> int:
    """First answers to an Idempotency-Key that have run out."""
    return connection.execute(delete(answers).where(answers.c.at <= before)).rowcount


def delete_old_jobs(connection: Connection, before: datetime) -> int:
    """Work that is over, done or dead."""
    where = jobs.c.state.in_(("done", "dead")) & (jobs.c.changed_at < before)
    return _delete(connection, jobs, where)
