"""The page of learning in a real browser: a correction's second decision, the versions with their figures."""

from itertools import count

import pytest

from scripts.find_browser import find_browser
from tests.browser.test_insights import write

pytestmark = [pytest.mark.browser, pytest.mark.skipif(find_browser() is None, reason="no Chromium on this machine")]
TEXT = "Where is the money for my returned lamp? <b>It has been {days} days.</b>"
DAYS = count(12)  # the same words are corrected once only


@pytest.fixture
def learning(page: object, address: str) -> object:
    """The page, with one draft rejected because its message was misread."""
    made = write(address, "/v1/messages", {"text": TEXT.format(days=next(DAYS)), "buyer": {"country": "US"}})
    page.evaluate(
        """async (id) => {
            const { csrf_token } = await (await fetch("/v1/session")).json();
            const headers = { "Content-Type": "application/json", "X-CSRF-Token": csrf_token };
            const answer = await fetch(`/v1/drafts/${id}/reject`, { method: "POST", headers, body: JSON.stringify({ reason: "wrong_intent", intents: ["return_request"], emotion: "worried" }) });
            if (!answer.ok) throw new Error(await answer.text());
        }""",
        made["draft"]["id"],
    )
    page.goto(f"{address}/learning")
    page.wait_for_selector("#corrections blockquote")
    return page  # fmt: skip


def state(page: object, which: str) -> int:
    return page.evaluate(f"async () => (await (await fetch('/v1/corrections?state={which}')).json()).items.length")


def test_a_correction_is_read_and_accepted_by_keyboard(learning: object) -> None:
    before, waiting = state(learning, "accepted"), state(learning, "proposed")
    assert learning.inner_text("#corrections blockquote >> nth=0") == TEXT.format(days=12)
    assert "a return" in learning.inner_text("#corrections .gap >> nth=0")
    learning.locator("#corrections button").first.focus()
    learning.keyboard.press("Enter")
    learning.locator("#corrections .gap").nth(waiting - 1).wait_for(state="detached")
    assert state(learning, "accepted") == before + 1


def test_a_correction_may_be_refused(learning: object) -> None:
    before, waiting = state(learning, "refused"), state(learning, "proposed")
    learning.locator("#corrections .gap").first.get_by_role("button", name="Refuse").click()
    learning.locator("#corrections .gap").nth(waiting - 1).wait_for(state="detached")
    assert state(learning, "refused") == before + 1


def test_every_kind_shows_the_version_that_serves_with_its_figures(learning: object) -> None:
    for kind in ("What a message is about", "How the buyer feels", "How the buyer behaves"):
        row = learning.get_by_role("region", name=kind).locator("tbody tr").first.inner_text()
        assert "serves" in row and row.count("%") == 2


def test_going_back_where_nothing_is_before_says_so(learning: object) -> None:
    learning.get_by_role("button", name="Back to the version before").first.click()
    learning.wait_for_selector("#toast:not(:empty)")
    assert learning.locator("#toast").inner_text().strip()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_holds_to_the_accessibility_rules_in_both_languages(learning: object, scheme: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed").Axe
    learning.emulate_media(color_scheme=scheme)
    for language, heading in (("zh", "学习"), ("en", "Learning")):
        learning.select_option("#language", language)
        learning.get_by_role("heading", name=heading, exact=True).wait_for()
        results = axe().run(learning, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]})
        assert results.violations_count == 0, results.generate_report()
    learning.evaluate("localStorage.clear()")
