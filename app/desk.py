"""The service's verbs: receive, draft, claim, approve, reject, regenerate. The faces call only these.

Every verb is one transaction: what it answers is stored, and what it could not store it does not answer.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, Engine

from app.case import with_case
from app.domain import OUTREACH, Analysis, Basis, BuyerMessage, Check, Corrections, Draft, Drafted, RejectReason, Steer
from app.drafting.calendar import local_date
from app.drafting.deadlines import dues
from app.drafting.drafter import Drafter
from app.drafting.explain import agent_profile, event_gist, make_gist, worded_priority
from app.drafting.triage import triaged
from app.errors import Blocked, Claimed, Duplicate, Forbidden, InvalidInput, NotFound, Pointer, Stale, WrongState
from app.feedback import digest_of, without_buyer
from app.order_source import OrderSource
from app.orders import OrderFile
from app.outward import Outward
from app.settings import Settings
from app.store import corrections, disputes, drafts, ledger, messages, queue
from app.store.database import reading, writing
from app.store.drafts import StoredDraft
from app.store.messages import StoredMessage
from app.store.queue import DraftFilter
from models.text import clean

NOTHING_CORRECTED = Corrections()


@dataclass(frozen=True, slots=True)
class Person:
    """Who acts: a name for the trail, and what role they have."""

    name: str
    role: str  # agent | ops | integration

    @property
    def signs_escalated(self) -> bool:
        """Only ops signs what is escalated, and what a check blocks."""
        return self.role == "ops"


@dataclass(frozen=True, slots=True)
class Received:
    """What became of an incoming message. `repeated`: it had come before, and this is the first answer."""

    message: StoredMessage
    analysis: Analysis
    draft: StoredDraft
    repeated: bool


@dataclass(frozen=True, slots=True)
class Limits:
    """How long an answer may be, when the channel counts it as late, and how long it can be taken back."""

    max_chars: int
    answer_due: datetime | None
    undo_seconds: int


class Desk:
    """Built once; holds the drafter, the database and the clock."""

    def __init__(
        self,
        engine: Engine,
        drafter: Callable[[], Drafter],
        settings: Settings,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._engine, self._drafter, self._settings, self._clock = engine, drafter, settings, clock
        self._order_file = OrderFile(settings.order_file)
        outward = Outward(settings.call_private_addresses, within_s=settings.order_source_seconds)
        self._order_source = OrderSource(
            outward, lambda site: drafter().knowledge.site(site).order_source, settings.order_source_token
        )

    # --- a message comes in ------------------------------------------------------------------------------------------

    def receive(
        self, message: BuyerMessage, conversation_id: str | None, external_id: str | None, actor: Person
    ) -> Received:
        """Stores the message with a draft that answers it, and what it came too soon after."""
        message = self.tidy(message)
        self._takes(message)
        with reading(self._engine) as connection:
            repeated = self._find_repeated(connection, message, external_id)
            if repeated is not None:
                return repeated
            conversation_id = self._conversation_of(connection, message, conversation_id)
            basis, superseded = self._basis(connection, message, conversation_id)
        basis = self.looked_up(basis)
        drafted = self._drafter().draft(basis)
        with writing(self._engine) as connection:
            messages.hold_place_of(connection, message, external_id)
            return self._find_repeated(connection, message, external_id) or self._store(
                connection, basis, message, conversation_id, external_id, drafted, superseded, actor
            )

    def try_out(self, message: BuyerMessage) -> Drafted:
        """The same without storing anything."""
        return self._drafter().draft(self.looked_up(Basis(message=self.tidy(message))))

    def looked_up(self, basis: Basis) -> Basis:
        """With the order that the message is about, where it came without one, and what the open case of that order says."""
        basis = self._order_source.complete(self._order_file.complete(basis))
        order = basis.message.order
        if order is None or order.id is None:
            return basis
        with reading(self._engine) as connection:
            case = disputes.find_open_case(connection, basis.message.site, basis.message.channel, order.id)
        return basis if case is None else basis.model_copy(update={"message": with_case(basis.message, case)})

    def analyze(self, message: BuyerMessage) -> Analysis:
        """The reading alone."""
        return self._drafter().analyze(self.tidy(message))

    def agent_language_of(self, site: str) -> str:
        """In which language a site's agents read, where nobody asks for another."""
        return self._drafter().knowledge.site(site).agent_language

    def _takes(self, message: BuyerMessage) -> None:
        channels = self._drafter().knowledge.site(message.site).channels
        if channels and message.channel not in channels:
            raise InvalidInput(
                "the site takes no messages on this channel", (Pointer("/channel", f"not of: {', '.join(channels)}"),)
            )

    def tidy(self, message: BuyerMessage) -> BuyerMessage:
        """The text cleaned once; raises InvalidInput where nothing is left of it or it is too long."""
        if len(message.text) > self._settings.max_text_chars:
            raise InvalidInput(
                f"the text has more than {self._settings.max_text_chars} characters", (Pointer("/text", "too long"),)
            )
        text = clean(message.text).strip()
        if not text:
            raise InvalidInput("the text is empty", (Pointer("/text", "holds no character that can be read"),))
        history = tuple(turn.model_copy(update={"text": clean(turn.text)}) for turn in message.history)
        return self._with_generator(message.model_copy(update={"text": text, "history": history}))

    def _with_generator(self, message: BuyerMessage) -> BuyerMessage:
        """Stored with the draft, so that another setting tomorrow does not reword what was drafted today."""
        generator = message.options.generator or self._settings.generator
        options = message.options.model_copy(update={"generator": generator})
        return message.model_copy(update={"options": options})

    def _find_repeated(self, connection: Connection, message: BuyerMessage, external_id: str | None) -> Received | None:
        if external_id is None:
            return None
        known = messages.find_by_external_id(connection, message.site, message.channel, external_id)
        if known is None:
            return None
        if known.text != message.text:
            raise Duplicate(
                "this external_id came before with another text", (Pointer("/external_id", "already used"),)
            )
        draft = drafts.find_draft(connection, known.draft_id or "")
        if draft is None or known.analysis is None:
            raise NotFound("the first answer to this message is no longer kept")
        return Received(known, known.analysis, draft, repeated=True)

    def _conversation_of(
        self, connection: Connection, message: BuyerMessage, conversation_id: str | None
    ) -> str | None:
        if conversation_id is None:
            return messages.find_open_conversation(
                connection, message, timedelta(hours=self._settings.conversation_rest_hours)
            )
        found = messages.find_conversation(connection, conversation_id)
        if found is None:
            raise NotFound("there is no such conversation")
        if (found["site"], found["channel"]) != (message.site, message.channel):
            raise InvalidInput(
                "the conversation belongs to another site or channel",
                (Pointer("/conversation_id", "other site or channel"),),
            )
        return conversation_id

    def _basis(
        self, connection: Connection, message: BuyerMessage, conversation_id: str | None
    ) -> tuple[Basis, tuple[str, ...]]:
        """What the draft is made from: with a burst the earlier messages' texts too, whose drafts it supersedes."""
        if conversation_id is None:
            return Basis(message=message), ()
        stored = messages.list_messages(connection, conversation_id)
        pending = {draft.message_id: draft.id for draft in drafts.find_pending_of(connection, conversation_id)}
        window = timedelta(seconds=self._drafter().knowledge.policies.channel(message.channel).burst_seconds)
        burst: list[StoredMessage] = []
        newest = message.received_at
        for item in reversed(stored):
            if (
                item.sender != "buyer"
                or item.id not in pending
                or newest - item.at > window
                or item.at > message.received_at
            ):
                break
            burst.insert(0, item)
            newest = item.at
        earlier = [item for item in stored if item not in burst]
        text = "\n".join([*(item.text for item in burst), message.text])[-self._settings.max_text_chars :]
        attachments = (
            *(attachment for item in burst if item.body for attachment in item.body.attachments),
            *message.attachments,
        )
        order = message.order or next(
            (item.body.order for item in reversed(stored) if item.body and item.body.order), None
        )
        changes = {
            "text": text,
            "attachments": attachments[:20],
            "order": order,
            "history": messages.turns(earlier) or message.history,
        }
        return Basis(message=message.model_copy(update=changes)), tuple(pending[item.id] for item in burst)

    def _store(
        self, connection: Connection, basis: Basis, message: BuyerMessage, conversation_id: str | None, external_id: str | None, drafted: Drafted, superseded: tuple[str, ...], actor: Person
    ) -> Received:  # fmt: skip
        now = self._clock()
        conversation_id = (
            conversation_id
            or messages.find_open_conversation(
                connection, message, timedelta(hours=self._settings.conversation_rest_hours)
            )
            or messages.start_conversation(connection, message)
        )
        message_id = messages.add_buyer_message(
            connection, conversation_id, message, external_id, drafted.analysis, now
        )
        draft_id = drafts.add_draft(connection, message_id, conversation_id, basis, drafted, now)
        for old in superseded:
            self._supersede(connection, old, draft_id, now)
        ledger.record(connection, actor.name, "message.received", message_id, now, conversation_id, draft=draft_id)
        made = {"verdict": drafted.draft.verdict, "language": drafted.draft.language, "revision": 1}
        ledger.record(connection, "countersign", "draft.made", draft_id, now, conversation_id, **made)
        if drafted.draft.verdict == "escalate":
            ledger.record(connection, "countersign", "draft.escalated", draft_id, now, conversation_id)
        draft = self._get(connection, draft_id)
        return Received(messages.get_message(connection, message_id), drafted.analysis, draft, repeated=False)

    def _supersede(self, connection: Connection, draft_id: str, by: str, now: datetime) -> None:
        """Only what is still pending: what was signed meanwhile has been said."""
        draft = drafts.find_draft(connection, draft_id, lock=True)
        if draft is None or draft.status != "pending":
            return
        drafts.change(connection, draft_id, now, status="superseded", superseded_by=by)
        ledger.record(
            connection, "countersign", "draft.superseded", draft_id, now, draft.conversation_id, superseded_by=by
        )
        if draft.alternative_of is None:
            self._supersede_beside(connection, draft, by, now)

    def _supersede_beside(self, connection: Connection, draft: StoredDraft, by: str, now: datetime) -> None:
        """The other drafts of the same message: one reply leaves, not two."""
        for other in drafts.find_beside(connection, draft):
            if other != by:
                self._supersede(connection, other, by, now)

    # --- looking -----------------------------------------------------------------------------------------------------

    def list_drafts(
        self, wanted: DraftFilter, limit: int, cursor: str | None, sort: str
    ) -> tuple[Sequence[StoredDraft], str | None]:
        """One page of the queue."""
        with reading(self._engine) as connection:
            return drafts.list_drafts(connection, wanted, self._clock(), limit, cursor, sort)

    def count_drafts(self) -> dict[str, int]:
        """How many drafts are in each status."""
        with reading(self._engine) as connection:
            return queue.count_drafts(connection)

    def count_facets(self, wanted: DraftFilter) -> Mapping[str, Mapping[str, int]]:
        """Of the drafts that fit, how many have which language, market, intent and so on."""
        with reading(self._engine) as connection:
            return queue.count_facets(connection, wanted, self._clock())

    def labels(self, agent_language: str) -> Mapping[str, Mapping[str, str]]:
        """What the labels of the taxonomy are called in an agent's language."""
        code, profile = agent_profile(agent_language, self._drafter().knowledge)
        unasked = {OUTREACH: self._drafter().knowledge.words(code)["outreach.label"]}
        told = self._drafter().knowledge.words(code)
        cases = {kind: {key.removeprefix(start): text for key, text in told.items() if key.startswith(start)} for kind, start in (("disputes", "dispute."), ("proofs", "proof."))}  # fmt: skip
        return {"intents": profile.intents | unasked, "emotions": profile.emotions, "conduct": profile.conduct, **cases}

    def gist(self, draft: StoredDraft, agent_language: str) -> str:
        """What the buyer writes about, in an agent's language."""
        if draft.analysis is None or agent_language == draft.basis.message.agent_language:
            return draft.body.gist
        knowledge = self._drafter().knowledge
        if draft.basis.message.event is not None:
            return event_gist(draft.basis.message.event, agent_language, knowledge)
        today = local_date(draft.basis.message.received_at, knowledge.profiles.get(draft.market).timezone)
        return make_gist(draft.analysis, today, agent_language, knowledge)

    def priority_reasons(self, draft: StoredDraft, agent_language: str) -> Sequence[str]:
        """Why the draft stands where it does in the queue, in an agent's language."""
        if draft.analysis is None:
            return ()
        message, knowledge = draft.basis.message, self._drafter().knowledge
        if agent_language == message.agent_language:
            return draft.analysis.priority.reasons
        return worded_priority(triaged(draft.analysis, message, knowledge), agent_language, knowledge).reasons

    def limits(self, draft: StoredDraft) -> Limits:
        """What bounds an agent's answer to this draft."""
        message = draft.basis.message
        channel = self._drafter().knowledge.policies.channel(message.channel)
        due = next((due.at for due in dues(message, channel) if due.step == "first_answer"), None)
        return Limits(
            message.options.max_chars or channel.max_chars, due, int(self._undo_window(draft).total_seconds())
        )

    def get_draft(self, draft_id: str, agent_language: str | None = None) -> StoredDraft:
        """The newest revision; explained in another agent's language where asked for."""
        with reading(self._engine) as connection:
            draft = self._get(connection, draft_id)
        if agent_language is None or agent_language == draft.basis.message.agent_language:
            return draft
        return self._explained(draft, agent_language)

    def _explained(self, draft: StoredDraft, agent_language: str) -> StoredDraft:
        """The same text, with gloss, gist, reasons and checks worded anew; the text itself must not change by looking at it."""
        message = draft.basis.message.model_copy(update={"agent_language": agent_language})
        drafted = self._drafter().draft(draft.basis.model_copy(update={"message": message}))
        other = drafted.draft
        same = other.text == draft.body.text
        fields = ["gist", "reason", "advice", "missing"]
        fields += ["gloss", "adjustments"] if same or _same_sources(other, draft.body) else []
        fields += ["checks"] if same and draft.body.generator.fallback_from is None else []
        return StoredDraft(
            **{name: getattr(draft, name) for name in StoredDraft.__dataclass_fields__}
            | {
                "body": draft.body.model_copy(update={name: getattr(other, name) for name in fields}),
                "analysis": draft.analysis.model_copy(update={"priority": drafted.analysis.priority})
                if draft.analysis
                else None,
            }
        )

    def get_conversation(self, conversation_id: str) -> tuple[Sequence[StoredMessage], Sequence[StoredDraft]]:
        """All messages and all drafts of one conversation."""
        with reading(self._engine) as connection:
            if messages.find_conversation(connection, conversation_id) is None:
                raise NotFound("there is no such conversation")
            found, _ = drafts.list_drafts(
                connection, DraftFilter(conversation_id=conversation_id), self._clock(), 200, None, "newest"
            )
            return messages.list_messages(connection, conversation_id), found

    def get_message(self, message_id: str) -> StoredMessage:
        """The message that a draft answers."""
        with reading(self._engine) as connection:
            return messages.get_message(connection, message_id)

    def trail(self, subject: str) -> Sequence[object]:
        """The audit trail of one draft or message."""
        with reading(self._engine) as connection:
            return ledger.trail(connection, subject)

    def check(
        self,
        text: str,
        message: BuyerMessage,
        draft_id: str | None = None,
        language: str | None = None,
        everything: bool = False,
    ) -> tuple[Check, ...]:
        """The checks on a text typed by hand, held against a draft where one is named."""
        if draft_id is not None:
            draft = self.get_draft(draft_id)
            kept = draft.basis.message.model_copy(update={"agent_language": message.agent_language})
            return self._drafter().check(clean(text), kept, draft.body, language, everything)
        return self._drafter().check(
            clean(text), message.model_copy(update={"text": clean(message.text)}), None, language, everything
        )

    # --- deciding ----------------------------------------------------------------------------------------------------

    def claim(self, draft_id: str, person: Person) -> StoredDraft:
        """A lease on the draft; a second claimant gets Claimed until it runs out."""
        with writing(self._engine) as connection:
            draft, now = self._pending(connection, draft_id, person), self._clock()
            drafts.change(
                connection,
                draft.id,
                now,
                claimed_by=person.name,
                claimed_until=drafts.lease(self._settings.claim_minutes, now),
            )
            self._note(connection, person, "draft.claimed", draft, now)
            return self._get(connection, draft_id)

    def release(self, draft_id: str, person: Person) -> StoredDraft:
        """Ends one's own lease."""
        with writing(self._engine) as connection:
            draft, now = self._pending(connection, draft_id, person), self._clock()
            drafts.change(connection, draft.id, now, claimed_by=None, claimed_until=None)
            self._note(connection, person, "draft.released", draft, now)
            return self._get(connection, draft_id)

    def snooze(self, draft_id: str, until: datetime, person: Person) -> StoredDraft:
        """Takes the draft out of the queue until then."""
        with writing(self._engine) as connection:
            draft, now = self._pending(connection, draft_id, person), self._clock()
            drafts.change(connection, draft.id, now, snoozed_until=until)
            self._note(connection, person, "draft.snoozed", draft, now, until=until.isoformat())
            return self._get(connection, draft_id)

    def approve(
        self,
        draft_id: str,
        person: Person,
        text: str | None = None,
        revision: int | None = None,
        override: str | None = None,
        corrected: Corrections = NOTHING_CORRECTED,
    ) -> StoredDraft:
        """Signs the draft, as it is or edited; the reply leaves after the undo window, once."""
        self._known_labels(corrected, "/corrections")
        text = clean(text).strip() if text is not None else None
        draft = self.get_draft(draft_id)
        edited = (
            text is not None and text != clean(draft.body.text).strip()
        )  # cleaning takes invisible marks off a pasted text
        final = text if edited and text is not None else draft.body.text
        checks = self.check(final, draft.basis.message, draft_id) if edited else draft.body.checks
        with writing(self._engine) as connection:
            draft, now = self._pending(connection, draft_id, person, revision or draft.revision), self._clock()
            self._may_leave(final, draft, checks, person, override)
            drafts.change(
                connection,
                draft_id,
                now,
                status="approved",
                edited=edited,
                text=final,
                approved_by=person.name,
                approved_at=now,
                claimed_by=None,
                claimed_until=None,
            )
            self._supersede_beside(connection, draft, draft_id, now)
            drafts.add_review(
                connection,
                draft_id,
                draft.revision,
                person.name,
                "edited" if edited else "approved",
                now,
                text=final,
                override=override,
                corrections=corrected.model_dump(mode="json"),
            )
            self._propose(connection, draft, person, corrected, now)
            drafts.put_in_outbox(connection, draft_id, final, now + self._undo_window(draft))
            signed = {"edited": edited, "revision": draft.revision, "override": override}
            self._note(connection, person, "draft.approved", draft, now, **signed)
            return self._get(connection, draft_id)

    def _may_leave(
        self, text: str, draft: StoredDraft, checks: Sequence[Check], person: Person, override: str | None
    ) -> None:
        if not text:
            raise InvalidInput("there is no text to send", (Pointer("/text", "empty"),))
        if draft.body.verdict == "escalate" and not person.signs_escalated:
            raise Forbidden("this draft is signed by a person with authority (ops)")
        blocks = [check for check in checks if check.status == "block"]
        if not blocks or (override and person.signs_escalated):
            return
        if override:
            raise Forbidden("only ops may sign in spite of a block")
        raise Blocked(
            "a check forbids that this text goes out",
            tuple(Pointer("/text", f"{check.id}: {check.detail}") for check in blocks),
        )

    def _undo_window(self, draft: StoredDraft) -> timedelta:
        """The site's own, where it has one."""
        own = self._drafter().knowledge.site(draft.basis.message.site).undo_seconds
        return timedelta(seconds=self._settings.undo_seconds if own is None else own)

    def reject(
        self,
        draft_id: str,
        person: Person,
        reason: RejectReason,
        note: str | None = None,
        corrected: Corrections = NOTHING_CORRECTED,
    ) -> StoredDraft:
        """Refuses the draft with a reason; corrections wait for a second decision, and then teach."""
        self._known_labels(corrected)
        with writing(self._engine) as connection:
            draft, now = self._pending(connection, draft_id, person), self._clock()
            drafts.change(connection, draft_id, now, status="rejected", claimed_by=None, claimed_until=None)
            if draft.alternative_of is None:
                self._supersede_beside(connection, draft, draft_id, now)
            drafts.add_review(
                connection,
                draft_id,
                draft.revision,
                person.name,
                "rejected",
                now,
                reason=reason,
                note=note,
                corrections=corrected.model_dump(mode="json"),
            )
            self._propose(connection, draft, person, corrected, now)
            self._note(connection, person, "draft.rejected", draft, now, reason=reason)
            return self._get(connection, draft_id)

    def _propose(
        self, connection: Connection, draft: StoredDraft, person: Person, corrected: Corrections, now: datetime
    ) -> None:
        """Keeps what the message really was, where the person says so."""
        if corrected == NOTHING_CORRECTED:
            return
        if draft.basis.message.event is not None:
            raise InvalidInput(
                "nobody wrote what this draft answers: there is nothing to correct",
                (Pointer("/intents", "no message"),),
            )
        digest = digest_of(without_buyer(draft.basis.message))
        proposal = corrections.propose(connection, draft.id, digest, corrected, person.name, now)
        if proposal is not None:
            self._note(connection, person, "correction.proposed", draft, now, correction=proposal)

    def _known_labels(self, named: Corrections, where: str = "") -> None:
        knowledge = self._drafter().knowledge
        english = knowledge.languages["en"]
        places = [
            *(
                (f"/intents/{place}", "intent", one, knowledge.replies.intents)
                for place, one in enumerate(named.intents or ())
            ),
            *((f"/conduct/{place}", "conduct", one, english.conduct) for place, one in enumerate(named.conduct or ())),
            ("/emotion", "emotion", named.emotion, english.emotions),
            ("/language", "language", named.language, knowledge.languages),
        ]
        self._known_reply(named.reply_id, where)
        wrong = [
            Pointer(f"{where}{place}", f"unknown {noun} {one!r}")
            for place, noun, one, known in places
            if one is not None and one not in known
        ]
        if wrong:
            raise InvalidInput("a label is not of the taxonomy", tuple(wrong))

    def regenerate(self, draft_id: str, person: Person, changes: dict[str, object], steer: Steer) -> StoredDraft:
        """A new revision of a pending draft, made from the same message with other options, slots or intents."""
        known = self.get_draft(draft_id)
        self._known_labels(Corrections(intents=steer.intents, reply_id=steer.reply_id))
        basis = Basis(
            message=self._with_generator(known.basis.message.model_copy(update=changes)),
            steer=steer if steer != Steer() else known.basis.steer,
            degraded=known.basis.degraded,
        )
        drafted = self._drafter().draft(basis)
        with writing(self._engine) as connection:
            draft, now = self._pending(connection, draft_id, person, known.revision), self._clock()
            self._supersede_beside(connection, draft, draft_id, now)
            drafts.add_revision(connection, draft_id, draft.revision + 1, basis, drafted, now)
            self._note(connection, person, "draft.regenerated", draft, now, revision=draft.revision + 1)
            return self._get(connection, draft_id)

    def offer_alternatives(self, draft_id: str, person: Person) -> StoredDraft:
        """The draft with up to three others beside it that really differ; made when first asked for, so that no message waits for them.

        Each is a draft of its own, outside the queue; signing one supersedes the rest.
        """
        known = self.get_draft(draft_id)
        if known.alternative_of is not None:
            raise WrongState("the draft is itself an alternative")
        if known.body.alternatives:
            return known
        found = self._drafter().alternatives(known.basis, known.body)
        with writing(self._engine) as connection:
            draft, now = self._pending(connection, draft_id, person, known.revision), self._clock()
            if draft.body.alternatives:
                return draft
            ids = tuple(drafts.add_alternative(connection, draft, basis, drafted, now) for basis, drafted in found)
            body = draft.body.model_copy(update={"alternatives": ids})
            drafts.change(connection, draft_id, now, body=body.model_dump(mode="json", by_alias=True))
            self._note(connection, person, "draft.alternatives", draft, now, count=len(ids))
            return self._get(connection, draft_id)

    def _known_reply(self, reply_id: str | None, where: str) -> None:
        if reply_id is not None and all(
            situation.id != reply_id for situation in self._drafter().knowledge.replies.situations()
        ):
            raise InvalidInput("there is no such reply", (Pointer(f"{where}/reply_id", f"unknown reply {reply_id!r}"),))

    def undo(self, draft_id: str, person: Person) -> StoredDraft:
        """Takes a signature back while the reply has not left."""
        with writing(self._engine) as connection:
            draft, now = self._get(connection, draft_id, lock=True), self._clock()
            waiting = drafts.find_in_outbox(connection, draft_id)
            if draft.status != "approved" or waiting is None or waiting["leaves_at"] <= now:  # type: ignore[operator]
                raise WrongState("the reply has left, or was never signed")
            drafts.take_from_outbox(connection, draft_id)
            drafts.change(
                connection,
                draft_id,
                now,
                status="pending",
                edited=False,
                text=draft.body.text,
                approved_by=None,
                approved_at=None,
            )
            drafts.reopen_beside(connection, draft, now)
            drafts.add_review(connection, draft_id, draft.revision, person.name, "undone", now)
            corrections.withdraw(connection, draft_id, draft.approved_by or person.name)
            self._note(connection, person, "draft.undone", draft, now)
            return self._get(connection, draft_id)

    def confirm_sent(self, draft_id: str, actor: Person) -> StoredDraft:
        """An integration has delivered the reply; saying so again changes nothing."""
        with writing(self._engine) as connection:
            draft, now = self._get(connection, draft_id, lock=True), self._clock()
            waiting = drafts.find_in_outbox(connection, draft_id)
            if draft.status == "sent":
                return draft
            if draft.status != "approved" or waiting is None:
                raise WrongState("only an approved reply can be sent")
            if waiting["leaves_at"] > now:  # type: ignore[operator]
                raise WrongState("the reply still waits for its undo window")
            drafts.mark_sent(connection, draft_id, now)
            drafts.change(connection, draft_id, now, status="sent", sent_at=now)
            self._say(connection, draft, draft.text, now)
            self._note(connection, actor, "reply.sent", draft, now)
            return self._get(connection, draft_id)

    def answered_elsewhere(self, conversation_id: str, text: str, person: Person) -> StoredDraft | None:
        """A person has answered the buyer in another program: the newest draft that waits is settled by what they sent. None without one."""
        text = clean(text).strip()
        with writing(self._engine) as connection:
            pending = drafts.find_pending_of(connection, conversation_id)
            waiting = [draft for draft in pending if draft.basis.message.event is None]
            if not waiting or not text:
                return None
            draft, now = waiting[-1], self._clock()
            edited = text != clean(draft.body.text).strip()
            signed = {"approved_by": person.name, "approved_at": now, "sent_at": now}
            drafts.change(connection, draft.id, now, status="sent", edited=edited, text=text, **signed)
            decision = "edited" if edited else "approved"
            drafts.add_review(connection, draft.id, draft.revision, person.name, decision, now, text=text)
            self._say(connection, draft, text, now)
            self._note(connection, person, "draft.approved", draft, now, edited=edited, revision=draft.revision)
            self._note(connection, person, "reply.sent", draft, now)
            return self._get(connection, draft.id)

    def _say(self, connection: Connection, draft: StoredDraft, text: str, now: datetime) -> None:
        """What reached the buyer stands in the conversation."""
        body = messages.get_message(connection, draft.message_id).body
        if body is not None:
            messages.add_seller_message(connection, draft.conversation_id, body.site, body.channel, text, draft.id, now)

    # --- first answers of idempotent writes ----------------------------------------------------------------------------

    def find_answer(self, key: str, principal: str) -> Mapping[str, object] | None:
        """The first answer to that key within the last day."""
        with reading(self._engine) as connection:
            return ledger.find_answer(connection, key, principal, self._clock())

    @contextmanager
    def keeping_answer(
        self, key: str, principal: str, request_hash: str
    ) -> Iterator[Callable[[int, Mapping[str, object]], None]]:
        """A transaction in which a verb and its answer are stored together, or neither."""
        with writing(self._engine) as connection:
            yield lambda status, body: ledger.keep_answer(
                connection, key, principal, request_hash, status, body, self._clock()
            )

    # --- shared ------------------------------------------------------------------------------------------------------

    def _note(
        self, connection: Connection, who: Person, action: str, draft: StoredDraft, now: datetime, **detail: object
    ) -> None:
        """One step about a draft in the trail."""
        ledger.record(connection, who.name, action, draft.id, now, draft.conversation_id, **detail)

    def _get(self, connection: Connection, draft_id: str, lock: bool = False) -> StoredDraft:
        draft = drafts.find_draft(connection, draft_id, lock)
        if draft is None:
            raise NotFound("there is no such draft")
        return draft

    def _pending(
        self, connection: Connection, draft_id: str, person: Person, revision: int | None = None
    ) -> StoredDraft:
        """The draft, locked, where this person may decide about this revision of it now; with an alternative also its first draft."""
        known = self._get(connection, draft_id)
        if known.alternative_of is not None:
            self._pending(connection, known.alternative_of, person)
        draft = self._get(connection, draft_id, lock=True)
        if draft.status == "superseded":
            raise Stale("a newer message of the buyer has superseded this draft")
        if draft.status != "pending":
            raise WrongState(f"the draft is {draft.status}")
        if revision is not None and revision != draft.revision:
            raise Stale(f"the draft is at revision {draft.revision} by now")
        if (
            draft.claimed_by not in (None, person.name)
            and draft.claimed_until is not None
            and draft.claimed_until > self._clock()
        ):
            raise Claimed(f"{draft.claimed_by} is at this draft")
        return draft


def _same_sources(one: Draft, other: Draft) -> bool:
    """Whether the same vetted texts stand behind both, whoever worded them: then one's gloss glosses the other."""
    return [segment.source.id for segment in one.segments] == [segment.source.id for segment in other.segments]
