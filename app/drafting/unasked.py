"""When the shop may write first: its season, its hours, the order's state, the channel's rules. No I/O; the rules are data."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from app.domain import BuyerMessage
from app.drafting.calendar import local_date, named_holidays
from knowledge_base.channels import ChannelPolicy
from knowledge_base.outreach import EventRule, OutreachRules, Season


def find_refusal(rule: EventRule, message: BuyerMessage, channel: ChannelPolicy) -> str | None:
    """Why the event alone, with its order and channel, is no reason to write; None where it is one."""
    order = message.order
    if any(ban in channel.bans for ban in rule.forbidden_by):
        return "channel_forbids"
    if order is None:
        return None
    if rule.statuses and order.status is not None and order.status not in rule.statuses:
        return "other_status"
    if not rule.matters and order.dispute is not None and order.dispute.opened_at is not None:
        return "open_complaint"
    if rule.days_since_delivery is not None and order.delivered_at is not None:
        late = message.received_at - order.delivered_at > timedelta(days=rule.days_since_delivery)
        return "too_late" if late else None
    return None


def find_season(rules: OutreachRules, market: str | None, day: date, wanted: str | None = None) -> str | None:
    """The season that begins in that market about that day; the nearest holiday counts. None where none does, or not the wanted one."""
    if market is None:
        return None
    names = rules.seasons if wanted is None else {wanted: rules.seasons[wanted]}
    near = {name: min(_days_left(season, market, day), default=None) for name, season in names.items()}
    fitting = {name: days for name, days in near.items() if days is not None}
    return min(fitting, key=fitting.__getitem__, default=None)


def _days_left(season: Season, market: str, day: date) -> Iterator[int]:
    """Until each holiday that the season may be greeted before on that day."""
    if season.markets and market not in season.markets:
        return
    for year in (day.year, day.year + 1):
        for held, name in named_holidays(market, year).items():
            left = (held - day).days
            if season.until_before <= left <= season.days_before and any(part in name for part in season.holidays):
                yield left


def rests_until(rules: OutreachRules, moment: datetime, timezone: str) -> datetime | None:
    """The end of the quiet hours on the buyer's clock in which the moment lies; None where it lies in none."""
    zone = ZoneInfo(timezone)
    at = moment.astimezone(zone)
    day = at.date()
    if _is_evening(at.time(), rules):
        day += timedelta(days=1)
    elif at.time() >= rules.quiet_until:
        return None
    return datetime.combine(day, rules.quiet_until, zone)


def _is_evening(at: time, rules: OutreachRules) -> bool:
    return at >= rules.quiet_from


def season_subject(season: str, moment: datetime, timezone: str) -> str:
    """A season of one year: `new_year` is greeted in December for the next."""
    ahead = local_date(moment, timezone) + timedelta(days=31)
    return f"{season} {ahead.year}"
