"""Days that count: working days of a site, by its weekend and its country's public holidays."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays

from knowledge_base.sites import Site


@lru_cache(maxsize=64)
def _holidays(country: str, year: int) -> frozenset[date]:
    try:
        return frozenset(holidays.country_holidays(country, years=year).keys())
    except NotImplementedError:  # the library knows no holidays of that country: only its weekend counts
        return frozenset()


@lru_cache(maxsize=64)
def named_holidays(country: str, year: int) -> Mapping[date, str]:
    """Public holidays with their names in English; none where the library does not know the country."""
    try:
        return dict(holidays.country_holidays(country, years=year, language="en_US").items())
    except NotImplementedError:
        return {}


def is_working_day(day: date, site: Site) -> bool:
    """Neither weekend nor public holiday where the site works."""
    return day.weekday() not in site.weekend and day not in _holidays(site.country, day.year)


def add_working_days(start: date, days: int, site: Site) -> date:
    """The `days`-th working day after `start`; `start` itself does not count."""
    day = start
    while days > 0:
        day += timedelta(days=1)
        days -= is_working_day(day, site)
    return day


def next_working_day(day: date, site: Site) -> date:
    """The day itself where it is a working day, else the next one."""
    while not is_working_day(day, site):
        day += timedelta(days=1)
    return day


def local_date(moment: datetime | date, timezone: str) -> date:
    """The calendar day of a moment in that time zone; a plain date stays as it is."""
    return moment.astimezone(ZoneInfo(timezone)).date() if isinstance(moment, datetime) else moment
