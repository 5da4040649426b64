"""What a generator is given, and how its answer is read."""

import json
import re
from collections.abc import Mapping, Sequence

from babel import Locale

from app.domain import Analysis, Plan
from app.drafting.locales import locale_of
from app.rewording.letter import Passage
from app.rewording.rules import Rules
from knowledge_base.schema import Slot
from models.generators.base import Garbled, Prompt

LONGER = 3  # times the passages' length that an answer may have
SPARE_CHARS = 400  # for the numbering, and short passages
CHARS_A_TOKEN = 1  # the fewest: a character of Chinese or Arabic can take a token of its own
_THOUGHT = re.compile(r"\A\s*<think>.*?</think>", re.DOTALL)
_LINE = re.compile(r"\[(\d{1,3})\]\s*(\S.*)")
WITHHELD = "(withheld)"


def make_prompt(
    passages: Sequence[Passage], plan: Plan, analysis: Analysis, quoted: str | None, slots: Mapping[str, Slot], rules: Rules
) -> Prompt:  # fmt: skip
    """The passages with their marks, what the marks stand for where that may be told, what is answered, and the tone."""
    tag = analysis.language.reply_language
    lines = ["MATERIAL", f"The message answers: {', '.join(answer.situation for answer in plan.answers) or 'nothing'}"]
    lines += [f"The buyer is {analysis.emotion.id} (intensity {analysis.emotion.intensity:.1f})."]
    lines += [f"{token} = {value}" for token, value in _facts(passages, slots, rules)]
    if quoted is not None:
        lines.append(f"The buyer's words, as a JSON string: {json.dumps(quoted, ensure_ascii=False)}")
    lines += [f"[{number}] {passage.text}" for number, passage in enumerate(passages, 1)]
    max_chars = LONGER * sum(len(passage.text) for passage in passages) + SPARE_CHARS
    return Prompt(
        instructions=rules.instructions.format(language=_language(tag)).strip(),
        material="\n".join(lines),
        max_tokens=max_chars // CHARS_A_TOKEN,
        max_chars=max_chars,
    )


def _language(tag: str) -> str:
    """In English, with script or region: Portuguese (Brazil)."""
    return str(locale_of(tag).get_display_name(Locale("en")) or tag)


def _facts(passages: Sequence[Passage], slots: Mapping[str, Slot], rules: Rules) -> list[tuple[str, str]]:
    return [
        (token, hidden.value if _may_be_shown(hidden.slot.name, slots, rules) else WITHHELD)
        for passage in passages
        for token, hidden in passage.hidden.items()
    ]


def _may_be_shown(name: str, slots: Mapping[str, Slot], rules: Rules) -> bool:
    return name in slots and slots[name].type in rules.shown_types


def read_answer(text: str, count: int) -> tuple[str, ...]:
    """One wording a passage; raises Garbled where a number is missing, doubled or out of order, or anything else stands there.

    A line of thought that a reasoning model puts before its answer is left out.
    """
    lines = [line.strip() for line in _THOUGHT.sub("", text).splitlines() if line.strip()]
    found = [_LINE.fullmatch(line) for line in lines]
    numbers = [int(match[1]) for match in found if match]
    if None in found or numbers != list(range(1, count + 1)):
        raise Garbled("the answer does not have the form that was asked for")
    return tuple(match[2] for match in found if match)
