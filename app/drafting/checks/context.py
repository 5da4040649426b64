"""What a check may look at, and the small tools that all checks share."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from app.domain import Analysis, Check, CheckStatus, Segment, Span
from app.drafting.facts import Facts
from knowledge_base.knowledge import Knowledge
from models.entities import Entity, find_entities
from models.language import LanguageDetector
from models.wording import WordingWitness

_LINK = re.compile(r"https?://\S+")
DOT_ABOVE = "\u0307"
_SENTENCE_END = re.compile(r"(?<=[.!?؟])(?<!\d\.)\s+|(?<=[。！？])|\n+")


@dataclass(frozen=True)
class CheckContext:
    """A text with all that its checks need. `segments` is empty for a text typed by hand; `draft_segments` and `draft_text` are then those of the draft it replaces."""

    text: str
    language: str  # full tag in which it has to be
    facts: Facts
    knowledge: Knowledge
    detector: LanguageDetector
    witness: WordingWitness | None  # None: the checks know words alone
    agent_language: str
    analysis: Analysis | None = None
    segments: tuple[Segment, ...] = ()
    draft_text: str = ""
    draft_segments: tuple[Segment, ...] = ()
    answered: frozenset[str] = frozenset()  # intents that the plan answers or that an answer absorbs
    max_chars: int | None = None
    degraded: tuple[str, ...] = ()

    @property
    def code(self) -> str:
        """The bare language code."""
        return self.language.partition("-")[0]

    @cached_property
    def folded(self) -> tuple[str, list[int]]:
        """The text case-folded, and for each folded character the place it came from (folding can lengthen)."""
        whole = self.text.casefold()
        if len(whole) == len(self.text) and DOT_ABOVE not in whole:  # each character folds to one: the usual case
            return whole, list(range(len(whole) + 1))
        pieces, places = [], []
        for place, char in enumerate(self.text):
            low = char.casefold().replace(DOT_ABOVE, "")  # Turkish İ folds to i and a dot that patterns do not expect
            pieces.append(low)
            places += [place] * len(low)
        return "".join(pieces), [*places, len(self.text)]

    @cached_property
    def entities(self) -> tuple[Entity, ...]:
        """What the text names: addresses, numbers, links."""
        return find_entities(self.text, self.facts.market)

    def sentences(self) -> Iterator[tuple[str, int]]:
        """Folded sentences with their offset in the folded text."""
        folded, start = self.folded[0], 0
        for match in (*_SENTENCE_END.finditer(folded), None):
            end = match.start() if match else len(folded)
            if folded[start:end].strip():
                yield folded[start:end], start
            start = match.end() if match else end

    def meaning(self, span: Span) -> Mapping[str, float]:
        """Of each check that the text there breaks it; {} where nobody can tell. A link says nothing by its letters: others look at it."""
        words = _LINK.sub(" ", self.text[slice(*span)]).strip()
        return {} if self.witness is None or not words else self.witness.probabilities(words)

    def span(self, start: int, end: int) -> Span:
        """Offsets of the folded text as offsets of the text."""
        places = self.folded[1]
        return places[start], places[max(start, end - 1)] + 1 if end > start else places[start]

    def say(self, key: str, **values: object) -> str:
        """A sentence for the agent, in the agent's language."""
        return self.knowledge.words(self.agent_language)[key].format(**values)

    def finding(
        self, check_id: str, status: CheckStatus, span: Span = (0, 0), key: str = "", **values: object
    ) -> Check:
        """One finding, explained."""
        return Check(id=check_id, status=status, span=span, detail=self.say(f"check.{key or check_id}", **values))

    def vetted(self, span: Span) -> bool:
        """Whether a place begins in a segment that is worded by a vetted reply or phrase."""
        return any(start <= span[0] < end for start, end in self._vetted_spans)

    def all_vetted(self, span: Span) -> bool:
        """Whether every place from its first to its last character is so worded."""
        place = span[0]
        for start, end in self._vetted_spans:
            if start <= place < end:
                place = end
        return place >= span[1]

    @cached_property
    def _vetted_spans(self) -> tuple[Span, ...]:
        """In the order of the text."""
        return tuple(sorted(one.span for one in self.segments if one.source.type in ("reply", "phrase")))


_RANK: dict[CheckStatus, int] = {"pass": 0, "warn": 1, "block": 2}


def outcome(checks: Iterable[Check]) -> CheckStatus:
    """The worst status among them; `pass` for none."""
    return max((check.status for check in checks), key=lambda status: _RANK[status], default="pass")
