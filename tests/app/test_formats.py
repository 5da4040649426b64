"""Values in every language as CLDR writes them."""

from datetime import date
from decimal import Decimal

import pytest

from app.domain import Money, SlotUse
from app.drafting.formats import date_forms, isolates, write
from app.drafting.places import find_country
from app.drafting.realise import tidy
from app.drafting.values import DateRange, DayRange, read_slot
from knowledge_base.knowledge import Knowledge

TODAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("kind", "value", "tag", "expected"),
    [
        ("date", date(2026, 11, 28), "en-US", "November 28"), ("date", date(2026, 11, 28), "en-GB", "28 November"), ("date", date(2026, 11, 28), "de-DE", "28. November"), ("date", date(2026, 11, 28), "ja-JP", "11月28日"),
        ("date", date(2026, 11, 28), "es-MX", "28 de noviembre"), ("date", date(2026, 11, 28), "ru-RU", "28 ноября"), ("date", date(2027, 1, 2), "de-DE", "2. Januar 2027"),
        ("date_range", DateRange(date(2026, 11, 24), date(2026, 11, 28)), "de-DE", "24.–28. November"), ("date_range", DateRange(date(2026, 11, 24), date(2026, 11, 28)), "zh-CN", "11月24日至28日"),
        ("date_range", DateRange(date(2026, 11, 24), date(2026, 11, 24)), "en-US", "November 24"),
        ("days", 1, "en-US", "1 day"), ("days", 30, "ja-JP", "30日"), ("days", 21, "ru-RU", "21 день"), ("days", 30, "zh-CN", "30天"), ("months", 12, "ja-JP", "12か月"),
        ("working_days", 1, "en-US", "1 working day"), ("working_days", 3, "zh-TW", "3個工作日"), ("day_range", DayRange(10, 25), "es-MX", "10–25 días"), ("day_range", DayRange(10, 25), "ja-JP", "10～25日"),
        ("day_range", DayRange(1, 2), "ar", "يوم – يومان"), ("day_range", DayRange(2, 2), "ar", "يومان"), ("day_range", DayRange(1, 3), "ar", "1–3 أيام"), ("day_range", DayRange(1, 2), "ru-RU", "1–2 дня"),
        ("money", Money(amount=Decimal("1234.5"), currency="EUR"), "de-DE", "1.234,50\u00a0€"), ("percent", Decimal("0.2"), "en-US", "20%"), ("country", "CA", "es-MX", "Canadá"),
        ("country", "HK", "de-DE", "Hongkong"), ("country", "MO", "zh-TW", "澳門"), ("country", "HK", "ar-SA", "هونغ كونغ"),
        ("quote", "Lamp", "de-DE", "„Lamp“"), ("quote", "Lamp", "ja-JP", "「Lamp」"), ("list", ("Visa", "PayPal", "Klarna"), "en-US", "Visa, PayPal, and Klarna"),
    ],
)  # fmt: skip
def test_a_value_is_written_as_the_language_writes_it(
    knowledge: Knowledge, kind: str, value: object, tag: str, expected: str
) -> None:
    assert write(kind, value, tag, TODAY, knowledge) == expected  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "tag",
    [
        "en-US",
        "de-DE",
        "es-MX",
        "fr-FR",
        "pt-BR",
        "ja-JP",
        "zh-CN",
        "ru-RU",
        "tr-TR",
        "ar",
        "ko-KR",
        "pl-PL",
        "it-IT",
        "nl-NL",
    ],
)
def test_no_unit_shows_its_internal_name(knowledge: Knowledge, tag: str) -> None:
    written = [write(kind, 7, tag, TODAY, knowledge) for kind in ("days", "months")]
    assert all(text and "7" in text and "duration" not in text for text in written)


@pytest.mark.parametrize("form", ["24 novembre", "24/11/2026", "2026-11-24", "24.11.2026"])
def test_a_day_is_recognised_as_people_write_it(form: str) -> None:
    assert form in date_forms(date(2026, 11, 24), "fr-FR")


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        ("date", "2026-11-26", date(2026, 11, 26)),
        ("date", "tomorrow", None),
        ("offer", "15%", Decimal("0.15")),
        ("offer", "5.00 eur", Money(amount=Decimal("5.00"), currency="EUR")),
        ("offer", "a lot", None),
        ("text", " XL ", "XL"),
    ],
)
def test_an_agents_value_is_read_by_its_type(kind: str, text: str, expected: object) -> None:
    assert read_slot(kind, text) == expected


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("do you ship to Canada?", "en", "CA"),
        ("liefern Sie in die Schweiz", "de", "CH"),
        ("送到台灣要多久", "zh", "TW"),
        ("カナダに発送できますか", "ja", "CA"),
        ("from Spain to France?", "en", None),
        ("how much is it", "en", None),
    ],
)
def test_a_country_that_is_named_is_found(text: str, language: str, expected: str | None) -> None:
    found = find_country(text, language, "CN")
    assert (found[0] if found else None) == expected


@pytest.mark.parametrize("currency", ["EGP", "SAR", "AED"])
def test_a_sum_that_ends_in_a_stop_and_a_direction_mark_gets_no_second_stop(
    knowledge: Knowledge, currency: str
) -> None:
    written = write("money", Money(amount=Decimal("23.9"), currency=currency), "ar", TODAY, knowledge)
    assert written is not None and written.endswith(".\u200f")
    slot = SlotUse(name="order_total", span=(5, 5 + len(written)), origin="order.total")
    assert tidy(f"دفعت {written}.", [slot]) == f"دفعت {written}"
    assert tidy(f"دفعت {written} أمس.", [slot]) == f"دفعت {written} أمس."


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ("«3-in-1 charger»", True),
        ("3-in-1 charger", True),
        ("«شاحن 3 في 1»", False),
        ("شاحن", False),
        ("30", False),
    ],
)
def test_a_left_to_right_title_keeps_its_order_in_right_to_left_text(value: str, kept: bool) -> None:
    assert isolates(value, rtl=True) == (("\u2066", "\u2069") if kept else ("", ""))


@pytest.mark.parametrize(
    ("kind", "value", "tag", "expected"),
    [
        ("quote", "Luma", "de-DE", "„Luma“"), ("quote", "Luma", "de-CH", "«Luma»"), ("quote", "Luma", "es-ES", "«Luma»"), ("quote", "Luma", "es-MX", "“Luma”"),
        ("quote", "Luma", "pt-PT", "«Luma»"), ("quote", "Luma", "pt-BR", "“Luma”"), ("quote", "灯", "zh-TW", "「灯」"), ("quote", "灯", "zh-CN", "“灯”"),
        ("working_days", 3, "es-ES", "3 días laborables"), ("working_days", 3, "es-MX", "3 días hábiles"), ("working_days", 1, "fr-CA", "1 jour ouvrable"), ("working_days", 3, "fr-FR", "3 jours ouvrés"),
    ],
)  # fmt: skip
def test_regions_have_quotes_and_working_days_of_their_own(
    knowledge: Knowledge, kind: str, value: str | int, tag: str, expected: str
) -> None:
    assert write(kind, value, tag, TODAY, knowledge) == expected
