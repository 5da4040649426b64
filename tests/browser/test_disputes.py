"""A case in a real browser: it stands there by itself, evidence is kept, an offer noted, its state moved, the rules of accessibility held."""

import time

import pytest

from scripts.find_browser import find_browser
from tests.browser.test_insights import write
from tests.conftest import NOW, ORDER

Axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed").Axe
pytestmark = [pytest.mark.browser, pytest.mark.skipif(find_browser() is None, reason="no Chromium on this machine")]
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
ORDER_ID = "8123456789019999"


def case(page) -> dict:
    answer = page.evaluate("() => fetch('/v1/disputes').then(answer => answer.json())")
    return next(one for one in answer["items"] if one["order_id"] == ORDER_ID)


@pytest.fixture(scope="module")
def disputed(address: str) -> None:
    """A message whose order carries a dispute; the running service opens its case."""
    told = {"kind": "quality", "opened_at": NOW, "due_by": "2099-12-01T10:00:00+00:00"}
    body = {"text": "It stopped working after two days", "received_at": NOW, "channel": "aliexpress", "order": {**ORDER, "id": ORDER_ID, "dispute": told}}  # fmt: skip
    write(address, "/v1/messages", body)
    time.sleep(2)  # the trail is followed twice a second


@pytest.fixture
def opened(page, address: str, disputed: None):
    page.goto(f"{address}/cases/disputes")
    page.locator("#page summary", has_text=ORDER_ID).click()
    return page


def test_a_case_is_worked_from_its_page(opened) -> None:
    assert "Answer the dispute." in opened.inner_text("#page details")
    opened.get_by_label("photos or video of the item", exact=True).select_option("have")
    opened.get_by_text("Saved").wait_for()
    opened.get_by_label("Share of the price, %").fill("20")
    opened.get_by_role("button", name="Note the offer").click()
    opened.locator("#page summary .tag", has_text="negotiating").wait_for()
    found = case(opened)
    assert (found["state"], found["offers"][0]["percent"]) == ("negotiating", 20)
    assert {"proof": "item_photo", "state": "have", "note": ""} in found["evidence"]
    opened.get_by_role("button", name="Make our proposal").click()
    opened.get_by_text("The draft waits in the queue").wait_for()
    assert opened.get_by_role("button", name="Accept the proposal").is_disabled(), "the buyer has proposed nothing"
    made = case(opened)["history"][-1]["detail"].split(" ")[1]
    opened.locator(f"a[href='/#{made}']").click()
    opened.locator("#reply", has_text="20%").wait_for()
    opened.go_back()
    opened.locator("#page summary", has_text=ORDER_ID).click()
    opened.locator("#page form").last.locator("select").select_option("closed")
    opened.locator("#page form").last.locator("textarea").fill("withdrawn")
    opened.get_by_role("button", name="Save").click()
    opened.locator("#page summary .tag", has_text="closed").wait_for()
    assert opened.locator("#page form").count() == 0 and "withdrawn" in opened.inner_text("#page details")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_page_of_cases_holds_to_the_accessibility_rules(opened, language: str, scheme: str) -> None:
    opened.emulate_media(color_scheme=scheme)
    opened.select_option("#language", language)
    opened.wait_for_function("code => document.documentElement.lang === code", arg=language)
    opened.locator("#page summary", has_text=ORDER_ID).wait_for()
    results = Axe().run(opened, options=RULES)
    assert results.violations_count == 0, results.generate_report()
