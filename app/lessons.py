"""What the classifiers learn from: buyers' messages of the corpus, and for intents the example questions of the vetted replies."""

from collections.abc import Sequence
from pathlib import Path

from knowledge_base.knowledge import CONTENT, Knowledge
from models.examples import Example, read_examples


def read_lessons(kind: str, data: Sequence[Path], knowledge: Knowledge) -> list[Example]:
    """Examples for one kind; `data` replaces the corpus where it is given. ExamplesError names file and line."""
    if data:
        return read_examples(data)
    examples = read_examples(sorted((CONTENT / "languages").glob("*/examples.jsonl")))
    return [*examples, *_questions(knowledge)] if kind == "intent" else examples


def _questions(knowledge: Knowledge) -> list[Example]:
    """Each example question is a short message with one intent; it shows no feeling, so the other kinds leave it out."""
    replies = [
        (reply.partition(".")[0], language, text)
        for (reply, language), variant in knowledge.replies.variants.items()
        for text in variant.questions
    ]
    requests = [
        ("special_request", language, text)
        for language, words in knowledge.phrases.languages.items()
        for texts in words.requests.values()
        for text in texts
    ]
    unique = {(language, text): intent for intent, language, text in (*replies, *requests)}
    return [
        Example(text, language, (intent,), None, None, (), None, ())
        for (language, text), intent in sorted(unique.items())
    ]
