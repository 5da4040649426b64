"""All that is known when a reply is planned: order, policy, catalogue and message as typed values, each with its origin."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from urllib.parse import urlsplit

from app.domain import Analysis, BuyerMessage, Money, Order
from app.drafting.calendar import add_working_days, local_date, next_working_day
from app.drafting.contradictions import find_contradictions, status_of, without_contradictions
from app.drafting.payments import find_payment_method
from app.drafting.places import find_country
from app.drafting.record import NAMED, just_answered, told_before
from app.drafting.stated import stated
from app.drafting.values import DateRange, DayRange, Known, SlotValue, read_slot
from knowledge_base.catalogue import Product
from knowledge_base.channels import ChannelPolicy
from knowledge_base.knowledge import Knowledge
from knowledge_base.policies import SitePolicy
from knowledge_base.profiles import Profile
from knowledge_base.schema import Occasion, Slot
from knowledge_base.sites import Site


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that predicates ask and slots are filled from."""

    message: BuyerMessage
    today: date  # in the buyer's time zone
    site_today: date
    market: str | None
    site: Site
    policy: SitePolicy
    channel: ChannelPolicy
    profile: Profile
    order: Order | None
    status: str | None
    product: Product | None
    request: str | None  # kind of special request, as found by retrieval
    values: Mapping[str, Known]
    given: frozenset[str]
    conduct: frozenset[str]
    matters: frozenset[str] = frozenset()  # what the message is about by its very words
    contradictions: tuple[str, ...] = field(default=())

    @property
    def occasion(self) -> Occasion:
        """Where and when a reply would be used."""
        return Occasion(self.message.site, self.message.channel, self.market, self.site_today)


def occasion_of(message: BuyerMessage, market: str | None, knowledge: Knowledge) -> Occasion:
    """The same before the facts are gathered; a reply's window is read on the site's clock."""
    site = knowledge.site(message.site)
    return Occasion(message.site, message.channel, market, local_date(message.received_at, site.timezone))


def gather_facts(
    message: BuyerMessage, analysis: Analysis, market: str | None, request: str | None, knowledge: Knowledge
) -> Facts:
    """Reads order, policy and catalogue for one message; contradicting dates are named and not used."""
    site = knowledge.site(message.site)
    profile = knowledge.profiles.get(market)
    policy = knowledge.policies.granted(message.site, market)
    contradictions = find_contradictions(
        message.order, local_date(message.received_at, profile.timezone), profile.timezone
    )
    order = without_contradictions(message.order, contradictions)
    product = _find_product(message, knowledge)
    base = Facts(
        message=message, today=local_date(message.received_at, profile.timezone), site_today=local_date(message.received_at, site.timezone),
        market=market, site=site, policy=policy, channel=knowledge.policies.channel(message.channel), profile=profile, order=order, status=status_of(order, contradictions),
        product=product, request=request, values={}, given=stated(message, analysis) | just_answered(message, knowledge), conduct=analysis.conduct_ids, matters=knowledge.phrases.matters(message.text, analysis.language.code),
        contradictions=contradictions,
    )  # fmt: skip
    values = (
        _order_values(base)
        | _computed_values(base)
        | _product_values(base)
        | _message_values(base, analysis)
        | _policy_values(base)
    )
    alternative = knowledge.catalogue.find(product.alternative_sku) if product and product.alternative_sku else None
    if alternative is not None:
        values["alternative_title"] = Known(alternative, f"catalogue.{alternative.sku}.title")
    if message.event is not None and message.event.season is not None:
        values["season"] = Known(f"season.{message.event.season}", "event.season")
    agent = _agent_values(message, knowledge.slots)
    values |= agent
    given = (
        base.given
        | {name for name in values if name in knowledge.slots and knowledge.slots[name].tells == "buyer"}
        | agent.keys()
    )
    return Facts(
        **{name: getattr(base, name) for name in base.__dataclass_fields__} | {"values": values, "given": given}
    )


# --- values -----------------------------------------------------------------------------------------------------------


