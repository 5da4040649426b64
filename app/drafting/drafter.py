"""The whole flow on one screen: analyze -> retrieve -> plan -> compose -> adapt -> check -> gloss."""

from dataclasses import replace
from time import perf_counter

from app.domain import (
    Adjustment,
    Analysis,
    Basis,
    BuyerMessage,
    Check,
    Draft,
    Drafted,
    Evidence,
    Gloss,
    GlossSegment,
    IntentScore,
    Plan,
    Steer,
)
from app.drafting.adapt import adapt, addressed
from app.drafting.analyze import Analyzer, Models, Reading
from app.drafting.approach import APPROACHES, approached, really_differ
from app.drafting.channel_advice import make_channel_advice
from app.drafting.checks import CheckContext, run_checks
from app.drafting.compose import compose
from app.drafting.explain import (
    agent_profile,
    event_gist,
    make_advice,
    make_gist,
    worded_missing,
    worded_priority,
    worded_reason,
)
from app.drafting.facts import Facts, gather_facts, occasion_of
from app.drafting.phrase_search import PhraseSearch
from app.drafting.plan import make_plan
from app.drafting.realise import Letter, parallel, realise
from app.drafting.retrieve import Found, evidence_for, find_fact, nearest_evidence, retrieve
from app.drafting.values import Known
from knowledge_base.edits import Edits
from knowledge_base.knowledge import Knowledge
from knowledge_base.overlay import lay_over
from knowledge_base.search import Hit, ReplyIndex

UNANSWERED = ("spam", "no_reply_needed", "no_vetted_reply")  # verdicts whose draft has no text


