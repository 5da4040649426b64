"""Every number, date, amount, percentage, link and tracking number is traced to a value that is known - or the text is blocked."""

import re
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from functools import lru_cache
from urllib.parse import urlsplit

from babel.numbers import format_currency, format_decimal

from app.domain import Check, Money
from app.drafting.checks.context import CheckContext
from app.drafting.facts import Facts
from app.drafting.formats import END, LEFT, RIGHT, date_forms, write
from app.drafting.locales import locale_of
from app.drafting.values import DateRange, DayRange, SlotValue
from knowledge_base.knowledge import Knowledge
from models.entities import find_entities

LINK = re.compile(
    r"(?:https?://|www\.)[^\s<>\"'（）()、。，\u200e\u200f\u2066-\u2069]+", re.IGNORECASE
)  # direction marks around a link are not of it
NUMBER = re.compile(r"\d[\d.,:/'\u00a0\u202f ٫٬-]*\d|\d", re.UNICODE)
_ENUMERATION = re.compile(r"(?m)^[^\S\n]*\(?\d{1,2}[.)、）]\s")
_DIGITS = re.compile(r"\d+")
_WORD_WITH_DIGITS = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{5,}")
NEAR = 12  # characters around a number in which a month or a currency is looked for
MAX_CHECKED = 20_000  # characters; longer texts are cut by too_long before


def check_grounding(context: CheckContext) -> list[Check]:
    """Masks everything that is known and looks at the figures that are left."""
    text = list(context.text[:MAX_CHECKED])
    found = _check_links(context, text)
    _mask(text, _known_forms(context))
    rest = "".join(text)
    rest = _ENUMERATION.sub(lambda match: " " * len(match[0]), rest)
    numbers = _known_numbers(context)
    for match in NUMBER.finditer(rest):
        if _normal(match[0]) not in numbers or _means_a_fact(context, match.start(), match.end()):
            found.append(context.finding("ungrounded_fact", "block", match.span(), figure=match[0].strip()))
    return found


def _check_links(context: CheckContext, text: list[str]) -> list[Check]:
    found = []
    for match in LINK.finditer(context.text):
        link = match[0].rstrip(".,;:!?")
        if not allowed_link(link, context.facts):
            found.append(
                context.finding(
                    "ungrounded_fact",
                    "block",
                    (match.start(), match.start() + len(link)),
                    key="ungrounded_link",
                    figure=link,
                )
            )
        text[match.start() : match.start() + len(link)] = " " * len(link)
    return found


def allowed_link(link: str, facts: Facts) -> bool:
    """The order's tracking page, the catalogue's pages, the channel's own hosts, and what the site allows."""
    known = {
        str(value.value)
        for value in facts.values.values()
        if isinstance(value.value, str) and value.value.startswith("http")
    }
    if link in known or link.rstrip("/") in {other.rstrip("/") for other in known}:
        return True
    host = (urlsplit(link if "//" in link else f"//{link}").hostname or "").removeprefix("www.")
    hosts = {*facts.channel.hosts, *facts.policy.allowed_hosts}
    return any(host == allowed or host.endswith(f".{allowed}") for allowed in hosts)


def _mask(text: list[str], forms: Iterable[str]) -> None:
    """Longest first, so that a date inside a range does not leave half of it behind."""
    whole = _same_length_fold("".join(text))
    for form in sorted({form.strip() for form in forms if form.strip()}, key=len, reverse=True):
        needle, start = _same_length_fold(form), 0
        while (start := whole.find(needle, start)) >= 0:
            end = start + len(needle)
            if _stands_alone(whole, start, end):
                text[start:end] = " " * (end - start)
                whole = whole[:start] + " " * (end - start) + whole[end:]
            start = end


def _same_length_fold(text: str) -> str:
    """Case-folded character by character, so that offsets stay (ß stays one character)."""
    folded = text.casefold()
    return folded if len(folded) == len(text) else "".join(char.casefold()[:1] or char for char in text)


def _stands_alone(whole: str, start: int, end: int) -> bool:
    """A known `12` does not ground the 12 inside 312 or 12.50."""
    before, after = whole[start - 1 : start], whole[end : end + 2]
    return not (before.isdigit() and whole[start].isdigit()) and not (
        whole[end - 1].isdigit() and (after[:1].isdigit() or (after[:1] in ".,:" and after[1:2].isdigit()))
    )


def _known_forms(context: CheckContext) -> list[str]:
    forms: list[str] = []
    for name, known in context.facts.values.items():
        slot = context.knowledge.slots.get(name)
        forms += forms_of(
            slot.type if slot else "text", known.value, context.language, context.facts.today, context.knowledge
        )
    message = context.facts.message.text
    forms += [
        message[entity.start : entity.end]
        for entity in find_entities(message, context.facts.market)
        if entity.type in ("date", "amount", "percentage")
    ]
    for segment in context.draft_segments or context.segments:
        body = (context.draft_text if context.draft_segments else context.text)[segment.span[0] : segment.span[1]]
        if segment.source.type in ("reply", "phrase", "model"):  # a model's wording has only its vetted text's figures
            forms += [body[slot.span[0] - segment.span[0] : slot.span[1] - segment.span[0]] for slot in segment.slots]
            forms += NUMBER.findall(_without_slots(body, segment.span[0], [slot.span for slot in segment.slots]))
    return forms


