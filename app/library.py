"""The verbs of the replies: look, save, vet, retire, restore. Each is one transaction; only what is vetted is ever used.

A saved version is a suggestion until ops vets it; the vetted words before it go on being used. Versions are never
changed afterwards: going back makes a new one.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal

from sqlalchemy import Connection, Engine

from app.desk import Person
from app.domain import countries
from app.errors import Conflict, InvalidInput, NotFound, Pointer, Stale
from app.store import ledger, replies
from app.store.database import once_committed, reading, writing
from app.store.edits import begin_edit
from app.store.replies import Action
from knowledge_base.edits import Kept, Reply, WrittenReply, documents, unvetted
from knowledge_base.exchange import Difference, Item, RowFault, differences, merged
from knowledge_base.knowledge import Knowledge
from knowledge_base.proofread import Flaw, proofread, shape_flaws, slots_of

State = Literal["vetted", "suggested", "retired"]
REVIEW_AFTER = timedelta(days=365)  # when vetted words have to be read again, where nobody says otherwise


@dataclass(frozen=True, slots=True)
class Held:
    """A reply as the shop holds it: its newest version, and what drafts use of it (None: nothing)."""

    version: int
    document: Reply
    in_use: Reply | None
    by: str | None = None  # None: as it was shipped
    at: datetime | None = None

    @property
    def state(self) -> State:
        """Suggested while the newest version is not what is used."""
        if self.in_use != self.document:
            return "suggested"
        return "retired" if self.document.retired else "vetted"


@dataclass(frozen=True, slots=True)
class ReplyFilter:
    """What a list shows; None means all."""

    intent: str | None = None
    language: str | None = None
    state: State | None = None


@dataclass(frozen=True, slots=True)
class Judged:
    """One reply of a file: what it was, what it would be (None: it cannot be read), and what differs."""

    reply_id: str
    before: Held | None
    written: WrittenReply | None
    differences: tuple[Difference, ...]
    faults: tuple[RowFault, ...]


@dataclass(frozen=True, slots=True)
class Brought:
    """A whole file, judged; with faults nothing of it is stored."""

    replies: tuple[Judged, ...]
    faults: tuple[RowFault, ...]


class Library:
    """Built once; `changed` is called after each edit."""

    def __init__(
        self,
        engine: Engine,
        shipped: Knowledge,
        changed: Callable[[], None] = lambda: None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._engine, self._shipped, self._changed, self._clock = engine, shipped, changed, clock
        self._files = documents(shipped.replies)

    # --- looking -----------------------------------------------------------------------------------------------------

    def list_replies(
        self, wanted: ReplyFilter, limit: int | None = None, after: str | None = None
    ) -> tuple[Sequence[Held], str | None]:
        """One page by id, and the id after which the next begins; all of them where there is no limit."""
        with reading(self._engine) as connection:
            held = self._all(connection)
        ids = [reply_id for reply_id in sorted(held) if _wanted(held[reply_id], wanted) and reply_id > (after or "")]
        page = [held[reply_id] for reply_id in ids[:limit]]
        return page, ids[limit - 1] if limit is not None and len(ids) > limit else None

    def get_reply(self, reply_id: str, version: int | None = None) -> Held:
        """The newest version, or an earlier one as it was; raises NotFound."""
        with reading(self._engine) as connection:
            held = self._find(connection, reply_id) if version is None else self._version(connection, reply_id, version)
        if held is None:
            raise NotFound("there is no such reply" if version is None else "there is no such version of the reply")
        return held

    def list_versions(self, reply_id: str) -> Sequence[tuple[str, Held]]:
        """All steps with what was done, newest first; the shipped version last."""
        with reading(self._engine) as connection:
            steps = replies.list_steps(connection, reply_id)
        shipped = self._files.get(reply_id)
        found = [(str(step.action), Held(step.version, step.document, step.in_use, step.by, step.at)) for step in steps]
        found += [("shipped", Held(shipped.version, shipped, shipped))] if shipped else []
        if not found:
            raise NotFound("there is no such reply")
        return found

    def _all(self, connection: Connection) -> dict[str, Held]:
        held = {reply_id: Held(reply.version, reply, reply) for reply_id, reply in self._files.items()}
        for step in replies.list_newest(connection):
            before = held.get(step.reply_id)
            in_use = step.in_use or (before.in_use if before else None)
            held[step.reply_id] = Held(step.version, step.document, in_use, step.by, step.at)
        return held

    def _find(self, connection: Connection, reply_id: str) -> Held | None:
        step, shipped = replies.find_newest(connection, reply_id), self._files.get(reply_id)
        if step is not None:
            return Held(step.version, step.document, step.in_use or shipped, step.by, step.at)
        return Held(shipped.version, shipped, shipped) if shipped else None

    def _version(self, connection: Connection, reply_id: str, version: int) -> Held | None:
        steps = (step for step in replies.list_steps(connection, reply_id) if step.version == version)
        shipped = self._files.get(reply_id)
        for step in steps:
            return Held(step.version, step.document, step.in_use or shipped, step.by, step.at)
        return Held(version, shipped, shipped) if shipped and shipped.version == version else None

    # --- editing -----------------------------------------------------------------------------------------------------

    def add_reply(self, written: WrittenReply, person: Person) -> Held:
        """A new reply of an intent that there is, as a suggestion; raises Conflict where the id is taken."""
        self._refuse(self.flaws(written), "the reply cannot be stored as it is")
        with writing(self._engine) as connection:
            begin_edit(connection)
            if self._find(connection, written.id) is not None:
                raise Conflict("there is a reply of that id", (Pointer("/id", "already used"),))
            return self._save(connection, None, written, person)

    def save_reply(self, written: WrittenReply, person: Person, version: int | None = None) -> Held:
        """A new version, as a suggestion; `version` is the one that it was made from (raises Stale where a newer one has come)."""
        self._refuse(self.flaws(written), "the reply cannot be stored as it is")  # before any lock: it takes its time
        with writing(self._engine) as connection:
            held = self._locked(connection, written.id, version)
            if held.document.written == written:
                return held
            return self._save(connection, held, written, person)

    def _save(self, connection: Connection, held: Held | None, written: WrittenReply, person: Person) -> Held:
        version = held.version + 1 if held else 1
        document = _document(written, held.document if held else None, person.name, self._clock().date(), version)
        return self._step(connection, version, "saved", person, document, held.in_use if held else None)

    def _refuse(self, flaws: Sequence[Flaw], detail: str) -> None:
        if flaws:
            raise InvalidInput(detail, tuple(Pointer(flaw.pointer, flaw.detail) for flaw in flaws))

    def flaws(self, written: WrittenReply) -> list[Flaw]:
        """All that keeps a reply from being stored."""
        markets = [(place, code) for place, code in enumerate(written.scope.markets) if code not in countries()]
        wrong = [Flaw(("scope", "markets", place), f"{code!r} is not an ISO 3166-1 alpha-2 country") for place, code in markets]  # fmt: skip
        return [*proofread(written, self._shipped), *wrong]

    # --- deciding ----------------------------------------------------------------------------------------------------

    def vet(
        self, reply_id: str, person: Person, version: int | None = None, languages: Sequence[str] | None = None, review: date | None = None
    ) -> Held:  # fmt: skip
        """A person vouches for the newest version, or for some languages of it: these words are used from now on."""
        with writing(self._engine) as connection:
            held = self._locked(connection, reply_id, version)
            return self._vet(connection, held, person, languages, review)

    def _vet(
        self, connection: Connection, held: Held, person: Person, languages: Sequence[str] | None, review: date | None
    ) -> Held:
        wanted = _unread(held) if languages is None else tuple(languages)
        strange = [place for place, language in enumerate(wanted) if language not in held.document.languages]
        if strange:
            raise InvalidInput("the reply has no such language", tuple(Pointer(f"/languages/{place}", "not worded") for place in strange))  # fmt: skip
        today = self._clock().date()
        if review is not None and review <= today:
            raise InvalidInput("words are read again in the future", (Pointer("/review", "lies in the past"),))
        document = _vetted(held.document, wanted, person.name, today, review or today + REVIEW_AFTER)
        in_use = self._usable(document, held.in_use)
        return self._step(connection, held.version, "vetted", person, document, in_use)

    def retire(self, reply_id: str, person: Person, version: int | None = None) -> Held:
        """The reply is used no more, at once; its versions stay. A fallback cannot be retired."""
        with writing(self._engine) as connection:
            held = self._locked(connection, reply_id, version)
            if held.document.retired and held.state == "retired":
                return held
            if held.document.fallback:
                raise Conflict("an intent needs its fallback; change its words instead")
            document = held.document.model_copy(update={"retired": True})
            return self._step(connection, held.version + 1, "retired", person, document, document)

    def restore(self, reply_id: str, wanted: int, person: Person, version: int | None = None) -> Held:
        """An earlier version as the newest; the words of it that were vetted are used from now on."""
        with writing(self._engine) as connection:
            held = self._locked(connection, reply_id, version)
            earlier = self._version(connection, reply_id, wanted)
            if earlier is None:
                raise NotFound("there is no such version of the reply")
            self._refuse(self.flaws(earlier.document.written), "this version no longer fits")
            vouched = any(kept.vetting.vetted for kept in earlier.document.languages.values())
            in_use = self._usable(earlier.document, None) if vouched else held.in_use
            return self._step(connection, held.version + 1, "restored", person, earlier.document, in_use)

    def _usable(self, document: Reply, before: Reply | None) -> Reply:
        """The structure with the words that somebody vouches for: its own, else those used so far where they fit it."""
        languages = {}
        for language, kept in document.languages.items():
            older = before.languages.get(language) if before else None
            if kept.vetting.vetted:
                languages[language] = kept
            elif older is not None and self._fits(document, older, kept):
                languages[language] = older
        return document.model_copy(update={"languages": languages})

    def _fits(self, document: Reply, older: Kept, newer: Kept) -> bool:
        same = all(slots_of(text) == slots_of(older.sentences.get(name, "")) for name, text in newer.sentences.items())
        return same and not list(shape_flaws(document, older, self._shipped))

    # --- whole files -------------------------------------------------------------------------------------------------

    def bring(
        self, items: Sequence[Item], faults: Sequence[RowFault], person: Person, dry_run: bool = False, vet: bool = False
    ) -> Brought:  # fmt: skip
        """What a file changes. All of it is stored or, on any fault and on a dry run, nothing; `vet` vouches for it at once."""
        with reading(self._engine) as connection:
            held = self._all(connection)
        judged = [self._judge(item, held.get(str(item.data.get("id")))) for item in items]
        wrong = [*faults, *_twice(items), *(fault for one in judged for fault in one.faults)]
        brought = Brought(tuple(judged), tuple(sorted(wrong, key=lambda fault: fault.line)))
        if not wrong and not dry_run:
            with writing(self._engine) as connection:
                begin_edit(connection)
                held = self._all(connection)
                if any(held.get(one.reply_id) != one.before for one in judged):
                    raise Stale("a reply of the file was changed while the file was read; bring it again")
                for one in judged:
                    self._take(connection, one, person, vet)
        return brought

    def _judge(self, item: Item, before: Held | None) -> Judged:
        reply_id = str(item.data.get("id") or "")
        written = merged(item.data, before.document if before else None)
        known = before.document.written if before else None
        found = () if isinstance(written, list) else tuple(differences(known, written))
        # What does not change was held to all this when it was stored, and a whole file is mostly that.
        flaws = written if isinstance(written, list) else self.flaws(written) if found else []
        faults = tuple(RowFault(item.line_of(flaw.place), flaw, reply_id) for flaw in flaws)
        return Judged(reply_id, before, None if isinstance(written, list) else written, found, faults)

    def _take(self, connection: Connection, one: Judged, person: Person, vet: bool) -> None:
        if one.written is None:  # pragma: no cover - it has faults, and then nothing is taken
            return
        held = self._save(connection, one.before, one.written, person) if one.differences else one.before
        if vet and held is not None and held.state == "suggested":
            self._vet(connection, held, person, None, None)

    # --- shared ------------------------------------------------------------------------------------------------------

    def _locked(self, connection: Connection, reply_id: str, version: int | None) -> Held:
        """The newest version, which nobody else can change until the transaction ends."""
        begin_edit(connection)
        held = self._find(connection, reply_id)
        if held is None:
            raise NotFound("there is no such reply")
        if version is not None and version != held.version:
            raise Stale(f"the reply is at version {held.version} by now")
        return held

    def _step(
        self, connection: Connection, version: int, action: Action, person: Person, document: Reply, in_use: Reply | None
    ) -> Held:  # fmt: skip
        now = self._clock()
        shipped = self._files.get(document.id)
        # What is still as shipped is not copied, so that a newer release can better it.
        kept = None if in_use == shipped else in_use
        replies.add_step(connection, version, action, person.name, now, document, kept)
        ledger.record(connection, person.name, f"reply.{action}", document.id, now, version=version)
        once_committed(self._changed)
        return Held(version, document, in_use, person.name, now)


def _twice(items: Sequence[Item]) -> list[RowFault]:
    seen, faults = set[object](), []
    for item in items:
        reply_id = str(item.data.get("id"))
        if reply_id in seen:
            faults.append(RowFault(item.line, Flaw(("id",), "the reply stands twice in the file"), reply_id))
        seen.add(reply_id)
    return faults


def _unread(held: Held) -> tuple[str, ...]:
    """What vetting is about where nobody names languages: the new words; all of them where the reply is only read again."""
    new = [language for language, kept in held.document.languages.items() if not kept.vetting.vetted]
    return tuple(held.document.languages) if held.state == "vetted" else tuple(new)


def _wanted(held: Held, wanted: ReplyFilter) -> bool:
    document = held.document
    return (
        (wanted.intent is None or document.intent == wanted.intent)
        and (wanted.language is None or wanted.language in document.languages)
        and (wanted.state is None or held.state == wanted.state)
    )


def _document(written: WrittenReply, before: Reply | None, by: str, today: date, version: int) -> Reply:
    """Words that did not change keep who vouches for them."""
    languages = {}
    for language, words in written.languages.items():
        known = before.languages.get(language) if before else None
        languages[language] = known if known and known.words == words else unvetted(words, by, today, version)
    parts = {name: getattr(written, name) for name in WrittenReply.model_fields if name != "languages"}
    return Reply.model_construct(**parts, languages=languages)


def _vetted(document: Reply, languages: Sequence[str], by: str, today: date, review: date) -> Reply:
    changes = {"vetted": True, "by": by, "on": today, "review": review}
    vetted = {
        language: kept.model_copy(update={"vetting": kept.vetting.model_copy(update=changes)})
        for language, kept in document.languages.items()
        if language in languages
    }
    return document.model_copy(update={"languages": {**document.languages, **vetted}})
