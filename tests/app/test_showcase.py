"""The page of five situations: its data are whole, and a page of one language has every situation."""

from pathlib import Path

import pytest

from app.drafting.drafter import Drafter
from app.showcase import read_showcase, showcase_page
from models.language import LanguageDetector

DATA = read_showcase(Path(__file__).parents[2] / "scripts" / "five_situations.toml")
BUYERS = {buyer.language: buyer for buyer in DATA.buyer}


@pytest.mark.parametrize("situation", DATA.situation, ids=lambda situation: situation.id)
def test_every_language_has_a_message_of_its_own(drafter: Drafter, situation: object) -> None:
    messages = situation.messages  # type: ignore[attr-defined]
    assert messages.keys() == BUYERS.keys() == drafter.knowledge.languages.keys()
    read = {language: LanguageDetector().detect(text).code for language, text in messages.items()}
    assert read == {language: language for language in messages}


def test_each_buyer_writes_from_a_market_of_the_language(drafter: Drafter) -> None:
    profiles = drafter.knowledge.profiles
    assert all(profiles.get(buyer.market).reply_tag(language) or language == "en" for language, buyer in BUYERS.items())


def test_a_page_of_one_language_holds_every_situation(drafter: Drafter) -> None:
    page = showcase_page(drafter, DATA, ("fr",))
    assert [page.count(f"## {situation.title}\n") for situation in DATA.situation] == [1] * 5
    assert page.count("### Français (fr-FR, FR)") == 5 and "Read as" in page and "In English" in page
