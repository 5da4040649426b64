"""Whether a rewording still says the same: tokens, numbers, links, names, refusals, meaning, language.

Each function tells by a stable word what is wrong, or None. Numbers are compared as digits of any script and as words.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from app.rewording.letter import TOKEN, Passage
from app.rewording.rules import Rules
from knowledge_base.contradictions import NumberWords, numbers_in
from knowledge_base.lexicon import Lexicon
from models.encoder import Encoder
from models.entities import find_entities
from models.language import LanguageDetector
from models.recognisers.base import fold
from models.recognisers.relative import Told

FACTS = frozenset({"link", "email", "card_number", "tracking_number", "order_id", "phone", "amount", "percentage", "date"})  # fmt: skip
SURE = 0.75  # confidence of the detector from which another language is believed (see the checks)
ENOUGH = 25  # letters from which one passage alone tells its language
_LETTERS = re.compile(r"[^\W\d_]")
_LATIN_WORD = re.compile(r"[A-Za-z][\w&.'-]*[\w]")
_WORD = re.compile(r"[^\W\d_][\w'’-]*")
_STARTS = re.compile(r"(?:^|[.!?…:;\n\"«»“”„—–()]\s*|[¡¿]\s*)$")
_UNCASED = frozenset({"ar", "ja", "ko", "zh"})


@dataclass(frozen=True, slots=True)
class Ear:
    """What it takes to compare two wordings of one language; `code` is bare."""

    code: str
    market: str | None
    today: date
    rules: Rules
    detector: LanguageDetector
    encoder: Encoder
    numbers: NumberWords | None
    lexicon: Lexicon | None


def find_difference(passages: Sequence[Passage], worded: Sequence[str], ear: Ear) -> str | None:
    """The first thing that is wrong with any of them, by its word; None where all may stand."""
    changed = [(old, new) for old, new in zip(passages, worded, strict=True) if new != old.text]
    for old, new in changed:
        found = _difference(old, new, ear)
        if found is not None:
            return found
    if not changed:
        return None
    if _other_language([TOKEN.sub(" ", new) for _, new in changed], ear):
        return "language"
    return "meaning" if _unlike([(old.bare, TOKEN.sub(" ", new)) for old, new in changed], ear) else None


def _difference(old: Passage, new: str, ear: Ear) -> str | None:
    if Counter(TOKEN.findall(new)) != Counter(old.hidden) or "{{" in TOKEN.sub("", new) or "}}" in TOKEN.sub("", new):
        return "token"
    before, after = old.bare, TOKEN.sub(" ", new)
    if _numbers(before, ear.numbers) != _numbers(after, ear.numbers):
        return "number"
    if _facts(before, ear) != _facts(after, ear):
        return "fact"
    if _names_differ(before, after, ear):
        return "name"
    return "denial" if _denies(before, ear) != _denies(after, ear) else None


def _numbers(text: str, words: NumberWords | None) -> tuple[object, ...]:
    folded = fold(text)
    return Counter(re.findall(r"\d+", folded)), numbers_in(folded, words)


def _facts(text: str, ear: Ear) -> Counter[tuple[str, str]]:
    found = find_entities(text, ear.market, Told(ear.code, ear.today))
    return Counter((entity.type, entity.value) for entity in found if entity.type in FACTS)


def _names_differ(before: str, after: str, ear: Ear) -> bool:
    """A name that is lost, or a new one. In scripts without capitals, words in Latin letters are names."""
    lost = [name for name in _names(before, ear) if name not in after]
    known = before.casefold()
    return bool(lost) or any(name.casefold() not in known for name in _names(after, ear))


def _names(text: str, ear: Ear) -> list[str]:
    if ear.code in _UNCASED:
        return _LATIN_WORD.findall(text)
    ordinary = ear.rules.capitals.get(ear.code, ())
    found = [
        match[0]
        for match in _WORD.finditer(text)
        if match[0][0].isupper() and match[0] not in ordinary and not _STARTS.search(text[: match.start()])
    ]  # fmt: skip
    if ear.code in ear.rules.nouns_with_capitals:
        found = [name for name in found if any(char.isupper() for char in name[1:])]
    return found


def _denies(text: str, ear: Ear) -> bool:
    pattern = ear.lexicon.denial.find_pattern if ear.lexicon else None
    return pattern is not None and pattern.search(text.casefold()) is not None


def _other_language(texts: Sequence[str], ear: Ear) -> bool:
    """The new words alone, and each passage that is long enough to tell."""
    long = [text for text in texts if len(_LETTERS.findall(text)) >= ENOUGH]
    for text in (" ".join(texts), *long):
        reading = ear.detector.detect(text)
        if reading.code not in (ear.code, "und") and reading.confidence >= SURE:
            return True
    return False


def _unlike(pairs: Sequence[tuple[str, str]], ear: Ear) -> bool:
    """Whether any new wording is further from the old one than two wordings of one sentence are."""
    old, new = (ear.encoder.encode([pair[side] for pair in pairs]) for side in (0, 1))
    return bool(np.any(np.sum(old * new, axis=1) < ear.rules.least_likeness))
