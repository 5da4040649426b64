"""Every reply in every language with values that are hard to set into a sentence: what comes out is still one clean text."""

import re
import unicodedata
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import cache

import pytest

from app.domain import Money
from app.drafting.facts import Facts, gather_facts
from app.drafting.outline import Piece
from app.drafting.realise import Worded, word
from app.drafting.values import DateRange, DayRange, Known, SlotValue
from knowledge_base.catalogue import Fact, Product
from knowledge_base.knowledge import read_knowledge
from knowledge_base.schema import SLOT_MARK
from tests.conftest import message

KNOWLEDGE = read_knowledge()
LANGUAGES = sorted(KNOWLEDGE.languages)
TITLE = 'Lamp "Nova" 100% cotton-shade, 2-in-1 – 60 cm (white/ivory)!'
NAMES = {
    "plain": "O’Brien-Ñandú",
    "arabic": "مريم العتيبي",
    "chinese": "李明",
    "hebrew": "דוד לוי",
    "marks": "Dr. A. B. Jr.",
}
DAYS = (date(2026, 12, 1), date(2026, 12, 31), date(2027, 1, 31), date(2026, 5, 1))
AMOUNTS = (Money(amount=Decimal("12000"), currency="JPY"), Money(amount=Decimal("1.234"), currency="KWD"), Money(amount=Decimal("1234.50"), currency="EUR"))  # fmt: skip
NUMBERS = (1, 2, 5, 21, 0)
URL = "https://track.example.com/a/b?id=%D7%90&x=1#top"
COUNTRY = "GS"  # South Georgia and the South Sandwich Islands
LONGEST = 900  # characters of one sentence with its values; the longest shipped sentence has 420 and its title 60


def titles() -> tuple[SlotValue, ...]:
    local = {"ar": "مصباح «نوفا» 100٪ قطن، 60 سم", "ru": "Лампа «Нова» 100% хлопок", "ja": "ランプ「ノヴァ」100% 綿"}
    return TITLE, Product(sku="X-1", title=TITLE, titles=local), "مصباح نوفا", "ランプ ノヴァ"


def facts_of_each_type(kind: str) -> tuple[SlotValue, ...]:
    """Awkward values of one slot type."""
    sentence = Fact(key="k", sentences={code: f"{SAMPLE[code]}" for code in LANGUAGES}, asked_by={})
    values: dict[str, tuple[SlotValue, ...]] = {
        "text": ("8123456789012345", "No. 5/A-7", "ZZ 100% «x»", "Dr. Oetker & Co."),
        "quote": titles(), "link": (URL,), "date": DAYS, "days": NUMBERS, "working_days": NUMBERS, "months": NUMBERS, "number": NUMBERS,
        "date_range": (DateRange(DAYS[0], DAYS[1]), DateRange(DAYS[1], DAYS[2]), DateRange(DAYS[0], DAYS[0]), DateRange(date(2026, 11, 30), DAYS[0])),
        "day_range": (DayRange(1, 2), DayRange(5, 21), DayRange(1, 1), DayRange(0, 1)), "percent": (Decimal("0.2"), Decimal("0.125"), Decimal("1")),
        "money": AMOUNTS, "offer": (*AMOUNTS, Decimal("0.15")), "country": (COUNTRY, "US", "CI"), "list": (("PayPal", "Visa"), ("Visa",), ("A", "B", "C")),
        "phrase": ("request.gift_wrap", "season.eid"), "fact": (sentence,),
    }  # fmt: skip
    return values[kind]


SAMPLE = {
    "ar": "يعمل المصباح بجهد 5 فولت.", "de": "Die Lampe läuft mit 5 V.", "en": "The lamp runs on 5 V.", "es": "La lámpara funciona con 5 V.", "fr": "La lampe fonctionne en 5 V.",
    "it": "La lampada funziona a 5 V.", "ja": "電源は5Vです。", "ko": "램프는 5V로 작동합니다.", "nl": "De lamp werkt op 5 V.", "pl": "Lampa działa na 5 V.",
    "pt": "A luminária funciona com 5 V.", "ru": "Лампа работает от 5 В.", "tr": "Lamba 5 V ile çalışır.", "zh": "台灯使用5V供电。",
}  # fmt: skip


