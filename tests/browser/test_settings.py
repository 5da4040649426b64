"""The settings' pages in a real browser: each page's main path, faults at their fields, and the rules of accessibility."""

import json

import pytest

from scripts.find_browser import find_browser

Axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed").Axe
pytestmark = [pytest.mark.browser, pytest.mark.skipif(find_browser() is None, reason="no Chromium on this machine")]
NOUNS = ("sites", "people", "keys", "webhooks", "generators")
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}


def show(page, address: str, noun: str) -> None:
    page.goto(f"{address}/settings/{noun}")
    page.wait_for_selector("#page .part")


def labelled(page, text: str):
    return page.locator("#page").get_by_label(text, exact=True)


def press(page, text: str) -> None:
    page.get_by_role("button", name=text, exact=True).click()


def asked(page, path: str) -> dict:
    return page.evaluate("path => fetch(path).then(answer => answer.json())", path)


def test_the_settings_are_one_link_from_the_queue(page, address: str) -> None:
    page.click("#pages a >> nth=-1")
    page.wait_for_selector("#page .part")
    assert page.inner_text("#page-title") == "Sites"
    assert page.inner_text("#tabs [aria-current=page]") == "Sites"


def test_a_site_is_changed_and_what_is_wrong_stands_at_its_field(page, address: str) -> None:
    show(page, address, "sites")
    labelled(page, "Country").fill("ZZ")
    labelled(page, "Signature").fill("Luma Care")
    page.get_by_text("What the shop grants").click()
    labelled(page, "Days to return").fill("many")
    press(page, "Save")
    page.wait_for_selector("[aria-invalid]")
    assert "ISO 3166-1" in labelled(page, "Country").locator("..").locator(".problem").inner_text()
    labelled(page, "Country").fill("cn")
    press(page, "Save")
    page.wait_for_selector('[data-pointer="/policy/return_days"][aria-invalid]')
    labelled(page, "Days to return").fill("45")
    press(page, "Save")
    page.wait_for_function("() => document.querySelector('#page').innerText.includes('Version 2, ops')")
    site = asked(page, "/v1/sites/default")
    assert (site["country"], site["signature"], site["policy"]) == ("CN", "Luma Care", {"return_days": 45})


def test_one_market_is_granted_more(page, address: str) -> None:
    show(page, address, "sites")
    page.get_by_text("What the shop grants").click()
    labelled(page, "Another market").fill("br")
    press(page, "Add")
    page.wait_for_selector('[data-pointer="/policy/by_market/BR/return_days"]')
    labelled(page, "Days to return").fill("60")
    press(page, "Save")
    page.wait_for_function(
        "() => fetch('/v1/sites/default').then(a => a.json()).then(s => s.policy.by_market?.BR?.return_days === 60)"
    )


def test_the_line_for_a_shops_pages_is_copied(page, address: str) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    show(page, address, "sites")
    press(page, "Copy")
    page.wait_for_function("() => document.querySelector('#toast').textContent.includes('Copied')")
    line = page.evaluate("() => navigator.clipboard.readText()")
    assert line == (
        f'<script src="{address}/widget.js" data-site-key="{asked(page, "/v1/sites/default")["publishable_key"]}" async></script>'
    )


def test_a_new_site_gets_its_key(page, address: str) -> None:
    show(page, address, "sites")
    page.select_option("#page select >> nth=0", "")
    page.wait_for_selector("text=Short name")
    labelled(page, "Short name").fill("nord")
    labelled(page, "Name").fill("Nordlicht")
    press(page, "Save")
    page.wait_for_selector("text=The chat on the shop’s pages")
    assert asked(page, "/v1/sites/nord")["name"] == "Nordlicht"


def test_a_key_is_made_shown_once_changed_and_ended(page, address: str) -> None:
    show(page, address, "keys")
    press(page, "Make the key")
    page.wait_for_selector("[aria-invalid]")
    labelled(page, "Name").fill("back office")
    page.get_by_label("read metrics").check()
    press(page, "Make the key")
    page.wait_for_selector(".secret input")
    secret = page.input_value(".secret input")
    assert secret.startswith("sk_")
    row = page.locator("tr", has_text="back office").first
    row.get_by_text("Change for a new one").click()
    page.wait_for_function("old => document.querySelector('.secret input').value !== old", arg=secret)
    page.reload()
    page.wait_for_selector("#page table")
    assert secret not in page.content() and page.locator(".secret").count() == 0
    row = page.locator("tr", has_text="back office").filter(has_text="Revoke")
    row.get_by_text("Revoke", exact=True).click()
    assert row.count() == 1  # asked once more
    row.get_by_text("Really? Revoke").click()
    page.wait_for_function("() => document.querySelector('#page').innerText.includes('ended ')")
    keys = [key for key in asked(page, "/v1/keys")["items"] if key["name"] == "back office"]
    assert all(key["revoked_at"] for key in keys) and keys[0]["scopes"] == ["messages", "drafts", "metrics"]


