"""Links, e-mail addresses, telephone and card numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator

from models.recognisers.base import Entity, any_of

_LINK = re.compile(
    r"(?<![A-Za-z0-9_@.])(?:https?://[^\s<>\"'。，、！？）】」]{1,500}"
    r"|(?:[a-z0-9-]{1,63}\.){1,4}(?:com|net|org|info|shop|store|xyz|top|app|io|me|co|ru|de|fr|es|it|nl|pl|uk|br|pt|mx|jp|kr|cn|hk|tw)"
    r"(?![\w.@-])(?:/[^\s<>\"'。，、！？）】」]{0,500})?)",
    re.IGNORECASE | re.ASCII,
)
_EMAIL = re.compile(
    r"(?<![A-Za-z0-9_.+-])[\w.+-]{1,64}@(?:[a-z0-9-]{1,63}\.){1,4}[a-z]{2,24}(?![\w-])", re.I | re.ASCII
)
_CARD = re.compile(r"(?<![\d-])(?:\d[ -]?){12,18}\d(?![\d-])")
_PHONE = re.compile(r"(?<![A-Za-z0-9_.,/-])(?:\+|00|\(\+?)?\d[\d ().\-/]{5,20}\d(?![\w-])", re.ASCII)
_LEADING_PHONE_WORD = 30
"""Characters before a bare number in which a word such as "call" makes it a telephone number."""

# Ranges of issuers: ISO/IEC 7812 as published by the networks; a number outside them is no card even if Luhn holds.
_BRANDS = (
    ("visa", re.compile(r"4(?:\d{12}|\d{15}|\d{18})$")),
    ("mastercard", re.compile(r"(?:5[1-5]|2[2-7])\d{14}$")),
    ("amex", re.compile(r"3[47]\d{13}$")),
    ("discover", re.compile(r"6(?:011|5\d\d)\d{12}$")),
    ("jcb", re.compile(r"35\d{14}$")),
    ("unionpay", re.compile(r"62\d{14,17}$")),
    ("mir", re.compile(r"220[0-4]\d{12}$")),
)


def links(text: str) -> Iterator[Entity]:
    """Addresses with or without a scheme; a full stop or bracket that ends the sentence is not part of them."""
    for match in _LINK.finditer(text):
        surface = match[0].rstrip(".,;:!?)]}'\"")
        yield Entity("link", surface, match.start(), match.start() + len(surface))


def emails(text: str) -> Iterator[Entity]:
    """E-mail addresses."""
    return (Entity("email", match[0].lower(), *match.span()) for match in _EMAIL.finditer(text))


def cards(text: str) -> Iterator[Entity]:
    """Payment card numbers of a known issuer whose check digit holds; the value keeps the last four digits only."""
    for match in _CARD.finditer(text):
        digits = re.sub(r"\D", "", match[0])
        brand = next((name for name, shape in _BRANDS if shape.match(digits)), None)
        if brand and luhn(digits):
            yield Entity("card_number", "*" * (len(digits) - 4) + digits[-4:], *match.span(), {"brand": brand})


def luhn(digits: str) -> bool:
    """Whether the last digit is the check digit of ISO/IEC 7812-1 (Luhn 1960)."""
    doubled = (2 * int(digit) if place % 2 else int(digit) for place, digit in enumerate(reversed(digits)))
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


def phones(text: str, market: str | None) -> Iterator[Entity]:
    """Telephone numbers in E.164: with a country code, or valid in `market` and written or announced as one."""
    for match in _PHONE.finditer(text):
        number = _e164(match[0], market, announced=_announced(text, match.start()))
        if number:
            international = str(match[0].startswith(("+", "00"))).lower()
            yield Entity("phone", number, *match.span(), {"international": international})


def _announced(text: str, start: int) -> bool:
    before = text[max(0, start - _LEADING_PHONE_WORD) : start]
    return bool(re.search(any_of("phone", "words") + r"[^\w]{0,4}(?:\w{1,8}[^\w]{1,3}){0,2}$", before, re.IGNORECASE))


def _e164(surface: str, market: str | None, *, announced: bool) -> str | None:
    import phonenumbers

    prefixed = surface.startswith("+")
    if not prefixed and not announced and (surface.isdigit() or not _phone_shaped(surface)):
        return None
    try:
        number = phonenumbers.parse(surface, None if prefixed else market)
    except phonenumbers.NumberParseException:
        return None
    valid = phonenumbers.is_possible_number(number) if prefixed or announced else phonenumbers.is_valid_number(number)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164) if valid else None


def _phone_shaped(surface: str) -> bool:
    """Not a date, an amount or a range: at least eight digits in groups."""
    return sum(char.isdigit() for char in surface) >= 8 and not re.fullmatch(r"[\d.,]+", surface)
