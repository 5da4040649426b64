"""Which words a page of the widget is written with."""

from collections.abc import Mapping

from knowledge_base.chat_words import ChatWords

FALLBACK = "en"
ON_THE_PAGE = ("title", "open", "close", "unread")  # what the loader says before there is a frame


def language_of(wanted: str, known: Mapping[str, ChatWords]) -> str:
    """The bare code of the wanted language where it has words."""
    code = wanted.replace("_", "-").partition("-")[0].lower()
    return code if code in known else FALLBACK


def loader_words(known: Mapping[str, ChatWords], directions: Mapping[str, str]) -> Mapping[str, Mapping[str, str]]:
    """What the loader carries of each language."""
    return {
        code: {"direction": directions[code], **words.model_dump(include=set(ON_THE_PAGE))}
        for code, words in known.items()
    }
