"""The console in a real browser: a server of its own for each file, one Chromium, and somebody signed in."""

import threading
import time
from collections.abc import Iterator

import pytest

from scripts.find_browser import find_browser
from tests.app.test_durability import free_port
from tests.conftest import PASSWORD, make_settings


@pytest.fixture(scope="module")
def address(drafter: object, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    import uvicorn

    from app.main import create_app

    port = free_port()
    application = create_app(
        make_settings(tmp_path_factory.mktemp("browser"), undo_seconds=60, call_private_addresses=True), drafter
    )  # type: ignore[arg-type]
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
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
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
