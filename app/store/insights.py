"""What was drafted and what people made of it, over a span of time: the rows that figures and gaps are made from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, RowMapping, and_, func, select

from app.domain import OUTREACH, Analysis, Basis, Draft, Money
from app.store.tables import drafts, messages, reviews


@dataclass(frozen=True, slots=True)
class Case:
    """A draft with what it was made from and what was signed instead (None: nothing was)."""

    draft_id: str
    message_id: str
    conversation_id: str
    intent: str
    basis: Basis
    body: Draft
    analysis: Analysis | None
    signed: str | None
    agent: str | None


def list_unserved(connection: Connection, since: datetime, until: datetime, limit: int) -> Sequence[Case]:
    """The newest drafts of that time that no vetted reply answered, or whose text an agent changed; newest first."""
    unserved = (drafts.c.verdict == "no_vetted_reply") | drafts.c.edited
    when = (drafts.c.created_at >= since) & (drafts.c.created_at < until)
    standing = drafts.c.alternative_of.is_(None) & (drafts.c.status != "superseded") & (drafts.c.intent != OUTREACH)
    query = select(drafts).where(unserved & when & standing).order_by(drafts.c.created_at.desc(), drafts.c.id)
    return [_case(row) for row in connection.execute(query.limit(limit)).mappings()]


def _case(row: RowMapping) -> Case:
    signed = row["status"] in ("approved", "sent")
    return Case(
        draft_id=str(row["id"]),
        message_id=str(row["message_id"]),
        conversation_id=str(row["conversation_id"]),
        intent=str(row["intent"]),
        basis=Basis.model_validate(row["basis"]),
        body=Draft.model_validate(row["body"]),
        analysis=Analysis.model_validate(row["analysis"]) if row["analysis"] else None,
        signed=str(row["text"]) if signed else None,
        agent=str(row["approved_by"]) if signed else None,
    )


def find_cases(connection: Connection, draft_ids: Sequence[str]) -> Mapping[str, Case]:
    """By the draft's id."""
    rows = connection.execute(select(drafts).where(drafts.c.id.in_(draft_ids))).mappings()
    return {str(row["id"]): _case(row) for row in rows}


@dataclass(frozen=True, slots=True)
class Said:
    """A vetted sentence of a draft: `id` is situation and sentence, `text` as it was drafted, `slots` the values in it."""

    id: str
    text: str
    slots: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Work:
    """One draft, with what the figures ask of it. `drafted` is the text before anybody changed it."""

    draft_id: str
    conversation_id: str
    received_at: datetime
    status: str
    edited: bool
    verdict: str
    language: str
    intent: str
    market: str | None
    channel: str
    site: str
    agent: str | None  # who signed or rejected it
    approved_at: datetime | None
    sent_at: datetime | None
    text: str
    drafted: str
    replies: tuple[str, ...]
    products: tuple[str, ...]
    carrier: str | None
    destination: str | None
    said: tuple[Said, ...] = ()
    total: Money | None = None  # of the order


def list_work(
    connection: Connection, since: datetime, until: datetime, sender: Literal["buyer", "event"] = "buyer"
) -> Sequence[Work]:
    """What became of the messages received in that time, oldest first; of a message's alternatives only the one that was signed.

    `event`: of what the shop was to write first, instead.
    """
    order = drafts.c.basis["message"]["order"]
    rejected = (
        select(reviews.c.draft_id, func.max(reviews.c.agent).label("agent"))
        .where(reviews.c.decision == "rejected")
        .group_by(reviews.c.draft_id)
        .subquery()
    )
    signed = drafts.c.status.in_(("approved", "sent"))
    query = (
        select(
            drafts.c.id, drafts.c.conversation_id, messages.c.at, drafts.c.status, drafts.c.edited, drafts.c.verdict, drafts.c.language, drafts.c.intent, drafts.c.market, messages.c.channel, messages.c.site,
            func.coalesce(drafts.c.approved_by, rejected.c.agent).label("agent"), drafts.c.approved_at, drafts.c.sent_at, drafts.c.text,
            drafts.c.body["text"].as_string().label("drafted"), drafts.c.body["segments"].label("segments"), order["items"].label("items"),
            order["carrier"].as_string().label("carrier"), order["destination_country"].as_string().label("destination"), order["total"].label("total"), messages.c.id.label("message_id"),
        )
        .join(messages, messages.c.id == drafts.c.message_id)
        .outerjoin(rejected, and_(rejected.c.draft_id == drafts.c.id, drafts.c.status == "rejected"))
        .where((messages.c.sender == sender) & (messages.c.at >= since) & (messages.c.at < until) & (drafts.c.alternative_of.is_(None) | signed))
        .order_by(messages.c.at, drafts.c.id)
    )  # fmt: skip
    rows = connection.execute(query).mappings().all()
    chosen = {
        str(row["message_id"]): row for row in sorted(rows, key=lambda row: row["status"] in ("approved", "sent"))
    }
    return [_work(row) for row in rows if chosen[str(row["message_id"])] is row]


def _work(row: RowMapping) -> Work:
    segments, items = row["segments"] or [], row["items"] or []
    sources = [segment["source"] for segment in segments if segment["source"]["type"] == "reply"]
    replies = {str(source["id"]).rpartition(".")[0] for source in sources}
    products = {str(item["sku"]) for item in items if item.get("sku")}
    made = ("draft_id", "received_at", "replies", "products", "said", "total")
    values = {name: row[name] for name in Work.__dataclass_fields__ if name not in made}
    said = tuple(_said(segment, str(row["drafted"])) for segment in segments if segment["source"]["type"] == "reply")
    total = Money.model_validate(row["total"]) if row["total"] else None
    return Work(**values, draft_id=str(row["id"]), received_at=row["at"], replies=tuple(sorted(replies)), products=tuple(sorted(products)), said=said, total=total)  # fmt: skip


def _said(segment: Mapping[str, Any], text: str) -> Said:
    slots = {str(slot["name"]): text[slice(*slot["span"])] for slot in segment["slots"]}
    return Said(str(segment["source"]["id"]), text[slice(*segment["span"])].strip(), slots)
