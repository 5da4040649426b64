"""A draft's next revision in a generator's words, or the composer's words with the reason why they stand.

Nothing here runs within a request. A generator may only reword: what comes back is held against what was sent and passes
the same checks, and whatever is wrong with it, the composer's text stands and says so.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import ROUND_UP, Decimal
from functools import cached_property
from time import perf_counter

from sqlalchemy import Engine

from app.domain import Basis, Check, Draft, Drafted, GeneratorUse, Money, Segment
from app.drafting.checks import run_checks
from app.drafting.drafter import Drafter
from app.drafting.explain import agent_profile
from app.rewording.compare import Ear, find_difference
from app.rewording.letter import Passage, put_together, take_apart
from app.rewording.prompt import make_prompt, read_answer
from app.rewording.redaction import leaks, personal_values, redact
from app.rewording.rules import Rules, read_rules
from app.store import drafts, ledger
from app.store.database import reading, writing
from app.store.drafts import StoredDraft
from app.store.rewordings import find_wanted
from knowledge_base.contradictions import NumberTable, read_numbers
from models.generators.base import Generator, GeneratorError, Unset, Written

log = logging.getLogger("countersign.rewording")
ACTOR = "countersign"
AT_ONCE = 20  # drafts found by one look


@dataclass(frozen=True, slots=True)
class Price:
    """Of a thousand tokens, in and out."""

    sent: Decimal = Decimal(0)
    written: Decimal = Decimal(0)
    currency: str = "USD"

    def of(self, written: Written) -> Money | None:
        """None where the counts or the prices are unknown; rounded up to four places."""
        if written.prompt_tokens is None or written.completion_tokens is None or not (self.sent or self.written):
            return None
        cost = (self.sent * written.prompt_tokens + self.written * written.completion_tokens) / 1000
        return Money(amount=cost.quantize(Decimal("0.0001"), ROUND_UP), currency=self.currency)


@dataclass(frozen=True, slots=True)
class Backends:
    """The generators that are set up, by name; what they cost; whether they may read a buyer's own words."""

    generators: Mapping[str, Generator]
    price: Price = Price()
    quotes_message: bool = False


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What a generator made of a draft; `reason` is the stable word of what was wrong."""

    text: str = ""
    segments: tuple[Segment, ...] = ()
    checks: tuple[Check, ...] = ()
    written: Written | None = None
    reason: str | None = None


class Rewording:
    """Built once a process; reword() may run in several threads."""

    def __init__(
        self, engine: Engine, drafter: Callable[[], Drafter], backends: Backends, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:  # fmt: skip
        self._engine, self._drafter, self._backends, self._clock = engine, drafter, backends, clock
        self._rules: Rules = read_rules()

    @cached_property
    def _numbers(self) -> NumberTable:
        return read_numbers()

    def wanted(self) -> list[tuple[str, int]]:
        """Drafts that wait for a generator, oldest first: id and revision."""
        with reading(self._engine) as connection:
            return list(find_wanted(connection, ("transformers", "openai"), self._clock(), AT_ONCE))

    def reword(self, draft_id: str, revision: int) -> str:
        """Makes the next revision and returns what it became: `reworded`, the reason of a fallback, or `left` where the draft moved on."""
        with reading(self._engine) as connection:
            draft = drafts.find_draft(connection, draft_id)
        name = draft.basis.message.options.generator if draft else None
        if draft is None or name is None or not self._is_free(draft, revision):
            return "left"
        drafted, started = self._drafter().draft(draft.basis), perf_counter()
        outcome = self._try(draft, drafted, name)
        body = self._body(draft, outcome, name, round((perf_counter() - started) * 1000, 3))
        kept = self._store(draft, drafted.model_copy(update={"draft": body}), outcome)
        return (outcome.reason or "reworded") if kept else "left"

    def _is_free(self, draft: StoredDraft, revision: int) -> bool:
        """Never over a draft that a person holds, has edited or has decided."""
        held = draft.claimed_by is not None and draft.claimed_until is not None and draft.claimed_until > self._clock()
        return draft.status == "pending" and not draft.edited and not held and draft.revision == revision

    # --- asking the generator ----------------------------------------------------------------------------------------

    def _try(self, draft: StoredDraft, drafted: Drafted, name: str) -> _Outcome:
        """Every failure becomes an outcome with its reason; what was wrong is logged without a word of any text."""
        written = None
        try:
            generator = self._backends.generators.get(name)
            if generator is None:
                raise Unset(f"no {name} is set up")
            passages = take_apart(draft.body, self._list_mark(draft.body))
            if not passages:
                return self._kept("nothing", None)
            prompt = make_prompt(passages, drafted.plan, drafted.analysis, self._quoted(draft, drafted), self._drafter().knowledge.slots, self._rules)  # fmt: skip
            if leaks(prompt.material, self._personal(draft), draft.basis.message.buyer.country):
                return self._kept("personal", None)
            written = generator.write(prompt)
            return self._judged(draft, passages, read_answer(written.text, len(passages)), written)
        except GeneratorError as error:
            log.warning("%s did not reword %s: %s", name, draft.id, error)
            return self._kept(error.reason, written)

    def _kept(self, reason: str, written: Written | None) -> _Outcome:
        return _Outcome(reason=reason, written=written)

    def _list_mark(self, body: Draft) -> str:
        return self._drafter().knowledge.languages[body.language.partition("-")[0]].list_mark

    def _personal(self, draft: StoredDraft) -> tuple[str, ...]:
        return personal_values(draft.basis.message, draft.body, self._drafter().knowledge.slots, self._rules)

    def _quoted(self, draft: StoredDraft, drafted: Drafted) -> str | None:
        """The buyer's words without what is personal, where the owner lets them be quoted and the matter is not one that holds addresses."""
        asked = {intent.id for intent in drafted.analysis.intents}
        if not self._backends.quotes_message or asked & self._rules.unquoted_intents:
            return None
        message = draft.basis.message
        return redact(message.text, self._personal(draft), message.buyer.country)

    # --- judging what came back --------------------------------------------------------------------------------------

    def _judged(
        self, draft: StoredDraft, passages: tuple[Passage, ...], worded: tuple[str, ...], written: Written
    ) -> _Outcome:
        reason = find_difference(passages, worded, self._ear(draft))
        if reason is not None:
            return self._kept(reason, written)
        text, segments = put_together(draft.body, passages, worded)
        checks = self._checks(draft, text, segments)
        return _Outcome(text, segments, checks, written) if checks is not None else self._kept("checks", written)

    def _ear(self, draft: StoredDraft) -> Ear:
        drafter, code = self._drafter(), draft.body.language.partition("-")[0]
        return Ear(
            code=code, market=draft.basis.message.buyer.country, today=draft.basis.message.received_at.date(), rules=self._rules, detector=drafter.models.language, encoder=drafter.models.encoder,
            numbers=self._numbers.languages.get(code), lexicon=drafter.knowledge.lexicons.get(code),
        )  # fmt: skip

    def _checks(self, draft: StoredDraft, text: str, segments: tuple[Segment, ...]) -> tuple[Check, ...] | None:
        """The new text's checks, or None where it raises one that the composer's text does not."""
        context = self._drafter().check_context(draft.body.text, draft.basis.message, draft.body)
        before = _found(run_checks(replace(context, segments=draft.body.segments)))
        checks = run_checks(replace(context, text=text, segments=segments))
        known = {check.id for check in draft.body.checks}
        return tuple(check for check in checks if check.id in known) if _found(checks) <= before else None

    # --- the next revision -------------------------------------------------------------------------------------------

    def _body(self, draft: StoredDraft, outcome: _Outcome, name: str, took_ms: float) -> Draft:
        generator = self._backends.generators.get(name)
        use = {
            "model": generator.model if generator and outcome.reason is None else None,
            "prompt_tokens": outcome.written.prompt_tokens if outcome.written else None,
            "completion_tokens": outcome.written.completion_tokens if outcome.written else None,
            "cost": self._backends.price.of(outcome.written) if outcome.written and name == "openai" else None,
        }
        timings = draft.body.timings_ms | {"generator": took_ms}
        if outcome.reason is None:
            made = GeneratorUse(name=name, **use)
            changes = {"text": outcome.text, "segments": outcome.segments, "checks": outcome.checks}
        else:
            made = GeneratorUse(fallback_from=name, **use)
            changes = {"checks": (*draft.body.checks, self._degraded(draft.basis, name, outcome.reason))}
        return draft.body.model_copy(update={**changes, "generator": made, "timings_ms": timings})

    def _degraded(self, basis: Basis, name: str, reason: str) -> Check:
        knowledge = self._drafter().knowledge
        words = knowledge.words(agent_profile(basis.message.agent_language, knowledge)[0])
        detail = words["check.degraded.generator"].format(generator=name, why=words[f"generator.{reason}"])
        return Check(id="degraded", status="warn", detail=detail)

    def _store(self, known: StoredDraft, drafted: Drafted, outcome: _Outcome) -> bool:
        """False where the draft was claimed, edited, decided or made anew meanwhile: then nothing is stored."""
        with writing(self._engine) as connection:
            draft, now = drafts.find_draft(connection, known.id, lock=True), self._clock()
            if draft is None or not self._is_free(draft, known.revision):
                return False
            revision = draft.revision + 1
            drafts.add_revision(connection, draft.id, revision, draft.basis, drafted, now)
            use = drafted.draft.generator
            told = {"generator": use.name, "fallback_from": use.fallback_from, "why": outcome.reason, "prompt_tokens": use.prompt_tokens, "completion_tokens": use.completion_tokens}  # fmt: skip
            ledger.record(
                connection, ACTOR, "draft.regenerated", draft.id, now, draft.conversation_id, revision=revision, **told
            )
            return True


def _found(checks: tuple[Check, ...]) -> frozenset[tuple[str, str]]:
    return frozenset((check.id, check.status) for check in checks)
