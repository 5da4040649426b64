"""A text as its reader takes it: letters set apart, look-alikes and filling marks undone ("w e c h a t", "T3legram", "评*价")."""

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache

_SINGLE = r"[^\W\d_]"
_APART = re.compile(rf"(?<!\w){_SINGLE}(?:[\W_]{{1,3}}{_SINGLE}(?!\w)){{3,40}}")
"""At least four letters that stand alone: no language writes that many one-letter words in a row."""
_CJK = r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]"
_FILLED = re.compile(rf"(?<={_CJK})[*_·•.~\-|/\\+^#❤♥♡💚\ufe0f\u200b-\u200d]{{1,3}}(?={_CJK})")
_HYPHENED = re.compile(r"(?<=[a-z])[*_·•.~|\-\u200b-\u200d]{1,2}(?=[a-z])")
_NAMES = re.compile(r"whatsapp|wechat|weixin|telegram|viber|instagram|kakaotalk")
_WORD = re.compile(r"[a-z0-9@$!]{4,40}|[\w@]{4,40}")
_AS_LETTER = str.maketrans("013457@$!", "oieastasi")
_AS_LATIN = str.maketrans("аеорсухтвкмні", "aeopcyxtbkmhi")  # Cyrillic letters that look like Latin ones
_LATIN, _CYRILLIC = re.compile(r"[a-z]"), re.compile(r"[а-яіїё]")


def undisguised(text: str) -> tuple[str, list[int]] | None:
    """The folded text without its disguises, and the place of each character; None where there is nothing to undo."""
    chars, places = _plain(text)
    for pattern, change in _STEPS:
        chars, places = _rewritten(chars, places, pattern, change)
    return None if chars == text else (chars, [*places, len(text)])


def _plain(text: str) -> tuple[str, list[int]]:
    """Full-width, circled and mathematical letters as plain ones."""
    return text if text.isascii() else "".join(map(_plain_char, text)), list(range(len(text)))


@lru_cache(maxsize=1 << 14)
def _plain_char(char: str) -> str:
    plain = char if char.isascii() else unicodedata.normalize("NFKC", char).casefold()
    return plain if plain.isalnum() and len(plain) == 1 else char


def _rewritten(
    text: str, places: list[int], pattern: re.Pattern[str], change: Callable[[str], str]
) -> tuple[str, list[int]]:
    """`change` keeps length, or keeps a subset of letters in their order, or removes all."""
    if pattern.search(text) is None:
        return text, places
    pieces, kept, end = [], list[int](), 0
    for match in pattern.finditer(text):
        new = change(match[0])
        if new == match[0]:
            continue
        pieces += [text[end : match.start()], new]
        kept += places[end : match.start()]
        own = [
            place for place, char in zip(places[match.start() : match.end()], match[0], strict=True) if _letter(char)
        ]
        kept += places[match.start() : match.end()] if len(new) == len(match[0]) else own[: len(new)]
        end = match.end()
    return "".join([*pieces, text[end:]]), [*kept, *places[end:]]


def _letter(char: str) -> bool:
    return char.isalpha()


def _joined(run: str) -> str:
    return "".join(char for char in run if _letter(char))


def _spelled(word: str) -> str:
    """Digits and signs among letters as the letters they stand for; Cyrillic look-alikes among Latin letters as Latin."""
    latin, cyrillic = len(_LATIN.findall(word)), len(_CYRILLIC.findall(word))
    if latin and cyrillic:
        return word.translate(_AS_LATIN) if latin >= cyrillic else word
    if cyrillic:
        return word.replace("@", "а").replace("0", "о").replace("3", "з")
    return word.translate(_AS_LETTER) if _NAMES.search(word.translate(_AS_LETTER)) else word


_STEPS: tuple[tuple[re.Pattern[str], Callable[[str], str]], ...] = (
    (_APART, _joined),
    (_FILLED, lambda run: ""),
    (_HYPHENED, lambda run: ""),
    (_WORD, _spelled),
)
