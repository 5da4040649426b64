"""Visitors of a shop's chat: who they are, what they may see. Each sees one conversation, and of it only what was sent.

A visitor's token is signed, not stored. It opens the conversation for an hour, and can be exchanged for a new one for
thirty days; one that was given to a buyer for whom the shop vouched is exchanged only where the shop vouches again.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from itsdangerous import BadSignature, URLSafeSerializer
from pydantic import AwareDatetime, ValidationError
from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError

from app.desk import Desk, Person
from app.domain import Attachment, Buyer, BuyerMessage, Country, Key, Order, ProductRef, Value
from app.errors import Conflict, Forbidden, InvalidInput, NotFound, Pointer, Unauthenticated
from app.opening import Opening, opening
from app.photos import MEDIA_TYPE, redraw
from app.sites import OpenSite, Sites
from app.store import messages, secret, uploads
from app.store.database import reading, writing
from app.store.ids import new_id
from app.store.messages import StoredMessage
from app.store.uploads import StoredUpload
from knowledge_base.knowledge import Knowledge
from knowledge_base.sites import Site

CHANNEL = "widget"
VISITOR = Person("visitor", "visitor")
FRESH = timedelta(hours=1)
RENEWABLE = timedelta(days=30)
RESTS_AFTER = timedelta(hours=72)
MOST_UPLOADS = 30  # of one conversation
_SECRET = "visitor tokens"  # noqa: S105 - its name


class Vouched(Value):
    """What a shop's server says of its signed-in buyer; `expires_at` in seconds since 1970."""

    id: Key
    name: str | None = None
    country: Country | None = None
    locale: str | None = None
    orders_count: int | None = None
    expires_at: int

    def to_buyer(self) -> Buyer:
        """Raises ValidationError where a value cannot be used."""
        return Buyer.model_validate(self.model_dump(exclude={"expires_at"}))


class Visitor(Value):
    """Whoever holds a token. `vouched`: the shop has said who it is."""

    site: Key
    conversation_id: Key
    buyer: Buyer
    vouched: bool = False
    issued_at: AwareDatetime

    @property
    def name(self) -> str:
        """Under which answers to an Idempotency-Key are kept."""
        return f"visitor of {self.conversation_id}"


@dataclass(frozen=True, slots=True)
class Arrival:
    """A page that opens the chat. `origin` is the page's; `identity` and `signature` come from the shop's server."""

    site_key: str
    origin: str
    own_page: bool = False  # a page of this server, such as the demo shop
    locale: str | None = None
    token: str | None = None
    identity: str | None = None
    signature: str | None = None


@dataclass(frozen=True, slots=True)
class Admitted:
    """A visitor with the token to come back with, and what the chat's head says."""

    visitor: Visitor
    token: str
    shop: str
    opening: Opening


@dataclass(frozen=True, slots=True)
class Said:
    """What a visitor writes; `key` makes it once only."""

    text: str
    key: str | None
    name: str | None = None
    order_id: str | None = None
    product: ProductRef | None = None
    attachments: tuple[str, ...] = ()


