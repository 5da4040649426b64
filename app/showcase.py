"""A page of drafts: the same situations in every language, as the service answers them. Made by scripts/five_situations.py."""

import tomllib
from pathlib import Path

from app.domain import Basis, BuyerMessage, Drafted, Money, Order, Value
from app.drafting.drafter import Drafter


class Someone(Value):
    """Who writes in one language."""

    language: str
    market: str
    name: str
    total: Money


class Situation(Value):
    """One situation with its order or product, and the message of each language."""

    id: str
    title: str
    about: str
    order: Order | None = None
    product: str | None = None
    messages: dict[str, str]


class Showcase(Value):
    """The whole data file."""

    received_at: str
    channel: str
    buyer: tuple[Someone, ...]
    situation: tuple[Situation, ...]


def read_showcase(path: Path) -> Showcase:
    """Raises ValidationError where the file is faulty."""
    return Showcase.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))


def showcase_page(drafter: Drafter, showcase: Showcase, languages: tuple[str, ...] = ()) -> str:
    """The page as Markdown; with `languages` only these."""
    buyers = [buyer for buyer in showcase.buyer if not languages or buyer.language in languages]
    parts = [_HEAD, _overview(drafter, showcase, buyers)]
    for situation in showcase.situation:
        parts.append(f"## {situation.title}\n\n{situation.about}")
        parts += [_letter(situation.messages[buyer.language], buyer, draft_of(drafter, showcase, situation, buyer), drafter) for buyer in buyers]  # fmt: skip
    return "\n\n".join(parts) + "\n"


_HEAD = """# Five situations in every language

Made by `python -m scripts.five_situations` from the messages in `scripts/five_situations.toml`: what the service drafts, unedited, with nothing told to it but message, market and order. Below each draft stands how the message was read, and the English gloss that an agent sees."""


def _overview(drafter: Drafter, showcase: Showcase, buyers: list[Someone]) -> str:
    """A table: which reply each message got, so that a misreading is seen at a glance."""
    titles = " | ".join(situation.title for situation in showcase.situation)
    rows = [f"| | {titles} |", "| --- |" + " --- |" * len(showcase.situation)]
    for buyer in buyers:
        cells = [_chosen(draft_of(drafter, showcase, situation, buyer)) for situation in showcase.situation]
        rows.append(f"| {drafter.knowledge.languages[buyer.language].name} | " + " | ".join(cells) + " |")
    return "\n".join(rows)


def _chosen(drafted: Drafted) -> str:
    return ", ".join(f"`{answer.situation}`" for answer in drafted.plan.answers) or f"({drafted.plan.verdict})"


def draft_of(drafter: Drafter, showcase: Showcase, situation: Situation, buyer: Someone) -> Drafted:
    """One message's draft, for an agent who reads English."""
    order = situation.order.model_copy(update={"total": buyer.total, "destination_country": buyer.market}) if situation.order else None  # fmt: skip
    message = BuyerMessage.model_validate(
        {
            "text": situation.messages[buyer.language], "received_at": showcase.received_at, "channel": showcase.channel,
            "buyer": {"name": buyer.name, "country": buyer.market}, "order": order, "product": {"sku": situation.product} if situation.product else None,
        }
    )  # fmt: skip
    return drafter.draft(Basis(message=message))


def _letter(text: str, buyer: Someone, drafted: Drafted, drafter: Drafter) -> str:
    name = drafter.knowledge.languages[buyer.language].name
    letter = drafted.draft.text or f"({drafted.draft.verdict}: {drafted.draft.reason})"
    parts = [
        f"### {name} ({drafted.draft.language}, {buyer.market})",
        quoted(text),
        "Draft:",
        quoted(letter),
        read_as(drafted),
    ]
    if drafted.draft.gloss.text and buyer.language != "en":
        parts.append(f"<details><summary>In English</summary>\n\n{quoted(drafted.draft.gloss.text)}\n\n</details>")
    return "\n\n".join(parts)


def quoted(text: str) -> str:
    """A block quote that keeps its lines."""
    return "\n".join(f"> {line}\\" if line and following else f"> {line}" for line, following in _with_next(text))


def _with_next(text: str) -> list[tuple[str, str]]:
    lines = text.split("\n")
    return list(zip(lines, [*lines[1:], ""], strict=True))


def read_as(drafted: Drafted) -> str:
    """What was understood, and what the agent is shown beside the text."""
    reading, draft = drafted.analysis, drafted.draft
    intents = ", ".join(f"{intent.id} {intent.score:.2f}" for intent in reading.intents)
    flags = ", ".join(flag.id for flag in reading.conduct) or "none"
    findings = "; ".join(f"{check.id} ({check.status})" for check in draft.checks) or "none"
    missing = ", ".join(f"{item.slot} (from the {item.teller})" for item in draft.missing) or "nothing"
    return (
        f"Read as {intents}{' (unsure)' if reading.abstained else ''}; feeling: {reading.emotion.id} {reading.emotion.intensity:.2f}; conduct: {flags}; "
        f"priority: {reading.priority.level}; verdict: {draft.verdict}; missing: {missing}; checks: {findings}."
    )
