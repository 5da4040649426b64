"""The form of the content files: what may stand in them, and the closed lists that they draw on.

Every class here mirrors one table of a TOML file. Unknown keys are refused, so that a typing error is found when the
file is read and not when a buyer is answered.
"""

import re
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_serializer, field_validator, model_validator

SlotType = Literal[
    "text", "quote", "link", "date", "date_range", "days", "working_days", "months", "day_range", "percent", "number",
    "money", "offer", "country", "list", "phrase", "fact", "attachment",
]  # fmt: skip
Teller = Literal["buyer", "agent", "ops", ""]
SentenceKind = Literal["empathy", "answer", "question", "next_step"]
# What a sentence grants the buyer, for the figures; `offer` is proposed only: the buyer may decline it.
Remedy = Literal["refund", "cancellation", "return", "exchange", "settlement", "coupon", "offer"]
Stage = Literal["pre_sale", "order", "logistics", "after_sale", "relationship", "other", "outreach"]

SLOT_MARK = re.compile(r"\{([a-z_]+(?:\.[a-z_]+)?)\}")

PREDICATE = re.compile(
    r"(?P<negated>not )?(?P<name>[a-z_]+(?:\.[a-z_]+)?)(?:\((?P<argument>[a-z_.]+)\)| in \[(?P<choices>[a-z_, ]+)\])?"
)
# The closed list; adding one is a decision (docs/decisions/0003). Value: what kind of argument it takes.
PREDICATES: dict[str, Literal["none", "word", "choices"]] = {
    "order.known": "none", "order.status": "choices", "order.before": "word", "order.after": "word", "order.has": "word",
    "order.dispatch_overdue": "none", "order.no_scan_for": "word", "order.within_return_period": "none", "trace.failed": "none",
    "refund.paid": "none", "refund.known": "none", "case.open": "none", "policy.grants": "word", "product.known": "none",
    "product.has": "word", "product.in_stock": "none", "product.out_of_stock": "none", "given": "word", "conduct": "word",
    "visibility": "word", "asks_like": "none", "mentions": "word",
}  # fmt: skip


class Table(BaseModel):
    """A table of a content file: unknown keys refused, values never changed after reading."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Predicate(Table):
    """One condition of a situation or sentence, as parsed from its text form."""

    name: str
    argument: str = ""
    choices: tuple[str, ...] = ()
    negated: bool = False

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises ValueError where the text is not of the closed list."""
        match = PREDICATE.fullmatch(text.strip())
        if match is None or match["name"] not in PREDICATES:
            raise ValueError(f"{text!r} is not a predicate of the closed list")
        kind = PREDICATES[match["name"]]
        found = "word" if match["argument"] else "choices" if match["choices"] else "none"
        if found != kind:
            raise ValueError(f"{text!r}: {match['name']} takes {kind} as its argument")
        choices = tuple(part.strip() for part in (match["choices"] or "").split(",") if part.strip())
        return cls(
            name=match["name"], argument=match["argument"] or "", choices=choices, negated=bool(match["negated"])
        )

    @property
    def text(self) -> str:
        """The form that a writer types; parsing it gives the same predicate."""
        argument = f"({self.argument})" if self.argument else ""
        choices = f" in [{', '.join(self.choices)}]" if self.choices else ""
        return f"{'not ' if self.negated else ''}{self.name}{argument}{choices}"


def _predicates(value: object) -> list[Predicate]:
    """Raises ValueError unless it is a list of texts of the closed list."""
    if not isinstance(value, list | tuple) or not all(isinstance(text, str) for text in value):
        raise ValueError("must be a list of predicates, each of them a text")
    return [Predicate.parse(text) for text in value]


class Slot(Table):
    """A value that a sentence may name: its type, where it is found, who can tell it when it is missing."""

    type: SlotType
    source: str = Field(alias="from")
    tells: Teller
    always: bool = False


class Sentence(Table):
    """One sentence of a situation; it stands only where `needs` are known and `if` holds."""

    id: str
    kind: SentenceKind = "answer"
    needs: tuple[str, ...] = ()
    asks: tuple[str, ...] = ()
    conditions: tuple[Predicate, ...] = Field(default=(), alias="if")
    policy: str | None = None
    once: str | None = None  # what it tells: a slot or any word; left out of a letter that has told it before
    fact: bool = False
    remedy: Remedy | None = None

    @field_validator("conditions", mode="before")
    @classmethod
    def _parse(cls, value: object) -> list[Predicate]:
        return _predicates(value)

    @field_serializer("conditions")
    def _written(self, value: tuple[Predicate, ...]) -> list[str]:
        return [predicate.text for predicate in value]

    @property
    def worded(self) -> bool:
        """Whether each language gives this sentence a wording of its own."""
        return not self.asks and self.policy is None


