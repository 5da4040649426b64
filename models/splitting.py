"""Where a message may be cut into parts: sentence ends, line ends, and clause starts where a stretch is long."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from itertools import pairwise
from pathlib import Path

MAX_PARTS = 24
"""Encoding costs about half a millisecond a part; real messages seldom have ten."""

LONG = 70
"""Letters from which an unpunctuated Latin, Cyrillic or Arabic stretch is looked at for clauses (about 12 words)."""

LONG_CJK = 14
SHORTEST = 12
SHORTEST_CJK = 4
LONG_KOREAN, SHORTEST_KOREAN = 20, 7
"""A clause shorter than this (characters) is left with its neighbour."""

# A full stop ends a sentence only before a space and after a word of three letters or a digit run that is no ordinal.
_SENTENCE_END = re.compile(
    r"[。！？｡؟۔।…]+[\s\"'”’」』）)]*|[!?]+[\"'”’)]*(?=\s|$|[^\W\d_])|(?<=[^\W\d_]{3})\.+[\"'”’)]*(?=\s|$)"
    r"|(?<=\d{3})\.(?=\s)|\.{2,}(?=\s|$)|;(?=\s)|[；؛]|\n+"
)
_CLAUSE_CJK = re.compile(r"[，、,]\s*|(?<=[\u3040-\u30ff\u3400-\u9fff])\s+")
_CJK = re.compile("[\u3040-\u30ff\u3400-\u9fff]")
# Korean has a space after every word: a clause ends after an ending that joins or closes, or after typed laughter and tears.
_ENDINGS = ("요", "니다", "니까", "까", "죠", "는데", "은데", "인데", "한데", "지만", "어서", "아서", "해서", "여서", "면서", "다가", "더니", "길래", "거든", "ㅠㅠ", "ㅜㅜ", "ㅋㅋ", "ㅎㅎ", "~")  # fmt: skip
_CLAUSE_KOREAN = re.compile(rf"[，、,]\s*|(?:{'|'.join(f'(?<={ending})' for ending in _ENDINGS)})\s+")
_HANGUL = re.compile("[\uac00-\ud7a3]")
_COMMA = re.compile(r"[,،]\s+|\s[-–—]\s")
_DATA = Path(__file__).with_name("data") / "connectives.toml"


def cut_points(text: str) -> list[int]:
    """Offsets at which `text` is cut, ascending, strictly inside it."""
    sentences = sentence_points(text)
    edges = [0, *sentences, len(text)]
    clauses = [cut for start, end in pairwise(edges) for cut in _clause_cuts(text, start, end)]
    return sorted({*sentences, *clauses})


def sentence_points(text: str) -> list[int]:
    """Those of the cut points that end a sentence or a line."""
    return _cuts(_SENTENCE_END, text, 0, len(text))


def _clause_cuts(text: str, start: int, end: int) -> list[int]:
    """Cuts inside one sentence, none where it is short."""
    if len(_CJK.findall(text, start, end)) * 2 > end - start:
        return _spaced(_cuts(_CLAUSE_CJK, text, start, end), start, end, LONG_CJK, SHORTEST_CJK)
    if len(_HANGUL.findall(text, start, end)) * 2 > end - start:
        return _spaced(_cuts(_CLAUSE_KOREAN, text, start, end), start, end, LONG_KOREAN, SHORTEST_KOREAN)
    cuts = _spaced(_cuts(_COMMA, text, start, end), start, end, LONG, SHORTEST)
    edges = [start, *cuts, end]
    words = [_before_words(text, left, right) for left, right in pairwise(edges)]
    return sorted({*cuts, *(cut for found in words for cut in found)})


def _before_words(text: str, start: int, end: int) -> list[int]:
    """Cuts before connectives, where the stretch is still long."""
    if end - start <= LONG:
        return []
    cuts = [match.start() for match in _connectives().finditer(text, start, end)]
    return _spaced(cuts, start, end, LONG, SHORTEST * 2)


def _cuts(pattern: re.Pattern[str], text: str, start: int, end: int) -> list[int]:
    return [match.end() for match in pattern.finditer(text, start, end) if start < match.end() < end]


def _spaced(cuts: list[int], start: int, end: int, long: int, shortest: int) -> list[int]:
    """Those of `cuts` that leave clauses of at least `shortest` characters; none where the stretch is not `long`."""
    kept: list[int] = []
    for cut in cuts if end - start > long else []:
        if cut - (kept[-1] if kept else start) >= shortest and end - cut >= shortest:
            kept.append(cut)
    return kept


@cache
def _connectives() -> re.Pattern[str]:
    tables: dict[str, list[str]] = tomllib.loads(_DATA.read_text("utf-8"))
    words = sorted({re.escape(word) for table in tables.values() for word in table}, key=len, reverse=True)
    return re.compile(rf"(?<=\s)(?:{'|'.join(words)})(?=\s)", re.IGNORECASE)
