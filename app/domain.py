"""The data that flows, in the order in which it flows. Frozen, no I/O; field names are those of the HTTP contract.

BuyerMessage -> Analysis -> Evidence -> Plan -> Draft -> Review
"""

from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Annotated, Literal

from babel import Locale
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    HttpUrl,
    PlainSerializer,
    StringConstraints,
    model_validator,
)

Span = tuple[int, int]  # offsets in Unicode code points, end exclusive


class Value(BaseModel):
    """A frozen value; unknown fields are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


# --- what comes in ---------------------------------------------------------------------------------------------------


_NOT_COUNTRIES = frozenset({"ZZ", "XA", "XB", "EU", "EZ", "UN", "QO"})  # unknown, pseudo and grouping codes of CLDR


@cache
def countries() -> frozenset[str]:
    """ISO 3166-1 alpha-2 codes that CLDR knows, less the codes for unknown and pseudo territories."""
    codes = {str(code) for code in Locale("en").territories}
    return frozenset(code for code in codes if len(code) == 2 and code.isalpha()) - _NOT_COUNTRIES


def _country(code: str) -> str:
    if code not in countries():
        raise ValueError(f"{code!r} is not an ISO 3166-1 alpha-2 country")
    return code


def _decimal_text(value: object) -> object:
    if isinstance(value, float):
        raise ValueError('send amounts as decimal strings, such as "12.30"')
    return value


Country = Annotated[str, AfterValidator(_country)]
Short = Annotated[str, StringConstraints(max_length=300)]
Key = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Amount = Annotated[
    Decimal,
    BeforeValidator(_decimal_text),
    Field(max_digits=14, decimal_places=4, ge=0),
    PlainSerializer(lambda value: format(value, "f"), return_type=str),
]


class Money(Value):
    """An amount with its ISO 4217 currency."""

    amount: Amount
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]


class Item(Value):
    sku: Short | None = None
    title: Short | None = None
    variant: Short | None = None
    quantity: Annotated[int, Field(ge=1, le=1_000_000)] = 1


class Refund(Value):
    amount: Money | None = None
    status: Literal["requested", "approved", "paid"] | None = None
    expected_by: date | AwareDatetime | None = None


class Tracking(Value):
    last_event: Short | None = None
    last_event_at: AwareDatetime | None = None
    location: Short | None = None
    trace: Literal["none", "open", "failed", "found"] = "none"


class Dispute(Value):
    kind: Short | None = None
    state: Short | None = None
    opened_at: AwareDatetime | None = None
    due_by: AwareDatetime | None = None
    offers: tuple[Short | dict[str, object], ...] = ()


OrderStatus = Literal[
    "unpaid",
    "paid",
    "packed",
    "shipped",
    "in_customs",
    "out_for_delivery",
    "delivered",
    "returned",
    "cancelled",
    "refunded",
]


class Order(Value):
    """What the shop's system knows; every time with its offset, all but the id may be unknown."""

    id: Key | None = None
    status: OrderStatus | None = None
    placed_at: AwareDatetime | None = None
    paid_at: AwareDatetime | None = None
    shipped_at: AwareDatetime | None = None
    delivered_at: AwareDatetime | None = None
    eta_from: date | None = None
    eta_to: date | None = None
    carrier: Short | None = None
    tracking_number: Short | None = None
    tracking_url: HttpUrl | None = None
    total: Money | None = None
    items: Annotated[tuple[Item, ...], Field(max_length=200)] = ()
    destination_country: Country | None = None
    refund: Refund | None = None
    tracking: Tracking | None = None
    protection_until: date | AwareDatetime | None = None
    dispute: Dispute | None = None


class Buyer(Value):
    id: Key | None = None
    name: Annotated[str, StringConstraints(max_length=120)] | None = None
    country: Country | None = None
    locale: Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*$")] | None = None
    orders_count: Annotated[int, Field(ge=0)] | None = None


class ProductRef(Value):
    sku: Short | None = None
    title: Short | None = None
    url: HttpUrl | None = None
    variant: Short | None = None


class Attachment(Value):
    id: Key | None = None
    url: HttpUrl | None = None
    type: Literal["image", "video", "file"]

    @model_validator(mode="after")
    def _id_or_url(self) -> "Attachment":
        if self.id is None and self.url is None:
            raise ValueError("an attachment has an id or a url")
        return self


