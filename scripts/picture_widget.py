"""Takes the pictures of the chat for the docs, from a running demo: python -m scripts.picture_widget ADDRESS OPS_PASSWORD."""

import json
import sys
import time
import urllib.error
import urllib.request
from http.cookiejar import CookieJar
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from scripts.find_browser import find_browser

IMAGES = Path(__file__).parent.parent / "docs" / "images"
SAID = {
    "en": ("en-US", "Emily Carter", "Hi! Does the lamp come with a plug?"),
    "ar": ("ar-SA", "نورة", "السلام عليكم، هل المصباح يأتي مع شاحن؟"),
    "ja": ("ja-JP", "佐藤 美咲", "このランプの電源について教えてください。アダプターは付属していますか。"),
    "de": ("de-DE", "Anna Keller", "Guten Tag, ist bei der Lampe ein Netzteil dabei?"),
}


class Ops:
    """Signs whatever is newest."""

    def __init__(self, address: str, password: str) -> None:
        self._address, self._headers = address, {"Content-Type": "application/json"}
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
        token = self._ask("POST", "/v1/session", {"name": "ops", "password": password})["csrf_token"]
        self._headers["X-CSRF-Token"] = str(token)

    def _ask(self, method: str, path: str, body: dict[str, object] | None = None) -> dict[str, object]:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self._address}{path}", data, self._headers, method=method)  # noqa: S310 - an address given by hand
        with self._opener.open(request, timeout=30) as answer:
            found: dict[str, object] = json.loads(answer.read())
        return found

    def sign_newest(self) -> None:
        """Signs it as it is, and says that it was sent once its undo window is over."""
        items = self._ask("GET", "/v1/drafts?status=pending&sort=newest&limit=1")["items"]
        draft_id = items[0]["id"]  # type: ignore[index]
        self._ask("POST", f"/v1/drafts/{draft_id}/approve", {})
        for _ in range(20):
            try:
                self._ask("POST", f"/v1/drafts/{draft_id}/sent", {})
                return
            except urllib.error.HTTPError:
                time.sleep(1)


def picture(browser: Browser, address: str, ops: Ops, language: str) -> None:
    """One question, its signed answer, and the page around them."""
    locale, name, text = SAID[language]
    scheme = "dark" if language == "de" else "light"
    context = browser.new_context(
        locale=locale, viewport={"width": 1040, "height": 800}, color_scheme=scheme, device_scale_factor=1
    )  # fmt: skip
    page = context.new_page()
    page.goto(f"{address}/demo?language={language}")
    page.locator("button[data-sku=LH-LAMP-01]").click()
    frame = page.frame_locator("countersign-chat iframe")
    frame.locator("#hours:not(:empty)").wait_for()
    frame.locator("summary").click()
    frame.locator("#name").fill(name)
    frame.locator("#text").fill(text)
    frame.locator("#send").click()
    frame.locator("#log li[data-id].mine").wait_for()
    ops.sign_newest()
    frame.locator("#log li.theirs").wait_for()
    page.wait_for_timeout(500)  # the page scrolls to the new message
    page.screenshot(path=IMAGES / f"widget-{language}.png")
    context.close()


def main(address: str, password: str) -> None:
    """All of them."""
    ops = Ops(address, password)
    with sync_playwright() as running:
        browser = running.chromium.launch(executable_path=find_browser(), args=["--no-sandbox", "--disable-gpu"])
        for language in SAID:
            picture(browser, address, ops, language)
        browser.close()


if __name__ == "__main__":
    main(*sys.argv[1:3])
