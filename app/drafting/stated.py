"""What the buyer has told or sent already, so that nothing of it is asked again.

Free words cannot be read to the last detail: where a buyer says much, or names figures, the slot counts as told. Asking again for what
the message says annoys more than a question that comes a letter later.
"""

from collections.abc import Callable, Mapping

from app.domain import Analysis, BuyerMessage

EXPLAINED = 120  # letters from which a request holds its reason (judged on our own messages)
DESCRIBED = 45  # letters from which a wish says what the thing is for
DETAILED = (
    60  # letters from which a business enquiry says which versions it is about, and a call for help what goes wrong
)
ASKED = 20  # letters from which a question about a product needs no question mark to be one
PRICE = 3  # digits of a number that is a price and not a count, in an enquiry for a suggestion
QUESTION_MARKS = ("?", "？", "؟")
_FIRST_CJK = "\u2e80"
_OTHERWISE_NAMED = ("order_id", "tracking_number", "date", "amount")

Rule = Callable[[BuyerMessage, Analysis], bool]


def stated(message: BuyerMessage, analysis: Analysis) -> frozenset[str]:
    """Slots that the buyer has supplied: by attachment, in this message or before, or by what the text holds."""
    return frozenset(
        {entity.type for entity in analysis.entities}
        | _shown(message)
        | {slot for slot, tells in _IN_ANY_MESSAGE.items() if tells(message, analysis)}
        | {
            slot
            for intent in analysis.intents
            for slot, tells in _BY_INTENT.get(intent.id, {}).items()
            if tells(message, analysis)
        }
    )


def _shown(message: BuyerMessage) -> set[str]:
    earlier = [item for turn in message.history if turn.sender == "buyer" for item in turn.attachments]
    kinds = {attachment.type for attachment in (*message.attachments, *earlier)}
    found = {"photo", "photo_or_video", "payment_proof"} if "image" in kinds else set()
    return found | ({"video", "photo_or_video"} if "video" in kinds else set())


def _holds(*types: str) -> Rule:
    return lambda message, analysis: any(entity.type in types for entity in analysis.entities)


def _says(letters: int) -> Rule:
    return lambda message, analysis: sum(map(_letters, message.text)) >= letters


def _letters(char: str) -> int:
    """A sign of Chinese, Japanese or Korean says as much as about three letters."""
    return 3 if char >= _FIRST_CJK else 1


def _figures(message: BuyerMessage, analysis: Analysis) -> bool:
    """Figures that are no order number, date or amount: a model, a measurement, a count."""
    return any(char.isdigit() for char in _without(message.text, analysis, _OTHERWISE_NAMED))


def _price(message: BuyerMessage, analysis: Analysis) -> bool:
    digits = "".join(char if char.isdigit() else " " for char in _without(message.text, analysis, ("date", "size")))
    return _holds("amount")(message, analysis) or any(len(run) >= PRICE for run in digits.split())


def _without(text: str, analysis: Analysis, types: tuple[str, ...]) -> str:
    chars = list(text)
    for entity in analysis.entities:
        if entity.type in types:
            chars[slice(*entity.span)] = " " * (entity.span[1] - entity.span[0])
    return "".join(chars)


def _question(message: BuyerMessage, _: Analysis) -> bool:
    return any(mark in message.text for mark in QUESTION_MARKS)


def _change(message: BuyerMessage, analysis: Analysis) -> bool:
    """An address or a value after a colon, or figures that are no order number: the buyer says what to change to."""
    return _figures(message, analysis) or ": " in message.text or "：" in message.text


def _reason(message: BuyerMessage, analysis: Analysis) -> bool:
    return len(analysis.intents) > 1 or _says(EXPLAINED)(message, analysis)


_IN_ANY_MESSAGE: Mapping[str, Rule] = {
    "reason": _reason,
    "new_value": _holds("size", "quantity"),
    "body_measurements": _holds("size"),
    "product_question": _question,
    "item_title": _holds("link"),
}
_BY_INTENT: Mapping[str, Mapping[str, Rule]] = {
    "compatibility": {"device_model": _figures},
    "compensation_negotiation": {"offer": _holds("amount", "percentage")},
    "delivery_failed": {"new_value": _change},
    "order_change": {"new_value": _change},
    "product_details": {"product_question": _says(ASKED)},
    "product_recommendation": {"use_case": _says(DESCRIBED), "budget": _price},
    "size_fit": {"body_measurements": _figures},
    "usage_help": {"reason": _says(DETAILED)},
    "wholesale": {"quantity": _figures, "variant": _says(DETAILED)},
}
