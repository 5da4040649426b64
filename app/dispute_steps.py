"""What a case says to its buyer next: a draft for each step, asked for by an agent, signed by a person as any other."""

from collections.abc import Callable
from datetime import UTC, datetime

from sqlalchemy import Connection, Engine

from app.case import Case, Proposed, Purpose, with_case
from app.desk import Person
from app.disputes import Disputes, ordered_message
from app.domain import BuyerMessage, Options
from app.errors import Conflict, InvalidInput, Pointer
from app.outreach import Happened, Outreach
from app.store import drafts
from app.store.database import reading
from app.store.drafts import StoredDraft
from app.store.ids import new_id

SIDES: dict[Purpose, tuple[str, ...]] = {"accept": ("buyer",), "counter_offer": ("seller",)}
"""Whose newest offer a step is about; the others are about none."""


class DisputeSteps:
    """Built once; holds the cases, and the outreach that makes the drafts."""

    def __init__(
        self, engine: Engine, disputes: Disputes, outreach: Outreach, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:  # fmt: skip
        self._engine, self._disputes, self._outreach, self._clock = engine, disputes, outreach, clock

    def draft(
        self, case_id: str, purpose: Purpose, agent_language: str, version: int | None, person: Person
    ) -> tuple[Case, StoredDraft]:
        """The case with the draft in its history, and the draft.

        Raises NotFound; Stale where `version` is not the newest; Conflict where the case is closed, a draft of that step
        waits to be signed, or no vetted text fits; InvalidInput where the offer that the step is about is not noted.
        """
        case = self._disputes.get_open(case_id, version)
        terms = _terms(case, purpose)
        with reading(self._engine) as connection:
            if _waits(connection, case, purpose):
                raise Conflict("a draft of this step waits to be signed", (Pointer("/purpose", "drafted already"),))
            message = _message(ordered_message(connection, case.conversation_id, case.order_id), case, terms)
        message = message.model_copy(update={"received_at": self._clock(), "agent_language": agent_language})
        event = f"dispute.{purpose}{'_return' if terms is not None and terms.returns else ''}"
        told = self._outreach.tell(
            Happened(id=new_id("step"), type=event, message=message, asked=True, conversation_id=case.conversation_id), person
        )  # fmt: skip
        if told.draft is None:
            raise Conflict(self._outreach.worded(told.refusal or "nothing_fits", agent_language))
        return self._disputes.note_draft(case_id, purpose, told.draft.id, person), told.draft


def _terms(case: Case, purpose: Purpose) -> Proposed | None:
    sides = SIDES.get(purpose)
    if sides is None:
        return None
    newest = next((offer.terms for offer in reversed(case.file.offers) if offer.terms.by in sides), None)
    if newest is None:
        raise InvalidInput("note the offer first", (Pointer("/purpose", f"no offer is noted of: {', '.join(sides)}"),))
    return newest


def _waits(connection: Connection, case: Case, purpose: Purpose) -> bool:
    asked = [step.detail.partition(" ") for step in case.file.history if step.did == "draft"]
    made = (drafts.find_draft(connection, draft_id) for own, _, draft_id in asked if own == purpose)
    return any(draft is not None and draft.status == "pending" for draft in made)


def _message(newest: BuyerMessage, case: Case, terms: Proposed | None) -> BuyerMessage:
    """Nobody wrote it: the buyer, order and channel of the newest message, and the offer that the step is about."""
    slots = {} if terms is None else {"offer": _offer(terms)}
    bare = {"text": "", "attachments": (), "review": None, "history": (), "options": Options(), "slots": slots, "event": None}  # fmt: skip
    return with_case(newest.model_copy(update=bare), case)


def _offer(terms: Proposed) -> str:
    return f"{terms.amount.amount} {terms.amount.currency}" if terms.amount is not None else f"{terms.percent}%"
