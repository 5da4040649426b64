"""What the texts of all languages say against each other: other numbers in the same sentence, one question for two replies."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path

from pydantic import field_validator

from knowledge_base.files import Reader
from knowledge_base.knowledge import CONTENT, Knowledge
from knowledge_base.schema import SLOT_MARK, Table

LARGEST_WORD = 31  # numbers are compared as words up to the days of a month, as digits without limit
_DIGITS = re.compile(r"\d+(?:[.,]\d+)*")
_WORD = re.compile(r"\w+")
Numbers = tuple[str, ...]


class NumberWords(Table):
    """One language's words for 2 to 31."""

    whole_words: bool
    prefix: str = ""
    words: dict[int, tuple[str, ...]]

    @field_validator("words")
    @classmethod
    def _complete(cls, value: dict[int, tuple[str, ...]]) -> dict[int, tuple[str, ...]]:
        missing = set(range(2, LARGEST_WORD + 1)) - value.keys()
        if missing:
            raise ValueError(f"the words for {min(missing)} are missing")
        return value

    @cached_property
    def patterns(self) -> tuple[tuple[int, re.Pattern[str]], ...]:
        """Longer words before the ones they begin or end with: twenty-two before two. An Arabic vowel sign does not end a word."""
        before, after = (rf"(?<!\w){self.prefix}", r"(?![\w\u064b-\u0652])") if self.whole_words else ("", "")
        return tuple(
            (number, re.compile(f"{before}(?:{'|'.join(forms)}){after}"))
            for number, forms in sorted(self.words.items(), reverse=True)
        )


class NumberTable(Table):
    """`content/numbers.toml`: the words of each language, and the differences that are meant."""

    explained: dict[str, dict[str, str]] = {}
    languages: dict[str, NumberWords]


def read_numbers(content: Path = CONTENT) -> NumberTable:
    """Raises ContentError with every fault of the file."""
    reader = Reader()
    path = content / "numbers.toml"
    table = reader.table(NumberTable, reader.toml(path), path)
    reader.finish()
    assert table is not None  # noqa: S101 - finish() has raised where it is
    return table


def contradictions(knowledge: Knowledge, numbers: NumberTable) -> list[str]:
    """One line a finding; empty where nothing differs."""
    return [*_number_findings(knowledge, numbers), *_repeated_questions(knowledge)]


def numbers_in(text: str, words: NumberWords | None) -> Numbers:
    """The numbers from 2 on that a text names outside its slots, each as often as it stands there, sorted."""
    rest = SLOT_MARK.sub(" ", text).casefold().replace("\u0307", "")  # Turkish İ folds to i and a dot
    found = [digits for digits in _DIGITS.findall(rest) if digits != "1"]
    rest = _DIGITS.sub(" ", rest)
    for number, pattern in words.patterns if words else ():
        found += [str(number)] * len(pattern.findall(rest))
        rest = pattern.sub(" ", rest)
    return tuple(sorted(found))


def _number_findings(knowledge: Knowledge, table: NumberTable) -> Iterator[str]:
    for place, texts in _parallel_texts(knowledge):
        named = {code: numbers_in(text, table.languages.get(code.partition("-")[0])) for code, text in texts.items()}
        usual = _usual(named.values())
        for code in sorted(named):
            if named[code] != usual and code.partition("-")[0] not in table.explained.get(place, {}):
                yield f"{place}: {code} names {_list(named[code])}, most languages {_list(usual)}: {texts[code]}"


def _usual(named: Iterable[Numbers]) -> Numbers:
    """What most languages name; of equally many the one with more numbers, because a number is forgotten sooner than invented."""
    counted = Counter(named)
    return max(counted, key=lambda numbers: (counted[numbers], len(numbers), numbers))


def _list(numbers: Numbers) -> str:
    return ", ".join(numbers) or "none"


def _parallel_texts(knowledge: Knowledge) -> Iterator[tuple[str, dict[str, str]]]:
    """Every sentence and phrase with its wordings by language; regional wordings as `en-GB`."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for (reply, code), variant in knowledge.replies.variants.items():
        for sentence, text in variant.sentences.items():
            found[f"{reply}.{sentence}"][code] = text
        for region, own in variant.regions.items():
            for sentence, text in own.items():
                found[f"{reply}.{sentence}"][region] = text
    for code, words in knowledge.phrases.languages.items():
        for phrase_id, phrase in words.phrases.items():
            for number, text in enumerate(phrase.texts):
                found[f"{phrase_id}.{number}"][code] = text
            for region, texts in phrase.regions.items():
                for number, text in enumerate(texts):
                    found[f"{phrase_id}.{number}"][region] = text
    yield from found.items()


def _repeated_questions(knowledge: Knowledge) -> Iterator[str]:
    """The same question, but for case and punctuation, under two replies: the search could not tell them apart."""
    places: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)
    for (reply, code), variant in knowledge.replies.variants.items():
        for question in variant.questions:
            places[code, " ".join(_WORD.findall(question.casefold()))].setdefault(reply, question)
    for (code, _), replies in sorted(places.items()):
        if len(replies) > 1:
            yield f"{code}: {' and '.join(sorted(replies))} share the question: {next(iter(replies.values()))}"
