"""Writes docs/five-situations.md: five situations in every language. Run: python -m scripts.five_situations [LANGUAGE ...]

With languages, only these are drafted and the page goes to standard output.
"""

import sys
from pathlib import Path

from app.parts import build_drafter
from app.settings import Settings
from app.showcase import read_showcase, showcase_page

DATA = Path(__file__).with_suffix(".toml")
PAGE = Path(__file__).parent.parent / "docs" / "five-situations.md"

if __name__ == "__main__":
    page = showcase_page(build_drafter(Settings(), lambda text: None), read_showcase(DATA), tuple(sys.argv[1:]))
    if sys.argv[1:]:
        print(page)
    else:
        PAGE.write_text(page, encoding="utf-8")
