"""The console in a real browser: sign in, read, approve, edit, reject, by keys alone."""

import json
from pathlib import Path

import pytest

from scripts.find_browser import find_browser
from tests.conftest import KEY, NOW, ORDER

Axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed").Axe
WORDS = Path(__file__).parents[2] / "app" / "console" / "static" / "words"
pytestmark = [pytest.mark.browser, pytest.mark.skipif(find_browser() is None, reason="no Chromium on this machine")]
HOSTILE = "<img src=x onerror=alert(1)><script>document.title='owned'</script> where is my order? " + "w" * 10_000


def post(address: str, path: str = "/v1/messages", **body: object) -> dict:
    import urllib.request

    data = json.dumps(({"received_at": NOW} if path == "/v1/messages" else {}) | body).encode()
    request = urllib.request.Request(
        f"{address}{path}", data, {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request) as answer:
        return json.loads(answer.read())


def open_draft(page, address: str, draft_id: str) -> None:
    page.goto(address)
    page.fill("#search", draft_id)
    page.click(f"[data-draft={draft_id}]")
    page.wait_for_selector(f"[data-draft={draft_id}][aria-current=true]")
    page.locator("#reply h2").focus()


def parcel(address: str, **more: object) -> dict:
    return post(address, text="where is my parcel?", order=ORDER, **{"buyer": {"country": "US"}, **more})["draft"]


def status(page, draft_id: str) -> str:
    return page.evaluate(
        "id => fetch('/v1/drafts/' + id).then(answer => answer.json()).then(draft => draft.status)", draft_id
    )


def test_a_wrong_password_is_said_and_lets_nobody_in(browser: object, address: str) -> None:
    page = browser.new_page()  # type: ignore[attr-defined]
    page.goto(address)
    page.fill("input[name=password]", "wrong password")
    page.click("#sign-in button")
    page.wait_for_function("() => document.querySelector('#sign-in .problem').textContent.length > 0")
    assert page.is_hidden("#desk")
    page.close()


def test_a_draft_is_read_beside_its_gloss(page, address: str) -> None:
    draft = post(address, text="¿Dónde está mi pedido?", buyer={"name": "María López", "country": "MX"}, order=ORDER)[
        "draft"
    ]
    open_draft(page, address, draft["id"])
    assert page.inner_text("#reply [role=listbox]").split() == draft["text"].split()
    assert "8123456789012345" in page.inner_text("#reply .gloss")
    page.hover("#reply [role=option] >> nth=1")
    assert page.locator("#reply .gloss .piece.lit").count() == 1
    assert draft["segments"][1]["source"]["id"] in page.inner_text("#reply .source")


def test_ten_drafts_are_signed_without_a_mouse(page, address: str) -> None:
    ids = {parcel(address, site="default", buyer={"country": "US", "name": "Ten Times"})["id"] for _ in range(10)}
    page.goto(address)
    page.wait_for_selector("#drafts .item")
    page.keyboard.press("/")
    page.keyboard.type("ten times parcel")
    page.wait_for_function("() => document.querySelectorAll('#drafts .item').length === 10")
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    for _ in range(10):
        page.wait_for_selector("#desk:not([aria-busy]) #drafts .item:not(.decided)[aria-current=true]")
        page.keyboard.press("a")
        page.wait_for_selector("#desk[aria-busy], #empty:not([hidden])")
    page.wait_for_selector("#empty:not([hidden])")
    assert {status(page, draft_id) for draft_id in ids} == {"approved"}


def test_what_the_shop_writes_first_is_signed_like_an_answer(page, address: str) -> None:
    event = {
        "id": "e1",
        "type": "order.delayed",
        "occurred_at": NOW,
        "buyer": {"id": "b_9", "country": "ES"},
        "order": ORDER,
    }
    draft = post(address, "/v1/order-events", **event)["draft"]
    open_draft(page, address, draft["id"])
    assert "8123456789012345" in page.inner_text("#reply [role=listbox]")
    page.keyboard.press("a")
    page.wait_for_selector("#toast button")
    assert status(page, draft["id"]) == "approved"


def test_a_signature_is_taken_back_by_a_key(page, address: str) -> None:
    draft = parcel(address)
    open_draft(page, address, draft["id"])
    page.keyboard.press("a")
    page.wait_for_selector("#toast button")
    page.keyboard.press("u")
    page.wait_for_function("() => document.querySelector('#toast').textContent.includes('Taken back')")
    assert status(page, draft["id"]) == "pending"


def test_an_edit_that_a_check_blocks_cannot_be_sent(page, address: str) -> None:
    draft = parcel(address, channel="amazon")
    open_draft(page, address, draft["id"])
    page.keyboard.press("e")
    page.fill("#draft textarea", draft["text"] + "\nWrite me on WhatsApp, you get 35 dollars.")
    page.wait_for_selector("#draft .checks .block")
    assert page.is_disabled("#draft .actions .primary")
    assert "WhatsApp" in page.inner_text("#draft .changes ins")
    page.fill("#draft textarea", draft["text"])
    page.wait_for_function("() => !document.querySelector('#draft .actions .primary').disabled")


def test_another_draft_of_the_same_message_is_asked_for_and_signed(page, address: str) -> None:
    draft = post(address, text="The lamp arrived broken, and where is my second parcel?", buyer={"country": "US"})["draft"]  # fmt: skip
    open_draft(page, address, draft["id"])
    page.keyboard.press("o")
    page.click("#draft .choice")
    page.wait_for_selector("#reply .tag")
    other = page.evaluate(
        "id => fetch('/v1/drafts/' + id).then(answer => answer.json()).then(draft => draft.alternatives[0])",
        draft["id"],
    )
    assert page.get_attribute(f"[data-draft={draft['id']}]", "aria-current") == "true"
    page.locator("#reply h2").focus()
    page.keyboard.press("a")
    page.wait_for_selector("#toast button")
    assert (status(page, other), status(page, draft["id"])) == ("approved", "superseded")


def test_a_phrase_is_put_into_an_edited_reply(page, address: str) -> None:
    draft = post(address, text="Wo ist mein Paket?", buyer={"country": "DE"}, order=ORDER)["draft"]
    open_draft(page, address, draft["id"])
    page.keyboard.press("e")
    page.click("#work summary")
    page.fill("#work input[type=search]", "we are sorry for the trouble")
    choice = page.locator("#work .choice", has_text="Phrase").first
    words = choice.locator("span").nth(1).inner_text()
    choice.click()
    assert words in page.input_value("#draft textarea")


def test_what_only_the_agent_knows_is_filled_in_at_a_language_one_cannot_read(page, address: str) -> None:
    draft = post(address, text="このランプは防水ですか？", buyer={"country": "JP"})["draft"]
    assert draft["verdict"] == "needs_input", draft["verdict"]
    open_draft(page, address, draft["id"])
    page.locator("form.fill input").first.fill("IP65")
    page.keyboard.press("Enter")
    page.wait_for_function("() => document.querySelector('#reply [role=listbox]')?.innerText.includes('IP65')")
    assert "IP65" in page.inner_text("#reply .gloss")
    page.locator("#reply h2").focus()
    page.keyboard.press("a")
    page.wait_for_selector("#toast button")
    assert status(page, draft["id"]) == "approved"


def test_a_tab_reaches_every_control_in_the_order_of_the_page(page, address: str) -> None:
    open_draft(page, address, parcel(address)["id"])
    page.evaluate("() => { document.activeElement.blur(); document.querySelector('.skip').focus(); }")
    names = []
    for _ in range(60):
        names.append(page.evaluate("() => document.activeElement.id || document.activeElement.getAttribute('aria-keyshortcuts') || ''"))  # fmt: skip
        page.keyboard.press("Tab")
        if names[-1] == "s":
            break
    wanted = ["help", "language", "sign-out", "search", "status", "a", "e", "r", "g", "c", "s"]
    assert [name for name in names if name in wanted] == wanted


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_sign_in_breaks_no_rule_of_accessibility(browser: object, address: str, scheme: str) -> None:
    page = browser.new_context(color_scheme=scheme).new_page()  # type: ignore[attr-defined]
    page.goto(address)
    page.wait_for_selector("#sign-in:not([hidden])")
    results = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]})
    assert results.violations_count == 0, results.generate_report()
    page.context.close()


