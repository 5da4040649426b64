"""The page of figures in a real browser: plots with their tables, gaps that a person takes over."""

import json
import urllib.request
from datetime import UTC, datetime

import pytest

from scripts.find_browser import find_browser
from tests.conftest import KEY

Axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed").Axe
pytestmark = [pytest.mark.browser, pytest.mark.skipif(find_browser() is None, reason="no Chromium on this machine")]
ASKED = ("Is my parcel packed without plastic?", "Was the package packed without plastic?", "Is my parcel packed without any plastic please?")  # fmt: skip
LETTER = "We plant one tree for every parcel that we send. Every parcel is packed without any plastic."


def write(address: str, path: str, body: dict) -> dict:
    headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
    request = urllib.request.Request(f"{address}{path}", json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


@pytest.fixture(scope="module")
def worked(address: str) -> None:
    """Three messages; what was signed comes from the page's own session."""
    for text in ASKED:
        write(address, "/v1/messages", {"text": text, "received_at": datetime.now(UTC).isoformat()})


@pytest.fixture
def desk(page: object, worked: None) -> object:
    """The page of a signed-in person, with all three signed in other words than they were drafted."""
    page.evaluate(
        """async (text) => {
            const { csrf_token } = await (await fetch("/v1/session")).json();
            const headers = { "Content-Type": "application/json", "X-CSRF-Token": csrf_token };
            const { items } = await (await fetch("/v1/drafts?status=pending")).json();
            for (const item of items) await fetch(`/v1/drafts/${item.id}/approve`, { method: "POST", headers, body: JSON.stringify({ text, override: "read and right" }) });
        }""",
        LETTER,
    )
    return page  # fmt: skip


def test_a_gap_becomes_a_suggestion_by_one_click(desk: object, address: str) -> None:
    desk.click("a[href='/insights']")
    desk.wait_for_selector("#gaps details summary")
    assert desk.inner_text("#pages [aria-current=page]") == "What the work shows"
    desk.click("#gaps details summary")
    desk.click("#gaps details button")
    desk.get_by_text("Taken over").wait_for()
    taken = desk.evaluate("async () => (await (await fetch('/v1/replies?state=suggested')).json()).items.length")
    assert taken == 1


def test_what_was_noticed_stands_first_and_an_empty_list_says_so(desk: object, address: str) -> None:
    desk.goto(f"{address}/insights")
    desk.wait_for_selector("#notices p")
    assert desk.inner_text("#notices") == "Nothing found."


def test_the_plot_has_its_figures_as_a_table(desk: object, address: str) -> None:
    desk.goto(f"{address}/insights")
    desk.wait_for_selector("#outcomes svg.plot rect")
    desk.click("#outcomes summary")
    edited = desk.locator("#outcomes tbody tr td:nth-of-type(2)").all_inner_texts()
    assert sum(map(int, edited)) == 3
    assert desk.locator("#outcomes svg.plot").get_attribute("aria-label")


def test_the_page_speaks_chinese_and_groups_anew(desk: object, address: str) -> None:
    desk.goto(f"{address}/insights")
    desk.wait_for_selector("#outcomes svg.plot")
    desk.select_option("#language", "zh")
    desk.get_by_role("heading", name="工作洞察").wait_for()
    desk.select_option("#group", "language")
    desk.locator("#outcomes svg text:text-is('en')").wait_for()
    assert "group_by=language" in desk.get_attribute("#sheet", "href")
    desk.evaluate("localStorage.clear()")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_holds_to_the_accessibility_rules(desk: object, address: str, scheme: str) -> None:
    desk.emulate_media(color_scheme=scheme)
    desk.goto(f"{address}/insights")
    desk.wait_for_selector("#outcomes svg.plot")
    results = Axe().run(desk, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]})
    assert results.violations_count == 0, results.generate_report()


def test_who_is_not_signed_in_sees_no_figures_but_the_sign_in(browser: object, address: str) -> None:
    page = browser.new_page()
    page.goto(f"{address}/insights")
    page.wait_for_selector("#sign-in:not([hidden])")
    assert page.is_hidden("#insights")
    page.close()
