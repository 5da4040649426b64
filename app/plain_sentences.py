"""Sentences of vetted replies that need no fact: what an agent writes too, and what the witness has to leave alone."""

from zlib import crc32

from knowledge_base.knowledge import Knowledge
from models.wording import Wording

EACH = 120
"""So many of a language: about as many as were written to be near to what must not go out."""


def plain_sentences(knowledge: Knowledge) -> list[Wording]:
    """The same ones of the same content, drawn by a checksum."""
    found: list[Wording] = []
    for code in sorted(knowledge.languages):
        variants = (variant for (_, language), variant in knowledge.replies.variants.items() if language == code)
        texts = {text for variant in variants for text in variant.sentences.values() if "{" not in text}
        found += [Wording(text, code) for text in sorted(texts, key=lambda text: crc32(text.encode()))[:EACH]]
    return found
