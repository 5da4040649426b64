"""The widget's words: every language has all of them, with the same values to fill in."""

import re

import pytest

from knowledge_base.chat_words import read_chat_words
from knowledge_base.knowledge import CONTENT, Knowledge

WORDS = read_chat_words(CONTENT)


def test_every_language_that_is_answered_has_words_for_the_chat(knowledge: Knowledge) -> None:
    assert WORDS.keys() == knowledge.languages.keys()


@pytest.mark.parametrize("code", sorted(WORDS))
def test_the_words_take_the_same_values_in_every_language(code: str) -> None:
    def taken(language: str) -> dict[str, list[str]]:
        return {name: sorted(re.findall(r"{(\w+)}", text)) for name, text in WORDS[language].model_dump().items()}

    assert taken(code) == taken("en")


@pytest.mark.parametrize("code", sorted(WORDS.keys() - {"en"}))
def test_no_word_was_left_in_english(code: str) -> None:
    english = WORDS["en"].model_dump()
    same = {name for name, text in WORDS[code].model_dump().items() if text == english[name]}
    assert same <= {"title", "send", "photo"}  # words that some languages share