def _without_slots(body: str, start: int, spans: list[tuple[int, int]]) -> str:
    chars = list(body)
    for first, last in spans:
        chars[first - start : last - start] = " " * (last - first)
    return "".join(chars)


def forms_of(kind: str, value: SlotValue, tag: str, today: date, knowledge: Knowledge) -> list[str]:
    """Every way in which a value may stand in a text of that language."""
    written = write(kind, value, tag, today, knowledge)
    forms = [written, _unmarked(written)] if written else []
    match value:
        case Money():
            forms += _money_forms(value, tag)
        case DateRange(first, last):
            forms += [*_dates(first, tag), *_dates(last, tag)]
        case date():
            forms += _dates(value, tag)
        case Decimal():
            forms += [f"{format(value * 100, 'f').rstrip('0').rstrip('.')}{gap}%" for gap in ("", " ", "\u00a0")]
        case DayRange(low, high):
            forms += [
                f"{low}-{high}",
                f"{low}–{high}",
                f"{low} - {high}",
                f"{low} – {high}",
                f"{low}～{high}",
                f"{low}~{high}",
            ]
        case str():
            forms.append(value)
    return forms


def _unmarked(text: str) -> str:
    """Without direction marks, as a person types it."""
    return text.translate({ord(mark): None for mark in (LEFT, RIGHT, END)})


@lru_cache(maxsize=2048)
def _dates(day: date, tag: str) -> tuple[str, ...]:
    return tuple(date_forms(day, tag))


def _money_forms(value: Money, tag: str) -> list[str]:
    locale = locale_of(tag)
    plain = {
        format_decimal(value.amount, locale=locale),
        format_decimal(value.amount, "#,##0.00", locale=locale),
        format(value.amount, "f"),
    }
    if value.amount == value.amount.to_integral():
        plain.add(format_decimal(value.amount.to_integral(), locale=locale))
    symbol = format_currency(0, value.currency, "¤", locale=locale).strip()
    signs = {value.currency, symbol}
    return [
        form
        for number in plain
        for sign in signs
        for form in (
            f"{number} {sign}",
            f"{sign}{number}",
            f"{sign} {number}",
            f"{number}{sign}",
            f"{number}\u00a0{sign}",
            f"{sign}\u00a0{number}",
        )
    ] + sorted(plain)


def _known_numbers(context: CheckContext) -> frozenset[str]:
    """Bare numbers that may stand anywhere: those of the policy, of the order's quantities, and of the buyer's own words."""
    numbers = {str(known.value) for known in context.facts.values.values() if isinstance(known.value, int)}
    ranges = [known.value for known in context.facts.values.values() if isinstance(known.value, DayRange)]
    numbers |= {str(part) for days in ranges for part in (days.low, days.high)}
    numbers |= {str(context.facts.policy.reply_by_hours)}
    for word in (*_WORD_WITH_DIGITS.findall(context.facts.message.text), *NUMBER.findall(context.facts.message.text)):
        numbers |= {_normal(word)}
    for known in context.facts.values.values():
        if isinstance(known.value, str):
            numbers |= {_normal(digits) for digits in _DIGITS.findall(known.value)}
    return frozenset(numbers)


def _means_a_fact(context: CheckContext, start: int, end: int) -> bool:
    """A number beside a month, a currency or a per cent sign is a date, an amount or a share: a bare number does not ground it."""
    before, after = context.text[max(0, start - NEAR) : start], context.text[end : end + NEAR]
    preceding, following = _fact_patterns(context.code)
    return bool(preceding.search(before) or following.match(after))


@lru_cache(maxsize=64)
def _fact_patterns(language: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """What makes a fact of the number that follows it, and of the one before it."""
    words = _fact_words(language)
    before = re.compile(f"(?:{words})\\W{{0,2}}$", re.IGNORECASE)
    return before, re.compile(f"\\W{{0,4}}(?:de |of )?(?:{words})", re.IGNORECASE)


def _fact_words(language: str) -> str:
    """Month names of the language and English, currency signs and codes, per cent signs, the CJK marks of a date."""
    months = [
        name
        for locale in (locale_of(language), locale_of("en"))
        for width in ("wide", "abbreviated")
        for name in locale.months["format"][width].values()
    ]
    words = [name for name in months if not name[:1].isdigit()] + [
        *"$€£¥₽₺₹₩%％٪",
        "zł",
        "US\\$",
        "R\\$",
        "元",
        "円",
        "원",
        "月",
        "日",
        "号",
        "월",
        "일",
    ]
    codes = [
        "USD",
        "EUR",
        "GBP",
        "JPY",
        "CNY",
        "RUB",
        "TRY",
        "PLN",
        "BRL",
        "MXN",
        "SAR",
        "AED",
        "KRW",
        "CAD",
        "AUD",
        "CHF",
        "dollars?",
        "euros?",
        "pounds?",
        "per ?cent",
        "yen",
    ]
    return "|".join(
        [word if "\\" in word or (word.isascii() and "?" in word) else re.escape(word) for word in (*words, *codes)]
    )


def _normal(figure: str) -> str:
    """Digits of any script as ASCII, separators off: 1.234,50 and 1,234.50 become the same."""
    return "".join(
        str(int(char)) if char.isdigit() and char.isdecimal() else "" if char in " .,:/'-\u00a0\u202f٫٬" else char
        for char in figure
    )
