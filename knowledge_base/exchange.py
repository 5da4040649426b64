"""Replies in files that people edit: YAML and JSON lines (CSV: spreadsheet.py). What a file does not name stays as it is."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

import yaml
from pydantic import ValidationError

from knowledge_base.edits import Reply, WrittenReply, without_read_only
from knowledge_base.proofread import Flaw, Place

Format = Literal["yaml", "jsonl", "csv"]
FORMATS: tuple[Format, ...] = ("yaml", "jsonl", "csv")
SUFFIXES: Mapping[str, Format] = {".yaml": "yaml", ".yml": "yaml", ".jsonl": "jsonl", ".csv": "csv"}
DEEPEST = 50  # levels of a file; a reply has six


@dataclass(frozen=True, slots=True)
class Item:
    """One reply as it stands in a file; lines count from 1."""

    line: int
    data: Mapping[str, object]
    lines: Mapping[Place, int] = field(default_factory=dict)  # of its parts, as far as the format tells

    def line_of(self, place: Place) -> int:
        """The line of the part, or of the nearest part around it that has one."""
        while place and place not in self.lines:
            place = place[:-1]
        return self.lines.get(place, self.line)


@dataclass(frozen=True, slots=True)
class RowFault:
    """One thing wrong in a file."""

    line: int
    flaw: Flaw
    item_id: str | None = None  # of the reply, or sku of the product


@dataclass(frozen=True, slots=True)
class Difference:
    """One value that a file changes; None: it is not there."""

    place: Place
    before: object
    after: object


# --- reading ----------------------------------------------------------------------------------------------------------


def read_jsonl(text: str) -> tuple[list[Item], list[RowFault]]:
    """One reply a line."""
    items, faults = [], []
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            data = json.loads(line)
        except (ValueError, RecursionError) as error:
            faults.append(_fault(number, str(error)))
            continue
        if isinstance(data, dict):
            items.append(Item(number, data))
        else:
            faults.append(_fault(number, "a line is an object"))
    return items, faults


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Safe, and without YAML's guesses: only true, false and nothing are special, so that Norway (NO) stays a country."""

    yaml_implicit_resolvers: Mapping[str, object] = {}


_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$", re.IGNORECASE), list("tTfF"))
_Loader.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"^(?:~|null|)$"), ["~", "n", ""])


def read_yaml(text: str) -> tuple[list[Item], list[RowFault]]:
    """A list of replies, or one."""
    try:
        refused = _refused(text)
        if refused is not None:
            return [], [refused]
        loader = _Loader(text)
        node = loader.get_single_node()
        parts = node.value if isinstance(node, yaml.SequenceNode) else [node] if node is not None else []
        return _yaml_items([(part, loader.construct_document(part)) for part in parts])
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        return [], [_fault(mark.line + 1 if mark else 1, error.problem or "is not YAML")]
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        return [], [_fault(1, f"is not YAML that can be read: {type(error).__name__}")]


def _refused(text: str) -> RowFault | None:
    """What would stand for more than it looks: a few lines of aliases are gigabytes, and levels cost time by their square."""
    levels = 0
    for event in yaml.parse(text, Loader=_Loader):
        line = event.start_mark.line + 1 if event.start_mark else 1
        if isinstance(event, yaml.AliasEvent):
            return _fault(line, "aliases (*name) are not read")
        levels += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if levels > DEEPEST:
            return _fault(line, f"more than {DEEPEST} levels lie inside each other")
    return None


def _yaml_items(parts: Iterable[tuple[yaml.Node, object]]) -> tuple[list[Item], list[RowFault]]:
    items, faults = [], []
    for node, data in parts:
        first = node.start_mark.line + 1
        lines, twice = dict[Place, int](), list[Flaw]()
        for place, line in _places(node, ()):
            if place in lines:
                twice.append(Flaw(place, "stands twice"))
            lines[place] = line
        faults += [RowFault(lines[flaw.place], flaw) for flaw in twice]
        if isinstance(data, dict):
            items.append(Item(first, data, lines))
        else:
            faults.append(_fault(first, "a reply is a mapping with an id"))
    return items, faults


def _places(node: yaml.Node, place: Place) -> Iterator[tuple[Place, int]]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            inner = (*place, str(key.value))
            yield inner, key.start_mark.line + 1
            yield from _places(value, inner)
    elif isinstance(node, yaml.SequenceNode):
        for number, value in enumerate(node.value):
            yield (*place, number), value.start_mark.line + 1
            yield from _places(value, (*place, number))


def _fault(line: int, detail: str) -> RowFault:
    return RowFault(line, Flaw((), detail))


# --- writing ----------------------------------------------------------------------------------------------------------


