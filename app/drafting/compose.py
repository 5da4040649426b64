"""The plan as one letter: feeling first, matter second, every question answered, one open door at the end.

Order after docs of customer-service practice (shared playbook): salutation, acknowledgement, one apology, answers with
bridges, one request for all that is missing, one next step, closing.
"""

import zlib
from dataclasses import replace

from app.domain import Analysis, Answer, Plan, SegmentKind
from app.drafting.facts import Facts
from app.drafting.outline import Frame, Outline, Piece
from knowledge_base.knowledge import Knowledge
from knowledge_base.policies import SitePolicy
from knowledge_base.schema import Sentence

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
    builder = _Builder(zlib.crc32(facts.message.text.encode("utf-8", "replace")), knowledge, facts.policy)
    public = facts.message.visibility == "public"
    shown = analysis.emotion.intensity >= PLAIN and not analysis.abstained
    feeling = analysis.emotion.id if shown else "neutral"
    builder.phrase(
        "salutation", f"salutation.warm.{'named' if 'name' in facts.values and not public else 'unnamed'}", 0
    )
    if not public:
        _open(builder, plan, feeling, analysis.emotion.intensity >= HOT, facts, knowledge)
    steps = _answer_all(builder, plan, knowledge)
    _ask(builder, plan)
    _close(builder, plan, feeling, steps, public)
    return Outline(tuple(builder.pieces))


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


def _open(builder: _Builder, plan: Plan, feeling: str, hot: bool, facts: Facts, knowledge: Knowledge) -> None:
    """Acknowledges what the buyer feels. An answer that regrets the matter in its own words needs no second regret before it."""
    empathic = any(sentence.kind == "empathy" for answer in plan.answers for sentence in _sentences(answer, knowledge))
    conduct = next((flag for flag in CONDUCT if flag in facts.conduct), None)
    thanks = (
        feeling in ("neutral", "pleased") and bool(plan.answers) and _begins_with_thanks(plan.answers[0], knowledge)
    )
    if (feeling in HEATED and hot) or not (empathic or thanks or (conduct and feeling == "neutral")):
        builder.phrase("opening", f"opening.{feeling}", _OPENING)
    if conduct is not None:
        builder.phrase("conduct", f"conduct.{conduct}", _OPENING)
    if feeling in UPSET and not empathic:
        builder.phrase("apology", "apology.general", _OPENING)


def _begins_with_thanks(answer: Answer, knowledge: Knowledge) -> bool:
    """An answer that says thanks itself (by its sentence's id) needs none before it."""
    return any(sentence.id.startswith("thank") for sentence in _sentences(answer, knowledge)[:2])


def _answer_all(builder: _Builder, plan: Plan, knowledge: Knowledge) -> list[tuple[Answer, Sentence]]:
    """All answers; returns the open doors that they end in, which stand at the end of the letter."""
    steps: list[tuple[Answer, Sentence]] = []
    empathised = False
    said: set[str] = set()  # policy phrases and always-true sentences are said once
    for place, answer in enumerate(plan.answers):
        paragraph = _FIRST_ANSWER + place
        if place:
            builder.phrase("matter", "bridge.next", paragraph, turn=place - 1)
        for sentence in _sentences(answer, knowledge):
            if sentence.kind == "next_step":
                steps.append((answer, sentence))
            elif sentence.kind == "empathy" and empathised:
                continue
            elif sentence.policy is not None:
                _policy_phrase(builder, answer, sentence, paragraph, said, knowledge)
            else:
                empathised |= sentence.kind == "empathy"
                builder.sentence(answer, sentence, paragraph)
    return steps


def _policy_phrase(
    builder: _Builder, answer: Answer, sentence: Sentence, paragraph: int, said: set[str], knowledge: Knowledge
) -> None:
    value = getattr(builder.policy, str(sentence.policy))
    phrase_id = f"policy.{sentence.policy}.{value if isinstance(value, str) else 'list'}"
    if phrase_id in knowledge.phrases.specs and phrase_id not in said:
        said.add(phrase_id)
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


def _close(builder: _Builder, plan: Plan, feeling: str, steps: list[tuple[Answer, Sentence]], public: bool) -> None:
    """The first answer's own next step, else a general door where nothing was asked; then valediction and signature."""
    if steps:
        builder.sentence(steps[0][0], steps[0][1], _DOOR)
    elif (
        not plan.asks
        and not public
        and plan.verdict != "escalate"
        and all(piece.kind != "question" for piece in builder.pieces)
    ):
        mood = "upset" if feeling in UPSET else feeling if feeling in ("pleased", "worried") else "neutral"
        builder.phrase("door", f"door.{mood}", _DOOR)
    if not public:
        builder.phrase("closing", "closing.warm", _END)
    builder.phrase("signature", "signature.team", _END)
