"""Languages that say the same sentence name the same numbers; no question leads to two replies."""

from dataclasses import replace

import pytest

from knowledge_base.contradictions import contradictions, numbers_in, read_numbers
from knowledge_base.knowledge import Knowledge
from knowledge_base.schema import Variant

NUMBERS = read_numbers()


def test_the_shipped_texts_agree_on_numbers_and_share_no_question(knowledge: Knowledge) -> None:
    assert contradictions(knowledge, NUMBERS) == []


def test_every_served_language_has_its_number_words(knowledge: Knowledge) -> None:
    assert NUMBERS.languages.keys() == knowledge.languages.keys()


def changed(knowledge: Knowledge, reply: str, language: str, **more: object) -> Knowledge:
    variants = dict(knowledge.replies.variants)
    before: Variant = variants[reply, language]
    variants[reply, language] = before.model_copy(update=more)
    return replace(knowledge, replies=replace(knowledge.replies, variants=variants))


@pytest.mark.parametrize(
    ("language", "before", "after"),
    [("en", "two packages", "three packages"), ("en", "two packages", "2 or 3 packages"), ("de", "zwei", "vier"), ("ru", "двух", "трёх"), ("zh", "两个", "三个"), ("ko", "두 상자", "세 상자"), ("ar", "شحنتين", "ثلاث شحنات"), ("tr", "iki", "üç"), ("fr", "deux", "plusieurs")],
)  # fmt: skip
def test_another_number_in_one_language_is_named(knowledge: Knowledge, language: str, before: str, after: str) -> None:
    sentences = knowledge.replies.variants["missing_item.count", language].sentences
    assert before in sentences["two_packages"]
    wrong = sentences | {"two_packages": sentences["two_packages"].replace(before, after)}
    found = contradictions(changed(knowledge, "missing_item.count", language, sentences=wrong), NUMBERS)
    assert len(found) == 1 and found[0].startswith(f"missing_item.count.two_packages: {language} names")


def test_a_shared_question_is_named_whatever_its_case_and_punctuation(knowledge: Knowledge) -> None:
    other = knowledge.replies.variants["item_damaged.photo", "en"].questions[0]
    found = contradictions(changed(knowledge, "missing_item.count", "en", questions=(f"{other.upper()} !!",)), NUMBERS)
    assert len(found) == 1 and found[0].startswith("en: item_damaged.photo and missing_item.count share the question")


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("en", "one of {policy.return_days}, twenty-two or 31", ("22", "31")),
        ("en", "someone often weighs the attendance", ()),
        ("de", "Einundzwanzig Tage, beide Preise, achtet auf zwei", ("2", "2", "21")),
        ("fr", "un appareil neuf, vingt et un jours", ("21",)),
        ("es", "Dos o tres; veintidós", ("2", "22", "3")),
        ("it", "Lei sei, sei giorni, ventun giorni", ("21", "6")),
        ("pt", "vinte e três dias", ("23",)),
        ("nl", "tweeëntwintig dagen", ("22",)),
        ("pl", "dwadzieścia dwa dni, trzech", ("22", "3")),
        ("ru", "тридцать один день, двумя", ("2", "31")),
        ("tr", "On iki gün, İki ürün, son gün", ("12", "2")),
        ("ar", "وخلال ثلاثة أيام أو خمسة عشر يومًا", ("15", "3")),
        ("ja", "二十一日以内に、一点", ("21",)),
        ("zh", "十分抱歉，二十天内，两款", ("2", "20")),
        ("ko", "스물두 개, 이 상품, 두세 가지", ("2", "22", "3")),
    ],
)
def test_numbers_are_found_as_digits_and_as_words(language: str, text: str, expected: tuple[str, ...]) -> None:
    assert numbers_in(text, NUMBERS.languages[language]) == expected


def test_every_difference_that_is_meant_still_stands_in_the_texts(knowledge: Knowledge) -> None:
    strict = NUMBERS.model_copy(update={"explained": {}})
    named = {tuple(line.split(" names ")[0].split(": ")) for line in contradictions(knowledge, strict)}
    assert named == {(place, code) for place, codes in NUMBERS.explained.items() for code in codes}
