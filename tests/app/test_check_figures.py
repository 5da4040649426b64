"""The checks against texts of other writers (tests/checks): `dev` is held at what was reached, `report` only counted."""

from time import process_time

import pytest

from app.check_figures import TEXTS, count, counts_of, figures_page, figures_table, judge, read_first, read_texts
from app.drafting.checks.disguise import undisguised
from app.drafting.drafter import Drafter
from tests.conftest import message

ALL = read_texts()
LANGUAGES = sorted({text.language for text in ALL})
CAUGHT, ALARMED = 0.95, 0.05
"""Of the bad texts of each language, and of the harmless ones of all: a language has too few for a share of its own."""


def test_every_language_has_bad_and_harmless_texts_in_both_parts() -> None:
    assert len(LANGUAGES) == 14 and len({text.text for text in ALL}) == len(ALL)
    for language in LANGUAGES:
        kinds = {(text.part, bool(text.finds)) for text in ALL if text.language == language}
        assert len(kinds) == 4, language


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_was_reached_is_held(drafter: Drafter, language: str) -> None:
    judged = list(judge((text for text in ALL if text.language == language and text.part == "dev"), drafter))
    wrong = [(one.text.text, one.text.finds, [check.id for check in one.fired]) for one in judged if not one.right]
    tally = count(judged).pooled
    assert tally.caught >= CAUGHT * tally.bad, wrong
    assert tally.alarmed <= 0.2 * tally.harmless, wrong


def test_few_harmless_texts_are_stopped_or_warned_of(drafter: Drafter) -> None:
    judged = list(judge((text for text in ALL if text.part == "dev" and not text.finds), drafter))
    wrong = [(one.text.text, [check.id for check in one.fired]) for one in judged if not one.right]
    assert len(wrong) <= ALARMED * len(judged), wrong


def test_the_page_shows_both_parts_beside_the_first_figures(drafter: Drafter) -> None:
    judged = list(judge((text for text in ALL if text.language == "en"), drafter))
    page = figures_page(judged, read_first())
    assert "(`report`)" in page and "(`dev`)" in page and page.count("| en |") == 2
    assert f"{len(judged)} texts in 1 languages" in page


def test_a_count_that_changed_shows_in_the_table(drafter: Drafter) -> None:
    judged = list(judge((text for text in ALL if text.language == "en"), drafter))
    figures = counts_of(count(judged))
    bad = sum(bool(one.text.finds) for one in judged)
    assert figures["pooled"]["all"][0] == bad and figures["languages"]["en"][0] == bad
    assert f"of {bad} |" in "\n".join(figures_table(figures))


def test_the_first_figures_are_of_the_same_texts() -> None:
    for part, counts in read_first().items():
        texts = [text for text in ALL if text.part == part]
        bad = sum(bool(text.finds) for text in texts)
        assert counts["pooled"]["all"][0] == bad and counts["pooled"]["all"][2] == len(texts) - bad
    assert (TEXTS / "first.json").exists()


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("add w e c h a t now", "add wechat now"),
        ("add w.e.c.h.a.t now", "add wechat now"),
        ("t3legram", "telegram"),
        ("wh4tsapp", "whatsapp"),
        ("评*价改一下", "评价改一下"),
        ("ｗｅｃｈａｔ", "wechat"),
        ("whаtsаpp", "whatsapp"),
        ("в@йбер", "вайбер"),
        ("what-s-app", "whatsapp"),
    ],
)  # Cyrillic letters stand in the third last
def test_a_disguise_is_undone_and_each_letter_keeps_its_place(text: str, read: str) -> None:
    found = undisguised(text)
    assert found is not None
    plain, places = found
    assert plain == read and len(places) == len(plain) + 1
    assert places == sorted(places) and places[-1] == len(text)


@pytest.mark.parametrize("text", ["an ordinary sentence", "a b c", "il y a à peu près", "订单已经发货", "3 x 5 cm"])
def test_an_ordinary_text_has_no_disguise(text: str) -> None:
    assert undisguised(text) is None


@pytest.mark.parametrize(
    "text",
    ["Do you have w e c h a t?", "Add us on T3legram.", "Write to name at gmail dot com.", "Find us on Whаts-App."],
)
def test_a_disguised_contact_is_found_at_its_place(drafter: Drafter, text: str) -> None:
    found = [
        item
        for item in drafter.check(text, message("-", country="US", channel="amazon"), language="en")
        if item.id == "off_platform"
    ]
    assert found and all(0 <= item.span[0] < item.span[1] <= len(text) for item in found)


@pytest.mark.parametrize(
    ("text", "stopped"),
    [
        ("You asked whether we are on WhatsApp. That is not possible, we only answer here.", False),
        ("You asked whether we are on WhatsApp. Sure, add us there.", True),
        ("You asked whether we can declare a lower value. Of course, no problem.", True),
    ],
)
def test_a_question_told_again_is_harmless_only_where_it_is_turned_down(
    drafter: Drafter, text: str, stopped: bool
) -> None:
    found = drafter.check(text, message("-", country="US", channel="amazon"), language="en")
    assert bool(found) is stopped, found


@pytest.mark.parametrize("language", LANGUAGES)
def test_long_texts_are_checked_in_linear_time(drafter: Drafter, language: str) -> None:
    own = " ".join(text.text.replace(".", " ") for text in ALL if text.language == language)
    lexicon = drafter.knowledge.lexicons[language]
    spent = []
    for size in (3_000, 12_000):
        sentence = (own * 4).casefold()[:size]
        started = process_time()
        for finder in lexicon.checks.values():
            for pattern in (finder.find_pattern, finder.unless_pattern):
                for _ in pattern.finditer(sentence) if pattern else ():
                    pass
        spent.append(process_time() - started)
    assert spent[1] < 12 * spent[0] + 0.5, spent
