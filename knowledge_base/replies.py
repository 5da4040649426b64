"""The vetted replies: their structure from `content/intents/`, their wording from `content/languages/<code>/replies/`."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from knowledge_base.files import Reader, Toml
from knowledge_base.schema import SLOT_MARK, Intent, Occasion, Sentence, Situation, Slot, Variant, Vetting


@dataclass(frozen=True)
class Replies:
    """All intents, and the variants by (situation, language)."""

    intents: Mapping[str, Intent]
    variants: Mapping[tuple[str, str], Variant]

    def get_situation(self, situation_id: str) -> Situation:
        """Raises KeyError where there is none of that id."""
        return self._situations[situation_id]

    @cached_property
    def _situations(self) -> Mapping[str, Situation]:
        return {situation.id: situation for situation in self.situations()}

    def find_variant(self, situation_id: str, language: str, occasion: Occasion) -> Variant | None:
        """The wording that may be used there and then: vetted, in its window and in its scope. None where there is none."""
        variant = self.variants.get((situation_id, language))
        if variant is None or not variant.vetting.vetted:
            return None
        expired = variant.vetting.valid_until is not None and variant.vetting.valid_until < occasion.on
        meant = self.get_situation(situation_id).meant_for(occasion)
        return variant if meant and not expired else None

    @cached_property
    def always_usable(self) -> frozenset[tuple[str, str]]:
        """Those of `variants` that no occasion rules out: nearly all of them."""
        return frozenset(
            (situation_id, language)
            for (situation_id, language), variant in self.variants.items()
            if variant.vetting.vetted
            and variant.vetting.valid_until is None
            and self.get_situation(situation_id).meant_always
        )

    def situations(self) -> Iterable[Situation]:
        """Every situation, in the order of the intents."""
        return (situation for intent in self.intents.values() for situation in intent.situation)


def read_replies(content: Path, slots: Mapping[str, Slot], reader: Reader) -> Replies:
    """Reads structure and wording; faults are kept in `reader`."""
    intents = {
        intent.id: intent
        for path in sorted((content / "intents").glob("*.toml"))
        if (intent := _read_intent(path, slots, reader))
    }
    situations = {situation.id: situation for intent in intents.values() for situation in intent.situation}
    variants: dict[tuple[str, str], Variant] = {}
    for path in sorted((content / "languages").glob("*/replies/*.toml")):
        for variant in _read_variants(path, situations, slots, reader):
            variants[variant.situation, variant.language] = variant
    return Replies(intents, variants)


def _read_intent(path: Path, slots: Mapping[str, Slot], reader: Reader) -> Intent | None:
    intent = reader.table(Intent, reader.toml(path), path)
    for situation in intent.situation if intent else ():
        for sentence in situation.sentences:
            unknown = [name for name in (*sentence.needs, *sentence.asks) if name not in slots]
            if unknown:
                reader.fault(path, f"{situation.id}.{sentence.id}", f"unknown slot {unknown[0]!r}")
    return intent


def _read_variants(
    path: Path, situations: Mapping[str, Situation], slots: Mapping[str, Slot], reader: Reader
) -> list[Variant]:
    tables = reader.toml(path)
    vetting = reader.table(Vetting, _as_table(tables.pop("vetting", {})), path, "vetting")
    variants = []
    for situation_id, table in tables.items():
        situation = situations.get(situation_id)
        if situation is None:
            reader.fault(path, situation_id, "no such situation in content/intents")
        elif vetting is not None:
            variant = _read_variant(path, situation, _as_table(table), vetting, reader)
            if variant is not None:
                _hold_against(situation, variant, slots, path, reader)
                variants.append(variant)
    return variants


def _read_variant(path: Path, situation: Situation, table: Toml, vetting: Vetting, reader: Reader) -> Variant | None:
    own = reader.table(
        Vetting, vetting.model_dump() | _as_table(table.pop("vetting", {})), path, f"{situation.id}.vetting"
    )
    data = {
        "situation": situation.id,
        "language": path.parent.parent.name,
        "vetting": own,
        "questions": table.pop("questions", []),
        "regions": table.pop("regions", {}),
        "sentences": table,
    }
    return reader.table(Variant, data, path, situation.id)


def _hold_against(
    situation: Situation, variant: Variant, slots: Mapping[str, Slot], path: Path, reader: Reader
) -> None:
    """A wording has exactly the sentences of the structure, and names exactly the slots that they declare."""
    worded = {sentence.id: sentence for sentence in situation.sentences if sentence.worded}
    for missing in sorted(worded.keys() - variant.sentences.keys()):
        reader.fault(path, f"{situation.id}.{missing}", "the wording is missing")
    for stray in sorted(variant.sentences.keys() - worded.keys()):
        reader.fault(path, f"{situation.id}.{stray}", "the structure has no such sentence")
    texts = [(sentence_id, text) for sentence_id, text in variant.sentences.items()]
    texts += [(sentence_id, text) for region in variant.regions.values() for sentence_id, text in region.items()]
    for sentence_id, text in texts:
        if sentence_id in worded:
            detail = slot_fault(worded[sentence_id], text, slots)
            if detail:
                reader.fault(path, f"{situation.id}.{sentence_id}", detail)


def slot_fault(sentence: Sentence, text: str, slots: Mapping[str, Slot]) -> str | None:
    """What is wrong with the slots that a wording names, or None."""
    named = set(SLOT_MARK.findall(text))
    undeclared = {name for name in named - set(sentence.needs) if not (name in slots and slots[name].always)}
    if undeclared:
        return f"names {sorted(undeclared)[0]!r}, which the structure does not declare under needs"
    left = SLOT_MARK.sub("", text)
    return "a brace stands outside a slot" if "{" in left or "}" in left else None


def _as_table(value: object) -> Toml:
    return dict(value) if isinstance(value, dict) else {}
