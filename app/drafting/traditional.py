"""Traditional Chinese from Simplified by phrase tables (OpenCC), for the tags that are written so."""

from functools import lru_cache

from opencc import OpenCC

CONFIGURATIONS = {
    "zh-TW": "s2twp",
    "zh-HK": "s2hk",
    "zh-MO": "s2hk",
    "zh-Hant": "s2twp",
}  # characters and regional words


@lru_cache(maxsize=8)
def _converter(config: str) -> OpenCC:
    return OpenCC(config)


@lru_cache(maxsize=16384)
def in_script_of(tag: str, text: str) -> str:
    """The text as that tag writes it; slot marks are ASCII and pass through unchanged."""
    config = CONFIGURATIONS.get(tag)
    return text if config is None else str(_converter(config).convert(text))