class Visitors:
    """Built once; the desk does the work, this decides what a stranger may ask of it."""

    def __init__(
        self,
        engine: Engine,
        desk: Desk,
        sites: Sites,
        knowledge: Callable[[], Knowledge],
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._engine, self._desk, self._sites, self._knowledge, self._clock = engine, desk, sites, knowledge, clock
        self._tokens = URLSafeSerializer(self._make_secret(), salt="visitor")

    def _make_secret(self) -> str:
        try:
            with writing(self._engine) as connection:
                return secret.find_secret(connection, _SECRET) or secret.make_secret(connection, _SECRET)
        except IntegrityError:  # another process made it at the same time
            with reading(self._engine) as connection:
                return secret.find_secret(connection, _SECRET) or ""

    # --- coming in ---------------------------------------------------------------------------------------------------

    def admit(self, arrival: Arrival) -> Admitted:
        """Raises Unauthenticated, or Forbidden where the page or the identity is not the shop's."""
        door = self._sites.find_site_by_key(arrival.site_key)
        if door is None:
            raise Unauthenticated("the site key is unknown")
        if not arrival.own_page and arrival.origin not in door.origins:
            raise Forbidden("the chat may not be opened on this page; ops names a site's origins")
        vouched = self._vouched(door, arrival)
        known = self._renewable(arrival.token, door.name)
        visitor = self._returning(known, vouched) or self._newcomer(door.name, vouched, arrival.locale)
        visitor = visitor.model_copy(update={"issued_at": self._clock()})
        return Admitted(visitor, self._sign(visitor), door.site.name, self._opening(visitor, door.site))

    def _sign(self, visitor: Visitor) -> str:
        token = self._tokens.dumps(visitor.model_dump(mode="json", exclude_none=True))
        return token if isinstance(token, str) else token.decode()

    def _vouched(self, door: OpenSite, arrival: Arrival) -> Buyer | None:
        if arrival.identity is None:
            return None
        if not self._sites.is_vouched_for(door.name, arrival.identity, arrival.signature or ""):
            raise Forbidden("the buyer's identity is not signed with the site's secret")
        try:
            said = Vouched.model_validate_json(arrival.identity)
            buyer = said.to_buyer()
        except ValidationError as error:
            places = tuple(Pointer("/buyer/" + "/".join(map(str, item["loc"])), item["msg"]) for item in error.errors())
            raise InvalidInput("the buyer's identity cannot be used", places) from error
        if said.expires_at <= self._clock().timestamp():
            raise Forbidden("the buyer's identity has expired; the shop signs a new one with each page")
        return buyer

    def _renewable(self, token: str | None, site: str) -> Visitor | None:
        """Whom an older token stands for; None where it does not open that site's chat any more."""
        try:
            visitor = self._read(token or "", RENEWABLE)
        except Unauthenticated:
            return None
        with reading(self._engine) as connection:
            kept = messages.find_conversation(connection, visitor.conversation_id)
        return visitor if kept is not None and visitor.site == site else None

    def _returning(self, known: Visitor | None, vouched: Buyer | None) -> Visitor | None:
        """The conversation goes on where it is the same buyer: a shared computer must not show it to the next one."""
        if known is None or known.vouched != (vouched is not None):
            return None
        if vouched is None:
            return known
        return known.model_copy(update={"buyer": vouched}) if vouched.id == known.buyer.id else None

    def _newcomer(self, site: str, vouched: Buyer | None, locale: str | None) -> Visitor:
        now = self._clock()
        buyer = vouched or Buyer(id=new_id("v"), locale=locale)
        shell = BuyerMessage(text="", received_at=now, channel=CHANNEL, site=site, buyer=buyer)
        with writing(self._engine) as connection:
            conversation_id = messages.find_open_conversation(
                connection, shell, RESTS_AFTER
            ) or messages.start_conversation(connection, shell)
        return Visitor(
            site=site, conversation_id=conversation_id, buyer=buyer, vouched=vouched is not None, issued_at=now
        )

    def recognise(self, token: str) -> Visitor:
        """Raises Unauthenticated where the token is not ours or its hour is over."""
        return self._read(token, FRESH)

    def _read(self, token: str, good_for: timedelta) -> Visitor:
        try:
            visitor = Visitor.model_validate(self._tokens.loads(token))
        except (BadSignature, ValidationError) as error:
            raise Unauthenticated("open the chat first (POST /widget/v1/session)") from error
        if visitor.issued_at + good_for <= self._clock():
            raise Unauthenticated("the visitor's token has run out; open the chat again with it")
        return visitor

    # --- talking -----------------------------------------------------------------------------------------------------

    def say(self, visitor: Visitor, said: Said) -> StoredMessage:
        """Takes the message to the desk; the draft that it gets there is not the visitor's to see."""
        self._own(visitor, said.attachments)
        message = BuyerMessage(
            text=said.text,
            received_at=self._clock(),
            channel=CHANNEL,
            site=visitor.site,
            vouched=visitor.vouched,
            buyer=visitor.buyer
            if visitor.buyer.name or not said.name
            else visitor.buyer.model_copy(update={"name": said.name}),
            order=Order(id=said.order_id) if said.order_id else None,
            product=said.product,
            attachments=tuple(Attachment(id=item, type="image") for item in said.attachments),
            agent_language=self._knowledge().site(visitor.site).agent_language,
        )
        external_id = f"{visitor.conversation_id}:{said.key}" if said.key else None
        return self._desk.receive(message, visitor.conversation_id, external_id, VISITOR).message

    def _own(self, visitor: Visitor, names: Sequence[str]) -> None:
        with reading(self._engine) as connection:
            found = [uploads.find_upload(connection, name) for name in names]
        wrong = [
            Pointer(f"/attachments/{place}/id", "no photo of this conversation")
            for place, item in enumerate(found)
            if item is None or item.conversation_id != visitor.conversation_id
        ]
        if wrong:
            raise InvalidInput("an attachment is not known", tuple(wrong))

    def listen(self, visitor: Visitor, after: str | None = None) -> Sequence[StoredMessage]:
        """What was said on either side after that message, oldest first; all of it where that one is not known."""
        with reading(self._engine) as connection:
            stored = messages.list_messages(connection, visitor.conversation_id)
        found = [item for item in stored if item.sender != "event"]
        place = next((place for place, item in enumerate(found) if item.id == after), -1)
        return found[place + 1 :]

    # --- photos ------------------------------------------------------------------------------------------------------

    def add_photo(self, visitor: Visitor, data: bytes) -> str:
        """Keeps the picture, drawn anew; returns its id. Raises InvalidInput, TooLarge, or Conflict where there are enough."""
        with reading(self._engine) as connection:
            if uploads.count_uploads(connection, visitor.conversation_id) >= MOST_UPLOADS:
                raise Conflict(f"a conversation holds {MOST_UPLOADS} photos")
        photo = redraw(data)
        with writing(self._engine) as connection:
            return uploads.add_upload(connection, visitor.conversation_id, MEDIA_TYPE, photo.data, self._clock())

    def get_photo(self, upload_id: str, visitor: Visitor | None = None) -> StoredUpload:
        """For an agent any, for a visitor one of the own conversation. Raises NotFound."""
        with reading(self._engine) as connection:
            found = uploads.find_upload(connection, upload_id)
        if found is None or (visitor is not None and found.conversation_id != visitor.conversation_id):
            raise NotFound("there is no such photo")
        return found

    def _opening(self, visitor: Visitor, site: Site) -> Opening:
        """By the market that the shop names, or the one of the browser's locale."""
        region = (visitor.buyer.locale or "").replace("_", "-").rpartition("-")[2].upper()
        return opening(self._clock(), site, self._knowledge().profiles.get(visitor.buyer.country or region))
