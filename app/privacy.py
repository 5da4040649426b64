"""What is kept of buyers, and for how long: export, erasure, and deletion when the time is over."""

from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pydantic import JsonValue
from sqlalchemy import Connection, Engine, RowMapping

from app.desk import Person
from app.errors import NotFound
from app.jobs import Jobs, Kind
from app.settings import Settings
from app.store import accounts, buyers, ledger
from app.store.database import reading, writing
from app.store.ids import new_id

BATCH = 100  # conversations deleted in one transaction, so that nobody waits long for the lock
KEEPER = "countersign"
RETENTION = "retention"


@dataclass(frozen=True, slots=True)
class Erased:
    """What was deleted; `receipt` stands in the trail too, and is all that stays."""

    receipt: str
    conversations: int
    messages: int


class Privacy:
    """Built once; holds the database, the settings and the clock."""

    def __init__(
        self, engine: Engine, settings: Settings, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._engine, self._settings, self._clock = engine, settings, clock
        self._enqueued_for = ""

    def export_buyer(self, site: str, buyer_id: str) -> dict[str, JsonValue]:
        """All that is kept of one buyer of one site, as JSON; raises NotFound where nothing is."""
        with reading(self._engine) as connection:
            found = [_exported(connection, row) for row in buyers.list_conversations(connection, site, buyer_id)]
        if not found:
            raise NotFound("nothing is kept of such a buyer")
        return {"site": site, "buyer_id": buyer_id, "exported_at": self._clock().isoformat(), "conversations": [*found]}

    def erase_buyer(self, site: str, buyer_id: str, person: Person) -> Erased:
        """Deletes it all, in one transaction. The trail keeps that it was done, by whom and how much; nothing of whom."""
        with writing(self._engine) as connection:
            ids = [str(row["id"]) for row in buyers.list_conversations(connection, site, buyer_id)]
            count = sum(buyers.erase_conversation(connection, one) for one in ids)
            erased = Erased(new_id("e"), len(ids), count)
            ledger.record(
                connection, person.name, "buyer.erased", erased.receipt, self._clock(), site=site, conversations=len(ids), messages=count,
            )  # fmt: skip
        return erased

    def retain(self) -> dict[str, JsonValue]:
        """Deletes what is older than the settings say; how much of each."""
        now, removed = self._clock(), 0
        while count := self._delete_silent(now - timedelta(days=self._settings.keep_conversations_days)):
            removed += count
        with writing(self._engine) as connection:
            accounts.end_old_sessions(connection, now)
            counts = {
                "conversations": removed,
                "steps": buyers.delete_old_steps(connection, now - timedelta(days=self._settings.keep_audit_days)),
                "answers": buyers.delete_old_answers(connection, now - ledger.KEPT),
                "jobs": buyers.delete_old_jobs(connection, now - timedelta(days=self._settings.keep_jobs_days)),
            }
            ledger.record(connection, KEEPER, "retention.done", "retention", now, None, **counts)
        return {**counts}

    def _delete_silent(self, since: datetime) -> int:
        with writing(self._engine) as connection:
            ids = buyers.list_silent(connection, since, BATCH)
            for one in ids:
                buyers.erase_conversation(connection, one)
        return len(ids)

    # --- daily -------------------------------------------------------------------------------------------------------

    def keep_daily(self, jobs: Jobs) -> None:
        """From now on the background work deletes once a day, in one of the processes."""

        jobs.register(Kind(RETENTION, lambda _: self.retain()))
        jobs.every_beat(lambda: self._enqueue(jobs))

    def _enqueue(self, jobs: Jobs) -> None:
        today = self._clock().date().isoformat()
        if today != self._enqueued_for:
            jobs.enqueue(RETENTION, today, {})
            self._enqueued_for = today


def _exported(connection: Connection, conversation: RowMapping) -> JsonValue:
    rows = buyers.rows_of(connection, str(conversation["id"]))
    return {
        "id": conversation["id"], "channel": conversation["channel"], "started_at": conversation["started_at"].isoformat(),
        "messages": [
            {"id": row["id"], "from": row["sender"], "at": row["at"].isoformat(), "text": row["text"], "as_received": row["body"], "reading": row["analysis"]}
            for row in rows["messages"]
        ],
        "drafts": [
            {"id": row["id"], "status": row["status"], "created_at": row["created_at"].isoformat(), "sent_at": row["sent_at"].isoformat() if row["sent_at"] else None, "text": row["text"]}
            for row in rows["drafts"]
        ],
        "photos": [
            {"id": row["id"], "at": row["at"].isoformat(), "media_type": row["media_type"], "base64": b64encode(row["data"]).decode()}
            for row in rows["photos"]
        ],
        "disputes": [
            {"id": row["id"], "order_id": row["order_id"], "kind": row["kind"], "state": row["state"], "opened_at": row["opened_at"].isoformat(), "file": row["file"]}
            for row in rows["disputes"]
        ],
    }  # fmt: skip