class Scope(Table):
    """For which sites, channels and markets a reply is meant; an empty list means all of them."""

    sites: tuple[Annotated[str, StringConstraints(min_length=1, max_length=200)], ...] = ()
    channels: tuple[Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,39}$")], ...] = ()
    markets: tuple[Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")], ...] = ()

    @property
    def narrow(self) -> bool:
        """Whether it leaves anything out."""
        return bool(self.sites or self.channels or self.markets)


@dataclass(frozen=True, slots=True)
class Occasion:
    """Where and when a reply would be used; `on` is the day on the site's clock, `market` None where it is unknown."""

    site: str
    channel: str
    market: str | None
    on: date


class Situation(Table):
    """One vetted reply: when it fits, where and how long it is meant, and the sentences that it is built of."""

    id: str
    when: tuple[Predicate, ...] = ()
    fallback: bool = False
    escalate: bool = False
    event: str | None = None
    techniques: tuple[str, ...] = ()
    wants: tuple[str, ...] = ()
    scope: Scope = Scope()
    valid_from: date | None = None  # first and last day, both included
    valid_until: date | None = None
    sentences: tuple[Sentence, ...] = Field(min_length=1)

    @field_validator("when", mode="before")
    @classmethod
    def _parse(cls, value: object) -> list[Predicate]:
        return _predicates(value)

    @field_serializer("when")
    def _written(self, value: tuple[Predicate, ...]) -> list[str]:
        return [predicate.text for predicate in value]

    @model_validator(mode="after")
    def _window(self) -> Self:
        if self.valid_from and self.valid_until and self.valid_until < self.valid_from:
            raise ValueError(f"{self.id}: valid_until lies before valid_from")
        return self

    @model_validator(mode="after")
    def _unique_sentences(self) -> Self:
        ids = [sentence.id for sentence in self.sentences]
        if len(ids) != len(set(ids)):
            raise ValueError(f"{self.id}: a sentence id stands twice")
        return self

    @property
    def intent(self) -> str:
        """The intent that the id begins with."""
        return self.id.partition(".")[0]

    @property
    def meant_always(self) -> bool:
        """Whether neither scope nor window leaves any occasion out."""
        return not (self.valid_from or self.valid_until or self.scope.narrow)

    def meant_for(self, occasion: Occasion) -> bool:
        """Whether the occasion lies in scope and window; an unknown market lies in no list of markets."""
        if self.meant_always:
            return True
        began = self.valid_from is None or self.valid_from <= occasion.on
        ended = self.valid_until is not None and self.valid_until < occasion.on
        scope, place = self.scope, (occasion.site, occasion.channel, occasion.market)
        inside = (
            not wanted or own in wanted
            for wanted, own in zip((scope.sites, scope.channels, scope.markets), place, strict=True)
        )
        return began and not ended and all(inside)


class Intent(Table):
    """What a message can be about, with the situations that answer it."""

    id: str
    stage: Stage
    definition: str
    absorbs: tuple[str, ...] = ()
    choice: str | None = None  # a reply that leaves the buyer a choice instead, for an item that has arrived
    situation: tuple[Situation, ...] = ()

    @model_validator(mode="after")
    def _one_fallback(self) -> Self:
        fallbacks = [situation.id for situation in self.situation if situation.fallback]
        if self.situation and self.stage != "outreach" and len(fallbacks) != 1:
            raise ValueError(f"{self.id} needs exactly one fallback, has {len(fallbacks)}")
        strays = [situation.id for situation in self.situation if situation.intent != self.id]
        if strays:
            raise ValueError(f"{strays[0]} does not belong to {self.id}")
        return self


class Vetting(Table):
    """Who vouches for a wording, since when, and when it has to be read again."""

    vetted: bool
    by: str
    on: date
    review: date
    version: int = Field(ge=1)
    valid_until: date | None = None


class Variant(Table):
    """One language's wording of one situation."""

    situation: str
    language: str
    vetting: Vetting
    questions: tuple[str, ...] = ()
    sentences: dict[str, str]
    regions: dict[str, dict[str, str]] = {}

    def wording(self, sentence_id: str, region: str | None) -> str:
        """The sentence in the region's own wording where it has one; `region` is a full tag such as `pt-PT`."""
        return self.regions.get(region or "", {}).get(sentence_id) or self.sentences[sentence_id]


class Phrase(Table):
    """Wordings of one element of a letter's frame; a draft takes one of them."""

    texts: tuple[str, ...] = Field(min_length=1)
    regions: dict[str, tuple[str, ...]] = {}

    def wording(self, choice: int, region: str | None) -> str:
        """`choice` is any whole number; it is taken modulo the number of wordings."""
        texts = self.regions.get(region or "") or self.texts
        return texts[choice % len(texts)]
