"""Buyers' words as they may be shown outside their conversation."""

import re

from app.redaction import word_pattern
from app.rewording.letter import TOKEN
from app.rewording.redaction import leaks, personal_values, redact
from app.rewording.rules import read_rules
from app.store.insights import Case
from knowledge_base.knowledge import Knowledge

GAP = "[…]"


class Redactor:
    """Takes out what tells who a buyer is, as far as it can be recognised (see the rewording's redaction)."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._slots, self._rules = knowledge.slots, read_rules()

    def show(self, case: Case) -> str:
        """The message with a mark for all that is personal, and for every word with a digit."""
        message = case.basis.message
        return TOKEN.sub(GAP, redact(message.text, self._values(case), message.buyer.country))

    def clean(self, case: Case) -> bool:
        """Whether nothing has to be taken out of the message."""
        return self.show(case) == case.basis.message.text

    def names_somebody(self, text: str, case: Case) -> bool:
        """Whether a sentence about this case tells who the buyer is."""
        return leaks(text, self._values(case), case.basis.message.buyer.country)

    def pattern(self, value: str) -> re.Pattern[str]:
        """The value as a word of its own."""
        return word_pattern(value)

    def _values(self, case: Case) -> tuple[str, ...]:
        return personal_values(case.basis.message, case.body, self._slots, self._rules)
