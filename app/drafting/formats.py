"""How a typed value is written in a language. CLDR knows (Babel); nothing here is written by hand but the joining."""

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import lru_cache
from unicodedata import bidirectional

from babel import Locale
from babel.dates import format_date, format_interval, format_skeleton
from babel.lists import format_list
from babel.numbers import format_currency, format_decimal, format_percent
from babel.units import format_unit

from app.domain import Money
from app.drafting.locales import locale_of
from app.drafting.traditional import in_script_of
from app.drafting.values import DateRange, DayRange, SlotValue
from knowledge_base.catalogue import Fact, Product
from knowledge_base.knowledge import Knowledge

_UNSPACED = frozenset({"zh", "ja"})  # no space between number and unit
_NUMBERED_MONTHS = frozenset({"zh", "ja", "ko"})  # their months are written as numbers already
_FRENCH_FIRST = re.compile(r"\b1 (?=[^\W\d])")
_FIGURES = re.compile(r"[0-9]")
_LEADING_ZERO = re.compile(r"(?<!\d)0(?=\d\b)")
REMEMBERED = 4096  # written values of one kind: a policy's days and an order's dates stand in many drafts


def write(kind: str, value: SlotValue, tag: str, today: date, knowledge: Knowledge) -> str | None:
    """The value in the language of `tag`; None where that language has no words for it (a fact that is not translated)."""
    locale = locale_of(tag)
    match value:
        case Money():
            return _money(value, locale)
        case Product():
            return _quoted(in_script_of(tag, value.title_in(locale.language)), tag, knowledge)
        case Fact():
            return _fact(value, tag, locale)
        case DateRange(first, last):
            return _date_range(first, last, today, locale)
        case DayRange(low, high):
            return _day_range(low, high, locale)
        case date():
            return _date(value, today, locale)
        case Decimal():
            return format_percent(value, locale=locale)
        case int():
            return _number(kind, value, tag, locale, knowledge)
        case tuple():
            return format_list([str(item) for item in value], locale=locale)
        case str():
            return _text(kind, value, tag, locale, knowledge)


def _text(kind: str, value: str, tag: str, locale: Locale, knowledge: Knowledge) -> str | None:
    if kind == "country":
        profile = knowledge.languages.get(locale.language)
        called = profile.countries.get(value) if profile else None
        return in_script_of(tag, called) if called else str(locale.territories.get(value, value))
    if kind == "phrase":
        phrase = knowledge.phrases.find(value, locale.language)
        return in_script_of(tag, phrase.wording(0, tag)) if phrase else None
    return _quoted(value, tag, knowledge) if kind == "quote" else value


def _fact(value: Fact, tag: str, locale: Locale) -> str | None:
    sentence = value.sentences.get(locale.language)
    return None if sentence is None else in_script_of(tag, sentence)


def _quoted(value: str, tag: str, knowledge: Knowledge) -> str:
    """Direction marks stand inside the quotes, which belong to the sentence around them."""
    profile = knowledge.languages.get(tag.partition("-")[0])
    opening, closing = profile.quotes_in(tag) if profile else ("“", "”")
    before, after = isolates(value, bool(profile and profile.direction == "rtl"))
    return f"{opening}{before}{value}{after}{closing}"


LEFT, RIGHT, END = "\u2066", "\u2067", "\u2069"  # Unicode bidirectional isolates (UAX #9, 2.4)


def isolates(value: str, rtl: bool) -> tuple[str, str]:
    """Marks that keep a value of the other direction, and the punctuation around it, in their order; empty where none are needed.

    `rtl` is the direction of the text. In such a text, figures with signs between them and links need marks too.
    """
    if any(mark in value for mark in (LEFT, RIGHT, END)):
        return "", ""
    strong = [direction for char in value if (direction := bidirectional(char)) in ("L", "R", "AL")]
    if rtl:
        signs = not strong and not value.isdigit() and _FIGURES.match(value)
        return (LEFT, END) if signs or strong[:1] == ["L"] else ("", "")
    if all(direction == "L" for direction in strong):
        return "", ""
    return (LEFT if strong[0] == "L" else RIGHT), END


def _number(kind: str, value: int, tag: str, locale: Locale, knowledge: Knowledge) -> str:
    if kind == "days":
        return _unit(value, "duration-day", locale)
    if kind == "months":
        return _unit(value, "duration-month", locale)
    if kind == "working_days":
        return _working_days(value, tag, locale, knowledge)
    return format_decimal(value, locale=locale)


