"""Writing systems: which script a text stands in, and the tables that tell languages of one script apart."""

from __future__ import annotations

import tomllib
from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

_DATA = Path(__file__).with_name("data") / "language.toml"

# First code point, last code point, script (ISO 15924); Hani is settled by its company (Kana, Hangul) afterwards.
_RANGES = (
    (0x41, 0x24F, "Latn"), (0x250, 0x2AF, "Latn"), (0x370, 0x3FF, "Grek"), (0x400, 0x52F, "Cyrl"),
    (0x530, 0x58F, "Armn"), (0x590, 0x5FF, "Hebr"), (0x600, 0x6FF, "Arab"), (0x750, 0x77F, "Arab"),
    (0x8A0, 0x8FF, "Arab"), (0x900, 0x97F, "Deva"), (0x980, 0x9FF, "Beng"), (0xA00, 0xA7F, "Guru"),
    (0xA80, 0xAFF, "Gujr"), (0xB80, 0xBFF, "Taml"), (0xC00, 0xC7F, "Telu"), (0xC80, 0xCFF, "Knda"),
    (0xD00, 0xD7F, "Mlym"), (0xD80, 0xDFF, "Sinh"), (0xE00, 0xE7F, "Thai"), (0xE80, 0xEFF, "Laoo"),
    (0x1000, 0x109F, "Mymr"), (0x10A0, 0x10FF, "Geor"), (0x1100, 0x11FF, "Hang"), (0x1200, 0x137F, "Ethi"),
    (0x1780, 0x17FF, "Khmr"), (0x1E00, 0x1EFF, "Latn"), (0x1F00, 0x1FFF, "Grek"), (0x3040, 0x30FF, "Kana"),
    (0x3130, 0x318F, "Hang"), (0x31F0, 0x31FF, "Kana"), (0x3400, 0x4DBF, "Hani"), (0x4E00, 0x9FFF, "Hani"),
    (0xAC00, 0xD7A3, "Hang"), (0xF900, 0xFAFF, "Hani"), (0xFB1D, 0xFB4F, "Hebr"), (0xFB50, 0xFDFF, "Arab"),
    (0xFE70, 0xFEFC, "Arab"), (0xFF21, 0xFF5A, "Latn"), (0xFF66, 0xFF9D, "Kana"), (0x20000, 0x323AF, "Hani"),
)  # fmt: skip
_STARTS = [first for first, _, _ in _RANGES]


@dataclass(frozen=True, slots=True)
class LanguageTables:
    """The content of data/language.toml, as sets."""

    candidates: dict[str, tuple[str, ...]]
    rarity: dict[str, frozenset[str]]
    owner: dict[str, str]
    letters: dict[str, frozenset[str]]
    words: dict[str, frozenset[str]]
    romanised: dict[str, frozenset[str]]
    noise: frozenset[str]
    regions: dict[str, dict[str, tuple[frozenset[str], frozenset[str]]]]
    hans: frozenset[str]
    hant: frozenset[str]
    japanese: frozenset[str]
    hongkong: frozenset[str]
    taiwan: tuple[str, ...]


@cache
def language_tables() -> LanguageTables:
    """Read once."""
    raw = tomllib.loads(_DATA.read_text("utf-8"))
    chinese, regions = raw["chinese"], raw["regions"]
    return LanguageTables(
        candidates={script: tuple(codes) for script, codes in raw["candidates"].items()},
        rarity={grade: frozenset(codes) for grade, codes in raw["rarity"].items()},
        owner=raw["owner"],
        letters={code: frozenset(chars) for code, chars in raw["letters"].items()},
        words={code: frozenset(words.split()) for code, words in raw["words"].items()},
        romanised={code: frozenset(words.split()) for code, words in raw["romanised"].items()},
        noise=frozenset(raw["noise"]["words"].split()),
        regions={code: {land: _region(words) for land, words in lands.items()} for code, lands in regions.items()},
        hans=frozenset(chinese["hans"].replace("\n", "")),
        hant=frozenset(chinese["hant"].replace("\n", "")),
        japanese=frozenset(chinese["japanese"]),
        hongkong=frozenset(chinese["hongkong"]),
        taiwan=tuple(chinese["taiwan"].split()),
    )


def _region(words: str) -> tuple[frozenset[str], frozenset[str]]:
    """(words that decide alone, words of which two are needed)."""
    listed = words.split()
    return frozenset(word[:-1] for word in listed if word.endswith("!")), frozenset(w for w in listed if w[-1] != "!")


@lru_cache(maxsize=1 << 14)
def script_of(char: str) -> str | None:
    """The script of a letter, None for anything else (digits, signs, emoji, unlisted scripts)."""
    point = ord(char)
    index = bisect_right(_STARTS, point) - 1
    if index < 0 or point > _RANGES[index][1] or not (char.isalpha() or "\u0900" <= char <= "\u0e7f"):
        return None
    return _RANGES[index][2]


def dominant_script(text: str) -> tuple[str | None, int]:
    """(script, how many of its letters): Jpan, Kore or Hani for East Asia, None where there is no letter.

    A Han or kana character or a Hangul syllable counts four letters: English words stand in Chinese sentences, seldom
    the other way round.
    """
    counts = Counter[str]()
    for char, times in Counter(text).items():
        if (found := script_of(char)) is not None:
            counts[found] += times
    if not counts:
        return None, 0
    east = counts.pop("Kana", 0), counts.pop("Hang", 0), counts.pop("Hani", 0)
    script, letters = max(counts.items(), key=lambda item: (item[1], item[0]), default=("Latn", 0))
    if letters > 4 * sum(east):
        return script, letters
    return _east_asian(*east), sum(east)


def _east_asian(kana: int, hangul: int, han: int) -> str:
    """Japanese mixes kana into Han, Korean seldom mixes Han in; a stray の in Chinese stays Chinese."""
    if hangul > kana and hangul * 2 >= han:
        return "Kore"
    return "Jpan" if kana * 6 > han else "Hani"


def chinese_script(text: str) -> str:
    """Hans or Hant by characters of only one kind; Hani where the text shows neither."""
    tables = language_tables()
    hans, hant = (sum(char in table for char in text) for table in (tables.hans, tables.hant))
    if hans == hant:
        return "Hant" if any(char in tables.hongkong for char in text) else "Hani"
    return "Hans" if hans > hant else "Hant"
