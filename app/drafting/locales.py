"""The CLDR locale of a language tag."""

from functools import lru_cache

from babel import Locale
from babel.core import UnknownLocaleError

FALLBACK_LOCALE = "en"


@lru_cache(maxsize=128)
def locale_of(tag: str) -> Locale:
    """The CLDR locale of a BCP 47 tag; a tag that CLDR does not know is cut from the right."""
    parts = tag.split("-")
    while parts:
        try:
            return Locale.parse("-".join(parts), sep="-")
        except (UnknownLocaleError, ValueError):
            parts.pop()
    return Locale.parse(FALLBACK_LOCALE)
