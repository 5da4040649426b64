"""A page of drafts per language, for readers of that language: message, draft, gloss."""

from collections.abc import Iterable, Sequence

from app.domain import Basis, Drafted
from app.draft_cases import Case
from app.drafting.drafter import Drafter
from app.showcase import quoted, read_as

LETTERS = 10


def letters_page(language: str, cases: Iterable[Case], drafter: Drafter, count: int = LETTERS) -> str:
    """The first messages whose drafts take a reply that no earlier one on the page took, in the order of the file."""
    name = drafter.knowledge.languages[language].name
    parts = [_HEAD.format(name=name, count=count)]
    for number, (case, drafted) in enumerate(_varied(cases, drafter, count), 1):
        parts.append(f"## {number}. {_title(drafted)}\n\n{quoted(case.message.text)}")
        parts.append(f"Draft ({drafted.draft.language}, {case.message.buyer.country}, {case.message.channel}):\n\n{quoted(drafted.draft.text)}")  # fmt: skip
        parts.append(read_as(drafted))
        if drafted.draft.gloss.text and language != "en":
            parts.append(f"In English:\n\n{quoted(drafted.draft.gloss.text)}")
    return "\n\n".join(parts) + "\n"


_HEAD = """# {count} drafts in {name}

Made by `countersign drafts show docs/drafts` from test messages with orders that fit them (`tests/drafts/orders.toml`): what the service drafts, unedited. Below each draft stands how the message was read, and the gloss that an English-speaking agent sees."""


def _varied(cases: Iterable[Case], drafter: Drafter, count: int) -> Sequence[tuple[Case, Drafted]]:
    found: list[tuple[Case, Drafted]] = []
    seen: set[str] = set()
    for case in cases:
        drafted = drafter.draft(Basis(message=case.message))
        new = {answer.situation for answer in drafted.plan.answers} - seen
        if drafted.draft.text and drafted.plan.answers[0].situation in new:
            seen |= new
            found.append((case, drafted))
        if len(found) == count:
            break
    return found


def _title(drafted: Drafted) -> str:
    return ", ".join(f"`{answer.situation}`" for answer in drafted.plan.answers)
