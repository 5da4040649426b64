"""What people's decisions teach: feedback without the buyer, corrections that wait for a second decision, files of examples."""

import json
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from pydantic import JsonValue
from sqlalchemy import Engine

from app.desk import Person
from app.errors import Forbidden, InvalidInput, NotFound, Pointer, WrongState
from app.feedback import Feedback, feedback_of, turns_without_buyer, without_buyer, without_repeats
from app.store import corrections, examples, feedback, ledger
from app.store.corrections import Proposal
from app.store.database import reading, writing
from app.store.examples import ExampleFile
from models.examples import ExamplesError, read_examples

PAGE = 500  # reviews read at once
_TAUGHT_BY = {
    "intent": "intents",
    "emotion": "emotion",
    "conduct": "conduct",
}  # a kind learns from what names its labels


class Teaching:
    """Built once; holds the database and the clock."""

    def __init__(self, engine: Engine, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._engine, self._clock = engine, clock

    # --- feedback ----------------------------------------------------------------------------------------------------

    def list_feedback(self, limit: int, after: str | None = None) -> tuple[Sequence[Feedback], str | None]:
        """One page of the reviews that stand, newest first, and after which id the next one begins."""
        with reading(self._engine) as connection:
            found, following = feedback.list_reviewed(connection, after, limit)
        return [feedback_of(review) for review in found], following

    def export_feedback(self, since: datetime | None = None) -> Iterator[Feedback]:
        """All of it, newest first; what says the same about the same words comes once."""
        return without_repeats(self._all(since))

    def _all(self, since: datetime | None) -> Iterator[Feedback]:
        after, more = None, True
        while more:
            with reading(self._engine) as connection:
                found, after = feedback.list_reviewed(connection, after, PAGE, since)
            yield from (feedback_of(review) for review in found)
            more = after is not None

    # --- corrections -------------------------------------------------------------------------------------------------

    def list_corrections(
        self, state: str | None, limit: int, after: str | None = None
    ) -> tuple[Sequence[Proposal], str | None]:
        """One page, newest first, and after which id the next one begins."""
        with reading(self._engine) as connection:
            return corrections.list_proposals(connection, state, limit, after)

    def accept(self, proposal_id: str, person: Person) -> Proposal:
        """The second decision: by another person than the one who proposed it, or by ops. From now on it teaches."""
        return self._decide(proposal_id, "accepted", person)

    def refuse(self, proposal_id: str, person: Person) -> Proposal:
        """It teaches nothing; what was accepted can be refused later too. Who may: as with accept."""
        return self._decide(proposal_id, "refused", person)

    def _decide(self, proposal_id: str, state: str, person: Person) -> Proposal:
        with writing(self._engine) as connection:
            known, now = corrections.find_proposal(connection, proposal_id), self._clock()
            if known is None:
                raise NotFound("there is no such correction")
            if known.state == state:
                raise WrongState(f"the correction is {state} already")
            if person.role != "ops" and (person.name == known.by or known.state != "proposed"):
                raise Forbidden("a second person decides about a correction, and ops about a decided one")
            corrections.decide(connection, proposal_id, state, person.name, now)
            ledger.record(connection, person.name, f"correction.{state}", proposal_id, now)
            decided = corrections.find_proposal(connection, proposal_id)
        assert decided is not None  # noqa: S101 - it was there in this transaction
        return decided

    # --- files of examples -------------------------------------------------------------------------------------------

    def add_file(self, name: str, text: str, person: Person) -> ExampleFile:
        """Keeps labelled messages (JSON lines) for every later training. Raises InvalidInput, which names each faulty line."""
        lines = _checked(text)
        with writing(self._engine) as connection:
            kept = examples.add_file(connection, name, text, lines, person.name, self._clock())
            ledger.record(connection, person.name, "examples.added", kept.id, kept.at, None, lines=lines)
        return kept

    def list_files(self) -> Sequence[ExampleFile]:
        """Oldest first."""
        with reading(self._engine) as connection:
            return examples.list_files(connection)

    def delete_file(self, file_id: str, person: Person) -> None:
        """Later trainings go without it. Raises NotFound."""
        with writing(self._engine) as connection:
            if not examples.delete_file(connection, file_id):
                raise NotFound("there is no such file of examples")
            ledger.record(connection, person.name, "examples.deleted", file_id, self._clock())

    # --- for a training ----------------------------------------------------------------------------------------------

    def lesson(self, kind: str) -> tuple[str, str]:
        """JSON lines for a training of `kind`: the files that ops brought, and the accepted corrections of its labels."""
        with reading(self._engine) as connection:
            brought, accepted = examples.list_files(connection), corrections.list_accepted(connection)
        taught = [one for one in accepted if getattr(one.labels, _TAUGHT_BY[kind]) is not None]
        return "\n".join(one.text for one in brought), "".join(f"{_line(one)}\n" for one in taught)


def _line(proposal: Proposal) -> str:
    """As models/examples.py reads it, without the buyer."""
    message, labels = proposal.message, proposal.labels
    turns: list[JsonValue] = [
        {"from": turn.sender, "text": turn.text} for turn in turns_without_buyer(message) if turn.text.strip()
    ]
    row: dict[str, JsonValue] = {
        "text": without_buyer(message), "lang": labels.language or (proposal.analysis.language.code if proposal.analysis else "und"),
        "intents": [*(labels.intents or ())], "emotion": labels.emotion, "conduct": [*(labels.conduct or ())],
        "market": message.buyer.country, "history": turns,
    }  # fmt: skip
    return json.dumps(row, ensure_ascii=False)


def _checked(text: str) -> int:
    """How many examples there are; InvalidInput where a line is none."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "und.jsonl"
        file.write_text(text, encoding="utf-8")
        try:
            count = len(read_examples([file]))
        except ExamplesError as error:
            raise InvalidInput(
                "the file holds lines that are no examples; nothing of it was stored",
                tuple(
                    Pointer(f"/rows/{fault.split(':', 2)[1]}", fault.split(":", 2)[2].strip()) for fault in error.faults
                ),
            ) from error
    if not count:
        raise InvalidInput("the file holds no example", (Pointer("", "empty"),))
    return count