def _working_days(value: int, tag: str, locale: Locale, knowledge: Knowledge) -> str:
    language = tag.partition("-")[0]
    words, profile = knowledge.phrases.languages.get(language), knowledge.languages.get(language)
    forms: Mapping[str, str] = words.unit("working_day", profile.region(tag)) if words and profile else {}
    form = forms.get(locale.plural_form(value)) or forms.get("other") or "{n}"
    return in_script_of(tag, form.replace("{n}", format_decimal(value, locale=locale)))


@lru_cache(maxsize=REMEMBERED)
def _unit(value: int, unit: str, locale: Locale) -> str:
    """CLDR gives some languages only short forms of a unit, which in Chinese, Japanese and Korean are the full words."""
    text = format_unit(value, unit, "long", locale=locale)
    if "duration" in text:
        text = format_unit(value, unit, "short", locale=locale)
    return text.replace(" ", "") if locale.language in _UNSPACED else text


@lru_cache(maxsize=REMEMBERED)
def _day_range(low: int, high: int, locale: Locale) -> str:
    text = _unit(high, "duration-day", locale)
    if low == high:
        return text
    written, mark = format_decimal(high, locale=locale), "～" if locale.language == "ja" else "–"
    if written not in text:  # Arabic says "day" and "two days" without a figure
        return f"{_unit(low, 'duration-day', locale)} {mark} {text}"
    return text.replace(written, f"{format_decimal(low, locale=locale)}{mark}{written}", 1)


@lru_cache(maxsize=REMEMBERED)
def _date(value: date, today: date, locale: Locale) -> str:
    written = (
        format_date(value, "long", locale=locale)
        if value.year != today.year
        else format_skeleton("MMMMd", value, locale=locale)
    )
    return _first_of_month(written, locale)


def _first_of_month(text: str, locale: Locale) -> str:
    """French writes the first day as an ordinal, which CLDR's patterns do not."""
    return _FRENCH_FIRST.sub("1er ", text) if locale.language == "fr" else text


@lru_cache(maxsize=REMEMBERED)
def _date_range(first: date, last: date, today: date, locale: Locale) -> str:
    if first == last:
        return _date(last, today, locale)
    skeleton = "yMMMMd" if {first.year, last.year} != {today.year} else "MMMMd"
    text = str(format_interval(first, last, skeleton, fuzzy=True, locale=locale)).replace("\u2009", " ")
    return _first_of_month(_with_full_months(text, {first.month, last.month}, locale), locale)


def _with_full_months(text: str, months: set[int], locale: Locale) -> str:
    """CLDR has intervals with full month names for few languages; an abbreviation would double the stop at a sentence's end."""
    short, full = locale.months["format"]["abbreviated"], locale.months["format"]["wide"]
    for month in months:
        if (
            full[month] not in text
            and short[month][:1].isalpha()
            and full[month][:1].isalpha()
            and locale.language not in _NUMBERED_MONTHS
        ):
            text = text.replace(short[month], full[month])
    return _LEADING_ZERO.sub("", text)


def _money(value: Money, locale: Locale) -> str:
    return format_currency(value.amount, value.currency, locale=locale)


def date_forms(value: date, tag: str) -> frozenset[str]:
    """Every way in which a person may write that day in the language; for tracing dates in typed text."""
    locale = locale_of(tag)
    forms = {format_date(value, width, locale=locale) for width in ("short", "medium", "long", "full")}
    forms |= {
        format_skeleton(skeleton, value, locale=locale, fuzzy=True)
        for skeleton in ("MMMMd", "MMMd", "Md", "MMMMEEEEd", "MMMEd")
    }
    day, month, year = value.day, value.month, value.year
    forms |= {
        value.isoformat(),
        f"{day}.{month}.",
        f"{day:02}.{month:02}.",
        f"{day}.{month}.{year}",
        f"{day:02}.{month:02}.{year}",
        f"{day}/{month}/{year}",
        f"{day:02}/{month:02}/{year}",
    }
    forms |= {
        f"{month}/{day}/{year}",
        f"{month}/{day}",
        f"{day}/{month}",
        f"{day:02}/{month:02}",
        f"{month}月{day}日",
        f"{year}年{month}月{day}日",
        f"{month}월 {day}일",
    }
    month_name = locale.months["format"]["wide"][month]
    forms |= {
        f"{month_name} {day}",
        f"{day} {month_name}",
        f"{day}th of {month_name}",
        f"{day} de {month_name}",
        f"{month_name} {day}th",
        f"{day}. {month_name}",
    }
    forms |= {_first_of_month(form, locale) for form in forms}
    return frozenset(form.replace("\u202f", " ").replace("\u2009", " ") for form in forms)