def slot_values(name: str) -> tuple[SlotValue, ...]:
    if name == "name":
        return tuple(NAMES.values())
    return facts_of_each_type(KNOWLEDGE.slots[name].type)


@cache
def bare_facts() -> Facts:
    from app.domain import Analysis, Emotion, IntentScore, Language, Priority

    asked = message("x", None, "US")
    reading = Analysis(
        language=Language(code="en", confidence=1, script="Latn", reply_language="en-US"), intents=(IntentScore(id="greeting", score=1, span=(0, 1)),),
        emotion=Emotion(id="neutral", score=1, intensity=0, scores={}), conduct=(), entities=(), priority=Priority(level="normal"), versions={}, timings_ms={},
    )  # fmt: skip
    return gather_facts(asked, reading, "US", None, KNOWLEDGE)


def pieces() -> list[tuple[Piece, tuple[str, ...]]]:
    """Every sentence and phrase wording with the slots that it names."""
    found = []
    for situation in KNOWLEDGE.replies.situations():
        for sentence in situation.sentences:
            if sentence.worded:
                variant = KNOWLEDGE.replies.variants[situation.id, "en"]
                slots = tuple(dict.fromkeys(SLOT_MARK.findall(variant.sentences[sentence.id])))
                found.append((Piece(sentence.kind, "matter", 1, situation.id, sentence.id), slots))
    for phrase_id, spec in KNOWLEDGE.phrases.specs.items():
        for choice in range(spec.count):
            text = KNOWLEDGE.phrases.languages["en"].phrases[phrase_id].texts[choice]
            found.append((Piece("answer", "matter", 1, phrase_id, choice=choice), tuple(SLOT_MARK.findall(text))))
    return [(piece, slots) for piece, slots in found if slots]


PIECES = pieces()


def fillings(slots: tuple[str, ...]) -> list[dict[str, Known]]:
    """As many fillings as the slot with the most values has; the others go round."""
    columns = {name: slot_values(name) for name in slots}
    rows = max(len(values) for values in columns.values())
    return [{name: Known(values[row % len(values)], "test") for name, values in columns.items()} for row in range(rows)]


def tags(language: str) -> list[str]:
    """The language's own tag and those of its markets that are written apart."""
    markets = {tag for profile in KNOWLEDGE.profiles.by_market.values() for tag in profile.languages}
    return sorted({KNOWLEDGE.languages[language].tag, *(tag for tag in markets if tag.partition("-")[0] == language)})


@cache
def worded(language: str) -> list[tuple[str, Worded]]:
    found = []
    for tag in tags(language):
        for piece, slots in PIECES:
            for values in fillings(slots):
                one = word(piece, tag, replace(bare_facts(), values={**bare_facts().values, **values}), KNOWLEDGE)
                if one is not None:
                    found.append((f"{tag} {piece.source}.{piece.sentence or piece.choice}", one))
    return found


def frame(one: Worded) -> str:
    """The text with each value's inside replaced by a plain word, so that only our own punctuation is left around it."""
    chars = list(one.text)
    for slot in one.slots:
        first, last = slot.span
        inner = one.text[first:last]
        chars[first:last] = [char if place in (0, len(inner) - 1) else "x" for place, char in enumerate(inner)]
    return "".join(chars)


