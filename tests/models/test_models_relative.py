"""Days told by their distance from today, in fourteen languages."""

import tomllib
from datetime import date
from pathlib import Path

import pytest

from models.entities import Told, find_entities
from models.recognisers import relative

TODAY = date(2026, 11, 22)  # a Sunday

CASES = [
    ("en", "I ordered three weeks ago and nothing", "three weeks ago", "2026-11-01"),
    ("en", "it came yesterday, broken", "yesterday", "2026-11-21"),
    ("en", "need it by next friday pls", "next friday", "2026-11-27"),
    ("en", "delivered last Friday", "last Friday", "2026-11-20"),
    ("es", "lo pedí hace dos semanas", "hace dos semanas", "2026-11-08"),
    ("es", "me llegó anteayer", "anteayer", "2026-11-20"),
    ("pt", "comprei há 10 dias", "há 10 dias", "2026-11-12"),
    ("pt", "preciso até sexta que vem", "sexta que vem", "2026-11-27"),
    ("fr", "commandé il y a 3 semaines", "il y a 3 semaines", "2026-11-01"),
    ("fr", "reçu avant-hier", "avant-hier", "2026-11-20"),
    ("de", "vor drei wochen bestellt", "vor drei wochen", "2026-11-01"),
    ("de", "ich brauche es bis nächsten Freitag", "nächsten Freitag", "2026-11-27"),
    ("it", "ordinato 5 giorni fa", "5 giorni fa", "2026-11-17"),
    ("it", "arrivato l'altro ieri", "l'altro ieri", "2026-11-20"),
    ("nl", "twee weken geleden besteld", "twee weken geleden", "2026-11-08"),
    ("nl", "eergisteren gekregen", "eergisteren", "2026-11-20"),
    ("pl", "zamówiłam 3 tygodnie temu", "3 tygodnie temu", "2026-11-01"),
    ("pl", "dostałem w zeszły piątek", "w zeszły piątek", "2026-11-20"),
    ("ru", "заказал две недели назад", "две недели назад", "2026-11-08"),
    ("ru", "получила позавчера", "позавчера", "2026-11-20"),
    ("tr", "iki hafta önce sipariş verdim", "iki hafta önce", "2026-11-08"),
    ("tr", "geçen cuma geldi", "geçen cuma", "2026-11-20"),
    ("ar", "طلبت قبل ٣ أيام", "قبل ٣ أيام", "2026-11-19"),
    ("ar", "وصلني امبارح مكسور", "امبارح", "2026-11-21"),
    ("ja", "三日前に届きました", "三日前", "2026-11-19"),
    ("ja", "2週間前に注文", "2週間前", "2026-11-08"),
    ("ko", "3일 전에 받았어요", "3일 전", "2026-11-19"),
    ("ko", "지난주 금요일에 주문", "지난주 금요일", "2026-11-20"),
    ("zh", "两个星期前下的单", "两个星期前", "2026-11-08"),
    ("zh", "前天收到就坏了", "前天", "2026-11-20"),
    ("zh", "下周五之前能到吗", "下周五", "2026-11-27"),
]


@pytest.mark.parametrize(("language", "text", "surface", "value"), CASES)
def test_a_day_told_by_its_distance_is_found_where_it_stands(
    language: str, text: str, surface: str, value: str
) -> None:
    [found] = [entity for entity in find_entities(text, None, Told(language, TODAY)) if entity.type == "date"]
    assert (text[found.start : found.end], found.value) == (surface, value)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("de", "hier ist nichts angekommen"),
        ("nl", "de heuten zijn stuk"),
        ("en", "my mondays are busy, the 900 days ago joke"),
        ("fr", "hiermit bestelle ich"),
        ("zh", "前台说没有"),
        ("xx", "yesterday"),
    ],
)
def test_words_of_another_language_or_inside_a_word_tell_no_day(language: str, text: str) -> None:
    assert not [entity for entity in find_entities(text, None, Told(language, TODAY)) if entity.type == "date"]


def test_a_calendar_date_goes_before_a_distance() -> None:
    found = find_entities("11月3日前に届く予定", None, Told("ja", TODAY))
    assert [(entity.type, entity.value) for entity in found] == [("date", "11-03")]


def test_without_a_language_no_distance_is_read() -> None:
    assert find_entities("yesterday") == ()


def test_every_served_language_has_its_table() -> None:
    tables = tomllib.loads((Path(relative.__file__).parents[1] / "data" / "relative_dates.toml").read_text("utf-8"))
    content = Path(__file__).parents[2] / "knowledge_base" / "content" / "languages"
    assert set(tables) == {folder.name for folder in content.iterdir()}
    for language in tables:
        assert relative._words(language) is not None