def _order_values(facts: Facts) -> dict[str, Known]:
    order = facts.order
    if order is None:
        return {}
    tracking, dispute, refund = order.tracking, order.dispute, order.refund
    found: dict[str, tuple[object, str]] = {
        "order_id": (order.id, "order.id"), "order_total": (order.total, "order.total"), "carrier": (order.carrier, "order.carrier"),
        "tracking_number": (order.tracking_number, "order.tracking_number"), "tracking_url": (order.tracking_url and str(order.tracking_url), "order.tracking_url"),
        "placed_on": (order.placed_at, "order.placed_at"), "paid_on": (order.paid_at, "order.paid_at"), "shipped_on": (order.shipped_at, "order.shipped_at"),
        "delivered_at": (order.delivered_at, "order.delivered_at"), "protection_until": (order.protection_until, "order.protection_until"),
        "destination_country": (order.destination_country, "order.destination_country"),
        "last_event": (tracking and tracking.last_event, "order.tracking.last_event"), "last_event_at": (tracking and tracking.last_event_at, "order.tracking.last_event_at"),
        "dispute_due": (dispute and dispute.due_by, "order.dispute.due_by"), "refund_amount": (refund and refund.amount, "order.refund.amount"),
        "refund_expected": (refund and refund.expected_by, "order.refund.expected_by"),
    }  # fmt: skip
    if len(order.items) == 1:
        item = order.items[0]
        found |= {
            "item_title": (item.title, "order.items[0].title"),
            "variant": (item.variant, "order.items[0].variant"),
            "quantity": (item.quantity, "order.items[0].quantity"),
        }
    known = {name: Known(_plain(value), origin) for name, (value, origin) in found.items() if value is not None}
    return {name: value for name, value in known.items() if name not in _AHEAD or value.value >= facts.today}  # type: ignore[operator]


_AHEAD = frozenset({"protection_until", "dispute_due"})  # days that are told as still to come


def _plain(value: object) -> SlotValue:
    """A moment becomes the day that the shop's system tells, so that it is the same day in every market's letter."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date | str | int | Money):
        return value
    raise TypeError(f"no slot holds a {type(value).__name__}")


def _computed_values(facts: Facts) -> dict[str, Known]:
    policy, order = facts.policy, facts.order
    reply_by = next_working_day(
        local_date(facts.message.received_at + timedelta(hours=policy.reply_by_hours), facts.site.timezone), facts.site
    )
    found: dict[str, Known] = {
        "reply_by": Known(reply_by, "policy.reply_by_hours"),
        "trace_answer_by": Known(
            facts.today + timedelta(days=policy.tracing_answer_days), "policy.tracing_answer_days"
        ),
        "shipping_days": Known(
            DayRange(*(policy.shipping_days.get(facts.market or "") or policy.shipping_days["standard"])),
            "policy.shipping_days",
        ),
    }
    if "express" in policy.shipping_days:
        found["express_days"] = Known(DayRange(*policy.shipping_days["express"]), "policy.shipping_days.express")
    if order is None:
        return found
    if order.paid_at is not None and facts.status in ("paid", "packed", None):
        found["dispatch_by"] = Known(
            add_working_days(local_date(order.paid_at, facts.site.timezone), policy.dispatch_days, facts.site),
            "order.paid_at + policy.dispatch_days",
        )
    eta = _eta(order, policy)
    if eta is not None:
        found |= {"eta": Known(*eta), "eta_to": Known(eta[0].last, eta[1])}
    if order.delivered_at is not None:
        found["return_by"] = Known(
            order.delivered_at.date() + timedelta(days=policy.return_days),
            "order.delivered_at + policy.return_days",
        )
    if order.protection_until is not None and _day(order.protection_until) >= facts.today:
        until = _day(order.protection_until) + timedelta(days=policy.protection_extension_days)
        found["protection_extended_until"] = Known(until, "order.protection_until + policy.protection_extension_days")
    return found


def _day(value: date) -> date:
    return value.date() if isinstance(value, datetime) else value


def _eta(order: Order, policy: SitePolicy) -> tuple[DateRange, str] | None:
    if order.eta_to is not None:
        return DateRange(order.eta_from or order.eta_to, order.eta_to), "order.eta_to"
    if order.shipped_at is None or order.delivered_at is not None:
        return None
    shipped = order.shipped_at.date()
    first, last = policy.shipping_days.get(order.destination_country or "") or policy.shipping_days["standard"]
    return DateRange(
        shipped + timedelta(days=first), shipped + timedelta(days=last)
    ), "order.shipped_at + policy.shipping_days"


def _find_product(message: BuyerMessage, knowledge: Knowledge) -> Product | None:
    """The product that the message is about: as sent, as named in the text, or the order's only item."""
    catalogue = knowledge.catalogue
    if message.product is not None:
        return catalogue.find(message.product.sku, message.product.title)
    named = catalogue.find_named(message.text)
    if named is None and message.order is not None and len(message.order.items) == 1:
        return catalogue.find(message.order.items[0].sku, message.order.items[0].title)
    return named


def _product_values(facts: Facts) -> dict[str, Known]:
    product, sent = facts.product, facts.message.product
    found: dict[str, Known] = {}
    if product is not None:
        found["item_title"] = Known(product, f"catalogue.{product.sku}.title")
        pairs = {
            "restock_date": product.restock_date
            if product.restock_date and product.restock_date >= facts.today
            else None,
            "product_url": product.url,
            "manual_url": product.manual_url,
            "size_chart_url": product.size_chart_url,
        }
        found |= {
            name: Known(value if isinstance(value, date) else str(value), f"catalogue.{product.sku}.{name}")
            for name, value in pairs.items()
            if value is not None and (isinstance(value, date) or _may_link(str(value), facts))
        }
    elif sent is not None and sent.title:
        found["item_title"] = Known(sent.title, "product.title")
    if sent is not None and sent.variant:
        found["variant"] = Known(sent.variant, "product.variant")
    return found


