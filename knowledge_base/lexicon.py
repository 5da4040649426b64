"""Patterns of one language by which the checks recognise what must not be in a reply: `languages/<code>/checks.toml`.

A pattern is a regular expression over the case-folded text. `unless` are patterns that, in the same sentence, turn the
find into something harmless ("we cannot declare a lower value").
"""

import re
import warnings
from functools import cached_property
from pathlib import Path

from pydantic import field_validator

from knowledge_base.files import Reader
from knowledge_base.schema import Table


class Finder(Table):
    """Patterns of one check in one language."""

    find: tuple[str, ...]
    unless: tuple[str, ...] = ()

    @field_validator("find", "unless")
    @classmethod
    def _compiles(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for pattern in value:
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("error")  # a bracket that Python may read otherwise one day
                    re.compile(pattern)
            except (re.error, FutureWarning) as error:
                raise ValueError(f"{pattern!r}: {error}") from error
        return value

    @cached_property
    def find_pattern(self) -> re.Pattern[str] | None:
        """All patterns in one, or None where there are none."""
        return re.compile("|".join(f"(?:{pattern})" for pattern in self.find)) if self.find else None

    @cached_property
    def unless_pattern(self) -> re.Pattern[str] | None:
        """The same for `unless`."""
        return re.compile("|".join(f"(?:{pattern})" for pattern in self.unless)) if self.unless else None

    def search(self, sentence: str) -> re.Match[str] | None:
        """The first find in a folded sentence that nothing in it makes harmless."""
        match = self.find_pattern.search(sentence) if self.find_pattern else None
        harmless = match is not None and self.unless_pattern is not None and self.unless_pattern.search(sentence)
        return None if harmless else match

    def joined(self, other: "Finder") -> "Finder":
        """The patterns of both."""
        return Finder(find=(*self.find, *other.find), unless=(*self.unless, *other.unless))


class Lexicon(Table):
    """One language's patterns, by check id (docs/reference/checks.md)."""

    checks: dict[str, Finder]
    reported: Finder = Finder(find=())  # what the buyer asked or wrote, told again; `unless` is what agrees to it
    denial: Finder = Finder(find=())  # what turns something down, or leaves it to the buyer
    informal: Finder = Finder(find=())  # words of the familiar form of address
    formal: Finder = Finder(find=())  # words of the polite form

    def excuses(self, check_id: str, sentence: str) -> bool:
        """Whether a folded sentence holds what makes a find of that check harmless."""
        finder = self.checks.get(check_id)
        return bool(finder and finder.unless_pattern and finder.unless_pattern.search(sentence))


def read_lexicons(content: Path, reader: Reader) -> dict[str, Lexicon]:
    """Every language's patterns, by bare code, with those that hold in all of them (content/checks.toml)."""
    shared_path = content / "checks.toml"
    shared = reader.table(Lexicon, reader.toml(shared_path), shared_path) if shared_path.exists() else None
    found = {}
    for path in sorted((content / "languages").glob("*/checks.toml")):
        lexicon = reader.table(Lexicon, reader.toml(path), path)
        if lexicon is not None:
            found[path.parent.name] = _with_shared(lexicon, shared) if shared else lexicon
    return found


def _with_shared(lexicon: Lexicon, shared: Lexicon) -> Lexicon:
    checks = lexicon.checks | {
        check_id: lexicon.checks[check_id].joined(finder) if check_id in lexicon.checks else finder
        for check_id, finder in shared.checks.items()
    }
    return lexicon.model_copy(update={"checks": checks})