class Turn(Value):
    """One earlier message of the conversation."""

    sender: Literal["buyer", "seller"] = Field(alias="from")
    text: Annotated[str, StringConstraints(max_length=20_000)]
    at: AwareDatetime | None = None
    attachments: tuple[Attachment, ...] = ()


class ReviewRef(Value):
    stars: Annotated[int, Field(ge=1, le=5)] | None = None
    id: Key | None = None


Channel = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,39}$")]


class Options(Value):
    """How a draft is to be made, where it differs from the settings."""

    reply_language: Annotated[str, StringConstraints(pattern=r"^(auto|[a-z]{2,3}(-[A-Za-z0-9]{2,8})*)$")] = "auto"
    market: Annotated[str, StringConstraints(pattern=r"^(auto|[A-Z]{2})$")] = "auto"
    generator: Literal["composer", "transformers", "openai"] | None = None  # None: as the settings say
    max_chars: Annotated[int, Field(ge=100, le=20_000)] | None = None
    dry_run: bool = False


class OrderEvent(Value):
    """What happened, where the shop writes first: nobody has asked, and the message that carries it has no text."""

    id: Key
    type: Key
    reply_id: Key  # the vetted reply that answers it
    season: Key | None = None


class BuyerMessage(Value):
    """One message with all that is known around it; `received_at` is now for everything that depends on time."""

    text: str
    received_at: AwareDatetime
    channel: Channel = "api"
    site: Key = "default"
    visibility: Literal["private", "public"] = "private"
    review: ReviewRef | None = None
    attachments: Annotated[tuple[Attachment, ...], Field(max_length=20)] = ()
    product: ProductRef | None = None
    buyer: Buyer = Buyer()
    vouched: bool = True  # False: who the buyer is rests on a stranger's own word
    order: Order | None = None
    history: Annotated[tuple[Turn, ...], Field(max_length=200)] = ()
    agent_language: Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")] = "en"
    slots: dict[str, str] = {}
    options: Options = Options()
    event: OrderEvent | None = None


Approach = Literal["answer_now", "ask_first", "offer_choice"]


NOTICES = RISING, DRIFTED, DISPUTE_DUE = "figures.rising", "reading.drifted", "dispute.due"
"""Steps of the trail that are about no draft."""

OUTREACH = "outreach"  # the intent of what the shop writes first


class Steer(Value):
    """How an agent turns a draft round: other intents, one reply, or another approach to the same matter."""

    intents: tuple[str, ...] = ()
    reply_id: str | None = None
    approach: Approach | None = None


class Basis(Value):
    """All that one revision was drafted from, so that it can be drafted, checked and explained again."""

    message: BuyerMessage
    steer: Steer = Steer()
    degraded: tuple[str, ...] = ()  # parts that did not work when the basis was gathered


# --- what was understood ---------------------------------------------------------------------------------------------


class LanguageScore(Value):
    code: str
    confidence: float


class Language(Value):
    """`code` is bare (`und` on junk); `reply_language` is the full tag in which the draft is written."""

    code: str
    confidence: float
    script: str
    region: str | None = None
    alternatives: tuple[LanguageScore, ...] = ()
    reply_language: str
    fallback: str | None = None  # why the reply is in another language than the message


class IntentScore(Value):
    id: str
    score: float
    span: Span


class Emotion(Value):
    id: str
    score: float
    intensity: float
    scores: dict[str, float]


class ConductScore(Value):
    id: str
    score: float


class Entity(Value):
    type: str
    value: str
    span: Span
    carrier: str | None = None
    currency: str | None = None
    amount: str | None = None


class Priority(Value):
    level: Literal["low", "normal", "high", "urgent"]
    reasons: tuple[str, ...] = ()


class Analysis(Value):
    """The reading of one message; `intents` is never empty, most pressing first."""

    language: Language
    intents: tuple[IntentScore, ...]
    emotion: Emotion
    conduct: tuple[ConductScore, ...]
    entities: tuple[Entity, ...]
    priority: Priority
    abstained: bool = False
    abstain_reason: str | None = None
    versions: dict[str, str]
    timings_ms: dict[str, float]

    @property
    def conduct_ids(self) -> frozenset[str]:
        """The flags alone."""
        return frozenset(flag.id for flag in self.conduct)


# --- what was found and planned --------------------------------------------------------------------------------------


class Evidence(Value):
    """A vetted reply that was found for a part of the message."""

    reply_id: str
    version: int
    score: float
    intent: str
    text: str


