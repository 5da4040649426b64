"""What may come in, with an example for every body."""

from datetime import UTC, date, datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, ConfigDict, Field, JsonValue, StringConstraints, model_validator

from app.domain import (
    Attachment,
    Buyer,
    BuyerMessage,
    Channel,
    Corrections,
    Country,
    Key,
    Options,
    Order,
    ProductRef,
    RejectReason,
    ReviewRef,
    Turn,
    Value,
)
from knowledge_base.catalogue import Product
from knowledge_base.edits import WrittenReply, without_read_only

Text = Annotated[str, StringConstraints(max_length=100_000)]  # the precise limit is a setting, with an error of its own
Tag = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")]
_ORDER_EXAMPLE: dict[str, JsonValue] = {
    "id": "8123456789012345", "status": "shipped", "placed_at": "2026-11-05T10:00:00+08:00", "paid_at": "2026-11-05T10:02:00+08:00", "shipped_at": "2026-11-08T09:00:00+08:00",
    "eta_from": "2026-11-24", "eta_to": "2026-11-28", "carrier": "Cainiao", "tracking_number": "LP00123456789012", "tracking_url": "https://global.cainiao.com/detail.htm?mailNoList=LP00123456789012",
    "total": {"amount": "23.90", "currency": "EUR"}, "items": [{"sku": "LH-LAMP-01", "title": "Luma desk lamp", "quantity": 1}], "destination_country": "ES",
}  # fmt: skip


def example(**fields: JsonValue) -> ConfigDict:
    """The settings of a body's class, with the example that the published schema shows."""
    return ConfigDict(frozen=True, extra="forbid", populate_by_name=True, json_schema_extra={"example": fields})


class MessageIn(Value):
    """A buyer's message with all that is known around it."""

    model_config = example(
        text="¿Dónde está mi pedido? Ya pasaron tres semanas",
        channel="widget",
        received_at="2026-11-22T09:30:00+08:00",
        buyer={"name": "María López", "country": "MX"},
        order=_ORDER_EXAMPLE,
        agent_language="zh",
    )

    text: Text
    conversation_id: Key | None = None
    external_id: Key | None = None
    received_at: AwareDatetime | None = None
    channel: Channel = "api"
    site: Key = "default"
    visibility: Literal["private", "public"] = "private"
    review: ReviewRef | None = None
    attachments: Annotated[tuple[Attachment, ...], Field(max_length=20)] = ()
    product: ProductRef | None = None
    buyer: Buyer | None = None
    order: Order | None = None
    history: Annotated[tuple[Turn, ...], Field(max_length=200)] = ()
    agent_language: Tag | None = None
    slots: dict[str, Annotated[str, StringConstraints(max_length=2000)]] = {}
    options: Options | None = None

    def to_domain(self, agent_language: str) -> BuyerMessage:
        """With the server's clock where no time came, and the reader's language where none was asked for."""
        fields = {name: getattr(self, name) for name in BuyerMessage.model_fields if name in type(self).model_fields}
        return BuyerMessage(**fields | {
            "received_at": self.received_at or datetime.now(UTC), "buyer": self.buyer or Buyer(), "options": self.options or Options(), "agent_language": self.agent_language or agent_language,
        })  # fmt: skip


class AnalyzeIn(Value):
    """A text to be read; nothing is stored."""

    model_config = example(text="Mi lámpara llegó rota y quiero mi dinero", market="MX")

    text: Text
    market: Country | None = None
    channel: Channel = "api"
    received_at: AwareDatetime | None = None
    order: Order | None = None
    history: Annotated[tuple[Turn, ...], Field(max_length=200)] = ()
    agent_language: Tag | None = None

    def to_domain(self, agent_language: str) -> BuyerMessage:
        """As a message without a buyer."""
        options = Options(market=self.market) if self.market else Options()
        return BuyerMessage(
            text=self.text,
            received_at=self.received_at or datetime.now(UTC),
            channel=self.channel,
            order=self.order,
            history=self.history,
            options=options,
            agent_language=self.agent_language or agent_language,
        )


class CheckIn(Value):
    """A text that an agent typed, with what it has to be held against."""

    model_config = example(
        text="We will refund you 50 EUR today.",
        language="en",
        market="US",
        channel="amazon",
        message="My lamp arrived broken, I want my money back",
    )

    text: Text
    language: Tag | None = None
    market: Country | None = None
    channel: Channel = "api"
    message: Text | None = None
    order: Order | None = None
    draft_id: Key | None = None
    agent_language: Tag | None = None

    def to_domain(self, agent_language: str) -> BuyerMessage:
        """The message that the text answers; the text itself where none was sent."""
        options = Options(market=self.market) if self.market else Options()
        return BuyerMessage(
            text=self.message or self.text,
            received_at=datetime.now(UTC),
            channel=self.channel,
            order=self.order,
            options=options,
            agent_language=self.agent_language or agent_language,
        )


