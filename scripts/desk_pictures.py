"""Runs the desk by keys alone over the sample messages and takes the pictures of the guide. Run: python -m scripts.desk_pictures"""

import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn
from playwright.sync_api import Browser, Page, sync_playwright

from app.main import create_app
from app.settings import Settings
from scripts.find_browser import find_browser

IMAGES = Path(__file__).parent.parent / "docs" / "images"
PASSWORD = "only for the pictures"  # noqa: S105 - of a database that is thrown away
PORT = 8931
VIEW = {"width": 1440, "height": 1000}


@contextmanager
def serving(data: Path | None = None) -> Iterator[str]:
    """The product over a fresh database with its sample messages, or over the one in a folder."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(
            data_dir=data or Path(folder), bootstrap_password=PASSWORD, bootstrap_key=PASSWORD, port=PORT
        )  # type: ignore[arg-type]
        server = uvicorn.Server(uvicorn.Config(create_app(settings), port=PORT, log_level="error"))
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.1)
        yield f"http://127.0.0.1:{PORT}"
        server.should_exit = True
        thread.join()


def signed_in(browser: Browser, address: str, language: str, scheme: str) -> Page:
    """The desk with a draft open whose gloss is another language."""
    page = browser.new_context(viewport=VIEW, color_scheme=scheme).new_page()  # type: ignore[arg-type]
    page.goto(address)
    page.fill("input[name=password]", PASSWORD)
    page.click("#sign-in button")
    page.wait_for_selector("#drafts .item")
    if language != "en":
        page.select_option("#language", language)
        page.wait_for_function("code => document.documentElement.lang === code", arg=language)
    for _ in range(3):
        page.keyboard.press("j")
        page.wait_for_timeout(700)
    page.hover("#reply [role=option] >> nth=2")
    return page


def keyboard_run(page: Page) -> list[float]:
    """Signs ten ready drafts by one key each; seconds from the key until the next draft can be read."""
    page.evaluate("() => { document.querySelector('[name=verdict]').closest('details').open = true; }")
    page.select_option("[name=verdict]", "ready")
    page.wait_for_function("() => [...document.querySelectorAll('#drafts .tag.ready')].length === document.querySelectorAll('#drafts .item').length")  # fmt: skip
    page.locator("#reply h2").focus()
    page.keyboard.press("k")
    page.click("#drafts .item >> nth=0")
    page.wait_for_selector("#drafts li:nth-child(1) [aria-current=true]")
    page.locator("#reply h2").focus()
    took = []
    for place in range(10):
        started = time.perf_counter()
        page.keyboard.press("a")
        page.wait_for_selector(f"#drafts li:nth-child({place + 2}) [aria-current=true]")
        took.append(time.perf_counter() - started)
    return took


if __name__ == "__main__":
    with serving() as address, sync_playwright() as running:
        chromium = running.chromium.launch(executable_path=find_browser(), args=["--no-sandbox", "--disable-gpu"])
        for name, language, scheme in (("desk", "en", "light"), ("desk-dark-zh", "zh", "dark")):
            shown = signed_in(chromium, address, language, scheme)
            shown.screenshot(path=IMAGES / f"{name}.png")
        print("seconds per draft, as ratios to five:", *(f"{took / 5:.2f}" for took in keyboard_run(signed_in(chromium, address, "en", "light"))))  # fmt: skip
        chromium.close()