class Missing(Value):
    """A value that is not known, who can tell it, and what for."""

    slot: str
    teller: Literal["buyer", "agent"] = Field(alias="from")
    why: str


class Answer(Value):
    """Which situation answers which part of the message, and which of its sentences stand."""

    intent: str
    situation: str
    version: int
    span: Span
    score: float
    sentences: tuple[str, ...]


Verdict = Literal["ready", "needs_input", "no_vetted_reply", "escalate", "no_reply_needed", "spam"]


class Plan(Value):
    """What will be said, before any word of it is chosen."""

    verdict: Verdict
    reason: str | None = None
    answers: tuple[Answer, ...] = ()
    asks: tuple[str, ...] = ()
    missing: tuple[Missing, ...] = ()
    confidence: float = 0.0


# --- what is said ----------------------------------------------------------------------------------------------------

SegmentKind = Literal["salutation", "empathy", "answer", "question", "next_step", "closing", "signature"]


class Source(Value):
    """Where a segment's words come from."""

    type: Literal["reply", "phrase", "slot", "model", "agent"]
    id: str
    version: int


class SlotUse(Value):
    """A value that stands in a segment, and where it was known from."""

    name: str
    span: Span
    origin: str = Field(alias="from")


class Segment(Value):
    """A run of the draft's text with its source; the white space that follows it belongs to it."""

    span: Span
    kind: SegmentKind
    source: Source
    slots: tuple[SlotUse, ...] = ()
    intent: str | None = None
    techniques: tuple[str, ...] = ()
    glossed: bool = True


class GlossSegment(Value):
    span: Span
    of: int  # index of the draft's segment


class Gloss(Value):
    """The same draft in the agent's language, from the vetted parallel texts."""

    language: str
    text: str
    segments: tuple[GlossSegment, ...] = ()


class Adjustment(Value):
    """One thing that was done for the market, and why."""

    rule: str
    effect: str
    reason: str


CheckStatus = Literal["pass", "warn", "block"]


class Check(Value):
    """One finding on a text; `span` is where it stands, (0, 0) for the whole."""

    id: str
    status: CheckStatus
    span: Span = (0, 0)
    detail: str


class Advice(Value):
    technique: str
    text: str
    why: str


class GeneratorUse(Value):
    """Who worded the draft; `fallback_from` names a generator whose wording could not stand. Tokens and cost where known."""

    name: str = "composer"
    model: str | None = None
    fallback_from: str | None = None
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    cost: Money | None = None


class Draft(Value):
    """A reply that a person may sign, with all that explains it. Identity, revision and status belong to the store."""

    verdict: Verdict
    reason: str | None = None
    language: str
    text: str
    gloss: Gloss
    gist: str
    confidence: float
    segments: tuple[Segment, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    adjustments: tuple[Adjustment, ...] = ()
    checks: tuple[Check, ...] = ()
    missing: tuple[Missing, ...] = ()
    alternatives: tuple[str, ...] = ()
    advice: tuple[Advice, ...] = ()
    generator: GeneratorUse = GeneratorUse()
    timings_ms: dict[str, float] = {}
    versions: dict[str, str] = {}

    @property
    def blocked(self) -> bool:
        """Whether any check forbids that it goes out."""
        return any(check.status == "block" for check in self.checks)


class Drafted(Value):
    """The whole outcome of the pipeline for one message."""

    analysis: Analysis
    plan: Plan
    draft: Draft


# --- what became of it -----------------------------------------------------------------------------------------------

DraftStatus = Literal["pending", "approved", "rejected", "sent", "superseded"]
RejectReason = Literal["wrong_intent", "wrong_facts", "wrong_tone", "wrong_language", "not_helpful", "policy", "other"]


class Corrections(Value):
    """What a message really was, as a person reads it; None: not corrected. `language` is a bare code, `reply_id` what should have answered."""

    intents: tuple[str, ...] | None = None
    emotion: str | None = None
    conduct: tuple[str, ...] | None = None
    language: str | None = None
    reply_id: str | None = None


class Review(Value):
    """What an agent decided about a draft."""

    draft_id: str
    agent: str
    decision: Literal["approved", "edited", "rejected"]
    at: datetime
    reason: RejectReason | None = None
    note: str | None = None
    intents: tuple[str, ...] | None = None
    emotion: str | None = None
