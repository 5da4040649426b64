"""Labelled messages held to their rules: labels, counts, duplicates within and across sets, language, personal data.

Every finding names its file and line, so that a writer mends it there; nothing is waved through.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from models.encoder import Encoder
from models.entities import find_entities
from models.examples import Example, read_examples
from models.language import LanguageDetector
from models.text import clean

NEAR_SHINGLES = 0.6
"""Shared character n-grams (Jaccard) from which two messages are one; chosen on the writers' own near-misses."""

NEAR_VECTORS = 0.94
"""Cosine from which two messages of at least NEAR_LENGTH characters say the same in the same words."""

NEAR_LENGTH = 25
SHORT_SHINGLE, LONG_SHINGLE = 2, 3
_DENSE_SCRIPTS = frozenset({"zh", "ja", "ko"})
_CARD = re.compile(r"(?<!\d)(?:\d[ -]?){13,19}(?!\d)")


@dataclass(frozen=True, slots=True)
class SetRules:
    """What one set of one language has to hold; shares are of its messages."""

    messages: int
    intent: int
    emotion: int
    conduct: int
    frequent: int = 0
    several: float = 0.0
    history: float = 0.0


@dataclass(frozen=True, slots=True)
class AuditRules:
    """The labels that exist, and what the sets have to hold; `offensive` are word stems by language."""

    intents: frozenset[str]
    emotions: frozenset[str]
    conduct: frozenset[str]
    frequent_intents: frozenset[str]
    written: frozenset[str]
    allowed_domains: tuple[str, ...]
    test_cards: frozenset[str]
    sets: Mapping[str, SetRules]
    offensive: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Line:
    """One message with the place where it stands."""

    path: Path
    number: int
    example: Example

    def __str__(self) -> str:
        return f"{self.path}:{self.number}"


@dataclass(frozen=True, slots=True)
class LabelledSet:
    """The messages of one language for one purpose: `kind` is examples, gate or cases."""

    kind: str
    language: str
    lines: tuple[Line, ...]


def read_set(kind: str, path: Path) -> LabelledSet:
    """ExamplesError names every faulty line. The language is that of the path."""
    examples = read_examples([path])
    numbers = [n for n, line in enumerate(path.read_text("utf-8").split("\n"), 1) if line.strip()]
    lines = tuple(Line(path, number, example) for number, example in zip(numbers, examples, strict=True))
    return LabelledSet(kind, lines[0].example.language if lines else path.stem, lines)


def audit(
    sets: Sequence[LabelledSet], rules: AuditRules, encoder: Encoder, detector: LanguageDetector
) -> Iterator[str]:
    """Every finding, as `place: what is wrong`."""
    for one in sets:
        yield from _counts(one, rules)
        for line in one.lines:
            yield from (f"{line}: {fault}" for fault in _line_faults(line.example, rules, detector))
    for language in sorted({one.language for one in sets}):
        lines = [line for one in sets if one.language == language for line in one.lines]
        yield from _near_duplicates(lines, _shingle_pairs(lines, language), "shares its letters with")
        yield from _near_duplicates(lines, _vector_pairs(lines, encoder), "says the same as")


# --- one message ------------------------------------------------------------------------------------------------------


def _line_faults(example: Example, rules: AuditRules, detector: LanguageDetector) -> Iterator[str]:
    yield from _label_faults(example, rules)
    yield from _personal_data(example, rules)
    yield from _wrong_language(example, rules, detector)
    yield from _needless_offence(example, rules)


def _label_faults(example: Example, rules: AuditRules) -> Iterator[str]:
    unknown = [name for name in (*example.intents, *example.also) if name not in rules.intents]
    unknown += [name for name in example.conduct if name not in rules.conduct]
    unknown += [example.emotion or "no emotion"] if example.emotion not in rules.emotions else []
    yield from (f"{name!r} is no label" for name in unknown)
    if not 1 <= len(example.intents) <= 3:
        yield f"{len(example.intents)} intents; a message has one to three"
    if (example.emotion == "neutral") != (not example.intensity):
        yield "neutral has intensity 0, every other emotion more"
    if set(example.also) & set(example.intents[:1]):
        yield "`also` repeats the first intent"
    if not re.fullmatch("[A-Z]{2}", example.market or ""):
        yield f"market {example.market!r} is no country code"


def _personal_data(example: Example, rules: AuditRules) -> Iterator[str]:
    for text in (example.text, *(turn.text for turn in example.history)):
        yield from _contacts(text, example.market, rules)
        for match in _CARD.finditer(text):
            digits = re.sub(r"\D", "", match[0])
            if _luhn(digits) and digits not in rules.test_cards and digits[0] in "3456" and "0000" not in digits:
                yield f"{match[0]!r} could be a card"


def _contacts(text: str, market: str | None, rules: AuditRules) -> Iterator[str]:
    for entity in find_entities(text, market):
        if entity.type == "email" and not _reserved_domain(entity.value.rpartition("@")[2], rules):
            yield f"{entity.value!r} could be somebody's address; use example.com"
        if entity.type == "phone" and not _reserved_phone(entity.value):
            yield f"{entity.value!r} could be somebody's number; use one with 555 01xx, 000 or a range kept for fiction"


def _reserved_domain(domain: str, rules: AuditRules) -> bool:
    return any(part in rules.allowed_domains for part in domain.lower().split("."))