DOUBLED = re.compile(r"[,;:]\s*[,;:.]|(?<=\D)\.\.(?!\.)|[。、，；：！？]{2}|[،؛؟][،؛؟.]|[!?]\.|。\.| {2}|\u00a0 | \u00a0")  # fmt: skip
SPACE_BEFORE = re.compile(r"[ \u00a0\u202f][,.)\]}。、，！？；：،؛؟»”](?!\w)|[ ][!?;:]")
FRENCH_SPACE = re.compile(r" [,.)\]}](?!\w)|(?<=\w)[!?;](?!\w)")
PAIRS = {"(": ")", "[": "]", "（": "）", "「": "」", "『": "』", "《": "》", "“": "”", "«": "»", "„": "”"}
MARKS = {"\u2066": "\u2069", "\u2067": "\u2069", "\u2068": "\u2069"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_awkward_values_leave_no_mark_unfilled_and_nothing_doubled(language: str) -> None:
    faults = {
        place: one.text
        for place, one in worded(language)
        if SLOT_MARK.search(frame(one)) or "None" in one.text or DOUBLED.search(frame(one)) or one.text != one.text.strip()
    }  # fmt: skip
    assert faults == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_space_stands_before_punctuation_but_by_french_rules(language: str) -> None:
    pattern = FRENCH_SPACE if language == "fr" else SPACE_BEFORE
    assert {place: one.text for place, one in worded(language) if pattern.search(without_values(one))} == {}


def without_values(one: Worded) -> str:
    """Our own words alone; each value becomes a single letter."""
    text, end = "", 0
    for slot in one.slots:
        text, end = text + one.text[end : slot.span[0]] + "x", slot.span[1]
    return text + one.text[end:]


@pytest.mark.parametrize("language", LANGUAGES)
def test_brackets_quotes_and_direction_marks_are_balanced(language: str) -> None:
    assert {place: one.text for place, one in worded(language) if not balanced(one)} == {}


def balanced(one: Worded) -> bool:
    closers, text = [], without_values(one)
    for char in text:
        if char in PAIRS:
            closers.append(PAIRS[char])
        elif closers and char == closers[-1]:
            closers.pop()
    opened = sum(one.text.count(mark) for mark in MARKS)
    return not closers and opened == one.text.count("\u2069") and all(isolated(one, slot.span) for slot in one.slots)


def isolated(one: Worded, span: tuple[int, int]) -> bool:
    """Marks stand around a value, or inside its quotes; and what is opened inside is closed there."""
    inner = one.text[span[0] : span[1]]
    return sum(inner.count(mark) for mark in MARKS) == inner.count("\u2069")


@pytest.mark.parametrize("language", LANGUAGES)
def test_values_of_the_other_direction_stand_apart(language: str) -> None:
    """A run from right to left in a text from left to right, or the other way, is isolated: punctuation stays in its place."""
    rtl = KNOWLEDGE.languages[language].direction == "rtl"
    faults = {}
    for place, one in worded(language):
        for slot in one.slots:
            first, last = slot.span
            apart = MARKS.keys() & set(
                one.text[max(0, first - 1) : first + 3]
            )  # before the value, or behind its opening quote
            if other_direction(one.text[first:last], rtl) and not apart:
                faults[place] = one.text
    assert faults == {}


def other_direction(value: str, rtl: bool) -> bool:
    """Whether the first letter that has a direction runs against the text."""
    strong = next((unicodedata.bidirectional(char) for char in value if unicodedata.bidirectional(char) in ("L", "R", "AL")), None)  # fmt: skip
    return strong == "L" if rtl else strong in ("R", "AL")


@pytest.mark.parametrize("language", LANGUAGES)
def test_sentences_stay_in_their_script_and_bounds(language: str) -> None:
    script = {"ar": "ARABIC", "ru": "CYRILLIC", "ko": "HANGUL", "ja": ("CJK", "HIRAGANA", "KATAKANA"), "zh": "CJK"}.get(
        language, "LATIN"
    )
    faults = {}
    for place, one in worded(language):
        letters = [char for char in without_values(one).replace("x", "") if char.isalpha()]
        own = [char for char in letters if unicodedata.name(char, "").startswith(script)]
        if len(one.text) > LONGEST or (len(letters) > 12 and len(own) < 0.8 * len(letters)):
            faults[place] = one.text
    assert faults == {}