def _may_link(link: str, facts: Facts) -> bool:
    """Whether the channel lets a message lead to that page."""
    return "outside_links" not in facts.channel.bans or leads_nowhere_else(link, facts)


def leads_nowhere_else(link: str, facts: Facts) -> bool:
    """A page of the channel itself, of a host that the site allows, or the carrier's page of this order."""
    host = (urlsplit(link if "//" in link else f"//{link}").hostname or "").removeprefix("www.")
    tracking = str(facts.order.tracking_url) if facts.order and facts.order.tracking_url else None
    own = (*facts.channel.hosts, *facts.policy.allowed_hosts)
    return link == tracking or any(host == allowed or host.endswith(f".{allowed}") for allowed in own)


def _message_values(facts: Facts, analysis: Analysis) -> dict[str, Known]:
    """What the buyer states: only where the shop's own data says nothing."""
    order = facts.order
    found: dict[str, Known] = {}
    for entity in analysis.entities:
        if entity.type in NAMED and (
            order is None or getattr(order, "id" if entity.type == "order_id" else entity.type) is None
        ):
            found.setdefault(entity.type, Known(entity.value, f"message[{entity.span[0]}:{entity.span[1]}]"))
        if entity.type == "quantity" and entity.value.isdigit():
            found.setdefault("quantity", Known(int(entity.value), f"message[{entity.span[0]}:{entity.span[1]}]"))
    named = (
        find_country(facts.message.text, analysis.language.code, facts.site.country)
        if _asks_about_a_place(analysis) and "journey" not in facts.matters  # a journey's end is no delivery address
        else None
    )
    if named is not None:
        found["destination_country"] = Known(named[0], f"message[{named[1][0]}:{named[1][1]}]")
    elif facts.message.buyer.country and (order is None or order.destination_country is None):
        found["destination_country"] = Known(facts.message.buyer.country, "buyer.country")
    paid_with = find_payment_method(facts.message.text) if _asks_how_to_pay(analysis) else None
    if paid_with is not None and facts.policy.payment_methods == "platform":  # a list of ways answers by itself
        found["payment_method"] = Known(paid_with[0], f"message[{paid_with[1][0]}:{paid_with[1][1]}]")
    before = told_before(facts.message, facts.market)
    known = {name: getattr(order, "id" if name == "order_id" else name, None) for name in NAMED}
    found = {name: value for name, value in before.items() if known[name] is None} | found
    if facts.request is not None:
        found["request"] = Known(f"request.{facts.request}", "message")
    if facts.message.buyer.name and facts.message.buyer.name.strip():
        found["name"] = Known(facts.message.buyer.name.strip(), "buyer.name")
    return found


_ABOUT_A_PLACE = frozenset(
    {"shipping_destination", "shipping_time", "shipping_cost", "customs_duties", "wholesale", "product_recommendation"}
)


def _asks_about_a_place(analysis: Analysis) -> bool:
    return any(intent.id in _ABOUT_A_PLACE for intent in analysis.intents)


def _asks_how_to_pay(analysis: Analysis) -> bool:
    return any(intent.id == "payment_methods" for intent in analysis.intents)


def _policy_values(facts: Facts) -> dict[str, Known]:
    policy = facts.policy
    numbers = (
        "dispatch_days",
        "return_days",
        "tracing_days",
        "tracing_answer_days",
        "privacy_days",
        "protection_extension_days",
        "price_adjustment_days",
        "warranty_months",
        "max_partial_refund",
    )
    found = {f"policy.{name}": Known(getattr(policy, name), f"policy.{name}") for name in numbers}
    found |= {
        "refund_days": Known(policy.refund_days, "policy.refund_days"),
        "site_name": Known(facts.site.called, "site.name"),
    }
    if policy.coupon and (facts.channel.coupons):
        found["coupon"] = Known(policy.coupon, "policy.coupon")
    if policy.payment_methods != "platform":
        found["payment_methods"] = Known(policy.payment_methods, "policy.payment_methods")
    return found


def _agent_values(message: BuyerMessage, slots: Mapping[str, Slot]) -> dict[str, Known]:
    """What an agent typed or chose, read by the slot's type; what does not read is left as missing."""
    found = {}
    for name, text in message.slots.items():
        value = read_slot(slots[name].type, text) if name in slots and text.strip() else None
        if value is not None:
            found[name] = Known(value, "agent")
    return found
