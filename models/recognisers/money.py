"""Sums of money and percentages."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal, InvalidOperation
from functools import cache

from models.recognisers.base import Entity, any_of, mapping

NUMBER = r"\d{1,3}(?:[ '.,]\d{3}){1,4}(?:[.,]\d{1,2})?(?!\d)|\d{1,9}(?:[.,]\d{1,2})?(?![\d])"
_TIMES = {"万": 10_000, "萬": 10_000, "만": 10_000, "千": 1_000, "천": 1_000, "k": 1_000}
_THREE_DECIMALS = {"KWD", "BHD", "OMR", "JOD", "TND"}
_PERCENT = re.compile(rf"(?<![A-Za-z0-9_.,])(?:({NUMBER})\s?%|%\s?({NUMBER}))")


def amounts(text: str, market: str | None) -> Iterator[Entity]:
    """Sums with a currency sign, code or word before or behind; the market settles "$", "¥", "kr", "pesos"."""
    for match in _pattern().finditer(text):
        currency = _currency((match["sign"] or match["unit"]).strip(), market)
        amount = parse_number(match["after"] or match["before"], currency)
        if amount is not None:
            amount *= _TIMES.get((match["times"] or match["more"] or "").lower(), 1)
            detail = {"amount": format(amount, "f"), "currency": currency}
            end = match.start() + len(match[0].rstrip())
            yield Entity("amount", f"{amount:f} {currency}", match.start(), end, detail)


def percentages(text: str) -> Iterator[Entity]:
    """30%, %30 (Turkish), 30 por ciento."""
    for match in (*_PERCENT.finditer(text), *_percent_words().finditer(text)):
        value = parse_number(next(group for group in match.groups() if group), "")
        if value is not None:
            yield Entity("percentage", f"{value:f}%", *match.span(), {"percent": f"{value:f}"})


def parse_number(surface: str, currency: str) -> Decimal | None:
    """A written number: the last of two kinds of separator, or one with 1-2 digits behind, is the decimal point."""
    bare = surface.replace(" ", "").replace("'", "")
    point = max(bare.rfind("."), bare.rfind(","))
    behind = len(bare) - point - 1
    mixed = "." in bare and "," in bare
    decimals = point >= 0 and (behind in {1, 2} or mixed or (behind == 3 and currency in _THREE_DECIMALS))
    whole, fraction = (bare[:point], bare[point + 1 :]) if decimals else (bare, "")
    try:
        return Decimal(re.sub(r"\D", "", whole) + ("." + fraction if fraction else ""))
    except InvalidOperation:  # no digit before the point
        return None


@cache
def _pattern() -> re.Pattern[str]:
    signs = mapping("currency", "signs")
    prefix, suffix = _alternatives(signs), _alternatives([*_units(), *signs])
    times = "[万萬만千천]|(?-i:k)(?![^\\W\\d_])"
    return re.compile(
        rf"(?<![A-Za-z0-9_$€£])(?P<sign>{prefix})\.?\s?(?P<after>{NUMBER})\s?(?P<more>{times})?"
        rf"|(?<![A-Za-z0-9_.,/-])(?P<before>{NUMBER})\s?(?P<times>{times})?\s?(?P<unit>{suffix})",
        re.IGNORECASE,
    )


def _alternatives(written: Iterable[str]) -> str:
    """Longest first; what ends in a letter must not run on into a word."""
    listed = sorted(set(written), key=lambda word: (-len(word), word))
    open_ended = {word for word in listed if not word[-1].isalpha() or word[-1] > "\u2e80"}
    return "|".join(re.escape(word) + ("" if word in open_ended else r"(?![^\W\d_])") for word in listed)


@cache
def _units() -> dict[str, str]:
    """Currency word -> code or market rule."""
    return {word: code for code, listed in mapping("currency", "words").items() for word in listed.split()}


@cache
def _percent_words() -> re.Pattern[str]:
    return re.compile(rf"(?<![A-Za-z0-9_.,])({NUMBER})\s?{any_of('percent', 'words')}", re.IGNORECASE)


def _currency(unit: str, market: str | None) -> str:
    """ISO 4217 code of a sign or word; `?kind default` is settled by the market."""
    signs = {sign.lower(): code for sign, code in mapping("currency", "signs").items()}
    rule = signs.get(unit.lower()) or _units().get(unit.lower(), "")
    if not rule.startswith("?"):
        return rule
    kind, default = rule[1:].split()
    return mapping("currency", "by_market", kind).get(market or "", default)
