"""A reply as one document - its structure and its wordings together - and the edits that lie over the shipped files.

Edits are plain values: where they are kept is the caller's affair.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated

from pydantic import Field, StringConstraints

from knowledge_base.catalogue import Product
from knowledge_base.replies import Replies
from knowledge_base.schema import Situation, Table, Variant, Vetting
from knowledge_base.sites import Site

Line = Annotated[str, StringConstraints(min_length=1, max_length=1000)]


class Wording(Table):
    """One language of a reply as a person writes it: sentences by their id, example questions, regional wordings by full tag."""

    sentences: dict[str, Line] = {}
    questions: Annotated[tuple[Line, ...], Field(max_length=50)] = ()
    regions: dict[str, dict[str, Line]] = {}


class Kept(Wording):
    """The same with who vouches for it; `vetting.version` is the version of the reply in which these words came."""

    vetting: Vetting

    @property
    def words(self) -> Wording:
        """Without the vetting, to compare."""
        return Wording(sentences=self.sentences, questions=self.questions, regions=self.regions)


class WrittenReply(Situation):
    """A reply as a person writes it."""

    retired: bool = False
    languages: dict[str, Wording] = {}


class Reply(Situation):
    """A reply as it is kept. A retired one is never used."""

    retired: bool = False
    languages: dict[str, Kept] = {}

    @property
    def situation(self) -> Situation:
        """The structure alone."""
        return Situation.model_construct(**{name: getattr(self, name) for name in Situation.model_fields})

    @property
    def written(self) -> WrittenReply:
        """What a person wrote, without vetting, to compare."""
        parts = {name: getattr(self, name) for name in (*Situation.model_fields, "retired")}
        words = {language: kept.words for language, kept in self.languages.items()}
        return WrittenReply.model_construct(**parts, languages=words)

    @property
    def version(self) -> int:
        """The newest version among its wordings; 1 where it has none."""
        return max((kept.vetting.version for kept in self.languages.values()), default=1)

    def variants(self) -> list[Variant]:
        """Its wordings as the drafts use them."""
        return [
            Variant(
                situation=self.id, language=language, vetting=kept.vetting,
                questions=kept.questions, sentences=kept.sentences, regions=kept.regions,
            )
            for language, kept in self.languages.items()
        ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Edits:
    """What lies over the files: of each edited reply what is in use, the products that were changed, those taken out, and the sites."""

    replies: tuple[Reply, ...] = ()
    products: tuple[Product, ...] = ()
    removed: frozenset[str] = field(default_factory=frozenset)  # skus
    sites: Mapping[str, Site] = field(default_factory=dict)


def documents(replies: Replies) -> dict[str, Reply]:
    """Every reply as a document, by id."""
    languages: dict[str, dict[str, Kept]] = {}
    for (reply_id, language), variant in sorted(replies.variants.items()):
        languages.setdefault(reply_id, {})[language] = Kept.model_construct(
            sentences=variant.sentences, questions=variant.questions, regions=variant.regions, vetting=variant.vetting
        )
    return {
        situation.id: Reply.model_construct(
            **{name: getattr(situation, name) for name in Situation.model_fields},
            retired=False,
            languages=languages.get(situation.id, {}),
        )
        for situation in replies.situations()
    }


def unvetted(words: Wording, by: str, on: date, version: int) -> Kept:
    """New words, which nobody vouches for yet."""
    vetting = Vetting(vetted=False, by=by, on=on, review=on, version=version)
    return Kept(sentences=words.sentences, questions=words.questions, regions=words.regions, vetting=vetting)


_READ_ONLY = ("intent", "version", "state", "source", "updated_by", "updated_at")
_READ_ONLY_WORDS = ("vetting", "vetted", "in_use")


def without_read_only(data: object) -> object:
    """A document as it is shown, less what only the library says of it; whether words are vetted is never taken from outside."""
    if not isinstance(data, dict):
        return data
    data = {key: value for key, value in data.items() if key not in _READ_ONLY}
    languages = data.get("languages")
    if isinstance(languages, dict):
        data["languages"] = {
            language: {key: value for key, value in words.items() if key not in _READ_ONLY_WORDS}
            if isinstance(words, dict)
            else words
            for language, words in languages.items()
        }
    return data
