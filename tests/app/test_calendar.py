"""Working days are counted, not guessed."""

from datetime import date

import pytest

from app.drafting.calendar import add_working_days, is_working_day, next_working_day
from knowledge_base.sites import Site

SHOP = Site(name="S", timezone="Asia/Shanghai", country="CN")
GULF = Site(name="S", timezone="Asia/Riyadh", country="SA", weekend=(4, 5))


@pytest.mark.parametrize(
    ("start", "days", "site", "expected"),
    [
        (date(2026, 11, 20), 3, SHOP, date(2026, 11, 25)),
        (date(2026, 9, 30), 1, SHOP, date(2026, 10, 8)),
        (date(2026, 11, 19), 1, GULF, date(2026, 11, 22)),
    ],
)
def test_weekends_and_holidays_do_not_count(start: date, days: int, site: Site, expected: date) -> None:
    assert add_working_days(start, days, site) == expected and is_working_day(expected, site)


def test_the_next_working_day_may_be_today() -> None:
    assert next_working_day(date(2026, 11, 23), SHOP) == date(2026, 11, 23)
    assert next_working_day(date(2026, 11, 21), SHOP) == date(2026, 11, 23)
