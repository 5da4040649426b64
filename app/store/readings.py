"""How messages were read, counted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from app.store.tables import messages


@dataclass(frozen=True, slots=True)
class Readings:
    """Messages of one language whose first intent was this one; `confidence` is the mean score."""

    language: str
    intent: str
    abstained: bool
    messages: int
    confidence: float


def count_readings(connection: Connection, since: datetime, until: datetime) -> Sequence[Readings]:
    """Of the buyers' messages of that time."""
    when = (messages.c.at >= since) & (messages.c.at < until) & (messages.c.sender == "buyer")
    read = messages.c.analysis
    each = (
        select(
            read[("language", "code")].as_string().label("language"),
            read[("intents", 0, "id")].as_string().label("intent"),
            read[("intents", 0, "score")].as_float().label("score"),
            read["abstained"].as_boolean().label("abstained"),
        )
        .where(when)
        .subquery()  # grouped by name: PostgreSQL takes two equal JSON paths for different ones
    )
    keys = (each.c.language, each.c.intent, each.c.abstained)
    query = select(*keys, func.count(), func.avg(each.c.score)).group_by(*keys).where(each.c.language.is_not(None))
    return [
        Readings(str(row[0]), str(row[1]), bool(row[2]), int(row[3]), float(row[4]))
        for row in connection.execute(query)
    ]
