"""What agents do with the drafts of the fortnight: how often they sign, edit, notice a wrong reading, slip."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import numpy as np

from app.desk import Desk, Person, Received
from app.domain import Analysis, Buyer, BuyerMessage, Corrections, Turn
from app.errors import CountersignError
from app.store.corrections import Proposal
from app.teaching import Teaching
from models.examples import Example
from scripts.fortnight.stream import PLANTED, SEED, Coming

NOTICED = {"intents": 0.8, "emotion": 0.5, "conduct": 0.5}  # of wrong readings, how many an agent corrects
SLIPS = 0.05  # of corrected intents, how many are named wrong
NEEDLESS = 0.01  # of right readings, how many are corrected all the same, wrongly
EDITED = 0.15  # of letters to a message that was read right, how many lose a sentence before they are signed
ACCEPTED = {True: 0.95, False: 0.1}  # of right and of wrong corrections, how many the second person accepts
PACE_MINUTES = 45.0  # median wait of a draft; the waits are log-normal

BUYERS = Person("integration", "integration")
AGENTS = (Person("Ania", "agent"), Person("Bo", "agent"), Person("Cem", "agent"))
SECOND = Person("Olga", "ops")


@dataclass(slots=True)
class Hands:
    """The clock of the desk, and the pocketful of chances by which people decide."""

    now: datetime
    chance: np.random.Generator = field(default_factory=lambda: np.random.default_rng(SEED + 1))

    def clock(self) -> datetime:
        """The simulated time."""
        return self.now

    def happens(self, share: float) -> bool:
        """By chance."""
        return bool(self.chance.random() < share)


@dataclass(slots=True)
class Office:
    """The desk with its people. `counts`: how often what happened; `truths`: what the corrected messages really were."""

    desk: Desk
    hands: Hands
    labels: Sequence[str]
    counts: Counter[str] = field(default_factory=Counter)
    truths: dict[str, bool] = field(default_factory=dict)  # by draft: whether its correction is right

    def live(self, stream: Sequence[Coming]) -> None:
        """All messages, one after the other, each decided after its wait."""
        letters = list(PLANTED["gap"]["letters"])
        for number, one in enumerate(stream):
            self.hands.now = one.at
            received = self.desk.receive(_message(one, number), None, None, BUYERS)
            self.hands.now += timedelta(minutes=PACE_MINUTES * float(self.hands.chance.lognormal(0.0, 1.0)))
            self.counts["messages"] += 1
            try:
                self._decide(one, received, AGENTS[number % len(AGENTS)], letters)
            except CountersignError as error:  # escalated, or blocked: ops' affair, and open here
                self.counts[f"left to ops ({type(error).__name__})"] += 1

    def _decide(self, one: Coming, received: Received, agent: Person, letters: list[str]) -> None:
        if one.planted:
            self._answer_planted(received, agent, letters)
            return
        wrong = _misread(one.example, received.analysis)
        self.counts["read wrong"] += "intents" in wrong
        noticed = {name for name in sorted(wrong) if self.hands.happens(NOTICED[name])}
        needless = not wrong and self.hands.happens(NEEDLESS)
        if "intents" in noticed or needless:
            self._refuse(one.example, received.draft.id, agent, noticed, needless)
        else:
            self._sign(received, agent, _truth(one.example, noticed))

    def _answer_planted(self, received: Received, agent: Person, letters: list[str]) -> None:
        text = letters.pop(0) if letters else None
        self.counts["planted questions"] += 1
        if text is not None:
            self.desk.approve(received.draft.id, agent, text)
            self._leave(received.draft.id)

    def _refuse(self, example: Example, draft_id: str, agent: Person, noticed: set[str], needless: bool) -> None:
        right = not needless and not self.hands.happens(SLIPS)
        truth = _truth(example, noticed)
        if not right:
            truth = Corrections(intents=(str(self.hands.chance.choice(self.labels)),))
        self.desk.reject(draft_id, agent, "wrong_intent", corrected=truth)
        self.counts["corrected rightly" if right else "corrected wrongly"] += 1
        self.truths[draft_id] = right

    def _sign(self, received: Received, agent: Person, corrected: Corrections) -> None:
        text, edited = received.draft.body.text, self.hands.happens(EDITED)
        paragraphs = text.split("\n\n")
        if edited and len(paragraphs) > 3:
            text = "\n\n".join([*paragraphs[:-3], *paragraphs[-2:]])
        self.desk.approve(received.draft.id, agent, text, corrected=corrected)
        self.counts["signed"] += 1
        if corrected != Corrections():
            self.counts["corrected rightly"] += 1
            self.truths[received.draft.id] = True
        self._leave(received.draft.id)

    def _leave(self, draft_id: str) -> None:
        self.hands.now += timedelta(minutes=1)  # the undo window
        self.desk.confirm_sent(draft_id, BUYERS)

    def decide_again(self, teaching: Teaching) -> None:
        """The second person goes through all that was proposed."""
        for proposal in _proposed(teaching):
            right = self.truths[proposal.draft_id]
            accepted = self.hands.happens(ACCEPTED[right])
            (teaching.accept if accepted else teaching.refuse)(proposal.id, SECOND)
            self.counts[f"{'accepted' if accepted else 'refused'} {'rightly' if accepted == right else 'wrongly'}"] += 1


def _proposed(teaching: Teaching) -> list[Proposal]:
    found: list[Proposal] = []
    after, more = None, True
    while more:
        page, after = teaching.list_corrections("proposed", 200, after)
        found += page
        more = after is not None
    return found


def _message(one: Coming, number: int) -> BuyerMessage:
    buyer = Buyer(id=f"buyer-{number}", country=one.example.market)
    turns = tuple(Turn(**{"from": turn.sender, "text": turn.text}) for turn in one.example.history)
    return BuyerMessage(text=one.example.text, received_at=one.at, buyer=buyer, history=turns)


def _misread(example: Example, analysis: Analysis) -> set[str]:
    """Which parts of the reading are wrong; an intent that may be defended is right."""
    found = set()
    if analysis.intents[0].id not in (example.intents[0], *example.also):
        found.add("intents")
    if example.emotion and analysis.emotion.id != example.emotion:
        found.add("emotion")
    if {flag.id for flag in analysis.conduct} != set(example.conduct):
        found.add("conduct")
    return found


def _truth(example: Example, noticed: set[str]) -> Corrections:
    return Corrections(
        intents=example.intents if "intents" in noticed else None,
        emotion=example.emotion if "emotion" in noticed else None,
        conduct=example.conduct if "conduct" in noticed else None,
    )
