"""The chat in a real browser: a shop's page on one origin, the server on another, the agent at the desk."""

import hashlib
import hmac
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from fastapi import FastAPI

from app.drafting.drafter import Drafter
from app.main import create_app
from scripts.find_browser import find_browser
from tests.app.test_feed import served
from tests.app.test_photos import HTML, SVG, bomb, picture
from tests.conftest import PASSWORD, make_settings, signed_in

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
pytestmark = [pytest.mark.browser, pytest.mark.skipif(find_browser() is None, reason="no Chromium on this machine")]
HOSTILE = (
    "<img src=x onerror=alert(1)><script>document.title='owned'</script> \u202eright to left\u202c " + "w" * 10_000
)
HOSTILE_STYLE = (
    "* { display: none !important; opacity: 0 !important; transform: scale(0) !important; all: unset !important }"
    "html, body, main, h1, p { display: block !important; opacity: 1 !important; transform: none !important }"
    "countersign-chat, button, iframe { position: static !important; visibility: hidden !important }"
)
PAGE = """<!doctype html><html lang="en"><head><title>A shop</title><style>{style}</style></head>
<body><main><h1>A shop</h1><p>A shop of somebody else.</p></main><script src="{server}/widget.js" {data} async></script></body></html>"""


class Shop:
    """Somebody else's server, on an origin of its own."""

    def __init__(self) -> None:
        self.html = ""
        shop = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = shop.html.encode()
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Says nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.origin = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture(scope="module")
def shop() -> Iterator[Shop]:
    running = Shop()
    yield running
    running.server.shutdown()
    running.server.server_close()


