"""The market's manner, put on a neutral letter: rules as data, each change recorded with its reason.

Only manner changes: which facts are said, and what is promised, is the plan's matter. Adapting twice changes nothing.
"""

from collections.abc import Callable
from dataclasses import replace

from app.domain import Adjustment
from app.drafting.facts import Facts
from app.drafting.outline import Outline, Piece
from app.drafting.values import Known
from knowledge_base.profiles import Manner, Rule

Change = tuple[Outline, str | None]  # the letter, and the effect in words (None: nothing changed)


def adapt(outline: Outline, facts: Facts, language: str, agent_language: str) -> tuple[Outline, tuple[Adjustment, ...]]:
    """The letter in the market's manner, with what was done and why in the agent's language."""
    manner = facts.profile.manner_in(language)
    public = facts.message.visibility == "public"
    adjustments = []
    for name, rule, apply in _rules(manner):
        outline, effect = apply(outline, facts)
        if effect is not None and not (public and name in ("opening", "closing")):
            reason = rule.reason.get(agent_language) or rule.reason["en"]
            adjustments.append(
                Adjustment(rule=f"{facts.profile.market.lower()}.{name}.{effect}", effect=effect, reason=reason)
            )
    return outline, tuple(adjustments)


def addressed(facts: Facts, language: str) -> Facts:
    """The buyer's name as the market writes it in a salutation: whole, or the first name alone."""
    manner = facts.profile.manner_in(language)
    known = facts.values.get("name")
    if known is None or manner.salutation.name == "full":
        return facts
    given_first = str(known.value).split()[:1]
    values = {name: value for name, value in facts.values.items() if name != "name"}
    if manner.salutation.name == "first" and given_first:
        values["name"] = Known(given_first[0], known.origin)
    return replace(facts, values=values)


def _rules(manner: Manner) -> tuple[tuple[str, Rule, Callable[[Outline, Facts], Change]], ...]:
    return (
        ("salutation", manner.salutation, lambda outline, facts: _salutation(outline, facts, manner)),
        ("opening", manner.opening, lambda outline, facts: _opening(outline, manner)),
        ("order", manner.order, lambda outline, facts: _order(outline, manner)),
        ("facts", manner.facts, lambda outline, facts: _facts(outline, manner)),
        ("apologies", manner.apologies, lambda outline, facts: _apologies(outline, manner)),
        ("closing", manner.closing, lambda outline, facts: _closing(outline, manner)),
    )


def _salutation(outline: Outline, facts: Facts, manner: Manner) -> Change:
    public = facts.message.visibility == "public"
    named = "named" if "name" in facts.values and manner.salutation.name != "none" and not public else "unnamed"
    wanted = f"salutation.{manner.salutation.value}.{named}"
    return _with_source(outline, "salutation", wanted), manner.salutation.value


def _opening(outline: Outline, manner: Manner) -> Change:
    """A message that shows no feeling: the market's own first line, or none."""
    calm = [piece for piece in outline.pieces if piece.source == "opening.neutral"]
    if manner.opening.value == "formula":
        if any(piece.source == "formula.opening" for piece in outline.pieces) or not outline.pieces:
            return outline, "formula"
        first = outline.pieces[0]
        formula = Piece("salutation", "opening", 1, "formula.opening")
        rest = tuple(piece for piece in outline.pieces[1:] if piece not in calm)
        return Outline((first, formula, *rest)), "formula"
    if manner.opening.value == "none" and calm:
        return Outline(tuple(piece for piece in outline.pieces if piece not in calm)), "none"
    return outline, "none" if manner.opening.value == "none" else None


def _order(outline: Outline, manner: Manner) -> Change:
    """Answer first: a calm opening of one sentence runs into the answer's paragraph instead of standing alone."""
    if manner.order.value != "answer_first":
        return outline, None
    opening = [
        piece
        for piece in outline.pieces
        if piece.frame in ("opening", "conduct", "apology") and piece.source != "formula.opening"
    ]
    if len(opening) != 1:
        return outline, "answer_first"
    first = min((piece.paragraph for piece in outline.pieces if piece.frame == "matter"), default=1)
    return Outline(
        tuple(replace(piece, paragraph=first) if piece in opening else piece for piece in outline.pieces)
    ), "answer_first"


def _facts(outline: Outline, manner: Manner) -> Change:
    """Two or more facts in a row become lines where the market reads lines."""
    if manner.facts.value != "lines":
        return outline, None
    pieces = list(outline.pieces)
    for place, piece in enumerate(pieces):
        neighbours = [pieces[other] for other in (place - 1, place + 1) if 0 <= other < len(pieces)]
        if piece.fact and any(other.fact and other.paragraph == piece.paragraph for other in neighbours):
            pieces[place] = replace(piece, line=True)
    return Outline(tuple(pieces)), "lines" if any(piece.line and piece.fact for piece in pieces) else None


def _apologies(outline: Outline, manner: Manner) -> Change:
    """No more apologies than the market takes as sincere; the most particular one stays."""
    apologies = [piece for piece in outline.pieces if piece.frame == "apology"]
    return (
        (outline.without("apology"), str(manner.apologies.value))
        if len(apologies) > manner.apologies.value
        else (outline, None)
    )


def _closing(outline: Outline, manner: Manner) -> Change:
    return _with_source(outline, "closing", f"closing.{manner.closing.value}"), manner.closing.value


def _with_source(outline: Outline, frame: str, source: str) -> Outline:
    return Outline(tuple(replace(piece, source=source) if piece.frame == frame else piece for piece in outline.pieces))
