"""Everything in `content/`, read and validated in one go."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from knowledge_base.catalogue import Catalogue, read_catalogue
from knowledge_base.errors import ContentError
from knowledge_base.files import Reader
from knowledge_base.languages import LanguageProfile, read_languages
from knowledge_base.lexicon import Lexicon, read_lexicons
from knowledge_base.outreach import OutreachRules, read_outreach
from knowledge_base.phrases import Phrases, read_phrases
from knowledge_base.policies import Policies, read_policies
from knowledge_base.profiles import Profiles, read_profiles
from knowledge_base.replies import Replies, read_replies
from knowledge_base.schema import Slot
from knowledge_base.search import Entry, entries_of
from knowledge_base.sites import Site, read_sites

CONTENT = Path(__file__).parent / "content"


@dataclass(frozen=True, slots=True)
class Knowledge:
    """All content, never changed after reading; an edit reads a new one."""

    slots: Mapping[str, Slot]
    replies: Replies
    phrases: Phrases
    policies: Policies
    profiles: Profiles
    languages: Mapping[str, LanguageProfile]
    lexicons: Mapping[str, Lexicon]
    sites: Mapping[str, Site]
    catalogue: Catalogue
    outreach: OutreachRules
    agent_words: Mapping[str, Mapping[str, str]]
    version: str  # hash of all files

    def entries(self) -> list[Entry]:
        """What the index holds."""
        return entries_of(self.replies, {code: dict(words.requests) for code, words in self.phrases.languages.items()})

    def site(self, name: str) -> Site:
        """The site of that name; an unknown one is the default site."""
        return self.sites.get(name) or self.sites["default"]

    def served(self, code: str) -> bool:
        """Whether vetted replies exist in that language (bare code)."""
        return code in self.languages and code in self.phrases.languages

    def words(self, agent_language: str) -> Mapping[str, str]:
        """The words that explain a draft to an agent; English where the language has none."""
        return self.agent_words.get(agent_language) or self.agent_words["en"]


def read_knowledge(content: Path = CONTENT) -> Knowledge:
    """Raises ContentError with every fault in every file."""
    reader = Reader()
    slots = _read_slots(content, reader)
    replies = read_replies(content, slots, reader)
    phrases = read_phrases(content, slots, reader)
    policies = read_policies(content, reader)
    outreach = read_outreach(content, replies, phrases.specs, reader)
    profiles = read_profiles(content, reader)
    languages = read_languages(content, reader)
    lexicons = read_lexicons(content, reader)
    sites = read_sites(content, reader)
    catalogue = read_catalogue(content / "sites" / "default.products.jsonl", reader)
    agent_words = {
        path.stem: {key: str(text) for key, text in reader.toml(path).items()}
        for path in sorted((content / "agent").glob("*.toml"))
    }
    reader.finish()
    if policies is None or profiles is None or outreach is None:  # pragma: no cover - finish() has raised
        raise ContentError(reader.faults)
    return Knowledge(
        slots,
        replies,
        phrases,
        policies,
        profiles,
        languages,
        lexicons,
        sites,
        catalogue,
        outreach,
        agent_words,
        content_hash(content),
    )


_NO_PART = frozenset(
    {"examples.jsonl", "gate.jsonl", "default.samples.jsonl", "numbers.toml", "chat.toml"}
)  # what no draft depends on


def content_hash(content: Path) -> str:
    """Sixteen hexadecimal digits over names and bytes of every file that a draft depends on."""
    digest = hashlib.sha256()
    for path in sorted(content.rglob("*")):
        if path.is_file() and path.suffix in (".toml", ".jsonl") and path.name not in _NO_PART:
            digest.update(str(path.relative_to(content)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]


def _read_slots(content: Path, reader: Reader) -> dict[str, Slot]:
    path = content / "slots.toml"
    slots = {}
    for name, table in reader.toml(path).items():
        slot = reader.table(Slot, table, path, name) if isinstance(table, dict) else None
        if slot is not None:
            slots[name] = slot
    return slots
