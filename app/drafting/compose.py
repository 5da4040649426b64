"""The plan as one letter: feeling first, matter second, every question answered, one open door at the end.

Order after docs of customer-service practice (shared playbook): salutation, acknowledgement, one apology, answers with
bridges, one request for all that is missing, one next step, closing.
"""

import zlib
from dataclasses import replace

from app.domain import OUTREACH, Analysis, Answer, BuyerMessage, Plan, SegmentKind
from app.drafting.facts import Facts
from app.drafting.outline import Frame, Outline, Piece
from knowledge_base.knowledge import Knowledge
from knowledge_base.policies import SitePolicy
from knowledge_base.schema import SLOT_MARK, Sentence

UPSET = frozenset({"disappointed", "frustrated", "angry"})
HEATED = frozenset({"frustrated", "angry"})  # the feeling itself is acknowledged, whatever the matter (playbook)
CONDUCT = (
    "vulnerable",
    "threatens_legal",
    "threatens_dispute",
    "abusive",
    "urgent",
    "hesitant",
)  # the first that holds gets its sentence
HOT = (
    0.5  # intensity from which it is acknowledged even beside an answer that regrets the matter (.5 is plain, taxonomy)
)
PLAIN = 0.35  # intensity from which a feeling is acknowledged; .2 is only a hint (taxonomy)


def compose(plan: Plan, analysis: Analysis, facts: Facts, knowledge: Knowledge) -> Outline:
    """A letter in the neutral manner; the market's manner is put on by adapt()."""
    builder = _Builder(_seed(facts.message), knowledge, facts.policy)
    public = facts.message.visibility == "public"
    shown = analysis.emotion.intensity >= PLAIN and not analysis.abstained
    feeling = analysis.emotion.id if shown else "neutral"
    builder.phrase(
        "salutation", f"salutation.warm.{'named' if 'name' in facts.values and not public else 'unnamed'}", 0
    )
    hot = analysis.emotion.intensity >= HOT
    unasked = facts.message.event is not None  # there is no message to thank for
    lead = None if public or unasked else _open(builder, plan, feeling, hot, facts, knowledge)
    told = _Told(analysis.language.reply_language.partition("-")[0], facts, knowledge)
    door = _answer_all(builder, plan, told, lead, knowledge)
    _ask(builder, plan)
    _close(builder, plan, feeling, door, public)
    return Outline(tuple(builder.pieces))


def _seed(message: BuyerMessage) -> int:
    """The same message, or event, always gets the same wordings."""
    return zlib.crc32((message.event.id if message.event else message.text).encode("utf-8", "replace"))


class _Builder:
    """Collects pieces; wordings of phrases vary with the message, and the same message always gets the same."""

    def __init__(self, seed: int, knowledge: Knowledge, policy: SitePolicy) -> None:
        self.pieces: list[Piece] = []
        self.policy = policy  # what this site grants in the buyer's market
        self._seed = seed
        self._knowledge = knowledge

    def phrase(self, frame: Frame, phrase_id: str, paragraph: int, turn: int = 0) -> None:
        spec = self._knowledge.phrases.specs[phrase_id]
        choice = (self._seed + turn) % spec.count
        self.pieces.append(
            Piece(_KIND.get(frame, "answer"), frame, paragraph, phrase_id, choice=choice, techniques=spec.techniques)
        )

    def sentence(self, answer: Answer, sentence: Sentence, paragraph: int) -> None:
        techniques = self._knowledge.replies.get_situation(answer.situation).techniques
        self.pieces.append(
            Piece(
                sentence.kind,
                "matter",
                paragraph,
                answer.situation,
                sentence.id,
                version=answer.version,
                intent=answer.intent,
                techniques=techniques,
                fact=sentence.fact,
            )
        )


_KIND: dict[Frame, SegmentKind] = {
    "salutation": "salutation",
    "opening": "empathy",
    "conduct": "empathy",
    "apology": "empathy",
    "asks": "question",
    "door": "next_step",
    "closing": "closing",
    "signature": "signature",
}
_OPENING, _FIRST_ANSWER, _ASKS, _DOOR, _END = 1, 2, 80, 81, 90  # paragraph numbers; answers count up from _FIRST_ANSWER


