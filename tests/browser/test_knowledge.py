"""The knowledge pages in a real browser: a reply found, changed, vetted and brought back; the hit test."""

import re

import pytest

from scripts.find_browser import find_browser

Axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed").Axe
pytestmark = [pytest.mark.browser, pytest.mark.skipif(find_browser() is None, reason="no Chromium on this machine")]
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
REPLY = "order_tracking.shipped"
WORDS = "[data-pointer='/languages/en/sentences/on_its_way']"


def show(page, address: str, noun: str) -> None:
    page.goto(f"{address}/knowledge/{noun}")
    page.wait_for_selector("#page .form")


def press(page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def asked(page, path: str) -> dict:
    return page.evaluate("path => fetch(path).then(answer => answer.json())", path)


def test_a_reply_is_found_changed_vetted_and_brought_back(page, address: str) -> None:
    show(page, address, "replies")
    page.get_by_label("Search", exact=True).fill("Wo ist mein Paket?")
    press(page, "Search")
    page.wait_for_selector("#page table")
    page.goto(f"{address}/knowledge/replies#{REPLY}")
    page.wait_for_selector(WORDS)
    before = page.input_value(WORDS)
    page.fill(WORDS, f"{before} It is on its way.")
    press(page, "Save")
    press(page, "Vet the words in en")
    page.wait_for_selector(".tag.ready")
    english = asked(page, f"/v1/replies/{REPLY}")["languages"]["en"]
    assert english["in_use"] == 2
    assert f"{before} It is on its way." in english["sentences"].values()
    page.get_by_text("Versions", exact=True).click()
    press(page, "Bring back version 1")
    press(page, "Really? Bring back version 1")
    page.wait_for_function(
        "before => document.querySelector('[data-pointer$=on_its_way]').value === before", arg=before
    )


def test_a_misspelt_placeholder_is_told_at_its_sentence(page, address: str) -> None:
    page.goto(f"{address}/knowledge/replies#{REPLY}")
    page.wait_for_selector(WORDS)
    page.fill(WORDS, "It is {nowhere}.")
    press(page, "Save")
    page.wait_for_selector(".form textarea[aria-invalid]")
    assert "nowhere" in page.locator(WORDS).locator("..").locator(".problem").inner_text()


def test_the_hit_test_shows_the_reading_and_the_nearest_wordings(page, address: str) -> None:
    show(page, address, "hits")
    page.locator("textarea").fill("Wo ist mein Paket? Ich warte seit drei Wochen!")
    page.get_by_label("Worded in").select_option("ja")
    press(page, "Try the message")
    page.wait_for_selector("#page table")
    assert re.search(r"\bde \d+ %", page.inner_text(".facts"))
    nearest = page.locator("#page table").last
    assert set(nearest.locator("tbody td:nth-of-type(2)").all_inner_texts()) == {"ja"}
    assert (
        nearest.locator("tbody a").first.inner_text()
        == asked(page, "/v1/replies/search?q=Wo+ist+mein+Paket%3F+Ich+warte+seit+drei+Wochen!&language=ja&k=1")[
            "items"
        ][0]["reply_id"]
    )


def test_the_hit_test_tells_what_a_draft_would_choose_and_stores_nothing(page, address: str) -> None:
    before = asked(page, "/v1/drafts?limit=50")["items"]
    show(page, address, "hits")
    page.locator("textarea").fill("Where is my parcel? I have waited for three weeks!")
    press(page, "Try the message")
    page.wait_for_selector("#page table")
    first = page.locator("#page table").first.locator("tbody tr").first
    assert first.locator("td").first.inner_text() == "chosen"
    assert first.locator("a").inner_text().startswith(("delivery_delay.", "order_tracking."))
    assert asked(page, "/v1/drafts?limit=50")["items"] == before


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("noun", ["replies", "hits"])
def test_the_knowledge_pages_hold_to_the_accessibility_rules(page, address: str, noun: str, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)
    show(page, address, f"{noun}#{REPLY}")
    if noun == "replies":
        page.wait_for_selector(WORDS)
    results = Axe().run(page, options=RULES)
    assert results.violations_count == 0, results.generate_report()


def test_a_version_is_compared_word_by_word(page, address: str) -> None:
    page.goto(f"{address}/knowledge/replies#{REPLY}")
    page.wait_for_selector(WORDS)
    page.fill(WORDS, f"{page.input_value(WORDS)} Indeed.")
    press(page, "Save")
    page.get_by_role("button", name="Vet the words in en").wait_for()
    page.get_by_text("Versions", exact=True).click()
    press(page, "Compare with version 1")
    page.wait_for_selector(".diff ins")
    assert page.locator(".diff ins").all_inner_texts() == [" Indeed."]
    assert "en · on_its_way" in page.inner_text("#page")


def test_languages_are_read_side_by_side(page, address: str) -> None:
    page.goto(f"{address}/knowledge/replies#{REPLY}")
    page.wait_for_selector(WORDS)
    page.get_by_label("Beside it").select_option("de")
    page.wait_for_selector(".pair p[lang=de]")
    german = asked(page, f"/v1/replies/{REPLY}")["languages"]["de"]["sentences"]
    assert page.locator(".pair p[lang=de]").all_inner_texts() == list(german.values())
    assert Axe().run(page, options=RULES).response["violations"] == []


def test_replies_are_listed_by_intent_and_one_is_retired(page, address: str) -> None:
    show(page, address, "replies")
    page.get_by_text("All replies", exact=True).click()
    page.get_by_label("About").select_option("shipping_cost")
    page.wait_for_function(
        "() => [1, 2, 3, 4, 5, 6, 7, 8, 9].includes(document.querySelectorAll('#page details table tbody tr').length)"
    )
    listed = page.locator("#page details table tbody a").all_inner_texts()
    assert "shipping_cost.charged" in listed and all(one.startswith("shipping_cost.") for one in listed)
    page.get_by_role("link", name="shipping_cost.charged").click()
    press(page, "Retire the reply")
    press(page, "Really? Retire the reply")
    page.wait_for_function("() => document.querySelector('.facts').innerText.includes('retired')")
    assert asked(page, "/v1/replies/shipping_cost.charged")["state"] == "retired"


def test_a_file_is_tried_then_stored_and_faults_keep_it_out(page, address: str, tmp_path) -> None:
    show(page, address, "files")
    taken = page.evaluate("() => fetch('/v1/replies/export?format=jsonl&language=en').then(answer => answer.text())")
    line = next(line for line in taken.splitlines() if '"reorder.welcome"' in line)
    (path := tmp_path / "mine.jsonl").write_text(line.replace("returning buyer", "loyal buyer"), encoding="utf-8")
    page.set_input_files("input[type=file]", path)
    press(page, "See what it changes")
    page.wait_for_selector(".diff ins")
    assert "loyal" in page.locator(".diff ins").all_inner_texts()
    assert asked(page, "/v1/replies/reorder.welcome")["version"] == 1
    press(page, "Store as suggestions")
    page.wait_for_function("() => document.querySelector('#page').innerText.includes('Added 0, changed 1')")
    assert asked(page, "/v1/replies/reorder.welcome")["state"] == "suggested"
    path.write_text(line.replace("{coupon}", "{nowhere}"), encoding="utf-8")
    page.set_input_files("input[type=file]", path)
    press(page, "See what it changes")
    page.wait_for_selector("#page .notice")
    assert page.get_by_role("button", name="Store as suggestions").count() == 0
    assert "nowhere" in page.inner_text("#page table")
    assert Axe().run(page, options=RULES).response["violations"] == []
