"""A message is encoded once, however often its draft is made anew."""

from collections.abc import Sequence
from dataclasses import replace

from app.domain import Basis, Steer
from app.drafting.drafter import Drafter
from models.encoder import Encoder
from models.types import Bools, FloatArray
from tests.conftest import message


class Counting:
    """An encoder that counts the texts that it was asked for."""

    def __init__(self, encoder: Encoder) -> None:
        self.name, self.revision, self.dim = encoder.name, encoder.revision, encoder.dim
        self.texts: list[str] = []
        self._encoder = encoder

    def encode(self, texts: Sequence[str], before: Sequence[str] | None = None) -> FloatArray:
        self.texts += texts
        return self._encoder.encode(texts, before)

    def unseen(self, texts: Sequence[str]) -> Bools:
        return self._encoder.unseen(texts)

    def garbled(self, text: str) -> bool:
        return self._encoder.garbled(text)


def counted(drafter: Drafter) -> tuple[Drafter, Counting]:
    reader = Counting(drafter.models.reader)
    return Drafter(replace(drafter.models, reader=reader), drafter.knowledge, drafter.index), reader


def test_a_second_draft_of_a_message_encodes_nothing(drafter: Drafter) -> None:
    counting, reader = counted(drafter)
    basis = Basis(message=message("Where is my parcel?"))
    first = counting.draft(basis)
    steered = counting.draft(basis.model_copy(update={"steer": Steer(intents=("refund_status",))}))
    assert reader.texts == ["Where is my parcel?"]
    assert first.analysis.intents[0].id == "order_tracking" and steered.analysis.intents[0].id == "refund_status"


def test_what_stood_before_a_message_belongs_to_its_reading(drafter: Drafter) -> None:
    counting, reader = counted(drafter)
    for history in ([], [{"sender": "seller", "text": "Which size do you need?", "at": "2026-11-20T10:00:00Z"}]):
        counting.draft(Basis(message=message("M please", history=history)))
    assert reader.texts == ["M please", "M please"]
