"""Which language a message is written in: the script first, then two voters, hints of chat and trade, and priors.

As measured in November 2026: eldc leads on chat, a seeded langdetect beside it helps little and only with a small
weight, URLs, numbers and brands mislead both, and the margin between the first two languages is a usable confidence
once it is scaled by length.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

from models.scripts import LanguageTables, chinese_script, dominant_script, language_tables, script_of
from models.voters import Voter, eldc_voter, langdetect_voter

UNDETERMINED = "und"
MAX_CHARS = 1000
FEWEST_LETTERS = 3
"""Two Latin letters ("ok", "hi") are words of any language."""

_NOISE = re.compile(
    r"(?:https?://|www\.)\S{1,500}|[\w.+-]{1,64}@[\w.-]{1,255}|@\w{1,64}|\b[\w-]{1,40}\.(?:com|net|org|ru|de|cn|co|io)\b\S{0,200}"
    r"|\w{0,40}\d[\w-]{0,40}",
    re.ASCII,
)
_WORD = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*")
_STRETCHED = re.compile(r"([^\W\d_])\1{2,}")
# Fitted on the langid development set and chat (docs/results/understanding.md): logit = score * GROWTH * ln letters.
GROWTH = 12.0
SECOND_WEIGHT = 0.03
HINT_WEIGHT = 0.12
LETTER_WEIGHT = 0.08
ROMANISED_WEIGHT, ROMANISED_SHARE = 1.3, 0.3
"""For a Latin text of which two words and this share are romanised Arabic: no voter knows it."""
_DIGIT_LETTERS = re.compile(r"(?<![\w-])(?=[a-z]*\d[a-z])(?=(?:\d*[a-z]){3})(?:[a-z]|[2356789](?!\d)){4,}(?![\w-])")

WHOLE_WEIGHT = 0.5
"""For a message all of whose words are on one language's list: "Moin", "hola buenas"."""
UNSCORED = 0.3
"""Score of a language that only a hint or the second voter names: about what eldc gives to a fifth guess."""
RARE_PENALTY = {"served": 0.0, "seen": 0.06, "rare": 0.12}
"""Taken off by how seldom shops' buyers write a language: keeps Catalan out of Spanish typos."""
SETTLED_MARGIN, SETTLED_LETTERS = 0.12, 15
"""Above both, langdetect (2 ms) is not asked: eldc is right in .998 of such texts."""
PRIOR_FLOOR = 0.03
"""No prior says less than this of a language: on a plain text the voters outweigh it."""


@dataclass(frozen=True, slots=True)
class LanguageReading:
    """`code` is ISO 639-1 or `und`; confidence 0 to 1; `script` ISO 15924: Hans or Hant for Chinese, Zyyy for none.

    `region` (ISO 3166-1) only where the text shows it; `alternatives` (code, probability), best first, without `code`.
    """

    code: str
    confidence: float
    script: str
    region: str | None
    alternatives: tuple[tuple[str, float], ...]