def test_a_person_is_added_made_ops_and_locked_out(page, address: str) -> None:
    show(page, address, "people")
    labelled(page, "Name").fill("li")
    labelled(page, "Password").fill("short")
    press(page, "Add the person")
    page.wait_for_selector('[data-pointer="/password"][aria-invalid]')
    labelled(page, "Password").fill("long enough")
    press(page, "Add the person")
    page.wait_for_selector("text=Lock out >> nth=1")
    labelled(page, "Role: li").select_option("ops")
    page.wait_for_function("() => fetch('/v1/accounts').then(a => a.json()).then(all => all.items.find(one => one.name === 'li').role === 'ops')")  # fmt: skip
    row = page.locator("tr", has=page.get_by_label("Role: li", exact=True))
    row.get_by_text("Lock out").click()
    row.get_by_text("Really? Lock out").click()
    page.wait_for_selector("text=Let in again")
    assert next(one for one in asked(page, "/v1/accounts")["items"] if one["name"] == "li")["disabled_at"]


def test_the_last_ops_is_told_why_it_stays(page, address: str) -> None:
    show(page, address, "people")
    labelled(page, "Role: ops").select_option("agent")
    page.wait_for_function("() => document.querySelector('#toast').textContent.includes('last ops')")
    page.wait_for_function("() => document.querySelector('[aria-label=\"Role: ops\"]').value === 'ops'")


def test_a_webhook_is_added_told_and_its_delivery_sent_again(page, address: str) -> None:
    show(page, address, "webhooks")
    labelled(page, "Address").fill("no address")
    press(page, "Add the webhook")
    page.wait_for_selector('[data-pointer="/url"][aria-invalid]')
    labelled(page, "Address").fill(f"{address}/nobody-listens")
    page.get_by_label("message received").check()
    press(page, "Add the webhook")
    page.wait_for_selector(".secret input")
    assert page.input_value(".secret input").startswith("whsec_")
    press(page, "Switch off")
    page.wait_for_selector("text=Switch on")
    press(page, "Deliveries")
    page.wait_for_selector("text=Nothing was sent yet.")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("noun", NOUNS)
def test_no_page_of_the_settings_breaks_a_rule_of_accessibility(page, address: str, noun: str, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    show(page, address, noun)
    page.evaluate("() => document.querySelectorAll('details').forEach(part => { part.open = true; })")
    results = Axe().run(page, options=RULES)
    assert results.violations_count == 0, results.generate_report()


@pytest.mark.parametrize("noun", NOUNS)
def test_no_page_of_the_settings_runs_out_of_a_tablet(page, address: str, noun: str) -> None:
    page.set_viewport_size({"width": 640, "height": 900})
    show(page, address, noun)
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")


def test_an_agent_is_told_that_the_settings_are_for_ops(page, browser, address: str) -> None:
    token = asked(page, "/v1/session")["csrf_token"]
    account = {"name": "wei", "password": "wei's long password", "role": "agent", "language": "zh"}
    page.evaluate(
        "([token, body]) => fetch('/v1/accounts', {method: 'POST', headers: {'X-CSRF-Token': token, 'Content-Type': 'application/json'}, body})",
        [token, json.dumps(account)],
    )
    other = browser.new_context().new_page()
    other.goto(f"{address}/settings/keys")
    other.fill("input[name=name]", "wei")
    other.fill("input[name=password]", account["password"])
    other.click("#sign-in button")
    other.wait_for_selector("#page .notice")
    assert other.inner_text("#page .notice") == "这些页面仅供主管使用。"
    links = other.locator("#pages a").evaluate_all("links => links.map(link => link.getAttribute('href'))")
    assert links == ["/", "/cases/disputes", "/learning/corrections"]
    other.goto(f"{address}/learning/corrections")
    other.wait_for_selector("#page .stack [role=list]")
    assert other.locator("#tabs a").all_inner_texts() == ["更正"]
    other.context.close()
