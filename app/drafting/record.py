"""What the conversation holds already: told by the buyer before, asked by the shop before. Nothing of it is asked again."""

from collections.abc import Iterator, Mapping

from app.domain import BuyerMessage
from app.drafting.values import Known
from knowledge_base.knowledge import Knowledge
from models.entities import find_entities

NAMED = ("order_id", "tracking_number")  # what a buyer may have named in an earlier message


def told_before(message: BuyerMessage, market: str | None) -> Mapping[str, Known]:
    """Numbers that the buyer named in earlier messages; the newest counts."""
    found: dict[str, Known] = {}
    for place, turn in enumerate(message.history):
        if turn.sender == "buyer":
            for entity in find_entities(turn.text, market):
                if entity.type in NAMED:
                    found[entity.type] = Known(entity.value, f"history[{place}]")
    return found


def just_answered(message: BuyerMessage, knowledge: Knowledge) -> frozenset[str]:
    """What the shop asked for in words in its last message: the buyer's message is the answer to it.

    Numbers, countries and pictures are known by themselves when they are there; only what the buyer tells in free words is
    taken as answered. The shop's questions are known by their vetted wordings; a question that an agent typed is not seen.
    """
    last = message.history[-1] if message.history else None
    if last is None or last.sender != "seller":
        return frozenset()
    text = last.text.casefold()
    return frozenset(slot for slot, wording in _questions(knowledge) if wording in text)


def _questions(knowledge: Knowledge) -> Iterator[tuple[str, str]]:
    """Slots that are told in free words, with each wording that asks for them."""
    for words in knowledge.phrases.languages.values():
        for phrase_id, phrase in words.phrases.items():
            slot = phrase_id.removeprefix("asks.").removesuffix(".item")
            if phrase_id.startswith("asks.") and _in_free_words(slot, knowledge):
                texts = (*phrase.texts, *(text for region in phrase.regions.values() for text in region))
                yield from ((slot, text.casefold().rstrip(".。")) for text in texts)


def _in_free_words(slot: str, knowledge: Knowledge) -> bool:
    return knowledge.slots[slot].type == "text" and knowledge.slots[slot].source == "message"