class LanguageDetector:
    """Deterministic and safe to share between threads; about 0.1 ms a message, 2 ms where langdetect is asked."""

    version = "2026.11.22-1"

    def __init__(self) -> None:
        self._tables: LanguageTables = language_tables()
        self._first: Voter | None = eldc_voter()
        self._second: Voter = langdetect_voter()

    def detect(self, text: str, priors: Mapping[str, float] | None = None) -> LanguageReading:
        """The language of `text`. `priors` (language -> weight) decide only short or ambiguous texts."""
        words = self._words(text[:MAX_CHARS])
        script, letters = dominant_script(" ".join(words))
        if script is None or self._too_short(words, script, letters):
            return _undetermined(script, priors)
        logits = self._logits(text[:MAX_CHARS], [word for word in words if _fits(word, script)], script, letters)
        if not logits:
            return _undetermined(script, priors)
        return self._reading(text, script, _ranked(_with_priors(logits, priors or {})))

    def _too_short(self, words: list[str], script: str, letters: int) -> bool:
        listed = any(set(words) <= known for known in self._tables.words.values())
        return letters < FEWEST_LETTERS and script not in {"Hani", "Jpan", "Kore"} and not listed

    def _words(self, text: str) -> list[str]:
        """Lower-case words without links, addresses, anything with a digit, and brands."""
        plain = _STRETCHED.sub(r"\1", _NOISE.sub(" ", text))
        return [word for raw in _WORD.findall(plain) if (word := raw.lower()) not in self._tables.noise]

    def _logits(self, text: str, words: list[str], script: str, letters: int) -> dict[str, float]:
        """Unnormalised log probability per language."""
        owner = self._tables.owner.get(script)
        if owner is not None:
            return {owner: 0.0}
        if script == "Hani":
            return self._han_logits("".join(words))
        scores = self._scores(" ".join(words), script, letters, self._tables.candidates.get(script, ()))
        if script == "Latn" and self._romanised(text, words):
            scores["ar"] = ROMANISED_WEIGHT
        return {code: score * GROWTH * math.log(max(letters, 2)) for code, score in scores.items()}

    def _romanised(self, text: str, words: list[str]) -> bool:
        """Whether a Latin text is Arabic written with Latin letters and digits."""
        coded = len(_DIGIT_LETTERS.findall(text.lower()))
        hits = coded + sum(word in self._tables.romanised["ar"] for word in words)
        return hits >= 2 and hits >= ROMANISED_SHARE * (len(words) + coded)

    def _han_logits(self, text: str) -> dict[str, float]:
        """Han characters alone are Chinese, unless they are of Japanese form; short ones may be either."""
        chinese = sum(char in self._tables.hans or char in self._tables.hant for char in text)
        japanese = sum(char in self._tables.japanese and char not in self._tables.hans for char in text)
        return {"zh": 1.0 + chinese + 0.15 * len(text), "ja": 2.5 * japanese}

    def _scores(self, text: str, script: str, letters: int, candidates: tuple[str, ...]) -> dict[str, float]:
        scores = self._first(text, script, candidates) if self._first else {}
        added = self._hints(text, candidates)
        if not _settled(scores, letters):
            weight = SECOND_WEIGHT if self._first else 1.0
            for code, score in self._second(text, script, candidates).items():
                added[code] = added.get(code, 0.0) + weight * score
        named = {**dict.fromkeys(added, UNSCORED), **scores}
        return {code: base + added.get(code, 0.0) - self._penalty(code) for code, base in named.items()}

    def _penalty(self, code: str) -> float:
        rarity = self._tables.rarity
        return RARE_PENALTY["rare" if code in rarity["rare"] else "seen" if code in rarity["seen"] else "served"]

    def _hints(self, text: str, candidates: tuple[str, ...]) -> dict[str, float]:
        """What single words and letters add: much in two words, little in a paragraph."""
        words, chars, found = text.split(), frozenset(text), {}
        none: frozenset[str] = frozenset()
        for code in candidates:
            listed = self._tables.words.get(code, none)
            hits = sum(word in listed for word in words)
            letters = not chars.isdisjoint(self._tables.letters.get(code, none))
            if hits or letters:
                found[code] = HINT_WEIGHT * min(hits, 3) * min(1.0, 4 / len(words)) + LETTER_WEIGHT * letters
                found[code] += WHOLE_WEIGHT * (hits == len(words))
        return found

    def _reading(self, text: str, script: str, ranked: list[tuple[str, float]]) -> LanguageReading:
        code, confidence = ranked[0]
        shown = chinese_script(text) if code == "zh" else "Jpan" if code == "ja" else script
        others = tuple((other, round(p, 4)) for other, p in ranked[1:4] if p >= 0.005)
        return LanguageReading(code, round(min(confidence, 0.999), 4), shown, self._region(code, text), others)

    def _region(self, code: str, text: str) -> str | None:
        if code == "zh":
            return self._chinese_region(text)
        words = set(_WORD.findall(text.lower()))
        lands = self._tables.regions.get(code, {})
        scores = {land: 2 * len(words & strong) + len(words & weak) for land, (strong, weak) in lands.items()}
        best = sorted(scores.items(), key=lambda item: -item[1])[:2]
        return best[0][0] if best and best[0][1] >= 2 and (len(best) < 2 or best[1][1] < best[0][1]) else None

    def _chinese_region(self, text: str) -> str | None:
        if sum(char in self._tables.hongkong for char in text) >= 1:
            return "HK"
        traditional = chinese_script(text) == "Hant"
        return "TW" if traditional and any(word in text for word in self._tables.taiwan) else None


def _fits(word: str, script: str) -> bool:
    return script in {"Hani", "Jpan", "Kore"} or any(script_of(char) == script for char in word)


def _settled(scores: Mapping[str, float], letters: int) -> bool:
    """Whether the first voter needs no second opinion."""
    top = sorted(scores.values(), reverse=True)[:2]
    return bool(top) and letters >= SETTLED_LETTERS and top[0] - (top[1] if len(top) > 1 else 0.0) >= SETTLED_MARGIN


def _with_priors(logits: Mapping[str, float], priors: Mapping[str, float]) -> dict[str, float]:
    total = sum(weight for weight in priors.values() if weight > 0)
    if total <= 0:
        return dict(logits)
    return {code: logit + math.log(max(priors.get(code, 0.0) / total, PRIOR_FLOOR)) for code, logit in logits.items()}


def _ranked(logits: Mapping[str, float]) -> list[tuple[str, float]]:
    """(code, probability), best first; ties by code, so that the answer never depends on order."""
    top = max(logits.values())
    weights = {code: math.exp(logit - top) for code, logit in logits.items()}
    total = sum(weights.values())
    return sorted(((code, weight / total) for code, weight in weights.items()), key=lambda item: (-item[1], item[0]))


def _undetermined(script: str | None, priors: Mapping[str, float] | None) -> LanguageReading:
    """Junk: the priors are all that is known, and they stand as alternatives."""
    total = sum(weight for weight in (priors or {}).values() if weight > 0)
    known = _ranked({code: math.log(w / total) for code, w in (priors or {}).items() if w > 0}) if total else []
    alternatives = tuple((code, round(p, 4)) for code, p in known[:3])
    return LanguageReading(UNDETERMINED, 0.0, script or "Zyyy", None, alternatives)
