"""The console in a real browser: sign in, read, approve, edit, reject."""

import threading
import time
from collections.abc import Iterator

import pytest

from scripts.find_browser import find_browser
from tests.app.test_durability import free_port
from tests.conftest import KEY, NOW, ORDER, PASSWORD, make_settings

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
pytestmark = [pytest.mark.browser, pytest.mark.skipif(find_browser() is None, reason="no Chromium on this machine")]
HOSTILE = "<img src=x onerror=alert(1)><script>document.title='owned'</script> where is my order? " + "w" * 10_000


@pytest.fixture(scope="module")
def address(drafter: object, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    import uvicorn

    from app.main import create_app

    port = free_port()
    application = create_app(make_settings(tmp_path_factory.mktemp("browser"), undo_seconds=60), drafter)  # type: ignore[arg-type]
    server = uvicorn.Server(uvicorn.Config(application, port=port, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(timeout=10)


@pytest.fixture(scope="module")
def browser() -> Iterator[object]:
    with playwright.sync_playwright() as running:
        chromium = running.chromium.launch(
            executable_path=find_browser(),
            args=[
                "--no-sandbox",
                "--disable-gpu",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--no-first-run",
            ],
        )
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: object, address: str) -> Iterator[object]:
    context = browser.new_context(locale="en-US")  # type: ignore[attr-defined]
    page = context.new_page()
    page.faults = []
    page.on("pageerror", lambda error: page.faults.append(str(error)))
    page.goto(address)
    page.fill("input[name=password]", PASSWORD)
    page.click("#sign-in button")
    page.wait_for_selector("#desk:not([hidden])")
    yield page
    assert page.faults == []
    context.close()


def post(address: str, **body: object) -> dict:
    import json
    import urllib.request

    data = json.dumps({"received_at": NOW, **body}).encode()
    request = urllib.request.Request(
        f"{address}/v1/messages", data, {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request) as answer:
        return json.loads(answer.read())


def open_draft(page: object, address: str, draft_id: str) -> None:
    page.reload()  # type: ignore[attr-defined]
    page.wait_for_selector("#drafts .item")  # type: ignore[attr-defined]
    page.evaluate("id => import('/console/desk.js').then(desk => desk.choose(id))", draft_id)  # type: ignore[attr-defined]
    page.wait_for_selector("#draft .letter")  # type: ignore[attr-defined]


def test_a_wrong_password_is_said_and_lets_nobody_in(browser: object, address: str) -> None:
    page = browser.new_page()  # type: ignore[attr-defined]
    page.goto(address)
    page.fill("input[name=password]", "wrong password")
    page.click("#sign-in button")
    page.wait_for_function("() => document.querySelector('#sign-in .problem').textContent.length > 0")
    assert page.is_hidden("#desk")
    page.close()


def test_a_draft_is_read_beside_its_gloss_and_approved(page: object, address: str) -> None:
    draft = post(address, text="¿Dónde está mi pedido?", buyer={"name": "María López", "country": "MX"}, order=ORDER)[
        "draft"
    ]
    open_draft(page, address, draft["id"])
    assert page.inner_text("#draft .letter >> nth=0").split() == draft["text"].split()  # type: ignore[attr-defined]
    assert "8123456789012345" in page.inner_text("#draft .gloss")  # type: ignore[attr-defined]
    page.hover("#draft .letter .piece >> nth=1")  # type: ignore[attr-defined]
    assert page.locator("#draft .gloss .piece.lit").count() == 1  # type: ignore[attr-defined]
    page.click("#draft .actions .primary")  # type: ignore[attr-defined]
    page.wait_for_selector("#toast button")  # type: ignore[attr-defined]
    page.click("#toast button")  # type: ignore[attr-defined] - undo
    page.wait_for_function("() => document.querySelector('#toast').textContent.includes('Taken back')")  # type: ignore[attr-defined]


def test_an_edit_that_a_check_blocks_cannot_be_sent(page: object, address: str) -> None:
    draft = post(address, text="where is my parcel?", order=ORDER, channel="amazon", buyer={"country": "US"})["draft"]
    open_draft(page, address, draft["id"])
    page.click("#draft .actions button >> nth=1")  # type: ignore[attr-defined]
    page.fill("#draft textarea", draft["text"] + "\nWrite me on WhatsApp, you get 35 dollars.")  # type: ignore[attr-defined]
    page.wait_for_selector("#draft .checks .block")  # type: ignore[attr-defined]
    assert page.is_disabled("#draft .actions .primary")  # type: ignore[attr-defined]
    page.fill("#draft textarea", draft["text"])  # type: ignore[attr-defined]
    page.wait_for_function("() => !document.querySelector('#draft .actions .primary').disabled")  # type: ignore[attr-defined]


def test_a_rejection_asks_why(page: object, address: str) -> None:
    draft = post(address, text="do you have this in green?")["draft"]
    open_draft(page, address, draft["id"])
    page.click("#draft .actions .danger")  # type: ignore[attr-defined]
    page.check("#reject-dialog input[value=wrong_tone]")  # type: ignore[attr-defined]
    page.click("#reject-dialog button[value=reject]")  # type: ignore[attr-defined]
    page.wait_for_function("() => document.querySelector('#toast').textContent.includes('Rejected')")  # type: ignore[attr-defined]


def test_hostile_text_stays_text(page: object, address: str) -> None:
    draft = post(
        address,
        text=HOSTILE,
        buyer={"name": "<b onmouseover=alert(1)>Bob</b>", "country": "US"},
        order={**ORDER, "carrier": "<script>alert(2)</script>"},
    )["draft"]
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))  # type: ignore[attr-defined]
    open_draft(page, address, draft["id"])
    assert "<img src=x" in page.inner_text("#draft blockquote")  # type: ignore[attr-defined]
    assert page.locator("#draft img, #draft script, #draft b[onmouseover]").count() == 0  # type: ignore[attr-defined]
    assert dialogs == [] and page.title() == "Countersign"  # type: ignore[attr-defined]


def test_the_console_speaks_chinese(page: object, address: str) -> None:
    post(address, text="where is my parcel?", order=ORDER)
    page.select_option("#language", "zh")  # type: ignore[attr-defined]
    assert page.inner_text("#queue-title") == "待办"  # type: ignore[attr-defined]
    page.select_option("#language", "en")  # type: ignore[attr-defined]


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
