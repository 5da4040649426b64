"""The tables. What is asked for in a query is a column; what only explains is JSON."""

from datetime import UTC, datetime

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Moment(TypeDecorator[datetime]):
    """A moment in UTC; SQLite keeps no offset, so it is put back when read."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _: Dialect) -> datetime | None:
        """Naive times are refused: nobody could say which moment they mean."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a stored time needs its offset")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, _: Dialect) -> datetime | None:
        """Always with the UTC offset."""
        return value.replace(tzinfo=UTC) if value is not None and value.tzinfo is None else value


def _id() -> Column[str]:
    return Column("id", String(40), primary_key=True)


conversations = Table(
    "conversations", metadata, _id(),
    Column("site", String(200), nullable=False),
    Column("channel", String(40), nullable=False),
    Column("buyer_id", String(200)),
    Column("started_at", Moment, nullable=False),
    Column("last_at", Moment, nullable=False),
    Index(None, "site", "channel", "buyer_id", "last_at"),
)  # fmt: skip

messages = Table(
    "messages", metadata, _id(),
    Column("conversation_id", String(40), ForeignKey("conversations.id"), nullable=False, index=True),
    Column("sender", String(10), nullable=False),  # buyer | seller | event
    Column("site", String(200), nullable=False),
    Column("channel", String(40), nullable=False),
    Column("external_id", String(200)),
    Column("text", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("stored_at", Moment, nullable=False),
    Column("body", JSON, nullable=False),  # the BuyerMessage as taken in
    Column("analysis", JSON),
    Column("draft_id", String(40)),
    UniqueConstraint("site", "channel", "external_id"),
)  # fmt: skip

drafts = Table(
    "drafts", metadata, _id(),
    Column("message_id", String(40), ForeignKey("messages.id"), nullable=False, index=True),
    Column("conversation_id", String(40), ForeignKey("conversations.id"), nullable=False, index=True),
    Column("revision", Integer, nullable=False),
    Column("status", String(20), nullable=False),
    Column("verdict", String(30), nullable=False),
    Column("edited", Boolean, nullable=False),
    Column("language", String(20), nullable=False),
    Column("intent", String(60), nullable=False),
    Column("priority", Integer, nullable=False),  # 0 low .. 3 urgent
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
    Column("basis", JSON, nullable=False),  # the Basis of this revision: what it was drafted from
    Column("body", JSON, nullable=False),  # the Draft of this revision
    Column("text", Text, nullable=False),  # what was or would be sent
    Column("claimed_by", String(100)),
    Column("claimed_until", Moment),
    Column("snoozed_until", Moment),
    Column("approved_by", String(100)),
    Column("approved_at", Moment),
    Column("sent_at", Moment),
    Column("superseded_by", String(40)),
    Column("market", String(2)),
    Column("emotion", String(40)),
    Column("channel", String(40)),
    Column("site", String(200)),
    Column("analysis", JSON(none_as_null=True)),  # the reading of this revision; null: drafted before it was kept
    Column("alternative_of", String(40), index=True),  # the draft in the queue that this one may be signed instead of
    # The queue is filtered, ordered and counted in this index alone; the rows of one page are fetched afterwards.
    Index("ix_drafts_queue", "status", "priority", "created_at", "id", "language", "market", "intent", "emotion", "channel", "site", "verdict", "claimed_by", "claimed_until", "snoozed_until", "alternative_of"),
)  # fmt: skip

draft_words = Table(  # what a draft is found by, apart from the wide rows
    "draft_words", metadata,
    Column("draft_id", String(40), ForeignKey("drafts.id"), primary_key=True),
    Column("words", Text, nullable=False),
)  # fmt: skip

revisions = Table(
    "revisions", metadata,
    Column("draft_id", String(40), ForeignKey("drafts.id"), primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("body", JSON, nullable=False),
)  # fmt: skip

reviews = Table(
    "reviews", metadata, _id(),
    Column("draft_id", String(40), ForeignKey("drafts.id"), nullable=False, index=True),
    Column("revision", Integer, nullable=False),
    Column("agent", String(100), nullable=False),
    Column("decision", String(20), nullable=False),  # approved | edited | rejected | undone
    Column("at", Moment, nullable=False),
    Column("text", Text),
    Column("reason", String(40)),
    Column("note", Text),
    Column("corrections", JSON),  # Corrections, as the agent reads the message
    Column("override", Text),  # ops' reason for signing in spite of a block
)  # fmt: skip

corrections = Table(  # what a person proposes that a message really was; nothing learns from it before a second decision
    "corrections", metadata, _id(),
    Column("draft_id", String(40), ForeignKey("drafts.id"), nullable=False, index=True),
    Column("digest", String(32), nullable=False, index=True),  # of the message without the buyer: the same words, whoever wrote them
    Column("labels", JSON, nullable=False),
    Column("by", String(100), nullable=False),
    Column("at", Moment, nullable=False),
    Column("state", String(10), nullable=False),  # proposed | accepted | refused
    Column("decided_by", String(100)),
    Column("decided_at", Moment),
    Index(None, "state", "at"),
)  # fmt: skip

example_files = Table(  # labelled messages that ops brought, learned beside the shipped ones
    "example_files", metadata, _id(),
    Column("name", String(200), nullable=False),
    Column("by", String(100), nullable=False),
    Column("at", Moment, nullable=False),
    Column("lines", Integer, nullable=False),
    Column("text", Text, nullable=False),
)  # fmt: skip

outbox = Table(
    "outbox", metadata, _id(),
    Column("draft_id", String(40), ForeignKey("drafts.id"), nullable=False, unique=True),  # one reply leaves once
    Column("text", Text, nullable=False),
    Column("leaves_at", Moment, nullable=False),
    Column("sent_at", Moment),
)  # fmt: skip

uploads = Table(  # photos that visitors sent
    "uploads", metadata, _id(),
    Column("conversation_id", String(40), ForeignKey("conversations.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("media_type", String(40), nullable=False),
    Column("data", LargeBinary, nullable=False),
    Column("at", Moment, nullable=False),
)  # fmt: skip

secrets = Table(  # that the service made for itself
    "secrets", metadata,
    Column("name", String(40), primary_key=True),
    Column("value", String(200), nullable=False),
)  # fmt: skip

accounts = Table(
    "accounts", metadata, _id(),
    Column("name", String(100), nullable=False, unique=True),
    Column("password_hash", String(300), nullable=False),
    Column("role", String(10), nullable=False),  # agent | ops
    Column("language", String(20), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("disabled_at", Moment),
)  # fmt: skip

sessions = Table(
    "sessions", metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("account_id", String(40), ForeignKey("accounts.id"), nullable=False),
    Column("csrf", String(64), nullable=False),
    Column("expires_at", Moment, nullable=False),
)  # fmt: skip

sign_in_failures = Table(  # counted by every process, kept for a minute
    "sign_in_failures", metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("who", String(64), nullable=False, index=True),  # hash of name and address
    Column("at", Moment, nullable=False),
)  # fmt: skip

keys = Table(
    "keys", metadata, _id(),
    Column("name", String(100), nullable=False),
    Column("key_hash", String(64), nullable=False, unique=True),
    Column("prefix", String(16), nullable=False),
    Column("role", String(20), nullable=False),  # integration | agent | ops
    Column("scopes", JSON, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("last_used_at", Moment),
    Column("revoked_at", Moment),  # may lie ahead: until then a rotated key still opens
    Column("account_id", String(40), ForeignKey("accounts.id")),  # a personal key: its role is the account's
)  # fmt: skip

answers = Table(  # of writes with an Idempotency-Key
    "answers", metadata,
    Column("key", String(200), primary_key=True),
    Column("principal", String(120), primary_key=True),
    Column("request_hash", String(64), nullable=False),
    Column("status", Integer, nullable=False),
    Column("body", JSON, nullable=False),
    Column("at", Moment, nullable=False),
)  # fmt: skip

audit = Table(  # append-only
    "audit", metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("at", Moment, nullable=False),
    Column("actor", String(120), nullable=False),
    Column("action", String(40), nullable=False),
    Column("subject", String(80), nullable=False, index=True),
    Column("conversation_id", String(40)),  # where the step belongs to one
    Column("detail", JSON, nullable=False),
    Index(None, "conversation_id", "id"),
)  # fmt: skip

reply_edits = Table(  # append-only: each step of a reply, with the reply as it then was
    "reply_edits", metadata,
    Column("edit", Integer, primary_key=True, autoincrement=True),
    Column("reply_id", String(120), nullable=False),
    Column("version", Integer, nullable=False),
    Column("action", String(20), nullable=False),  # saved | vetted | retired | restored
    Column("by", String(120), nullable=False),
    Column("at", Moment, nullable=False),
    Column("document", JSON, nullable=False),  # the newest words, vetted or not
    Column("in_use", JSON(none_as_null=True)),  # what drafts use since then; null: what was shipped, or nothing
    Index(None, "reply_id", "edit"),
)  # fmt: skip

product_edits = Table(  # append-only
    "product_edits", metadata,
    Column("edit", Integer, primary_key=True, autoincrement=True),
    Column("sku", String(100), nullable=False),
    Column("by", String(120), nullable=False),
    Column("at", Moment, nullable=False),
    Column("document", JSON(none_as_null=True)),  # null: taken out
    Index(None, "sku", "edit"),
)  # fmt: skip

site_edits = Table(  # append-only
    "site_edits", metadata,
    Column("edit", Integer, primary_key=True, autoincrement=True),
    Column("site", String(64), nullable=False),
    Column("version", Integer, nullable=False),
    Column("by", String(120), nullable=False),
    Column("at", Moment, nullable=False),
    Column("document", JSON, nullable=False),
    UniqueConstraint("site", "version"),
)  # fmt: skip

site_keys = Table(
    "site_keys", metadata,
    Column("site", String(64), primary_key=True),
    Column("publishable", String(64), nullable=False, unique=True),
    Column("identity_secret", String(64)),  # readable, since it checks signatures; null: no buyer can be vouched for
)  # fmt: skip

counters = Table(
    "counters", metadata,
    Column("name", String(40), primary_key=True),
    Column("number", Integer, nullable=False),
)  # fmt: skip

jobs = Table(
    "jobs", metadata, _id(),
    Column("kind", String(60), nullable=False),
    Column("key", String(200), nullable=False),  # what makes it once only
    Column("payload", JSON, nullable=False),
    Column("state", String(10), nullable=False),  # waiting | running | done | dead
    Column("tries", Integer, nullable=False),
    Column("runs_at", Moment, nullable=False),
    Column("worker", String(40)),  # the run that holds it; a run that lost its lease can change nothing
    Column("leased_until", Moment),
    Column("progress", JSON(none_as_null=True)),
    Column("result", JSON(none_as_null=True)),
    Column("error", Text),
    Column("created_at", Moment, nullable=False),
    Column("changed_at", Moment, nullable=False),
    UniqueConstraint("kind", "key"),
    Index(None, "state", "runs_at"),
)  # fmt: skip

webhooks = Table(
    "webhooks", metadata, _id(),
    Column("url", Text, nullable=False),
    Column("secret", String(100), nullable=False),  # signs what is sent, so it cannot be kept as a hash
    Column("events", JSON, nullable=False),
    Column("sites", JSON, nullable=False),  # empty: all
    Column("active", Boolean, nullable=False),
    Column("since", Integer, nullable=False),  # the newest step of the trail when it was made
    Column("created_at", Moment, nullable=False),
    Column("changed_at", Moment, nullable=False),
    Column("deleted_at", Moment),
)  # fmt: skip

deliveries = Table(
    "deliveries", metadata, _id(),
    Column("webhook_id", String(40), ForeignKey("webhooks.id"), nullable=False),
    Column("event_id", Integer, ForeignKey("audit.id"), nullable=False),
    Column("type", String(40), nullable=False),
    Column("subject", String(80), nullable=False),
    Column("job_id", String(40), ForeignKey("jobs.id"), nullable=False),
    Column("status", Integer),
    Column("answered_at", Moment),
    Column("created_at", Moment, nullable=False),
    UniqueConstraint("webhook_id", "event_id", "type"),
)  # fmt: skip

order_events = Table(  # those that a draft was made of: each once
    "order_events", metadata,
    Column("site", String(200), primary_key=True),
    Column("id", String(200), primary_key=True),
    Column("digest", String(64), nullable=False),  # of the event as it came
    Column("type", String(60), nullable=False),
    Column("buyer_id", String(200), nullable=False),
    Column("about", String(260), nullable=False),  # the order, product, season or buyer that it is about
    Column("at", Moment, nullable=False),
    Column("draft_id", String(40), ForeignKey("drafts.id"), nullable=False),
    Index(None, "site", "buyer_id", "at"),
)  # fmt: skip

disputes = Table(
    "disputes", metadata, _id(),
    Column("version", Integer, nullable=False),
    Column("conversation_id", String(40), ForeignKey("conversations.id"), nullable=False, index=True),
    Column("site", String(200), nullable=False),
    Column("channel", String(40), nullable=False),
    Column("market", String(2)),
    Column("order_id", String(200), nullable=False),
    Column("kind", String(40), nullable=False),
    Column("state", String(20), nullable=False),  # to_answer | negotiating | returning | platform | closed
    Column("opened_at", Moment, nullable=False),
    Column("due_by", Moment),
    Column("due_from", String(10)),  # order | channel
    Column("sort_due", BigInteger, nullable=False),  # seconds; a database may sort NULL first or last
    Column("file", JSON, nullable=False),  # evidence, offers, history
    Index(None, "site", "channel", "order_id"),
    Index(None, "sort_due", "id"),
)  # fmt: skip
