"""The learning pages in a real browser: corrections by key, versions with their figures, drift, the rules of accessibility."""

import json

import pytest

from scripts.find_browser import find_browser
from tests.browser.test_insights import write

Axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed").Axe
pytestmark = [pytest.mark.browser, pytest.mark.skipif(find_browser() is None, reason="no Chromium on this machine")]
NOUNS = ("corrections", "models", "drift")
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
CORRECT = """async (emotion) => {
    const { csrf_token } = await (await fetch("/v1/session")).json();
    const { items } = await (await fetch("/v1/drafts?status=pending")).json();
    const headers = { "Content-Type": "application/json", "X-CSRF-Token": csrf_token };
    const body = JSON.stringify({ reason: "wrong_tone", emotion });
    await fetch(`/v1/drafts/${items[0].id}/reject`, { method: "POST", headers, body });
}"""


def correct(page, address: str, text: str, emotion: str) -> None:
    write(address, "/v1/messages", {"text": text})
    page.evaluate(CORRECT, emotion)


def show(page, address: str, noun: str) -> None:
    page.goto(f"{address}/learning/{noun}")
    page.wait_for_selector("#page .stack > :not([hidden])")


def asked(page, path: str) -> dict:
    return page.evaluate("path => fetch(path).then(answer => answer.json())", path)


def test_corrections_are_accepted_and_refused_by_key(page, address: str) -> None:
    correct(page, address, "Where is my parcel? I have waited for three weeks.", "worried")
    correct(page, address, "Does the lamp come with a bulb?", "neutral")
    page.click("a[href='/learning/corrections']")
    page.wait_for_selector(".correction >> nth=1")
    assert page.inner_text(".correction >> nth=0 >> blockquote") == "Does the lamp come with a bulb?"
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("a")
    page.wait_for_function("() => document.querySelectorAll('.correction').length === 1")
    page.keyboard.press("r")
    page.get_by_text("Nothing found.").wait_for()
    states = {one["text"][:5]: one["state"] for one in asked(page, "/v1/corrections")["items"]}
    assert states == {"Where": "accepted", "Does ": "refused"}


def test_a_version_shows_its_figures_by_language_and_label(page, address: str) -> None:
    show(page, address, "models")
    serving = asked(page, "/v1/models")["items"][0]
    page.get_by_role("button", name=f"Figures: {serving['serving']}").first.click()
    by_language = page.get_by_role("region", name="By language")
    assert by_language.locator("tbody tr").count() == len(serving["versions"][-1]["metrics"]["languages"])
    assert page.get_by_role("region", name="Taken for another").is_visible()


def test_there_is_nothing_to_roll_back_to_and_the_page_says_so(page, address: str) -> None:
    show(page, address, "models")
    page.get_by_role("button", name="Roll back").first.click()
    page.get_by_role("button", name="Really? Roll back").click()
    page.wait_for_function("() => document.querySelector('#toast').textContent !== ''")
    assert page.get_by_role("button", name="Train: Intent").is_enabled()


def test_a_training_is_followed_to_its_end(page, address: str) -> None:
    job = {"id": "j1", "kind": "train", "state": "running", "progress": {"share": 0.4, "step": "fold 2"}, "error": None, "changed_at": "2026-11-20T10:00:00+00:00"}  # fmt: skip
    page.route("**/v1/models/intent/train", lambda route: route.fulfill(status=202, json=job))
    page.route("**/v1/jobs/j1/events", lambda route: None)  # open, and nothing told yet
    show(page, address, "models")
    page.get_by_role("button", name="Train: Intent").click()
    page.get_by_text("fold 2").wait_for()
    assert page.get_attribute("progress", "value") == "0.4"
    ended = {**job, "state": "dead", "error": "cancelled by ops"}
    page.unroute("**/v1/jobs/j1/events")
    page.route("**/v1/jobs/j1/events", lambda route: route.fulfill(content_type="text/event-stream", body=f"event: job\ndata: {json.dumps(ended)}\n\n"))  # fmt: skip
    page.route("**/v1/jobs?*", lambda route: route.fulfill(json={"items": [ended]}))
    page.get_by_role("button", name="Train: Intent").click()
    page.get_by_text("cancelled by ops").wait_for()
    assert page.locator("progress").count() == 0


def test_a_version_that_is_worse_somewhere_serves_only_with_a_reason(page, address: str) -> None:
    kind = asked(page, "/v1/models")["items"][0]
    newer = {**kind["versions"][-1], "version": "2030.01.01-1"}
    page.route("**/v1/models", lambda route: route.fulfill(json={"items": [{**kind, "versions": [*kind["versions"], newer]}]}))  # fmt: skip
    reasons = []

    def answer(route) -> None:
        reasons.append(route.request.post_data_json.get("override"))
        route.fulfill(status=200, json={}) if reasons[-1] else route.fulfill(status=409, json={"detail": "worse in tr"})

    page.route("**/promote", answer)
    show(page, address, "models")
    page.get_by_role("button", name="Let serve: 2030.01.01-1").click()
    promote = page.get_by_role("button", name="Let serve", exact=True)
    promote.click()
    page.get_by_role("button", name="Really? Let serve").click()
    page.get_by_text("worse in tr").wait_for()
    page.get_by_label("Why it may serve all the same").fill("the labels were renamed")
    promote.click()
    page.get_by_role("button", name="Really? Let serve").click()
    page.get_by_text("2030.01.01-1 serves now.").wait_for()
    assert reasons == [None, "the labels were renamed"]


def test_drift_says_that_there_are_too_few_messages(page, address: str) -> None:
    show(page, address, "drift")
    page.get_by_text("Fewer than thirty messages").wait_for()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("noun", NOUNS)
def test_the_learning_pages_hold_to_the_accessibility_rules(page, address: str, noun: str, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)
    show(page, address, noun)
    results = Axe().run(page, options=RULES)
    assert results.violations_count == 0, results.generate_report()


def test_the_learning_pages_speak_chinese(page, address: str) -> None:
    show(page, address, "models")
    page.select_option("#language", "zh")
    page.get_by_role("heading", name="模型").wait_for()
    page.evaluate("localStorage.clear()")
