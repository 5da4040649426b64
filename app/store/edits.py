"""The edits of the knowledge as one value, and their number, by which every process sees that there are newer ones."""

from sqlalchemy import Connection, case, select, update

from app.store import products, replies, sites
from app.store.tables import counters
from knowledge_base.edits import Edits

_KNOWLEDGE = counters.c.name == "knowledge"


def begin_edit(connection: Connection, above: int = 0) -> None:
    """Counts one up, to more than `above`. First in its transaction: the row stays locked until it ends, so that editors wait for each other."""
    higher = case((counters.c.number > above, counters.c.number), else_=above)
    connection.execute(update(counters).where(_KNOWLEDGE).values(number=higher + 1))


def edit_number(connection: Connection) -> int:
    """Grows with every edit; 0 where there never was one."""
    return int(connection.execute(select(counters.c.number).where(_KNOWLEDGE)).scalar_one())


def read_edits(connection: Connection) -> Edits:
    """All that lies over the files by now."""
    in_use = (stored.in_use for stored in replies.list_newest(connection))
    changed = products.list_newest(connection)
    return Edits(
        tuple(reply for reply in in_use if reply is not None),
        tuple(item.product for item in changed if item.product is not None),
        frozenset(item.sku for item in changed if item.product is None),
        {item.name: item.site for item in sites.list_newest(connection)},
    )