# Ranges kept for drama: Ofcom (UK), ACMA (Australia), Bundesnetzagentur (Germany: Berlin 23125), NANP 555-01xx; elsewhere a run
# of zeros or 555 that no network assigns.
_FICTION = re.compile(
    r"55501\d\d|5550\d{4}|555\d{4}$|000|^\+44(?:2079460|7700900|1632960)|^\+61\d?(?:5550|7010|1551|55120)|^\+49(?:3023125|30555)"
)


def _reserved_phone(number: str) -> bool:
    return bool(_FICTION.search(number))


def _luhn(digits: str) -> bool:
    """The check digit of payment cards (ISO/IEC 7812-1, annex B)."""
    doubled = [int(d) * (2 if place % 2 else 1) for place, d in enumerate(reversed(digits))]
    return sum(d - 9 if d > 9 else d for d in doubled) % 10 == 0


def _wrong_language(example: Example, rules: AuditRules, detector: LanguageDetector) -> Iterator[str]:
    if example.written is not None:
        if example.written not in rules.written:
            yield f"`written` {example.written!r} is none of {', '.join(sorted(rules.written))}"
        return
    found = detector.detect(clean(example.text)).code
    if found not in {example.language, "und"}:
        yield f"reads as {found}, stands under {example.language}; say why in `written`, or move it"


def _needless_offence(example: Example, rules: AuditRules) -> Iterator[str]:
    """Strong words belong where the label needs them: abuse, anger, frustration, or spam as it comes in."""
    if "abusive" in example.conduct or example.emotion in {"angry", "frustrated"}:
        return
    plain = example.text.lower()
    yield from (
        f"{word!r} stands in a {example.emotion} message"
        for word in rules.offensive.get(example.language, ())
        if _has(plain, word)
    )


def _has(text: str, word: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text) is not None if word.isascii() else word in text


# --- counts -----------------------------------------------------------------------------------------------------------


def _counts(one: LabelledSet, rules: AuditRules) -> Iterator[str]:
    wanted = rules.sets[one.kind]
    examples = [line.example for line in one.lines]
    place = one.lines[0].path if one.lines else f"{one.language} {one.kind}"
    if len(examples) < wanted.messages:
        yield f"{place}: {len(examples)} messages, {wanted.messages} wanted"
    first = Counter(example.intents[0] for example in examples if example.intents)
    least = {name: wanted.frequent if name in rules.frequent_intents else wanted.intent for name in rules.intents}
    least = {name: max(count, wanted.intent) for name, count in least.items()}
    yield from _short(place, "first intent", first, least)
    emotions = Counter(example.emotion for example in examples)
    yield from _short(place, "emotion", emotions, dict.fromkeys(rules.emotions, wanted.emotion))
    conduct = Counter(flag for example in examples for flag in example.conduct)
    yield from _short(place, "conduct", conduct, dict.fromkeys(rules.conduct, wanted.conduct))
    yield from _thin(place, "with two or more intents", examples, lambda e: len(e.intents) > 1, wanted.several)
    yield from _thin(place, "with history", examples, lambda e: bool(e.history), wanted.history)


def _short(
    place: object, what: str, found: Mapping[str | None, int] | Mapping[str, int], least: Mapping[str, int]
) -> Iterator[str]:
    counts = dict(found.items())
    for name, count in sorted(least.items()):
        if counts.get(name, 0) < count:
            yield f"{place}: {what} {name} stands {counts.get(name, 0)} times, {count} wanted"


def _thin(
    place: object, what: str, examples: Sequence[Example], holds: Callable[[Example], bool], least: float
) -> Iterator[str]:
    share = sum(map(holds, examples)) / max(1, len(examples))
    if share < least:
        yield f"{place}: {share:.0%} of messages {what}, {least:.0%} wanted"


# --- near duplicates --------------------------------------------------------------------------------------------------


def shingles(text: str, language: str) -> frozenset[str]:
    """Character n-grams of the masked text: digits as 0, blanks as one, lower case."""
    size = SHORT_SHINGLE if language in _DENSE_SCRIPTS else LONG_SHINGLE
    plain = re.sub(r"\d+", "0", re.sub(r"\s+", " ", text.lower()))
    return frozenset(plain[at : at + size] for at in range(max(1, len(plain) - size + 1)))


def _shingle_pairs(lines: Sequence[Line], language: str) -> Iterator[tuple[int, int]]:
    """Pairs (earlier, later) that share more than NEAR_SHINGLES of their n-grams; histories must be alike too."""
    grams = [shingles(line.example.text, language) for line in lines]
    holders: dict[str, list[int]] = defaultdict(list)
    for row, own in enumerate(grams):
        shared = Counter(other for gram in own for other in holders[gram])
        yield from ((other, row) for other, count in shared.items() if count / len(own | grams[other]) > NEAR_SHINGLES)
        for gram in own:
            holders[gram].append(row)


def _vector_pairs(lines: Sequence[Line], encoder: Encoder) -> Iterator[tuple[int, int]]:
    long = [row for row, line in enumerate(lines) if len(line.example.text) >= NEAR_LENGTH]
    if not long:
        return
    vectors = encoder.encode([clean(lines[row].example.text) for row in long])
    cosines = vectors @ vectors.T
    for later in range(1, len(long)):
        yield from ((long[other], long[later]) for other in (cosines[later, :later] > NEAR_VECTORS).nonzero()[0])


def _near_duplicates(lines: Sequence[Line], pairs: Iterable[tuple[int, int]], how: str) -> Iterator[str]:
    for earlier, later in pairs:
        first, second = lines[earlier], lines[later]
        if first.example.history == second.example.history or not (first.example.history and second.example.history):
            yield f"{second}: {how} {first}: {second.example.text[:60]!r}"
