"""Ways to pay that a buyer names in a message."""

import re
import tomllib
from functools import cache

from knowledge_base.knowledge import CONTENT

_UNSPACED = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3\u0600-\u06ff]")  # beside these a name needs no space


@cache
def _names() -> tuple[re.Pattern[str], dict[str, str]]:
    written = tomllib.loads((CONTENT / "payment_methods.toml").read_text("utf-8"))["names"]
    names = {typed: name for name, aliases in written.items() for typed in aliases}
    words = (re.escape(typed) if _UNSPACED.search(typed) else rf"(?<![^\W{_UNSPACED.pattern[1:-1]}]){re.escape(typed)}(?![^\W{_UNSPACED.pattern[1:-1]}])" for typed in sorted(names, key=len, reverse=True))  # fmt: skip
    return re.compile("|".join(words)), names


def find_payment_method(text: str) -> tuple[str, tuple[int, int]] | None:
    """The one way to pay that the text names, with its span; None for none or several.

    As it writes itself; in a script that writes no Latin names, as the buyer wrote it.
    """
    pattern, names = _names()
    found: dict[str, tuple[str, tuple[int, int]]] = {}
    for match in pattern.finditer(text.casefold()):
        name = names[match[0]]
        found.setdefault(name, (match[0] if _UNSPACED.search(match[0]) else name, match.span()))
    return next(iter(found.values())) if len(found) == 1 else None
