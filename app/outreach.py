"""The shop writes first: an event of an order, a product or a season becomes a draft for approval, or a reason why none is made."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from sqlalchemy import Connection, Engine

from app.desk import Desk, Person
from app.domain import Basis, BuyerMessage, Drafted, Key, OrderEvent, Value
from app.drafting.analyze import find_market
from app.drafting.drafter import Drafter
from app.drafting.unasked import find_refusal, find_season, rests_until, season_subject
from app.errors import Duplicate, InvalidInput, Pointer
from app.settings import Settings
from app.store import drafts, ledger, messages, order_events
from app.store.database import reading, writing
from app.store.drafts import StoredDraft
from app.store.order_events import StoredEvent
from knowledge_base.outreach import EventRule


class Happened(Value):
    """An event as a shop's system tells it, or a step that an agent has `asked` for, which belongs to a conversation.

    `message` has no text, and its time is when it happened.
    """

    id: Key
    type: Key
    season: Key | None = None
    message: BuyerMessage
    asked: bool = False
    conversation_id: Key | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """What became of an event: a draft, or the reason why there is none. `repeated`: it had led to this draft before."""

    draft: StoredDraft | None = None
    refusal: str | None = None
    repeated: bool = False


class Outreach:
    """Built once. Nothing leaves here either: a draft waits for a person as any other."""

    def __init__(self, engine: Engine, desk: Desk, drafter: Callable[[], Drafter], settings: Settings) -> None:
        self._engine, self._desk, self._drafter = engine, desk, drafter
        self._rest = timedelta(hours=settings.conversation_rest_hours)

    def tell(self, happened: Happened, actor: Person) -> Told:
        """Raises InvalidInput where the event lacks what it is about, Duplicate where its id came with another event."""
        rule = self._rule(happened)
        event = self._event(happened, rule)
        with reading(self._engine) as connection:
            again = self._again(connection, event)
            if again is not None:
                return again
            basis = self._basis(connection, happened, rule)
        refusal = self._refused_at_once(rule, basis.message)
        if refusal is not None:
            return Told(refusal=refusal)
        drafted = self._drafter().draft(basis)
        if drafted.plan.verdict == "no_vetted_reply":
            return Told(refusal="nothing_fits")
        with writing(self._engine) as connection:
            messages.hold_place_of(connection, basis.message, happened.id)
            again = self._again(connection, event)
            if again is not None:
                return again
            refusal = self._refused_by_record(connection, rule, event)
            return Told(refusal=refusal) if refusal else self._store(connection, happened, event, basis, drafted, actor)

    def worded(self, refusal: str, agent_language: str) -> str:
        """The reason in the agent's language."""
        return self._drafter().knowledge.words(agent_language.partition("-")[0])[f"outreach.{refusal}"]

    # --- what happened -----------------------------------------------------------------------------------------------

    def _rule(self, happened: Happened) -> EventRule:
        rules, message = self._drafter().knowledge.outreach, happened.message
        rule = rules.events.get(happened.type)
        if rule is None or rule.asked is not happened.asked:
            known = ", ".join(name for name, one in rules.events.items() if one.asked is happened.asked)
            raise InvalidInput("there is no such event", (Pointer("/type", f"not of: {known}"),))
        if message.buyer.id is None and not rule.asked:
            raise InvalidInput("an event names its buyer", (Pointer("/buyer/id", "missing"),))
        if rule.about in ("order", "step") and (message.order is None or message.order.id is None):
            raise InvalidInput("this event is about an order", (Pointer("/order/id", "missing"),))
        if rule.about == "product" and (message.product is None or not (message.product.sku or message.product.title)):
            raise InvalidInput("this event is about a product", (Pointer("/product/sku", "missing"),))
        if happened.season is not None and happened.season not in rules.seasons:
            raise InvalidInput("there is no such season", (Pointer("/season", f"not of: {', '.join(rules.seasons)}"),))
        return rule

    def _event(self, happened: Happened, rule: EventRule) -> StoredEvent:
        message = happened.message
        return StoredEvent(
            site=message.site,
            id=happened.id,
            digest=hashlib.sha256(happened.model_dump_json(by_alias=True).encode()).hexdigest(),
            type=happened.type,
            buyer_id=message.buyer.id or "",
            about=self._about(happened, rule),
            at=message.received_at,
        )

    def _about(self, happened: Happened, rule: EventRule) -> str:
        message = happened.message
        if rule.about == "order":
            return str(message.order.id if message.order else "")
        if rule.about == "product" and message.product is not None:
            return str(message.product.sku or message.product.title)
        if rule.about == "season":
            season = self._season(happened, rule)
            return season_subject(season, message.received_at, self._timezone(message)) if season else "season"
        return happened.id if rule.about == "step" else str(message.buyer.id)

    def _season(self, happened: Happened, rule: EventRule) -> str | None:
        """The one that the buyer's market begins, and if the shop names one, only this."""
        if rule.about != "season":
            return None
        rules, message = self._drafter().knowledge.outreach, happened.message
        return find_season(rules, find_market(message), message.received_at.date(), happened.season)

    def _timezone(self, message: BuyerMessage) -> str:
        return self._drafter().knowledge.profiles.get(find_market(message)).timezone

    def _basis(self, connection: Connection, happened: Happened, rule: EventRule) -> Basis:
        """With the order where its number came alone, and what was said before."""
        event = OrderEvent(id=happened.id, type=happened.type, reply_id=rule.reply, season=self._season(happened, rule))
        conversation_id = self._conversation_of(connection, happened)
        said = messages.turns(messages.list_messages(connection, conversation_id)) if conversation_id else ()
        message = happened.message.model_copy(update={"event": event, "history": said})
        return self._desk.looked_up(Basis(message=message))

    # --- why not -----------------------------------------------------------------------------------------------------

    def _refused_at_once(self, rule: EventRule, message: BuyerMessage) -> str | None:
        if rule.about == "season" and message.event is not None and message.event.season is None:
            return "no_holiday"
        return find_refusal(rule, message, self._drafter().knowledge.policies.channel(message.channel))

    def _refused_by_record(self, connection: Connection, rule: EventRule, event: StoredEvent) -> str | None:
        if order_events.was_drafted(connection, event):
            return "already_told"
        if rule.matters:
            return None
        rules = self._drafter().knowledge.outreach
        since = event.at - timedelta(days=rules.complaint_days)
        if order_events.has_complaint(connection, event, since, rules.complaints):
            return "open_complaint"
        optional = [name for name, other in rules.events.items() if not other.matters]
        since = event.at - timedelta(days=rules.within_days)
        return "too_many" if order_events.count_drafted(connection, event, since, optional) >= rules.most else None

    # --- the draft ---------------------------------------------------------------------------------------------------

    def _again(self, connection: Connection, event: StoredEvent) -> Told | None:
        """What the same event led to before."""
        known = order_events.find_event(connection, event.site, event.id)
        if known is None:
            return None
        if known.digest != event.digest:
            raise Duplicate("this event came before with other content", (Pointer("/id", "already used"),))
        return Told(draft=drafts.find_draft(connection, known.draft_id), repeated=True)

    def _conversation_of(self, connection: Connection, happened: Happened) -> str | None:
        return happened.conversation_id or messages.find_open_conversation(connection, happened.message, self._rest)

    def _store(
        self, connection: Connection, happened: Happened, event: StoredEvent, basis: Basis, drafted: Drafted, actor: Person
    ) -> Told:  # fmt: skip
        message = basis.message
        conversation_id = self._conversation_of(connection, happened) or messages.start_conversation(connection, message)  # fmt: skip
        message_id = messages.add_buyer_message(connection, conversation_id, message, None, drafted.analysis, event.at)
        draft_id = drafts.add_draft(connection, message_id, conversation_id, basis, drafted, event.at)
        order_events.add_event(connection, replace(event, draft_id=draft_id))
        quiet = rests_until(self._drafter().knowledge.outreach, event.at, self._timezone(message))
        if quiet is not None and not happened.asked:
            drafts.change(connection, draft_id, event.at, snoozed_until=quiet)
        ledger.record(connection, actor.name, "order_event.told", draft_id, event.at, conversation_id, type=event.type)
        made = {"verdict": drafted.draft.verdict, "language": drafted.draft.language, "revision": 1}
        ledger.record(connection, "countersign", "draft.made", draft_id, event.at, conversation_id, **made)
        return Told(draft=drafts.find_draft(connection, draft_id))
