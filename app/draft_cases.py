"""The test messages (tests/cases) with plausible orders: what the drafts are measured on."""

import json
import tomllib
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from app.domain import BuyerMessage, Order, Value

TESTS = Path(__file__).parent.parent / "tests"
"""Only in a checkout: an installed package carries no tests."""
WITHOUT = 4  # every so manieth message comes without an order


@dataclass(frozen=True, slots=True)
class Case:
    """One message as it comes in, with the intents that its writer meant, most pressing first."""

    message: BuyerMessage
    language: str
    intents: tuple[str, ...]


class OrderFor(Value):
    """The order that messages of these intents come with."""

    intents: tuple[str, ...]
    facts: Order


class Surroundings(Value):
    """All that the messages are given besides their text; `apology` are words per language."""

    received_at: str
    channels: tuple[str, ...]
    order: tuple[OrderFor, ...]
    apology: dict[str, str]


def read_surroundings(path: Path = TESTS / "drafts" / "orders.toml") -> Surroundings:
    """Raises ValidationError where the file is faulty."""
    return Surroundings.model_validate(tomllib.loads(path.read_text("utf-8")))


def read_cases(around: Surroundings, folder: Path = TESTS / "cases") -> list[Case]:
    """Every test message, by language and line; the same text always gets the same order and channel."""
    orders = {intent: entry.facts for entry in around.order for intent in entry.intents}
    return [
        _case(json.loads(line), path.stem, orders, around)
        for path in sorted(folder.glob("*.jsonl"))
        for line in path.read_text("utf-8").splitlines()
    ]


def _case(data: Mapping[str, object], language: str, orders: Mapping[str, Order], around: Surroundings) -> Case:
    text, intents = str(data["text"]), tuple(str(intent) for intent in data["intents"])  # type: ignore[attr-defined]
    seed = zlib.crc32(text.encode())
    order = orders.get(intents[0]) if seed % WITHOUT else None
    body = {
        "text": text, "received_at": around.received_at, "channel": around.channels[seed % len(around.channels)],
        "buyer": {"country": data["market"]}, "history": data["history"] or (),
        "order": order.model_copy(update={"destination_country": data["market"]}) if order else None,
    }  # fmt: skip
    return Case(BuyerMessage.model_validate(body), language, intents)
