"""Texts that nobody would write by accident: random, mutated and chosen to hurt; and what reads them."""

import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice

from app.domain import BuyerMessage
from app.drafting.checks.run import run_checks
from app.drafting.drafter import Drafter
from app.redaction import redact
from knowledge_base.formats import READERS
from models.entities import find_entities
from models.text import clean
from tests.trials.outcome import Outcome

Reader = Callable[[str], object]
BLOCKS = ((0x20, 0x7F), (0xA0, 0x24F), (0x300, 0x36F), (0x370, 0x52F), (0x590, 0x6FF), (0x900, 0xDFF), (0x1100, 0x11FF), (0x1E00, 0x206F), (0x2190, 0x27BF), (0x3040, 0x30FF), (0x4E00, 0x9FFF), (0xAC00, 0xD7A3), (0xFE00, 0xFE0F), (0xFF00, 0xFFEF), (0x1F1E6, 0x1F64F), (0xE0000, 0xE007F))  # fmt: skip
ODD = "\0\t\r\n\u00ad\u0301\u034f\u061c\u200b\u200d\u200e\u202e\u2028\u2066\u2069\ufeff\ufffd\U0001f468\u200d\U0001f469"
TRICKS = ("{{7*7}}", "${x}", "%s%n", "<script>alert(1)</script>", "' OR 1=1 --", "=cmd|' /C calc'!A0", "../../etc/passwd", "[name]", "{name}", "\\u0000", "a@b.c", "https://", "+49 30 ", "1.234,56 €", "2026-02-30", "29/2/2027", "LP00123456789012")  # fmt: skip
LONG = 20_000  # the most characters that a message may have
PATTERNS: Mapping[str, str] = {
    "letters": "a", "digits": "1", "combining marks": "\u0301", "marks on a letter": "e\u0301\u0323\u0308", "right-to-left overrides": "\u202ea\u202c", "isolates": "\u2066",
    "zero width": "a\u200b", "joined emoji": "\U0001f468\u200d\U0001f469\u200d", "flags": "\U0001f1e9\U0001f1ea", "spaces": " ", "line ends": "\n", "dots": ".", "dashes": "-",
    "at signs": "a@", "links": "http://", "dotted names": "a.", "numbers": "1,", "amounts": "1.1 € ", "telephone": "+1 (", "dates": "1/1/", "brackets": "([{<", "quotes": "\"'“",
    "Hangul letters": "\u1100", "Arabic": "ا", "Thai": "ก", "Chinese": "中", "words": "where is it ", "questions": "? ", "tags": "<b>", "escapes": "&amp;", "slots": "{order_id}",
    "hyphenated": "a-", "tracking numbers": "LP001234567890", "upper case": "ß", "spaces and letters": "a ", "tabs and marks": "\t\u0301",
}  # fmt: skip


def endless(known: Sequence[str], number: int) -> Iterator[str]:
    """Random and mutated texts without end; `known` are real messages, `number` seeds the dice."""
    dice = random.Random(number)  # noqa: S311 - the same texts every time
    while True:
        yield _random(dice) if dice.random() < 0.5 else _mutated(dice, dice.choice(known))


def _random(dice: random.Random) -> str:
    blocks = dice.choices(BLOCKS, k=dice.randint(1, 3))
    return "".join(_letter(dice, dice.choice(blocks)) for _ in range(dice.randint(0, 120)))


def _letter(dice: random.Random, block: tuple[int, int]) -> str:
    return dice.choice(ODD) if dice.random() < 0.05 else chr(dice.randint(*block))


def _mutated(dice: random.Random, text: str) -> str:
    """A few changes: cut, doubled, turned round, something odd set in."""
    for _ in range(dice.randint(1, 5)):
        start, end = sorted(dice.choices(range(len(text) + 1), k=2))
        piece = dice.choice((dice.choice(ODD), dice.choice(TRICKS), text[start:end] * 2, text[start:end][::-1], ""))
        text = (text[:start] + piece + text[end:])[:400]
    return text


def readers(drafter: Drafter) -> Mapping[str, Reader]:
    """Everything that reads a stranger's text, by name."""
    now = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)

    def analyze(text: str) -> object:
        return drafter.analyze(BuyerMessage(text=clean(text) or "?", received_at=now))

    context = drafter.check_context("", BuyerMessage(text="where is my parcel?", received_at=now))
    return {
        "clean": clean, "language": lambda text: drafter.models.language.detect(clean(text)), "entities": lambda text: find_entities(clean(text), "DE"),
        "checks": lambda text: run_checks(replace(context, text=clean(text))), "redaction": lambda text: redact(clean(text), (), "DE"), "reading": analyze,
        **{f"import {name}": read for name, read in READERS.items()},
    }  # fmt: skip


MOST_S = 5.0  # processor time after which a text counts as one that hangs its reader; the slowest takes a tenth
COSTLY = {
    "reading": 50,
    "checks": 10,
}  # these read one text in so many: an encoder runs, or a whole text is held against the facts


def fuzzed(drafter: Drafter, known: Sequence[str], count: int, number: int) -> Iterator[Outcome]:
    """`count` random and mutated texts before every reader."""
    made = readers(drafter)
    broken, slowest, times = dict.fromkeys(made, 0), dict.fromkeys(made, 0.0), dict.fromkeys(made, 0)
    for place, text in enumerate(islice(endless(known, number), count)):
        for name, read in made.items():
            if place % COSTLY.get(name, 1) == 0:
                took = _survived(read, text)
                broken[name] += took is None
                times[name] += 1
                slowest[name] = max(slowest[name], took or 0.0)
    for name in made:
        yield Outcome(f"Texts: {name}", "random and mutated texts", times[name], crashed=broken[name], load=f"slowest {slowest[name] * 1000:.0f} ms")  # fmt: skip


def hurt(drafter: Drafter, length: int = LONG) -> Iterator[Outcome]:
    """Every pattern, repeated to the most characters that a message may have, before every reader."""
    for name, read in readers(drafter).items():
        took = {pattern: _survived(read, (unit * length)[:length]) for pattern, unit in PATTERNS.items()}
        broken = sum(seconds is None for seconds in took.values())
        worst = max(took, key=lambda pattern: took[pattern] or 0.0)
        yield Outcome(f"Long texts: {name}", f"patterns of {length:,} characters (worst: {worst})", len(took), crashed=broken, load=f"slowest {(took[worst] or 0) * 1000:.0f} ms")  # fmt: skip


def _survived(read: Reader, text: str) -> float | None:
    """Processor seconds; None where the reader broke or hung."""
    started = time.process_time()
    try:
        read(text)
    except Exception:
        return None
    took = time.process_time() - started
    return took if took <= MOST_S else None
