"""A reply proposed from what agents wrote: what several letters of one matter share, in the words of one of them.

Nothing enters the knowledge from here. A proposal is a document as a person writes it; a person saves it, as a
suggestion, and ops vets it like any other.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from app.drafting.facts import gather_facts
from app.drafting.formats import date_forms, write
from app.drafting.values import SlotValue
from app.insights.redacted import Redactor
from app.store.insights import Case
from knowledge_base.edits import Wording, WrittenReply
from knowledge_base.knowledge import Knowledge
from knowledge_base.proofread import QUESTIONS, Flaw, proofread, slots_of
from models.encoder import Encoder
from models.text import clean, split_sentences

LETTERS = 3  # that have to say the same, each in a conversation of its own
SAME = 0.75  # cosine from which two sentences say the same; the rewording step holds its wordings to as much
SHOWN_QUESTIONS = 10
_FIGURES = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Proposal:
    """A reply nobody has vetted, what it was made from, and what a person must mend before it can be saved."""

    reply: WrittenReply
    letters: int
    agents: int
    flaws: tuple[Flaw, ...]


@dataclass(frozen=True, slots=True)
class _Letter:
    """One signed text as sentences, with slot marks in place of what the order told."""

    case: Case
    sentences: tuple[str, ...]


class Proposer:
    """Holds what it takes to compare letters."""

    def __init__(self, knowledge: Knowledge, encoder: Encoder) -> None:
        self._knowledge, self._encoder, self._redactor = knowledge, encoder, Redactor(knowledge)

    def propose(self, gap_id: str, cases: Sequence[Case]) -> Proposal | None:
        """None where fewer than three letters of one language share a sentence, or too few questions name nobody."""
        language, signed = _most_written(cases)
        questions = self._questions(language, cases)
        letters = [_Letter(case, tuple(self._sentences(case))) for case in signed]
        if len(letters) < LETTERS or len(questions) < QUESTIONS:
            return None
        sentences = self._shared(letters)
        if not sentences:
            return None
        reply = self._document(gap_id, cases, language, sentences, questions)
        agents = len({letter.case.agent for letter in letters})
        return Proposal(reply, len(letters), agents, tuple(proofread(reply, self._knowledge)))

    def _document(
        self, gap_id: str, cases: Sequence[Case], language: str, texts: Sequence[str], questions: Sequence[str]
    ) -> WrittenReply:
        intent = Counter(case.intent for case in cases).most_common(1)[0][0]
        named = {f"said_{number}": text for number, text in enumerate(texts, 1)}
        return WrittenReply.model_validate(
            {
                "id": f"{intent}.{gap_id}",
                "when": ["asks_like"],  # a person narrows it: what the order must be like stands in no letter
                "sentences": [{"id": name, "needs": sorted(slots_of(text))} for name, text in named.items()],
                "languages": {language: Wording(sentences=named, questions=tuple(questions))},
            }
        )

    def _questions(self, language: str, cases: Sequence[Case]) -> list[str]:
        """Messages in the language as they came, of those that name nobody and no number."""
        own = (case for case in cases if _code(case) == language)
        asked = (" ".join(case.basis.message.text.split()) for case in own if self._redactor.clean(case))
        return list(dict.fromkeys(text for text in asked if len(text) <= 300))[:SHOWN_QUESTIONS]

    def _sentences(self, case: Case) -> Iterator[str]:
        """The letter's sentences that name nobody; salutation, closing and signature are the frame's affair."""
        text = self._restored(case)
        for line in text.splitlines():
            for written in split_sentences(line):
                sentence = " ".join(written.split())
                if not self._redactor.names_somebody(sentence, case) and not self._is_frame(sentence, case):
                    yield sentence

    def _is_frame(self, sentence: str, case: Case) -> bool:
        words = self._knowledge.phrases.languages.get(_code(case))
        bare = sentence.strip(" ,.!").casefold()
        site = self._knowledge.site(case.basis.message.site)
        framed = {text.strip(" ,.!").casefold() for phrase in words.phrases.values() for text in phrase.texts} if words else set()  # fmt: skip
        return bare in framed or bare == site.name.casefold()

    def _restored(self, case: Case) -> str:
        """The signed text with a slot mark wherever it quotes the order."""
        text = clean(case.signed or "")
        for name, forms in self._order_values(case):
            for form in sorted(forms, key=len, reverse=True):
                text = self._redactor.pattern(form).sub(f"{{{name}}}", text)
        return text

    def _order_values(self, case: Case) -> list[tuple[str, frozenset[str]]]:
        if case.analysis is None:
            return []
        knowledge, tag = self._knowledge, case.body.language
        market = case.basis.message.buyer.country
        facts = gather_facts(case.basis.message, case.analysis, market, None, knowledge)
        known = {name: found.value for name, found in facts.values.items() if found.origin.startswith("order.") and name in knowledge.slots}  # fmt: skip
        found = [(name, _forms(knowledge.slots[name].type, value, tag, facts.today, knowledge)) for name, value in known.items()]  # fmt: skip
        return sorted(found, key=lambda item: (-max(map(len, item[1]), default=0), item[0]))

    def _shared(self, letters: Sequence[_Letter]) -> Sequence[str]:
        """Of the letter that shares most with the others, the sentences that enough of them say too."""
        vectors = [self._encoder.encode(letter.sentences) if letter.sentences else None for letter in letters]
        best: tuple[str, ...] = ()
        for own, letter in enumerate(letters):
            kept = []
            for place, sentence in enumerate(letter.sentences):
                agreeing = 0
                for other, their in zip(letters, vectors, strict=True):
                    mine = vectors[own]
                    if mine is None or their is None:
                        continue
                    near = np.flatnonzero(their @ mine[place] >= SAME)
                    agreeing += any(_same_facts(sentence, other.sentences[int(row)]) for row in near)
                if agreeing >= LETTERS:
                    kept.append(sentence)
            best = max(best, tuple(dict.fromkeys(kept)), key=len)
        return best


def _most_written(cases: Sequence[Case]) -> tuple[str, Sequence[Case]]:
    """The language in which most conversations were answered by a text of an agent's own, and one case for each of them."""
    by_language: dict[str, dict[str, Case]] = {}
    for case in cases:
        if case.signed and case.signed != case.body.text:
            by_language.setdefault(_code(case), {}).setdefault(case.conversation_id, case)
    if not by_language:
        return "", ()
    language = min(by_language, key=lambda code: (-len(by_language[code]), code))
    return language, list(by_language[language].values())


def _code(case: Case) -> str:
    return case.body.language.partition("-")[0]


def _forms(kind: str, value: SlotValue, tag: str, today: date, knowledge: Knowledge) -> frozenset[str]:
    """How a person may have written the value."""
    written = write(kind, value, tag, today, knowledge)
    forms = date_forms(value, tag) if isinstance(value, date) else frozenset()
    return frozenset(form for form in (written, *forms) if form and len(form) > 1)


def _same_facts(one: str, other: str) -> bool:
    """Equal figures and slots: a number that differs from letter to letter belongs to one order."""
    return slots_of(one) == slots_of(other) and Counter(_FIGURES.findall(one)) == Counter(_FIGURES.findall(other))