class Drafter:
    """Drafts replies; pure but for the clock that measures it. Built once, shared by all requests."""

    def __init__(self, models: Models, knowledge: Knowledge, index: ReplyIndex) -> None:
        self.models, self.knowledge, self.index = models, knowledge, index
        self._analyzer = Analyzer(models, knowledge)
        self.phrases = PhraseSearch(models.encoder, knowledge.phrases)
        self._answered_by_facts = frozenset(
            situation.intent
            for situation in knowledge.replies.situations()
            if any("product_fact" in sentence.needs for sentence in situation.sentences)
        )

    def edited(self, edits: Edits, nearest: ReplyIndex | None = None) -> "Drafter":
        """A drafter over the same files with these edits; texts that `nearest` holds already are not encoded again."""
        knowledge, encoder = lay_over(self.knowledge, edits), self.models.encoder
        index = (nearest or self.index).rebuilt(knowledge.entries(), knowledge.version, encoder)
        return Drafter(self.models, knowledge, index)

    def reading_with(self, models: Models) -> "Drafter":
        """A drafter over the same knowledge that reads with other classifiers; the search encoder stays."""
        return Drafter(replace(models, encoder=self.models.encoder), self.knowledge, self.index)

    def search(self, text: str, language: str | None, k: int) -> list[tuple[Hit, int]]:
        """The `k` vetted replies nearest in meaning, each with its version; with `language` only those worded in it."""
        variants = self.knowledge.replies.variants
        hits = self.index.search(
            self.models.encoder.encode([text]),
            lambda entry: (entry.reply_id, entry.language) in variants and language in (None, entry.language),
            neighbours=self.index.manifest.entries,
        )[0]
        return [(hit, variants[hit.reply_id, hit.entry.language].vetting.version) for hit in hits[:k]]

    def analyze(self, message: BuyerMessage) -> Analysis:
        """The reading alone, with the reasons of its priority in the agent's language."""
        analysis = self._analyzer.read(message).analysis
        return analysis.model_copy(
            update={"priority": worded_priority(analysis.priority, message.agent_language, self.knowledge)}
        )

    def draft(self, basis: Basis) -> Drafted:
        """A message in, everything that an agent needs to sign a reply out."""
        started, message = perf_counter(), basis.message
        reading = _steered(self._analyzer.read(message), basis.steer)
        found = self._found(message, reading)
        facts = self._facts(message, reading, found)
        plan = self._plan(reading, found, facts, basis.steer)
        drafted = self._write(reading.analysis, found, facts, plan, basis.degraded)
        timings = reading.analysis.timings_ms | {"total": round((perf_counter() - started) * 1000, 3)}
        return drafted.model_copy(update={"draft": drafted.draft.model_copy(update={"timings_ms": timings})})

    def _plan(self, reading: Reading, found: Found, facts: Facts, steer: Steer) -> Plan:
        """The plan, as the agent's steering has it."""
        plan = make_plan(reading.analysis, found, facts, self.knowledge, steer.reply_id)
        code = reading.analysis.language.reply_language.partition("-")[0]
        return approached(plan, steer.approach, code, facts, self.knowledge)

    def alternatives(self, basis: Basis, draft: Draft) -> list[tuple[Basis, Drafted]]:
        """Up to three other drafts of the same message that really differ from this one and from each other."""
        found: list[tuple[Basis, Drafted]] = []
        for approach in APPROACHES if draft.text else ():
            other = basis.model_copy(update={"steer": basis.steer.model_copy(update={"approach": approach})})
            drafted = self.draft(other)
            if all(really_differ(known, drafted.draft) for known in (draft, *(one.draft for _, one in found))):
                found.append((other, drafted))
        return found

    def check(
        self,
        text: str,
        message: BuyerMessage,
        draft: Draft | None = None,
        language: str | None = None,
        everything: bool = False,
    ) -> tuple[Check, ...]:
        """The checks on a text typed by hand, held against the message and the draft that it replaces."""
        return run_checks(self.check_context(text, message, draft, language), everything)

    def check_context(
        self, text: str, message: BuyerMessage, draft: Draft | None = None, language: str | None = None
    ) -> CheckContext:
        """All that the checks look at for a text typed by hand."""
        reading = self._analyzer.read(message)
        facts = self._facts(message, reading, self._found(message, reading))
        return CheckContext(
            text=text, language=language or (draft.language if draft else reading.analysis.language.reply_language), facts=facts, knowledge=self.knowledge,
            detector=self.models.language, witness=self.models.wording, agent_language=self._agent_code(message), analysis=reading.analysis if draft else None, max_chars=message.options.max_chars,
            draft_text=draft.text if draft else "", draft_segments=draft.segments if draft else (), answered=_answered(reading.analysis, draft),
        )  # fmt: skip

    def _found(self, message: BuyerMessage, reading: Reading) -> Found:
        if reading.encoded is None:
            return Found({}, ({},), None)
        return retrieve(
            reading.encoded, self.index, self.knowledge, occasion_of(message, reading.market, self.knowledge)
        )

    def _facts(self, message: BuyerMessage, reading: Reading, found: Found) -> Facts:
        request = found.request if any(intent.id == "special_request" for intent in reading.analysis.intents) else None
        facts = gather_facts(message, reading.analysis, reading.market, request, self.knowledge)
        if (
            reading.encoded is None
            or "product_fact" in facts.values
            or not any(intent.id in self._answered_by_facts for intent in reading.analysis.intents)
        ):
            return facts
        language = reading.analysis.language.reply_language.partition("-")[0]
        fact = find_fact(facts.product, language, message.text, reading.encoded.whole, self.models.encoder)
        if fact is None or facts.product is None:
            return facts
        return replace(
            facts, values={**facts.values, "product_fact": Known(fact, f"catalogue.{facts.product.sku}.{fact.key}")}
        )

    def _write(self, analysis: Analysis, found: Found, facts: Facts, plan: Plan, degraded: tuple[str, ...]) -> Drafted:
        """From plan to draft: the letter, its manner, its checks, its gloss."""
        knowledge, message = self.knowledge, facts.message
        tag, agent_code = analysis.language.reply_language, self._agent_code(message)
        code = tag.partition("-")[0]
        if plan.verdict in UNANSWERED:
            adjustments: tuple[Adjustment, ...] = ()
            letter = Letter("", (), ())
        else:
            outline, adjustments = adapt(compose(plan, analysis, facts, knowledge), facts, code, agent_code)
            facts = addressed(facts, code)
            letter = realise(outline, tag, facts, knowledge)
        checks = self._checks(letter, analysis, facts, plan, tag, degraded)
        draft = Draft(
            verdict=plan.verdict, reason=worded_reason(plan, agent_code, knowledge), language=tag, text=letter.text, gloss=self._gloss(letter, agent_code, facts),
            gist=self._gist(analysis, facts, agent_code), confidence=plan.confidence, segments=letter.segments, evidence=_evidence(analysis, found, plan, knowledge),
            adjustments=adjustments, checks=checks, missing=worded_missing(plan, agent_code, knowledge),
            advice=(*make_advice(analysis, agent_code, knowledge), *make_channel_advice(analysis, plan, facts, agent_code, knowledge)),
            versions={**analysis.versions, "knowledge": knowledge.version, "cultures": knowledge.version},
        )  # fmt: skip
        analysis = analysis.model_copy(update={"priority": worded_priority(analysis.priority, agent_code, knowledge)})
        return Drafted(analysis=analysis, plan=plan, draft=draft)

    def _checks(
        self, letter: Letter, analysis: Analysis, facts: Facts, plan: Plan, tag: str, degraded: tuple[str, ...]
    ) -> tuple[Check, ...]:
        read = (
            frozenset(intent.id for intent in analysis.intents) if analysis.abstained else frozenset()
        )  # an unsure reading proves no question
        answered = (
            frozenset(answer.intent for answer in plan.answers) | _absorbed(analysis, plan, self.knowledge) | read
        )
        context = CheckContext(
            text=letter.text, language=tag, facts=facts, knowledge=self.knowledge, detector=self.models.language, witness=self.models.wording, agent_language=self._agent_code(facts.message),
            analysis=analysis if letter.text else None, segments=letter.segments, answered=answered, max_chars=facts.message.options.max_chars,
            degraded=degraded,
        )  # fmt: skip
        return run_checks(context)

    def _gist(self, analysis: Analysis, facts: Facts, agent_code: str) -> str:
        event = facts.message.event
        if event is not None:
            return event_gist(event, agent_code, self.knowledge)
        return make_gist(analysis, facts.today, agent_code, self.knowledge)

    def _gloss(self, letter: Letter, agent_code: str, facts: Facts) -> Gloss:
        tag = self.knowledge.languages[agent_code].tag
        text, spans = parallel(letter, tag, facts, self.knowledge)
        return Gloss(
            language=agent_code, text=text, segments=tuple(GlossSegment(span=span, of=of) for span, of in spans)
        )

    def _agent_code(self, message: BuyerMessage) -> str:
        return agent_profile(message.agent_language, self.knowledge)[0]


