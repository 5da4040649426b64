"""Takes the pictures of the pages after a fortnight. Run: python -m scripts.fortnight.pictures DATA_FOLDER"""

import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from scripts.desk_pictures import IMAGES, PASSWORD, VIEW, serving
from scripts.find_browser import find_browser

QUESTION = "Do you have a showroom that I could visit? And where is my parcel?"
PAGES = {  # by the picture's name: the page, and what stands there once it is whole
    "fortnight-insights": ("/insights", "#gaps .gap"),
    "fortnight-models": ("/learning/models", "#page table"),
    "fortnight-drift": ("/learning/drift", "#page table"),
    "fortnight-hits": ("/knowledge/hits", "#page textarea"),
}


def main(folder: Path) -> None:
    """In English, and the figures and the hit test in Chinese and dark too."""
    with serving(folder) as address, sync_playwright() as running:
        chromium = running.chromium.launch(executable_path=find_browser(), args=["--no-sandbox", "--disable-gpu"])
        for language, scheme, ending, names in (
            ("en", "light", "", tuple(PAGES)),
            ("zh", "dark", "-zh", ("fortnight-insights", "fortnight-hits")),
        ):
            page = chromium.new_context(viewport=VIEW, color_scheme=scheme).new_page()  # type: ignore[arg-type]
            page.goto(address)
            page.fill("input[name=password]", PASSWORD)
            page.click("#sign-in button")
            page.wait_for_selector("#desk:not([hidden])")
            page.select_option("#language", language)
            for name in names:
                take(page, address, name, ending)
        chromium.close()


def take(page: Page, address: str, name: str, ending: str) -> None:
    """One page, whole."""
    path, whole = PAGES[name]
    page.goto(f"{address}{path}")
    page.wait_for_selector(whole)
    if name == "fortnight-hits":
        page.fill("#page textarea", QUESTION)
        page.click("#page form button[type=submit], #page .form button")
        page.wait_for_selector("#page table")
    page.wait_for_timeout(1500)
    page.screenshot(path=IMAGES / f"{name}{ending}.png")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