def exported(reply: Reply, version: int, language: str | None = None) -> dict[str, object]:
    """A reply as a file holds it: what is as it is anyhow is left out. `version` and `vetted` tell; an import does not read them."""
    data = reply.written.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    languages = {}
    for code, kept in reply.languages.items():
        if language in (None, code):
            words = kept.words.model_dump(mode="json", exclude_defaults=True)
            languages[code] = words if kept.vetting.vetted else {"vetted": False, **words}
    data["sentences"] = [{key: value for key, value in item.items() if value != []} for item in data["sentences"]]
    rest = {key: value for key, value in data.items() if key not in ("id", "languages") and value != []}
    return {"id": reply.id, "version": version, **rest, "languages": languages}


def write_jsonl(replies: Iterable[Mapping[str, object]]) -> str:
    """One reply a line."""
    return "".join(json.dumps(reply, ensure_ascii=False) + "\n" for reply in replies)


def write_yaml(replies: Iterable[Mapping[str, object]]) -> str:
    """A list of replies; one line a text."""
    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    return str(yaml.dump(list(replies), Dumper=dumper, allow_unicode=True, sort_keys=False, width=1_000_000))


# --- what a file changes ----------------------------------------------------------------------------------------------


def merged(data: Mapping[str, object], before: Reply | None) -> WrittenReply | list[Flaw]:
    """The reply with what the file says of it. With `sentences` the file tells the whole structure, without them only what it names; languages and sentences that it does not name stay."""
    named = without_read_only(dict(data))
    assert isinstance(named, dict)  # noqa: S101 - a dict went in
    old = before.written.model_dump(mode="json", by_alias=True) if before else {}
    old_languages = old.pop("languages", {})
    structure = {key: value for key, value in named.items() if key != "languages"}
    if "sentences" not in named:
        scopes = (old.get("scope", {}), structure.get("scope"))
        if isinstance(scopes[1], dict):
            structure["scope"] = scopes[0] | scopes[1]
        structure = old | structure
    worded = _worded(structure.get("sentences"))
    languages: dict[str, object] = {code: _kept_words(words, worded) for code, words in old_languages.items()}
    new_languages = named.get("languages", {})
    if not isinstance(new_languages, dict):
        return [Flaw(("languages",), "is a table of languages")]
    for code, words in new_languages.items():
        known = languages.get(code)
        languages[code] = _with_words(known if isinstance(known, dict) else {}, words)
    try:
        return WrittenReply.model_validate({**structure, "languages": languages})
    except ValidationError as error:
        return [Flaw(_place(item["loc"]), item["msg"].removeprefix("Value error, ")) for item in error.errors()]


def _place(loc: tuple[int | str, ...]) -> Place:
    return tuple(loc)


def _worded(sentences: object) -> frozenset[str]:
    """Ids of the sentences that languages word, as far as the structure can be read at all."""
    found = [item for item in sentences if isinstance(item, dict)] if isinstance(sentences, list) else []
    return frozenset(str(item.get("id")) for item in found if not item.get("asks") and item.get("policy") is None)


def _kept_words(words: Mapping[str, object], worded: frozenset[str]) -> dict[str, object]:
    """Old words less the sentences that the structure has no more."""

    def less(texts: object) -> dict[str, object]:
        return {key: text for key, text in texts.items() if key in worded} if isinstance(texts, dict) else {}

    regions = words.get("regions")
    kept = {region: less(texts) for region, texts in regions.items()} if isinstance(regions, dict) else {}
    return {**words, "sentences": less(words.get("sentences")), "regions": {key: texts for key, texts in kept.items() if texts}}  # fmt: skip


def _with_words(known: Mapping[str, object], words: object) -> object:
    if not isinstance(words, dict):
        return words  # the schema names the fault
    sentences, new = known.get("sentences"), words.get("sentences")
    if isinstance(sentences, dict) and isinstance(new, dict):
        words = {**words, "sentences": sentences | new}
    return {**known, **words}


def differences(before: WrittenReply | None, after: WrittenReply) -> list[Difference]:
    """Every value that differs, in the order of its place."""
    old, new = dict(_values((), _plain(before))) if before else {}, dict(_values((), _plain(after)))
    places = sorted(old.keys() | new.keys(), key=lambda place: tuple(map(str, place)))
    return [Difference(place, old.get(place), new.get(place)) for place in places if old.get(place) != new.get(place)]


def _plain(reply: WrittenReply) -> dict[str, object]:
    """With sentences by their id, and the order that they stand in beside them."""
    data = reply.model_dump(mode="json", by_alias=True)
    sentences = data.pop("sentences")
    order = [item.pop("id") for item in sentences]
    return {**data, "order": order, "sentences": dict(zip(order, sentences, strict=True))}


def _values(place: Place, value: object) -> Iterator[tuple[Place, object]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _values((*place, key), inner)
    elif value not in (None, [], "", False):
        yield place, value