def _steered(reading: Reading, steer: Steer) -> Reading:
    """The reading as an agent corrected it: certain, because a person said so."""
    ids = steer.intents or ((steer.reply_id.partition(".")[0],) if steer.reply_id else ())
    if not ids:
        return reading
    whole = (0, len(reading.encoded.text) if reading.encoded else 0)
    spans = {intent.id: intent.span for intent in reading.analysis.intents}
    intents = tuple(IntentScore(id=intent, score=1.0, span=spans.get(intent, whole)) for intent in ids)
    return replace(
        reading,
        analysis=reading.analysis.model_copy(update={"intents": intents, "abstained": False, "abstain_reason": None}),
    )


def _evidence(analysis: Analysis, found: Found, plan: Plan, knowledge: Knowledge) -> tuple[Evidence, ...]:
    """What was found for each intent; for a message that nothing answers, the nearest replies of all."""
    if plan.verdict == "no_vetted_reply":
        return tuple(nearest_evidence(found, knowledge))
    return tuple(evidence for intent in analysis.intents for evidence in evidence_for(intent, found, knowledge))


def _absorbed(analysis: Analysis, plan: Plan, knowledge: Knowledge) -> frozenset[str]:
    """Intents that need no answer of their own beside those that are answered."""
    contained = {intent for answer in plan.answers for intent in knowledge.replies.intents[answer.intent].absorbs}
    return (
        frozenset(contained | {"greeting", "thanks_praise", "spam_phishing"})
        if len(analysis.intents) > 1
        else frozenset(contained)
    )


def _answered(analysis: Analysis, draft: Draft | None) -> frozenset[str]:
    """For an edited text: what the draft answered counts as answered until the edit drops it."""
    if draft is None or not draft.text:
        return frozenset(intent.id for intent in analysis.intents)
    named = {segment.intent for segment in draft.segments if segment.intent}
    unanswered = {check.detail for check in draft.checks if check.id == "unanswered_question"}
    return frozenset(named | ({intent.id for intent in analysis.intents} if not unanswered else set()))
