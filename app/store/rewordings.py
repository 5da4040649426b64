"""Which drafts still wait for a generator's wording: told by the drafts themselves, so that no restart forgets one."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, and_, or_, select

from app.store.tables import drafts


def find_wanted(
    connection: Connection, generators: Sequence[str], now: datetime, limit: int
) -> Sequence[tuple[str, int]]:
    """Pending drafts that nobody holds, made for one of these generators and still in the composer's words: id and revision, oldest first."""
    free = or_(drafts.c.claimed_by.is_(None), drafts.c.claimed_until <= now)
    asked = drafts.c.basis[("message", "options", "generator")].as_string().in_(generators)
    composed = drafts.c.body[("generator", "name")].as_string() == "composer"
    untried = drafts.c.body[("generator", "fallback_from")].as_string().is_(None)
    queued = drafts.c.alternative_of.is_(None)  # an alternative is there to be compared: its words stay
    pending = and_(drafts.c.status == "pending", drafts.c.edited.is_(False), drafts.c.text != "", queued)
    query = select(drafts.c.id, drafts.c.revision).where(pending, free, asked, composed, untried)
    return [(str(row[0]), int(row[1])) for row in connection.execute(query.order_by(drafts.c.created_at).limit(limit))]