def _open(builder: _Builder, plan: Plan, feeling: str, hot: bool, facts: Facts, knowledge: Knowledge) -> str | None:
    """Acknowledges what the buyer feels. An answer that regrets the matter in its own words needs no second regret before it.

    Returns the phrase that has to stand right before the first answer, after its regret.
    """
    empathic = any(sentence.kind == "empathy" for answer in plan.answers for sentence in _sentences(answer, knowledge))
    conduct = _conduct(plan, feeling, facts, knowledge)
    thanks = (
        feeling in ("neutral", "pleased") and bool(plan.answers) and _begins_with_thanks(plan.answers[0], knowledge)
    )
    if (feeling in HEATED and hot) or not (empathic or thanks or (conduct and feeling == "neutral")):
        builder.phrase("opening", f"opening.{feeling}", _OPENING)
    leads = conduct is not None and knowledge.phrases.specs[conduct].leads
    if conduct is not None and not leads:
        builder.phrase("conduct", conduct, _OPENING)
    if feeling in UPSET and not empathic and _went_wrong(plan, knowledge):
        builder.phrase("apology", "apology.general", _OPENING)
    return conduct if leads else None


def _conduct(plan: Plan, feeling: str, facts: Facts, knowledge: Knowledge) -> str | None:
    """The phrase for the first conduct that holds, unless an answer or the opening says the same."""
    said = {f"opening.{feeling}", *(answer.intent for answer in plan.answers)}
    phrases = (f"conduct.{flag}" for flag in CONDUCT if flag in facts.conduct)
    return next((phrase for phrase in phrases if not said & set(knowledge.phrases.specs[phrase].said_by)), None)


def _went_wrong(plan: Plan, knowledge: Knowledge) -> bool:
    """Before a purchase nothing has gone wrong that could be apologised for."""
    return any(knowledge.replies.intents[answer.intent].stage != "pre_sale" for answer in plan.answers)


def _begins_with_thanks(answer: Answer, knowledge: Knowledge) -> bool:
    """An answer that says thanks itself (by its sentence's id) needs none before it."""
    return any(sentence.id.startswith("thank") for sentence in _sentences(answer, knowledge)[:2])


Step = tuple[Answer, Sentence]


class _Told:
    """What the letter has told already: slots, policies, topics. Nothing of it is told twice."""

    def __init__(self, language: str, facts: Facts, knowledge: Knowledge) -> None:
        self._topics: set[str] = set()
        self._language, self._occasion, self._replies = language, facts.occasion, knowledge.replies

    def add(self, answer: Answer, sentence: Sentence) -> None:
        """Counts all that a sentence tells."""
        self._topics |= self._of(answer, sentence)

    def new(self, sentence: Sentence) -> bool:
        """A sentence is left out where its topic was told; a plain fact where all its values were."""
        if sentence.once is not None:
            return sentence.once not in self._topics
        return not (sentence.fact and sentence.needs and self._topics.issuperset(sentence.needs))

    def adds(self, answer: Answer, sentence: Sentence) -> bool:
        """Whether a sentence names a value or topic that nothing before it named."""
        return not self._topics >= self._of(answer, sentence)

    def _of(self, answer: Answer, sentence: Sentence) -> set[str]:
        variant = self._replies.find_variant(answer.situation, self._language, self._occasion)
        worded = variant.sentences.get(sentence.id, "") if variant else ""
        named = {*sentence.needs, *SLOT_MARK.findall(worded), sentence.once, sentence.policy}
        return {name for name in named if name is not None}


def _answer_all(builder: _Builder, plan: Plan, told: _Told, lead: str | None, knowledge: Knowledge) -> Step | None:
    """All answers; returns the open door that stands at the end of the letter."""
    door: Step | None = None
    for place, answer in enumerate(plan.answers):
        said, step = _new_sentences(
            answer, told, door is None, place > 0 and _regrets(plan, place, knowledge), knowledge
        )
        door = door or step
        if place and said:
            builder.phrase("matter", "bridge.next", _FIRST_ANSWER + place, turn=place - 1)
        lead = _say(builder, answer, said, _FIRST_ANSWER + place, lead, knowledge)
    return door