@pytest.fixture(scope="module")
def app(drafter: Drafter, shop: Shop, tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    application = create_app(make_settings(tmp_path_factory.mktemp("widget"), undo_seconds=0, demo=True), drafter)
    with signed_in(application, "ops", PASSWORD) as ops:
        site = ops.get("/v1/sites/default").json()
        ops.put("/v1/sites/default", json={**site, "widget_origins": [shop.origin]})
    return application


@pytest.fixture(scope="module")
def address(app: FastAPI) -> Iterator[str]:
    with served(app) as url:
        yield url


@pytest.fixture(scope="module")
def browser() -> Iterator[object]:
    with playwright.sync_playwright() as running:
        chromium = running.chromium.launch(
            executable_path=find_browser(),
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"],
        )  # fmt: skip
        yield chromium
        chromium.close()


Open = Callable[..., object]


@pytest.fixture
def visit(browser: object, app: FastAPI, address: str, shop: Shop) -> Iterator[Open]:
    """Opens a page of the shop with the chat's tag on it, in a browser of its own unless one is given."""
    contexts, faults = [], []

    def opened(
        style: str = "", data: str = "", context: object = None, origin: str = shop.origin, locale: str = "en-US"
    ) -> object:
        key = app.state.sites.get_keys("default").publishable
        shop.html = PAGE.format(style=style, server=address, data=f'data-site-key="{key}" {data}')
        if context is None:
            context = browser.new_context(locale=locale)  # type: ignore[attr-defined]
            contexts.append(context)
        page = context.new_page()  # type: ignore[attr-defined]
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("dialog", lambda dialog: (faults.append(dialog.message), dialog.dismiss()))
        page.goto(origin)
        page.wait_for_selector("countersign-chat button", state="attached")
        return page

    yield opened
    for context in contexts:
        context.close()
    assert faults == []


def frame_of(page: object) -> object:
    """The chat, opened by its button."""
    button = page.locator("countersign-chat button")  # type: ignore[attr-defined]
    if button.get_attribute("aria-expanded") == "false":
        button.click()
    frame = page.frame_locator("countersign-chat iframe")  # type: ignore[attr-defined]
    frame.locator("#hours:not(:empty)").wait_for()
    return frame


def write(frame: object, text: str) -> None:
    frame.locator("#text").fill(text)  # type: ignore[attr-defined]
    frame.locator("#send").click()  # type: ignore[attr-defined]
    frame.locator("#log li[data-id].mine", has_text=text[:40]).wait_for()  # type: ignore[attr-defined]


def sign(app: FastAPI, text: str | None = None) -> None:
    """The newest draft is signed and has left."""
    with signed_in(app, "ops", PASSWORD) as ops:
        draft = ops.get("/v1/drafts", params={"status": "pending", "sort": "newest"}).json()["items"][0]
        answer = ops.post(
            f"/v1/drafts/{draft['id']}/approve", json={"text": text, "override": "a test of the window"} if text else {}
        )
        assert answer.status_code == 200, answer.text
        ops.post(f"/v1/drafts/{draft['id']}/sent")


def test_the_whole_circle_over_two_pages(app: FastAPI, address: str, browser: object) -> None:
    context = browser.new_context(locale="es-MX")  # type: ignore[attr-defined]
    buyer, desk = context.new_page(), context.new_page()
    buyer.goto(f"{address}/demo")
    frame = frame_of(buyer)
    write(frame, "¿Dónde está mi pedido?")
    desk.goto(address)
    desk.fill("input[name=password]", PASSWORD)
    desk.click("#sign-in button")
    desk.wait_for_selector("#desk:not([hidden])")
    sign(app)
    frame.locator("#log li.theirs").wait_for()  # type: ignore[attr-defined]
    assert "pedido" in frame.locator("#log li.theirs .bubble").inner_text()  # type: ignore[attr-defined]
    context.close()


def test_it_works_on_a_page_of_another_origin_and_survives_a_reload(visit: Open) -> None:
    page = visit()
    write(frame_of(page), "Where is my parcel? It is late.")
    page.reload()  # type: ignore[attr-defined]
    frame = frame_of(page)
    frame.locator("#log li.mine", has_text="It is late").wait_for()  # type: ignore[attr-defined]


def test_on_a_page_that_ops_did_not_name_the_browser_shows_no_chat(visit: Open, shop: Shop) -> None:
    page = visit(origin=shop.origin.replace("127.0.0.1", "localhost"))
    said = []
    page.on("console", lambda message: said.append(message.text))  # type: ignore[attr-defined]
    page.locator("countersign-chat button").click()  # type: ignore[attr-defined]
    page.wait_for_selector("countersign-chat iframe", state="detached")  # type: ignore[attr-defined]
    assert any("may not be opened on" in text for text in said)
    assert any("frame-ancestors" in text for text in said)


def test_a_reply_shows_on_the_button_while_the_chat_is_closed(visit: Open, app: FastAPI) -> None:
    page = visit()
    write(frame_of(page), "Is the lamp in stock?")
    page.keyboard.press("Escape")  # type: ignore[attr-defined]
    sign(app, "Yes, the lamp is in stock.")
    page.locator("countersign-chat .badge", has_text="1").wait_for()  # type: ignore[attr-defined]
    page.reload()  # type: ignore[attr-defined]
    page.locator("countersign-chat .badge", has_text="1").wait_for()  # type: ignore[attr-defined]
    assert "New messages: 1" in page.locator("countersign-chat button").get_attribute("aria-label")  # type: ignore[attr-defined]
    frame_of(page)
    page.locator("countersign-chat .badge").wait_for(state="hidden")  # type: ignore[attr-defined]


def test_a_keyboard_alone_opens_writes_and_closes(visit: Open) -> None:
    page = visit()
    page.keyboard.press("Tab")  # type: ignore[attr-defined]
    page.keyboard.press("Enter")  # type: ignore[attr-defined]
    frame = page.frame_locator("countersign-chat iframe")  # type: ignore[attr-defined]
    frame.locator("#text:focus").wait_for()
    page.keyboard.type("Hello from the keyboard")  # type: ignore[attr-defined]
    page.keyboard.press("Enter")  # type: ignore[attr-defined]
    frame.locator("#log li[data-id].mine").wait_for()
    page.keyboard.press("Escape")  # type: ignore[attr-defined]
    page.wait_for_function("() => document.querySelector('countersign-chat').shadowRoot.activeElement?.tagName === 'BUTTON'")  # type: ignore[attr-defined]  # fmt: skip


def test_the_page_hears_of_opening_and_closing(visit: Open) -> None:
    page = visit()
    page.evaluate("() => { window.told = []; for (const name of ['open', 'close', 'ready']) document.addEventListener(`countersign:${name}`, () => told.push(name)); }")  # type: ignore[attr-defined]  # fmt: skip
    page.evaluate("() => Countersign.open()")  # type: ignore[attr-defined]
    frame_of(page)
    page.evaluate("() => Countersign.close()")  # type: ignore[attr-defined]
    assert page.evaluate("() => told") == ["open", "ready", "close"]  # type: ignore[attr-defined]


def test_a_hostile_style_sheet_does_not_reach_it(visit: Open) -> None:
    page = visit(style=HOSTILE_STYLE)
    button = page.locator("countersign-chat button")  # type: ignore[attr-defined]
    box, view = button.bounding_box(), page.viewport_size  # type: ignore[attr-defined]
    assert (
        (box["width"], box["height"]) == (56, 56) and box["x"] + 76 == view["width"] and box["y"] + 76 == view["height"]
    )
    write(frame_of(page), "It can be read")
    assert page.locator("countersign-chat iframe").bounding_box()["width"] == 376  # type: ignore[attr-defined]


@pytest.mark.parametrize("field", ["#text", "#name", "#order"])
def test_hostile_text_in_any_field_stays_text(visit: Open, field: str) -> None:
    page = visit()
    frame = frame_of(page)
    frame.locator("summary").click()  # type: ignore[attr-defined]
    frame.locator(field).fill(HOSTILE)  # type: ignore[attr-defined]
    if field != "#text":
        frame.locator("#text").fill("hello")  # type: ignore[attr-defined]
    frame.locator("#send").click()  # type: ignore[attr-defined]
    frame.locator("#log li[data-id].mine").wait_for()  # type: ignore[attr-defined]
    log = frame.locator("#log")  # type: ignore[attr-defined]
    assert log.locator("img, script").count() == 0 and page.title() == "A shop"  # type: ignore[attr-defined]
    assert log.evaluate("element => element.scrollWidth <= element.clientWidth")


def test_a_hostile_reply_stays_text_and_only_its_addresses_are_links(visit: Open, app: FastAPI) -> None:
    page = visit()
    frame = frame_of(page)
    write(frame, "Can you send me the address?")
    sign(app, "Hello <b onclick=alert(1)>you</b> javascript:alert(1) (https://shop.example.com/p/LH-LAMP-01).")
    frame.locator("#log li.theirs").wait_for()  # type: ignore[attr-defined]
    links = frame.locator("#log li.theirs a")  # type: ignore[attr-defined]
    assert links.count() == 1 and links.get_attribute("href") == "https://shop.example.com/p/LH-LAMP-01"
    assert frame.locator("#log b").count() == 0 and "noopener" in links.get_attribute("rel")  # type: ignore[attr-defined]


def test_enter_belongs_to_the_input_method_while_it_composes(visit: Open) -> None:
    page = visit(locale="ja-JP")
    frame = frame_of(page)
    frame.locator("#text").fill("はいそう")  # type: ignore[attr-defined]
    press = "(box, composing) => box.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true, isComposing: composing }))"
    assert frame.locator("#text").evaluate(press, True) is True  # type: ignore[attr-defined] - nothing prevented it
    assert frame.locator("#log li").count() == 0  # type: ignore[attr-defined]
    assert frame.locator("#text").evaluate(press, False) is False  # type: ignore[attr-defined]
    frame.locator("#log li.mine", has_text="はいそう").wait_for()  # type: ignore[attr-defined]


def test_what_is_written_offline_is_sent_once_when_the_line_is_back(visit: Open, app: FastAPI) -> None:
    page = visit()
    frame = frame_of(page)
    write(frame, "First, while there is a line")
    page.context.set_offline(True)  # type: ignore[attr-defined]
    frame.locator("#offline").wait_for()  # type: ignore[attr-defined]
    frame.locator("#text").fill("Second, in a tunnel")  # type: ignore[attr-defined]
    frame.locator("#send").click()  # type: ignore[attr-defined]
    frame.locator("#log li[data-key] .foot", has_text="Waiting").wait_for()  # type: ignore[attr-defined]
    page.context.set_offline(False)  # type: ignore[attr-defined]
    frame.locator("#log li[data-id].mine", has_text="tunnel").wait_for()  # type: ignore[attr-defined]
    with signed_in(app, "ops", PASSWORD) as ops:
        found = ops.get("/v1/drafts", params={"status": "pending", "sort": "newest"}).json()["items"][0]
        told = ops.get(f"/v1/conversations/{found['conversation_id']}").json()["messages"]
    assert [item["text"] for item in told] == ["First, while there is a line", "Second, in a tunnel"]


def test_what_was_not_sent_survives_a_reload_with_its_photo(visit: Open, tmp_path: Path) -> None:
    page = visit()
    frame = frame_of(page)
    page.route("**/widget/v1/messages", lambda route: route.abort())  # type: ignore[attr-defined]
    frame.locator("#file").set_input_files(photo(tmp_path, picture("PNG", size=(60, 40))))  # type: ignore[attr-defined]
    frame.locator("#text").fill("My lamp broke")  # type: ignore[attr-defined]
    frame.locator("#send").click()  # type: ignore[attr-defined]
    frame.locator("#log li[data-key]").wait_for()  # type: ignore[attr-defined]
    page.reload()  # type: ignore[attr-defined]
    frame = frame_of(page)
    frame.locator("#log li[data-key] img").wait_for()  # type: ignore[attr-defined]
    page.unroute("**/widget/v1/messages")  # type: ignore[attr-defined]
    frame.locator("#log li[data-id].mine img").wait_for(timeout=40_000)  # type: ignore[attr-defined]


def photo(folder: Path, data: bytes, name: str = "photo.png") -> str:
    (folder / name).write_bytes(data)
    return str(folder / name)


@pytest.mark.parametrize(
    "data", [HTML, SVG, b"GIF89a" + HTML, bomb()], ids=["html", "svg", "polyglot", "bomb"]
)  # fmt: skip
def test_a_disguised_file_is_refused_with_a_word_and_the_text_comes_back(
    visit: Open, tmp_path: Path, data: bytes
) -> None:
    frame = frame_of(visit())
    frame.locator("#file").set_input_files(photo(tmp_path, data))  # type: ignore[attr-defined]
    frame.locator("#text").fill("See my photo")  # type: ignore[attr-defined]
    frame.locator("#send").click()  # type: ignore[attr-defined]
    frame.locator("#notice:not(:empty)").wait_for()  # type: ignore[attr-defined]
    assert frame.locator("#text").input_value() == "See my photo"  # type: ignore[attr-defined]
    assert frame.locator("#log li").count() == 0  # type: ignore[attr-defined]


def test_arabic_reads_from_the_right(visit: Open) -> None:
    page = visit(locale="ar-SA")
    frame = frame_of(page)
    assert frame.locator("html").get_attribute("dir") == "rtl"  # type: ignore[attr-defined]
    assert page.locator("countersign-chat button").bounding_box()["x"] < 100  # type: ignore[attr-defined]
    assert frame.locator("#send").bounding_box()["x"] < frame.locator("#text").bounding_box()["x"]  # type: ignore[attr-defined]


@pytest.mark.parametrize("where", ["demo", "frame"])
def test_nothing_is_fetched_from_elsewhere(browser: object, address: str, where: str) -> None:
    page, asked = browser.new_page(), []  # type: ignore[attr-defined]
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{address}/demo")
    if where == "frame":
        frame_of(page)
    assert asked and all(url.startswith((address, "data:", "blob:")) for url in asked)
    page.close()


def test_a_buyer_for_whom_the_shop_vouches_is_known_at_the_desk(visit: Open, app: FastAPI) -> None:
    with signed_in(app, "ops", PASSWORD) as ops:
        secret = ops.post("/v1/sites/default/identity-secret").json()["identity_secret"]
    buyer = '{"id":"42","name":"Ana Ruiz","country":"ES","expires_at":4102444800}'
    signature = hmac.new(secret.encode(), buyer.encode(), hashlib.sha256).hexdigest()
    frame = frame_of(visit(data=f"data-buyer='{buyer}' data-buyer-signature='{signature}'"))
    write(frame, "¿Cuándo llega mi pedido?")
    with signed_in(app, "ops", PASSWORD) as ops:
        draft = ops.get("/v1/drafts", params={"status": "pending", "sort": "newest"}).json()["items"][0]
    assert "Ana" in draft["text"]


@pytest.mark.parametrize(("color", "on"), [("#ffd400", "rgb(0, 0, 0)"), ("#10203f", "rgb(255, 255, 255)")])
def test_what_stands_on_the_shops_colour_can_be_read(visit: Open, color: str, on: str) -> None:
    page = visit(data=f'data-color="{color}" data-position="start"')
    button = page.locator("countersign-chat button")  # type: ignore[attr-defined]
    assert button.evaluate("element => getComputedStyle(element).color") == on
    assert button.bounding_box()["x"] == 20


def test_on_a_telephone_the_chat_fills_the_screen(visit: Open) -> None:
    page = visit()
    page.set_viewport_size({"width": 360, "height": 640})  # type: ignore[attr-defined]
    frame_of(page)
    box = page.locator("countersign-chat iframe").bounding_box()  # type: ignore[attr-defined]
    assert box == {"x": 0, "y": 0, "width": 360, "height": 640}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("locale", ["en-US", "ar-SA"])
def test_nobody_is_shut_out(
    visit: Open, browser: object, app: FastAPI, tmp_path: Path, scheme: str, locale: str
) -> None:  # fmt: skip
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed")
    context = browser.new_context(locale=locale, color_scheme=scheme)  # type: ignore[attr-defined]
    page = visit(context=context)
    frame = frame_of(page)
    frame.locator("summary").click()  # type: ignore[attr-defined]
    write(frame, "Is the lamp in stock?")
    sign(app)
    frame.locator("#log li.theirs").wait_for()  # type: ignore[attr-defined]
    frame.locator("#file").set_input_files(photo(tmp_path, picture()))  # type: ignore[attr-defined]
    for part in page.frames:  # type: ignore[attr-defined]
        found = axe.Axe().run(part).response["violations"]
        assert [(item["id"], [node["html"] for node in item["nodes"]]) for item in found] == []
    context.close()
