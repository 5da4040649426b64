"""A dispute as a case: what is claimed, how far it is, what proves the shop's side, who offered what, what was done."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, StringConstraints, model_validator

from app.domain import BuyerMessage, Channel, Country, Dispute, Key, Money, Value
from knowledge_base.channels import DisputeKind, Proof, Step

CaseState = Literal["to_answer", "negotiating", "returning", "platform", "closed"]
ProofState = Literal["wanted", "have", "not_available"]
DueSource = Literal["order", "channel"]
Purpose = Literal["accept", "counter_offer", "evidence", "platform_step"]
"""What a draft of a case says to the buyer: each is an event of its own (content/policies/outreach.toml)."""
Note = Annotated[str, StringConstraints(max_length=2000)]
Moment = Literal["return_address", "return_arrival", "platform_request", "decision"]
"""What a step may count from besides the opening; only the platform shows it, so an agent notes it."""
STEPS_OF: dict[CaseState, tuple[Step, ...]] = {
    "to_answer": ("dispute_answer",),
    "negotiating": ("negotiation",),
    "returning": ("return_check",),
    "platform": ("evidence", "appeal"),
}
"""The channel's steps that a state may put before the seller, the last one that has begun to count goes first."""


class Exhibit(Value):
    """One piece of evidence: whether the shop has it; `note` says where it lies."""

    proof: Proof
    state: ProofState = "wanted"
    note: Note = ""


class Proposed(Value):
    """What one side proposes: an amount or a share of what was paid, in whole percent; with or without the goods coming back."""

    by: Literal["buyer", "seller", "platform"]
    amount: Money | None = None
    percent: Annotated[int, Field(ge=0, le=100)] | None = None
    returns: bool = False

    @model_validator(mode="after")
    def _one_measure(self) -> "Proposed":
        if (self.amount is None) == (self.percent is None):
            raise ValueError("give exactly one of amount, percent")
        return self


class Offer(Value):
    """A proposal with its time."""

    at: AwareDatetime
    terms: Proposed


class CaseStep(Value):
    """One line of a case's history, which is only ever added to."""

    at: AwareDatetime
    by: str
    did: Literal["opened", "state", "evidence", "note", "offer", "draft", "moment"]
    detail: str = ""  # of a draft: its purpose and its id; of a moment: which one, and when it was


class CaseFile(Value):
    """What a case holds beside what is asked for in a list; the oldest first in all of it."""

    order_due_by: AwareDatetime | None = None  # as the platform told it with the order
    moments: dict[Moment, AwareDatetime] = {}
    evidence: tuple[Exhibit, ...] = ()
    offers: tuple[Offer, ...] = ()
    history: tuple[CaseStep, ...] = ()


class Case(Value):
    """One dispute. `due_by` is of the step that the state puts before the seller; None where nothing is known to run."""

    id: Key
    version: int
    conversation_id: Key
    site: Key
    channel: Channel
    market: Country | None
    order_id: Key
    kind: DisputeKind
    state: CaseState
    opened_at: AwareDatetime
    due_by: AwareDatetime | None = None
    due_from: DueSource | None = None
    file: CaseFile = CaseFile()


class CaseChange(Value):
    """What changes of a case; what is None or empty stays."""

    state: CaseState | None = None
    evidence: tuple[Exhibit, ...] = ()
    moments: dict[Moment, AwareDatetime] = {}
    note: Note = ""

    def steps(self, by: str, at: datetime) -> tuple[CaseStep, ...]:
        """As the history tells it."""
        found = [CaseStep(at=at, by=by, did="state", detail=self.state)] if self.state else []
        found += [CaseStep(at=at, by=by, did="evidence", detail=f"{one.proof}: {one.state}") for one in self.evidence]
        found += [CaseStep(at=at, by=by, did="moment", detail=f"{one} {when.isoformat()}") for one, when in self.moments.items()]  # fmt: skip
        return (*found, *([CaseStep(at=at, by=by, did="note", detail=self.note)] if self.note else []))


@dataclass(frozen=True, slots=True)
class CaseFilter:
    """What a list shows; None means all. `due_before` leaves out what has no known deadline."""

    state: CaseState | None = None
    site: str | None = None
    due_before: datetime | None = None


def with_case(message: BuyerMessage, case: Case) -> BuyerMessage:
    """The message with what the case knows of its order's dispute; what came with the message itself goes before."""
    if message.order is None:
        return message
    known = Dispute(kind=case.kind, state=case.state, opened_at=case.opened_at, due_by=case.due_by)
    told = message.order.dispute.model_dump(exclude_none=True, exclude_defaults=True) if message.order.dispute else {}
    order = message.order.model_copy(update={"dispute": known.model_copy(update=told)})
    return message.model_copy(update={"order": order})
