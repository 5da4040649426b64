"""Countries that a buyer names in a message, by their CLDR names in the message's language and in English."""

import re
from functools import lru_cache

from app.drafting.locales import locale_of

SHORTEST = {"zh": 2, "ja": 2, "ko": 2}  # characters of a name that is looked for; elsewhere four letters
_INFORMAL = {
    "uk": "GB",
    "u.k.": "GB",
    "usa": "US",
    "u.s.": "US",
    "uae": "AE",
    "eua": "US",
    "eeuu": "US",
    "ee.uu.": "US",
    "holland": "NL",
    "england": "GB",
    "hong kong": "HK",
    "香港": "HK",
    "台灣": "TW",
    "台湾": "TW",
    "澳門": "MO",
    "澳门": "MO",
}


@lru_cache(maxsize=64)
def _names(language: str) -> tuple[re.Pattern[str], dict[str, str]]:
    shortest = SHORTEST.get(language, 4)
    names = {
        name.casefold(): code
        for code, name in locale_of(language).territories.items()
        if len(code) == 2 and len(name) >= shortest and code != "ZZ"
    } | _INFORMAL
    pattern = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
    edge = "" if language in SHORTEST else r"(?<!\w)"
    return re.compile(f"{edge}(?:{pattern}){edge.replace('<', '')}"), names


def find_country(text: str, language: str, home: str) -> tuple[str, tuple[int, int]] | None:
    """The one country that the text names besides the shop's own, with its span; None for none or several."""
    found: dict[str, tuple[int, int]] = {}
    for code in dict.fromkeys((language, "en")):
        pattern, names = _names(code)
        for match in pattern.finditer(text.casefold()):
            found.setdefault(names[match[0]], match.span())
    found.pop(home, None)
    return next(iter(found.items())) if len(found) == 1 else None
