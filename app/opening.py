"""When a site answers: whether somebody is there now, and how long a reply usually takes in the buyer's market."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from app.drafting.calendar import is_working_day, next_working_day
from knowledge_base.profiles import Profile
from knowledge_base.sites import Site


@dataclass(frozen=True, slots=True)
class Opening:
    """`opens_at` is set where nobody is there now."""

    open: bool
    opens_at: datetime | None
    response_hours: int


def opening(now: datetime, site: Site, market: Profile) -> Opening:
    """By the site's working hours, weekend and public holidays, on its own clock; a site without hours is always open."""
    hours, zone = site.working_hours, ZoneInfo(site.timezone)
    here = now.astimezone(zone)
    if hours is None or (is_working_day(here.date(), site) and hours.opens <= here.time() < hours.closes):
        return Opening(True, None, market.response_hours)
    first = here.date() if here.time() < hours.opens else here.date() + timedelta(days=1)
    opens_at = datetime.combine(next_working_day(first, site), hours.opens, zone)
    return Opening(False, opens_at, market.response_hours)