class CorrectionsIn(Value):
    """What the message really was; what is not named was read right, or is not said. `reply_id` is what should have answered."""

    model_config = example(intents=["refund_status"], emotion="frustrated")

    intents: Annotated[tuple[str, ...], Field(max_length=10)] | None = None
    emotion: str | None = None
    conduct: Annotated[tuple[str, ...], Field(max_length=10)] | None = None
    language: Tag | None = None
    reply_id: Key | None = None

    def to_domain(self) -> Corrections:
        """As the desk takes it; an empty list of intents corrects nothing, one of conduct says that there was none."""
        named = {name: getattr(self, name) for name in Corrections.model_fields}
        return Corrections(**{**named, "intents": self.intents or None})


class ApproveIn(Value):
    """`text` where it differs from the draft; `override` is ops' reason for signing in spite of a block."""

    model_config = example(text="Hola, María: su pedido llega entre el 24 y el 28 de noviembre.")

    text: Text | None = None
    override: Annotated[str, StringConstraints(min_length=3, max_length=2000)] | None = None
    corrections: CorrectionsIn = CorrectionsIn()


class RejectIn(CorrectionsIn):
    """Why, and what the message really was."""

    model_config = example(reason="wrong_intent", note="It is about the refund.", intents=["refund_status"])

    reason: RejectReason
    note: Annotated[str, StringConstraints(max_length=2000)] | None = None


class RegenerateIn(Value):
    """Other options, slots, intents, or one particular reply."""

    model_config = example(slots={"product_fact": "The lamp is made of aluminium."})

    options: Options | None = None
    intents: Annotated[tuple[str, ...], Field(max_length=10)] = ()
    reply_id: str | None = None
    slots: dict[str, Annotated[str, StringConstraints(max_length=2000)]] = {}


class SnoozeIn(Value):
    """Until when the draft leaves the queue."""

    model_config = example(until="2026-11-23T09:00:00+08:00")

    until: AwareDatetime


class SignIn(Value):
    """Name and password of an account."""

    model_config = example(name="ops", password="...")  # noqa: S106 - an example

    name: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    password: Annotated[str, StringConstraints(min_length=1, max_length=200)]


_REPLY_EXAMPLE: dict[str, JsonValue] = {
    "id": "order_tracking.heat_wave", "when": ["order.known", "asks_like"], "techniques": ["empathise"],
    "scope": {"sites": [], "channels": [], "markets": ["ES", "PT"]}, "valid_from": "2026-07-01", "valid_until": "2026-09-15",
    "sentences": [{"id": "slower", "kind": "answer"}, {"id": "number", "needs": ["order_id"], "fact": True}],
    "languages": {"en": {
        "sentences": {"slower": "Parcels travel more slowly in the heat wave.", "number": "The order number is {order_id}."},
        "questions": ["does the heat delay my parcel", "is it late because of the heat", "courier stopped by the heat wave"],
    }},
}  # fmt: skip


class ReplyIn(WrittenReply):
    """A reply: when it fits, its sentences, and their words in any of the languages. What an answer holds besides may be sent back and is not read."""

    model_config = example(**_REPLY_EXAMPLE)

    @model_validator(mode="before")
    @classmethod
    def _without_read_only(cls, data: object) -> object:
        return without_read_only(data)

    def to_domain(self) -> WrittenReply:
        """As the library takes it."""
        return WrittenReply.model_construct(**{name: getattr(self, name) for name in WrittenReply.model_fields})


class VetIn(Value):
    """Which languages a person has read (none named: all that are new), and when they are read again."""

    model_config = example(languages=["de", "en"], review="2027-11-22")

    languages: Annotated[tuple[Tag, ...], Field(max_length=100)] | None = None
    review: date | None = None


class RestoreIn(Value):
    """Which version comes back."""

    model_config = example(version=2)

    version: Annotated[int, Field(ge=1)]


class ProductsIn(Value):
    """Products to put in the place of those of the same sku, and skus to take out."""

    model_config = example(
        products=[
            {
                "sku": "LH-FAN-02",
                "title": "Luma fan",
                "in_stock": True,
                "facts": [
                    {
                        "key": "noise",
                        "sentences": {"en": "The fan runs at 28 dB on its lowest step."},
                        "asked_by": {"en": ["noise", "loud", "quiet"]},
                    }
                ],
            }
        ],
        removed=["LH-OLD-01"],
    )

    products: Annotated[tuple[Product, ...], Field(max_length=5000)] = ()
    removed: Annotated[tuple[Key, ...], Field(max_length=5000)] = ()
