"""The cases of a shop: opened for an order, worked by agents, closed. Nothing leaves here for a buyer."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, Engine

from app.case import (
    STEPS_OF,
    Case,
    CaseChange,
    CaseFile,
    CaseFilter,
    CaseState,
    CaseStep,
    DueSource,
    Exhibit,
    Offer,
    Proposed,
    Purpose,
)
from app.desk import Person
from app.domain import BuyerMessage, Dispute, Key, Value
from app.drafting.analyze import find_market
from app.drafting.deadlines import Due, due_after
from app.errors import Conflict, InvalidInput, NotFound, Pointer, Stale
from app.feed import Event
from app.store import disputes, ledger, messages
from app.store.database import reading, writing
from app.store.ids import new_id
from knowledge_base.channels import DISPUTE_KINDS, ChannelPolicy, DisputeKind
from knowledge_base.knowledge import Knowledge

OURSELVES = Person("countersign", "integration")
SKEW = timedelta(minutes=5)  # how far the clock of who notes a moment may be ahead


class Opening(Value):
    """What an agent opens a case with; what is None is taken from the order of the conversation's newest message."""

    conversation_id: Key
    order_id: Key | None = None
    kind: DisputeKind | None = None


class Disputes:
    """Built once; holds the database, the knowledge that serves, and the clock."""

    def __init__(
        self, engine: Engine, knowledge: Callable[[], Knowledge], clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:  # fmt: skip
        self._engine, self._knowledge, self._clock = engine, knowledge, clock

    def open(self, opening: Opening, person: Person) -> Case:
        """Raises NotFound, InvalidInput where order or kind are not known, Conflict where the order has an open case."""
        with writing(self._engine) as connection:
            message = ordered_message(connection, opening.conversation_id, opening.order_id)
            case = self._new(opening, message, person)
            disputes.hold_order(connection, case.site, case.channel, case.order_id)
            if disputes.find_open_case(connection, case.site, case.channel, case.order_id) is not None:
                raise Conflict("this order has an open case", (Pointer("/order_id", "already open"),))
            self._add(connection, case, person)
        return case

    def follow(self, event: Event) -> None:
        """A new draft: the dispute of its order opens its case by itself, once; where it is open, the platform's day is kept in step."""
        if event.type != "draft.ready" or event.conversation_id is None:
            return
        with writing(self._engine) as connection:
            try:
                message = ordered_message(connection, event.conversation_id)
            except (NotFound, InvalidInput):
                return
            told, order_id = message.order.dispute if message.order else None, str(message.order and message.order.id)
            if told is None or told.opened_at is None or told.kind not in DISPUTE_KINDS:
                return
            place = (message.site, message.channel, order_id)
            disputes.hold_order(connection, *place)
            known = disputes.find_open_case(connection, *place) or disputes.find_case_of(connection, *place, told.opened_at)  # fmt: skip
            if known is None:
                self._add(connection, self._new(Opening(conversation_id=event.conversation_id), message, OURSELVES), OURSELVES)  # fmt: skip
            elif known.state != "closed" and told.due_by not in (None, known.file.order_due_by):
                file = known.file.model_copy(update={"order_due_by": told.due_by})
                self._keep(connection, known, file, known.state, OURSELVES)

    def get(self, case_id: str) -> Case:
        """Raises NotFound."""
        with reading(self._engine) as connection:
            return _known(connection, case_id)

    def get_open(self, case_id: str, version: int | None) -> Case:
        """Raises NotFound, Stale where `version` is not the newest, Conflict where the case is closed."""
        with reading(self._engine) as connection:
            return _open(connection, case_id, version)

    def note_draft(self, case_id: str, purpose: Purpose, draft_id: str, person: Person) -> Case:
        """Puts a draft that was made for a step into the history; raises NotFound."""
        with writing(self._engine) as connection:
            case = _known(connection, case_id)
            step = CaseStep(at=self._clock(), by=person.name, did="draft", detail=f"{purpose} {draft_id}")
            file = case.file.model_copy(update={"history": (*case.file.history, step)})
            return self._keep(connection, case, file, case.state, person)

    def list(self, wanted: CaseFilter, limit: int, after: str | None = None) -> tuple[Sequence[Case], str | None]:
        """What is due first, first; and the id after which the next page begins."""
        with reading(self._engine) as connection:
            return disputes.list_cases(connection, wanted, after, limit)

    def change(self, case_id: str, change: CaseChange, version: int | None, person: Person) -> Case:
        """Raises NotFound, Stale where `version` is not the newest, Conflict where the case is closed."""
        with writing(self._engine) as connection:
            case = _open(connection, case_id, version)
            evidence = {one.proof: one for one in (*case.file.evidence, *change.evidence)}
            steps = (*case.file.history, *change.steps(person.name, self._clock()))
            moments = {**case.file.moments, **change.moments}
            early = [name for name, at in moments.items() if not case.opened_at <= at <= self._clock() + SKEW]
            if early:
                raise InvalidInput("a moment lies between the opening and now", tuple(Pointer(f"/moments/{name}", "not within it") for name in early))  # fmt: skip
            file = case.file.model_copy(update={"evidence": tuple(evidence.values()), "moments": moments, "history": steps})  # fmt: skip
            return self._keep(connection, case, file, change.state or case.state, person)

    def offer(self, case_id: str, terms: Proposed, version: int | None, person: Person) -> Case:
        """Notes what a side proposes; with it the sides negotiate. Raises as `change` does."""
        with writing(self._engine) as connection:
            case, now = _open(connection, case_id, version), self._clock()
            step = CaseStep(at=now, by=person.name, did="offer", detail=terms.by)
            offers = (*case.file.offers, Offer(at=now, terms=terms))
            file = case.file.model_copy(update={"offers": offers, "history": (*case.file.history, step)})
            answered = case.state == "to_answer" and terms.by == "seller"
            return self._keep(connection, case, file, "negotiating" if answered else case.state, person)

    # --- inside ------------------------------------------------------------------------------------------------------

    def _new(self, opening: Opening, message: BuyerMessage, person: Person) -> Case:
        now, told = self._clock(), (message.order.dispute if message.order else None) or Dispute()
        kind = opening.kind or next((one for one in DISPUTE_KINDS if one == told.kind), None)
        if kind is None:
            raise InvalidInput("say what is claimed", (Pointer("/kind", f"one of: {', '.join(DISPUTE_KINDS)}"),))
        policies = self._knowledge().policies
        own = policies.channel(message.channel).evidence.get(kind)
        file = CaseFile(
            order_due_by=told.due_by,
            evidence=tuple(Exhibit(proof=proof) for proof in (own or policies.disputes.kinds[kind]).keep),
            history=(CaseStep(at=now, by=person.name, did="opened"),),
        )
        case = Case(
            id=new_id("case"), version=1, conversation_id=opening.conversation_id, site=message.site, channel=message.channel, kind=kind,
            market=find_market(message), order_id=str(message.order.id if message.order else ""), state="to_answer", opened_at=told.opened_at or now, file=file,
        )  # fmt: skip
        return self._timed(case)

    def _add(self, connection: Connection, case: Case, person: Person) -> None:
        disputes.add_case(connection, case)
        ledger.record(connection, person.name, "dispute.opened", case.id, self._clock(), case.conversation_id)

    def _keep(self, connection: Connection, case: Case, file: CaseFile, state: CaseState, person: Person) -> Case:
        changed = self._timed(case.model_copy(update={"version": case.version + 1, "file": file, "state": state}))
        if not disputes.change_case(connection, changed):
            raise Stale("the case has changed since")
        ledger.record(
            connection, person.name, "dispute.changed", case.id, self._clock(), case.conversation_id, version=changed.version
        )  # fmt: skip
        return changed

    def _timed(self, case: Case) -> Case:
        due_by, source = self._due(case)
        return case.model_copy(update={"due_by": due_by, "due_from": source})

    def _due(self, case: Case) -> tuple[datetime | None, DueSource | None]:
        """The platform's own day for the first answer goes before the channel's rule."""
        if case.state == "to_answer" and case.file.order_due_by is not None:
            return case.file.order_due_by, "order"
        due = running(case, self._knowledge().policies.channel(case.channel))
        return (due.at, "channel") if due is not None else (None, None)


def running(case: Case, channel: ChannelPolicy) -> Due | None:
    """The step whose time runs by the channel's rule; None where it has none, or the moment that it counts from is not known."""
    begun: dict[str, datetime] = {"dispute": case.opened_at}
    begun |= {str(name): at for name, at in case.file.moments.items()}
    for step in reversed(STEPS_OF.get(case.state, ())):
        rule = channel.deadlines.get(step)
        if rule is not None and rule.since in begun:
            return Due(step, due_after(begun[rule.since], rule), rule)
    return None


def ordered_message(connection: Connection, conversation_id: str, order_id: str | None = None) -> BuyerMessage:
    """The conversation's newest message with an order, and with that number where one is given; NotFound, InvalidInput."""
    if messages.find_conversation(connection, conversation_id) is None:
        raise NotFound("there is no such conversation")
    for stored in reversed(messages.list_messages(connection, conversation_id)):
        order = stored.body.order if stored.body else None
        if stored.body and order and order.id and order_id in (None, order.id):
            return stored.body
    raise InvalidInput("the conversation names no such order", (Pointer("/order_id", "not known here"),))


def _known(connection: Connection, case_id: str) -> Case:
    case = disputes.find_case(connection, case_id)
    if case is None:
        raise NotFound("there is no such case")
    return case


def _open(connection: Connection, case_id: str, version: int | None) -> Case:
    case = _known(connection, case_id)
    if version is not None and version != case.version:
        raise Stale("the case has changed since")
    if case.state == "closed":
        raise Conflict("the case is closed")
    return case
