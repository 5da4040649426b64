"""Whether somebody is there, and when they are back."""

from datetime import UTC, datetime, time

import pytest

from app.opening import opening
from knowledge_base.knowledge import Knowledge
from knowledge_base.sites import Hours, Site

SHOP = Site(
    name="Shop", timezone="Asia/Shanghai", country="CN", working_hours=Hours(opens=time(9), closes=time(18))
)  # fmt: skip


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


@pytest.mark.parametrize("now", ["2026-11-23T09:00:00+08:00", "2026-11-23T17:59:00+08:00", "2026-11-23T02:00:00+00:00"])
def test_it_is_open_on_a_working_day_by_the_sites_own_clock(now: str, knowledge: Knowledge) -> None:
    found = opening(at(now), SHOP, knowledge.profiles.get("US"))
    assert found.open and found.opens_at is None


@pytest.mark.parametrize(
    ("now", "back"),
    [
        ("2026-11-23T08:59:00+08:00", "2026-11-23T09:00:00+08:00"),
        ("2026-11-23T18:00:00+08:00", "2026-11-24T09:00:00+08:00"),
        ("2026-11-20T19:00:00+08:00", "2026-11-23T09:00:00+08:00"),  # over the weekend
        ("2026-09-30T20:00:00+08:00", "2026-10-08T09:00:00+08:00"),  # over the national holidays
    ],
)
def test_it_says_when_it_opens_again(now: str, back: str, knowledge: Knowledge) -> None:
    found = opening(at(now), SHOP, knowledge.profiles.get("US"))
    assert not found.open and found.opens_at == at(back)


@pytest.mark.parametrize(("market", "hours"), [("US", 1), ("SA", 2), ("BR", 4)])
def test_how_long_a_reply_takes_is_the_markets(market: str, hours: int, knowledge: Knowledge) -> None:
    assert opening(at("2026-11-23T10:00:00+08:00"), SHOP, knowledge.profiles.get(market)).response_hours == hours


def test_a_site_that_names_no_hours_is_always_there(knowledge: Knowledge) -> None:
    shop = SHOP.model_copy(update={"working_hours": None})
    assert opening(at("2026-11-22T03:00:00+08:00"), shop, knowledge.profiles.get("US")).open