def test_no_key_acts_while_an_input_method_composes_or_somebody_types(page, address: str) -> None:
    draft = parcel(address)
    open_draft(page, address, draft["id"])
    page.evaluate(
        "() => document.activeElement.dispatchEvent(new KeyboardEvent('keydown', {key: 'a', isComposing: true, bubbles: true}))"
    )
    page.focus("#search")
    page.keyboard.press("a")
    assert page.input_value("#search").endswith("a") and status(page, draft["id"]) == "pending"


def test_a_rejection_asks_why_with_one_key_and_takes_a_correction(page, address: str) -> None:
    draft = post(address, text="do you have this in green?")["draft"]
    open_draft(page, address, draft["id"])
    page.keyboard.press("r")
    page.select_option("#reject-dialog select[name=intent]", "availability")
    page.locator("#reject-dialog .reasons button").first.focus()
    page.keyboard.press("3")
    page.wait_for_function("() => document.querySelector('#toast').textContent.includes('Rejected')")
    assert status(page, draft["id"]) == "rejected"


def test_the_other_agent_sees_who_is_at_a_draft(page, browser, address: str) -> None:
    draft = parcel(address)
    open_draft(page, address, draft["id"])
    token = page.evaluate("() => fetch('/v1/session').then(answer => answer.json()).then(person => person.csrf_token)")
    account = {"name": "li", "password": "li's long password", "role": "agent", "language": "zh"}
    page.evaluate(
        "([token, body]) => fetch('/v1/accounts', {method: 'POST', headers: {'X-CSRF-Token': token, 'Content-Type': 'application/json'}, body: JSON.stringify(body)})",
        [token, account],
    )
    other = browser.new_context().new_page()
    other.goto(address)
    other.fill("input[name=name]", "li")
    other.fill("input[name=password]", account["password"])
    other.click("#sign-in button")
    other.wait_for_selector("#desk:not([hidden])")
    other.wait_for_function("() => document.querySelector('#queue-title').textContent === '待办'")
    open_draft(other, address, draft["id"])
    other.keyboard.press("c")
    page.wait_for_function("() => document.querySelector('#notice')?.textContent.includes('li is at this draft')")
    page.keyboard.press("a")
    page.wait_for_function("() => document.querySelector('#toast').textContent.includes('li is at this draft')")
    assert status(page, draft["id"]) == "pending"
    other.context.close()


