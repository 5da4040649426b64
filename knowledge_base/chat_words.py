"""The words of the chat widget, one `chat.toml` a language."""

from collections.abc import Mapping
from pathlib import Path

from knowledge_base.files import Reader
from knowledge_base.schema import Table


class ChatWords(Table):
    """What a buyer reads in the widget; names in braces are filled in by the page."""

    title: str  # {shop}
    open: str
    close: str
    unread: str  # {count}
    greeting: str
    reply_time: str  # {hours}: a number with its unit, in the nominative
    away: str  # {time}
    person: str
    placeholder: str
    send: str
    attach: str
    remove: str
    details: str
    name: str
    order: str
    you: str
    sending: str
    waiting: str
    failed: str
    retry: str
    offline: str
    photo: str
    photo_only: str  # the message that goes with a photo which came without words
    photo_kind: str
    photo_size: str  # {size}
    too_long: str  # {count}
    unreachable: str


def read_chat_words(content: Path) -> Mapping[str, ChatWords]:
    """By bare language code. Raises ContentError with every fault in every file."""
    reader = Reader()
    found = {
        path.parent.name: words
        for path in sorted((content / "languages").glob("*/chat.toml"))
        if (words := reader.table(ChatWords, reader.toml(path), path))
    }
    reader.finish()
    return found
