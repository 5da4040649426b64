"""Disputes as cases: one open at a time for an order."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, RowMapping, insert, select, update

from app.case import Case, CaseFile, CaseFilter
from app.store.database import hold
from app.store.tables import disputes

COLUMNS = tuple(name for name in Case.model_fields if name != "file")


def hold_order(connection: Connection, site: str, channel: str, order_id: str) -> None:
    """Who else opens a case for that order waits."""
    hold(connection, f"dispute {site} {channel} {order_id}")


def add_case(connection: Connection, case: Case) -> None:
    """Keeps a new case."""
    connection.execute(insert(disputes).values(**_values(case)))


def change_case(connection: Connection, case: Case) -> bool:
    """Keeps the next version of a case; False where somebody else was first."""
    where = (disputes.c.id == case.id) & (disputes.c.version == case.version - 1)
    return connection.execute(update(disputes).where(where).values(**_values(case))).rowcount == 1


def find_case(connection: Connection, case_id: str) -> Case | None:
    """The case of that id."""
    row = connection.execute(select(disputes).where(disputes.c.id == case_id)).mappings().first()
    return _case(row) if row else None


def find_open_case(connection: Connection, site: str, channel: str, order_id: str) -> Case | None:
    """The case of an order that is not closed."""
    same = (disputes.c.site == site) & (disputes.c.channel == channel) & (disputes.c.order_id == order_id)
    row = connection.execute(select(disputes).where(same & (disputes.c.state != "closed"))).mappings().first()
    return _case(row) if row else None


def find_case_of(connection: Connection, site: str, channel: str, order_id: str, opened_at: datetime) -> Case | None:
    """The case of a dispute that began at that moment, open or closed."""
    same = (disputes.c.site == site) & (disputes.c.channel == channel) & (disputes.c.order_id == order_id)
    row = connection.execute(select(disputes).where(same & (disputes.c.opened_at == opened_at))).mappings().first()
    return _case(row) if row else None


def list_cases(
    connection: Connection, wanted: CaseFilter, after: str | None, limit: int
) -> tuple[Sequence[Case], str | None]:
    """What is due first stands first, what has no known deadline last; and the id after which the next page begins."""
    query = select(disputes)
    if wanted.state is not None:
        query = query.where(disputes.c.state == wanted.state)
    if wanted.site is not None:
        query = query.where(disputes.c.site == wanted.site)
    if wanted.due_before is not None:
        query = query.where(disputes.c.due_by < wanted.due_before)
    if after is not None:
        last = select(disputes.c.sort_due).where(disputes.c.id == after).scalar_subquery()
        query = query.where((disputes.c.sort_due > last) | ((disputes.c.sort_due == last) & (disputes.c.id > after)))
    rows = connection.execute(query.order_by(disputes.c.sort_due, disputes.c.id).limit(limit + 1)).mappings()
    found = [_case(row) for row in rows]
    return found[:limit], found[limit - 1].id if len(found) > limit else None


def list_due(connection: Connection, since: datetime, until: datetime) -> Sequence[Case]:
    """Open cases whose step ends in that time."""
    due = (disputes.c.state != "closed") & (disputes.c.due_by >= since) & (disputes.c.due_by <= until)
    return [_case(row) for row in connection.execute(select(disputes).where(due).order_by(disputes.c.id)).mappings()]


def list_conversations(connection: Connection) -> frozenset[str]:
    """Those that have a case, open or closed."""
    return frozenset(map(str, connection.execute(select(disputes.c.conversation_id).distinct()).scalars()))


def _values(case: Case) -> dict[str, object]:
    values = {name: getattr(case, name) for name in COLUMNS}
    return values | {"sort_due": _sort_key(case.due_by), "file": case.file.model_dump(mode="json")}


def _sort_key(due_by: datetime | None) -> int:
    """Seconds since 1970; far behind all others where there is no deadline."""
    return int(due_by.timestamp()) if due_by else NEVER


NEVER = 2**62


def _case(row: RowMapping) -> Case:
    return Case(**{name: row[name] for name in COLUMNS}, file=CaseFile.model_validate(row["file"]))
