"""Checks of what a channel's file forbids and no language has to word: links that lead elsewhere, the shop's coupon."""

from app.domain import Check, CheckStatus, Span
from app.drafting.checks.context import CheckContext
from app.drafting.checks.grounding import LINK
from app.drafting.facts import leads_nowhere_else
from knowledge_base.channels import Ban, ChannelPolicy

WORDED: tuple[Ban, ...] = ("automatic_reply", "ask_to_cancel")  # what the languages' patterns of platform_rule find


def platform_rule_status(channel: ChannelPolicy) -> CheckStatus:
    """As strict as the channel's file says; a warning where it has no such rule."""
    strict = any(channel.bans[name].status == "block" for name in WORDED if name in channel.bans)
    return "block" if strict else "warn"


def check_channel(context: CheckContext) -> list[Check]:
    """Each link that leads off the channel, and a coupon where none may be offered."""
    return [*_outside_links(context), *_coupon(context)]


def _outside_links(context: CheckContext) -> list[Check]:
    channel = context.facts.channel
    ban = channel.bans.get("outside_links")
    if ban is None:
        return []
    return [
        context.finding("off_platform", ban.status, span, key="outside_link", words=link, channel=channel.name)
        for link, span in _links(context.text)
        if not leads_nowhere_else(link, context.facts)
    ]


def _links(text: str) -> list[tuple[str, Span]]:
    found = [(match[0].rstrip(".,;:!?"), match.start()) for match in LINK.finditer(text)]
    return [(link, (start, start + len(link))) for link, start in found]


def _coupon(context: CheckContext) -> list[Check]:
    channel, coupon = context.facts.channel, context.facts.policy.coupon
    ban = channel.bans.get("coupons")
    place = context.text.casefold().find(coupon.casefold()) if coupon and ban else -1
    if ban is None or not coupon or place < 0:
        return []
    span = (place, place + len(coupon))
    return [
        context.finding("platform_rule", ban.status, span, key="channel_coupon", words=coupon, channel=channel.name)
    ]