def test_a_newer_message_of_the_buyer_is_announced_at_the_open_draft(page, address: str) -> None:
    buyer = {"id": "burst-1", "country": "US"}
    first = parcel(address, channel="widget", buyer=buyer)
    open_draft(page, address, first["id"])
    page.wait_for_timeout(500)  # the stream opens
    second = parcel(address, channel="widget", buyer=buyer)
    page.click("#notice button")
    page.wait_for_function(
        "id => document.querySelector('#notice') && !document.querySelector('#notice button') && fetch('/v1/drafts/' + id).then(answer => answer.json()).then(draft => draft.status === 'pending')",
        arg=second["id"],
    )
    assert status(page, first["id"]) == "superseded"


def test_new_drafts_wait_behind_a_bar(page, address: str) -> None:
    page.wait_for_timeout(500)  # the stream opens
    before = page.locator("#drafts .item").count()
    parcel(address)
    page.wait_for_selector("#new:not([hidden])")
    assert page.locator("#drafts .item").count() == before


def test_arabic_runs_from_right_to_left(page, address: str) -> None:
    draft = post(address, text="أين طلبي؟ لم يصل بعد", buyer={"country": "SA"}, order=ORDER)["draft"]
    open_draft(page, address, draft["id"])
    sides = page.evaluate(
        "() => ['#reply [role=listbox]', '.gloss', 'blockquote.now'].map(name => getComputedStyle(document.querySelector(name)).direction)"
    )
    assert sides == ["rtl", "ltr", "rtl"]


def test_hostile_text_stays_text(page, address: str) -> None:
    draft = post(
        address,
        text=HOSTILE,
        buyer={"name": "<b onmouseover=alert(1)>Bob</b>", "country": "US"},
        order={**ORDER, "carrier": "<script>alert(2)</script>"},
    )["draft"]
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    open_draft(page, address, draft["id"])
    assert "<img src=x" in page.inner_text("#draft blockquote")
    assert page.locator("#desk img, #desk script, #desk b[onmouseover]").count() == 0
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    assert dialogs == [] and page.title() == "Countersign"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("state", ["read", "edit", "reject", "keys"])
def test_no_page_breaks_a_rule_of_accessibility(page, address: str, scheme: str, state: str) -> None:
    page.emulate_media(color_scheme=scheme)
    draft = post(
        address, text="Wo ist mein Paket? Und bekomme ich mein Geld zurück?", buyer={"country": "DE"}, order=ORDER
    )["draft"]
    open_draft(page, address, draft["id"])
    if state != "read":
        page.keyboard.press({"edit": "e", "reject": "r", "keys": "?"}[state])
        page.wait_for_selector(
            {"edit": "#draft .checks, #draft .fine", "reject": "#reject-dialog[open]", "keys": "#keys-dialog[open]"}[
                state
            ]
        )
    results = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]})
    assert results.violations_count == 0, results.generate_report()


@pytest.mark.parametrize("width", [768, 640])
def test_nothing_runs_out_of_a_narrow_page(page, address: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    open_draft(page, address, parcel(address)["id"])
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")


def test_every_language_of_the_console_has_the_same_words() -> None:
    lists = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in WORDS.glob("*.json")}
    assert {"en", "zh"} <= lists.keys()
    assert all(words.keys() == lists["en"].keys() and all(words.values()) for words in lists.values())


@pytest.mark.parametrize("path", ["/", "/docs"])
def test_nothing_is_fetched_from_elsewhere(browser: object, address: str, path: str) -> None:
    page, asked = browser.new_page(), []  # type: ignore[attr-defined]
    page.on("request", lambda request: asked.append(request.url))
    page.goto(address + path)
    page.wait_for_load_state("networkidle")
    assert asked and all(url.startswith((address, "data:")) for url in asked)
    page.close()


def test_the_apis_page_shows_every_resource(browser: object, address: str) -> None:
    page = browser.new_page()  # type: ignore[attr-defined]
    page.goto(f"{address}/docs")
    page.wait_for_selector('.opblock-summary-path[data-path="/v1/messages"]')
    assert page.locator(".opblock").count() >= 15
    page.close()
