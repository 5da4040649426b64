"""The frame of a letter: `content/phrases.toml` says which phrases there are, each language's file words them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from pydantic import Field

from knowledge_base.files import Reader
from knowledge_base.schema import SLOT_MARK, Phrase, Slot, Table


class PhraseSpec(Table):
    """What every language's wording of one phrase has to hold."""

    count: int = Field(ge=1)
    slots: tuple[str, ...] = ()
    techniques: tuple[str, ...] = ()
    leads: bool = False  # its last words lead to the answer: it stands right before it, after any regret
    said_by: tuple[str, ...] = ()  # intents whose answer, and phrases that, say the same


class LanguageWords(Table):
    """One language's `phrases.toml`."""

    version: int = Field(ge=1)
    phrases: dict[str, Phrase]
    units: dict[str, dict[str, str]]  # unit -> CLDR plural category -> "{n} working days"
    regional_units: dict[str, dict[str, dict[str, str]]] = {}  # full tag -> the same, where a region says it otherwise
    requests: dict[str, tuple[str, ...]] = {}  # kind of special request -> how buyers word it
    mentions: dict[
        str, tuple[str, ...]
    ] = {}  # matter -> stems that show that a message is about it, whatever else it says
    automatic: tuple[str, ...] = ()  # words by which a mail shows that a machine sent it and nobody waits for an answer

    def unit(self, name: str, tag: str) -> dict[str, str]:
        """The forms of a unit in the words of a full tag's region, by plural category."""
        return self.regional_units.get(tag, {}).get(name) or self.units.get(name, {})


@dataclass(frozen=True)
class Phrases:
    """Phrase specifications and the words of each language."""

    specs: Mapping[str, PhraseSpec]
    languages: Mapping[str, LanguageWords] = field(default_factory=dict)

    def find(self, phrase_id: str, language: str) -> Phrase | None:
        """The language's wordings, or None where the language or the phrase is not there."""
        words = self.languages.get(language)
        return words.phrases.get(phrase_id) if words else None

    @cached_property
    def automatic(self) -> frozenset[str]:
        """The words of machines in every language, case-folded."""
        return frozenset(mark.casefold() for words in self.languages.values() for mark in words.automatic)

    def matters(self, text: str, language: str) -> frozenset[str]:
        """The matters of which a message holds a stem of its language, or an English one: buyers mix the two."""
        folded = text.casefold()
        known = (words.mentions for code in (language, "en") if (words := self.languages.get(code)))
        return frozenset(
            matter for mentions in known for matter, stems in mentions.items() if any(stem in folded for stem in stems)
        )


def read_phrases(content: Path, slots: Mapping[str, Slot], reader: Reader) -> Phrases:
    """Reads the specification and each language's words; faults are kept in `reader`."""
    path = content / "phrases.toml"
    specs = {
        key: spec
        for key, table in reader.toml(path).items()
        if isinstance(table, dict) and (spec := reader.table(PhraseSpec, table, path, key))
    }
    languages = {}
    for file in sorted((content / "languages").glob("*/phrases.toml")):
        words = reader.table(LanguageWords, _with_phrases(reader.toml(file)), file)
        if words is not None:
            _hold_against(specs, words, slots, file, reader)
            languages[file.parent.name] = words
    return Phrases(specs, languages)


def _with_phrases(data: dict[str, object]) -> dict[str, object]:
    """In the file a phrase is `"id" = ["...", "..."]`, or a table with `texts` and `regions`."""
    phrases = data.get("phrases")
    if isinstance(phrases, dict):
        data = data | {
            "phrases": {key: {"texts": value} if isinstance(value, list) else value for key, value in phrases.items()}
        }
    return data


def _hold_against(
    specs: Mapping[str, PhraseSpec], words: LanguageWords, slots: Mapping[str, Slot], path: Path, reader: Reader
) -> None:
    for missing in sorted(specs.keys() - words.phrases.keys()):
        reader.fault(path, f"phrases.{missing}", "the wording is missing")
    for stray in sorted(words.phrases.keys() - specs.keys()):
        reader.fault(path, f"phrases.{stray}", "content/phrases.toml has no such phrase")
    for phrase_id in sorted(specs.keys() & words.phrases.keys()):
        spec, phrase = specs[phrase_id], words.phrases[phrase_id]
        for region, texts in (("", phrase.texts), *phrase.regions.items()):
            if len(texts) != spec.count:
                reader.fault(path, f"phrases.{phrase_id}{region}", f"has {len(texts)} wordings, needs {spec.count}")
            for name in {name for text in texts for name in SLOT_MARK.findall(text)}:
                if name not in spec.slots and not (name in slots and slots[name].always):
                    reader.fault(path, f"phrases.{phrase_id}{region}", f"names {name!r}, which is not declared")