def _regrets(plan: Plan, place: int, knowledge: Knowledge) -> bool:
    """Whether an answer before this one has regretted what happened."""
    return any(
        sentence.kind == "empathy" for answer in plan.answers[:place] for sentence in _sentences(answer, knowledge)
    )


def _new_sentences(
    answer: Answer, told: _Told, door_open: bool, regretted: bool, knowledge: Knowledge
) -> tuple[list[Sentence], Step | None]:
    """What an answer adds to the letter, and its open door.

    A letter has one door; a further next step stays with its answer where it names a day or topic that nothing else does.
    """
    said: list[Sentence] = []
    door: Step | None = None
    for sentence in _sentences(answer, knowledge):
        if not told.new(sentence) or (sentence.kind == "empathy" and regretted):
            continue
        if sentence.kind == "next_step" and door_open and door is None:
            door = (answer, sentence)
        elif sentence.kind != "next_step" or told.adds(answer, sentence):
            said.append(sentence)
        told.add(answer, sentence)
    return said, door


def _say(
    builder: _Builder, answer: Answer, said: list[Sentence], paragraph: int, lead: str | None, knowledge: Knowledge
) -> str | None:
    """Puts the sentences into the letter, `lead` before the first that is no regret; returns it where it still waits."""
    for sentence in said:
        if lead is not None and sentence.kind != "empathy":
            builder.phrase("conduct", lead, paragraph)
            lead = None
        if sentence.policy is not None:
            _policy_phrase(builder, answer, sentence, paragraph, knowledge)
        else:
            builder.sentence(answer, sentence, paragraph)
    return lead


def _policy_phrase(builder: _Builder, answer: Answer, sentence: Sentence, paragraph: int, knowledge: Knowledge) -> None:
    value = getattr(builder.policy, str(sentence.policy))
    phrase_id = f"policy.{sentence.policy}.{value if isinstance(value, str) else 'list'}"
    if phrase_id in knowledge.phrases.specs and all(piece.source != phrase_id for piece in builder.pieces):
        builder.phrase("matter", phrase_id, paragraph)
        builder.pieces[-1] = replace(builder.pieces[-1], intent=answer.intent, kind=sentence.kind)


def _sentences(answer: Answer, knowledge: Knowledge) -> list[Sentence]:
    return [
        sentence
        for sentence in knowledge.replies.get_situation(answer.situation).sentences
        if sentence.id in answer.sentences
    ]


def _ask(builder: _Builder, plan: Plan) -> None:
    """One request for all that is missing: a sentence for one thing, a list for several."""
    if len(plan.asks) == 1:
        builder.phrase("asks", f"asks.{plan.asks[0]}", _ASKS)
    elif plan.asks:
        builder.phrase("asks", "ask.several", _ASKS)
        for name in plan.asks:
            builder.phrase("asks", f"asks.{name}.item", _ASKS)
            builder.pieces[-1] = replace(builder.pieces[-1], line=True)


def _close(builder: _Builder, plan: Plan, feeling: str, door: Step | None, public: bool) -> None:
    """The first answer's own next step, else a general door where nothing was asked; then valediction and signature."""
    if door is not None:
        builder.sentence(*door, _DOOR)
    elif (
        not plan.asks
        and all(answer.intent != OUTREACH for answer in plan.answers)  # nobody has asked, so there is no other question
        and not public
        and plan.verdict != "escalate"
        and all(piece.kind != "question" for piece in builder.pieces)
    ):
        mood = "upset" if feeling in UPSET else feeling if feeling in ("pleased", "worried") else "neutral"
        builder.phrase("door", f"door.{mood}", _DOOR)
    if not public:
        builder.phrase("closing", "closing.warm", _END)
    builder.phrase("signature", "signature.team", _END)
