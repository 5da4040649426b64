"""New versions of the classifiers as ops see them: trained in the background, read, compared, let serve or taken back.

A training runs in a process of its own, so that serving keeps its speed, and it changes nothing of what serves. One runs at
a time. A training whose process died begins anew; one that an ended server left behind ends at its next step.
"""

import json
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from subprocess import PIPE, Popen, TimeoutExpired
from tempfile import TemporaryDirectory
from threading import Thread

from pydantic import JsonValue, TypeAdapter
from sqlalchemy import Engine

from app import promotion
from app.desk import Person
from app.errors import Conflict, NotFound, Pointer, WrongState
from app.jobs import GiveUp, Jobs, Kind, Task, TryAgain
from app.parts import open_registry
from app.promotion import Worse
from app.settings import Settings
from app.store import ledger
from app.store.database import writing
from app.store.ids import new_id
from app.store.jobs import StoredJob
from app.teaching import Teaching
from models.comparison import Comparison
from models.registry import KINDS, RegistryError

Card = dict[str, JsonValue]
"""What is known of a version: models/training.py says what it holds."""

_CARD = TypeAdapter(Card)
TRAIN = "train"
TRIES = 6  # spans seven minutes: what an ended server left behind has ended by then
BUSY = os.EX_TEMPFAIL  # the command's status where another training holds the data folder
REFUSED = 2  # its status where the examples cannot teach
LOOK_S = 1.0  # how often a running training is asked how far it is


class Learning:
    """Built once a process. `command` makes the arguments of the process that trains a kind and prints JSON lines."""

    def __init__(
        self, engine: Engine, jobs: Jobs, settings: Settings, command: Callable[[str], Sequence[str]] | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:  # fmt: skip
        self._engine, self._jobs, self._settings, self._clock = engine, jobs, settings, clock
        self._teaching = Teaching(engine, clock)
        self._command = command or (lambda kind: (sys.executable, "-m", "app.cli", "train", kind, "--json"))
        # Quick, although it takes minutes: its thread only waits, and must not keep generators from theirs.
        jobs.register(Kind(TRAIN, self._train, tries=TRIES))

    # --- looking -----------------------------------------------------------------------------------------------------

    def overview(self) -> dict[str, tuple[str, list[Card]]]:
        """By kind: the version that serves, and the cards of all versions, oldest first."""
        registry = open_registry(self._settings)
        return {
            kind: (
                registry.promoted(kind),
                [_CARD.validate_python(registry.card(kind, version)) for version in registry.versions(kind)],
            )
            for kind in KINDS
        }

    def card(self, kind: str, version: str) -> Card:
        """What is known of a version, with its held-out figures. Raises NotFound."""
        try:
            card = open_registry(self._settings).card(kind, version)
        except RegistryError as error:
            raise NotFound(str(error)) from error
        return _CARD.validate_python(card)

    def compare(self, kind: str, version: str) -> Comparison:
        """Beside the serving version, on the gate messages; reads each of them twice. Raises NotFound."""
        self.card(kind, version)
        return promotion.compared(self._settings, kind, version)

    # --- deciding ----------------------------------------------------------------------------------------------------

    def train(self, kind: str, person: Person) -> StoredJob:
        """Plans a training. Raises NotFound for an unknown kind, and WrongState while another one is planned or runs."""
        if kind not in KINDS:
            raise NotFound(f"there is no kind {kind!r}; there are {', '.join(KINDS)}")
        with writing(self._engine) as connection:
            for state in ("waiting", "running"):
                for under_way in self._jobs.list(TRAIN, state, 1):
                    raise WrongState(f"the training {under_way.id} is {state}; one runs at a time")
            job_id = self._jobs.enqueue(TRAIN, new_id("t"), {"kind": kind})
            ledger.record(connection, person.name, "model.training", job_id, self._clock(), kind=kind)
            return self._jobs.get(job_id)

    def promote(self, kind: str, version: str, person: Person, override: str | None = None) -> Comparison:
        """Lets a version serve. Raises NotFound, and Conflict where it is worse beyond noise and no reason is given."""
        self.card(kind, version)
        try:
            found = promotion.promote(self._settings, kind, version, override)
        except Worse as error:
            where = tuple(Pointer(f"/languages/{code}", "worse beyond noise") for code in error.comparison.worse)
            raise Conflict(f"{error}; to let it serve all the same, give the reason as override", where) from error
        self._note(person, "model.promoted", kind, version, override=override, worse=list(found.worse))
        return found

    def rollback(self, kind: str, person: Person) -> str:
        """Lets the version before serve again. Raises NotFound for an unknown kind, WrongState where none came before."""
        if kind not in KINDS:
            raise NotFound(f"there is no kind {kind!r}; there are {', '.join(KINDS)}")
        try:
            version = open_registry(self._settings).rollback(kind)
        except RegistryError as error:
            raise WrongState(str(error)) from error
        self._note(person, "model.rolled_back", kind, version)
        return version

    def _note(self, person: Person, action: str, kind: str, version: str, **detail: object) -> None:
        with writing(self._engine) as connection:
            ledger.record(connection, person.name, action, f"{kind}/{version}", self._clock(), None, **detail)

    # --- running -----------------------------------------------------------------------------------------------------

    def _train(self, task: Task) -> JsonValue:
        """Watches the process to its end, and ends it where the job was cancelled or this process stops."""
        kind = str(task.payload["kind"])
        place = {"COUNTERSIGN_DATA_DIR": str(self._settings.data_dir.absolute())}
        with TemporaryDirectory(prefix="lesson-", dir=self._settings.data_dir) as folder:
            command = (*self._command(kind), *self._lesson(kind, Path(folder)))
            with Popen(command, stdout=PIPE, text=True, env={**os.environ, **place}) as process:  # noqa: S603 - our own command, the kind is one of KINDS
                told = _Told(process)
                try:
                    while not told.has_ended(LOOK_S):
                        task.tell(told.progress)
                finally:
                    process.kill()
        return _outcome(kind, process.returncode, told)

    def _lesson(self, kind: str, folder: Path) -> tuple[str, ...]:
        """What people taught, as files and the options of the command that name them."""
        also, corrected = folder / "und.jsonl", folder / "corrected.jsonl"
        for file, text in zip((also, corrected), self._teaching.lesson(kind), strict=True):
            file.write_text(text, encoding="utf-8")
        return ("--also", str(also), "--with", str(corrected))


class _Told:
    """What a training process prints, read as it comes: {"share", "step"} lines, and {"version"} at its end."""

    def __init__(self, process: Popen[str]) -> None:
        self.progress: JsonValue = None
        self.version: str | None = None
        self._process = process
        self._thread = Thread(target=self._read, name="training", daemon=True)
        self._thread.start()

    def has_ended(self, within_s: float) -> bool:
        """Whether the process ended within that time; all that it printed is read then."""
        with suppress(TimeoutExpired):
            self._process.wait(within_s)
            self._thread.join()
            return True
        return False

    def _read(self) -> None:
        for line in self._process.stdout or ():
            told = json.loads(line)
            if "version" in told:
                self.version = str(told["version"])
            else:
                self.progress = {"share": float(told["share"]), "step": str(told["step"])}


def _outcome(kind: str, status: int, told: _Told) -> JsonValue:
    """What became of a training; why it failed stands in the server's log, since the text may name a buyer's message."""
    if status == BUSY:
        raise TryAgain("another training holds the data folder")
    if status == REFUSED:
        raise GiveUp("the examples cannot teach it; the log says why")
    if status != 0 or told.version is None:
        raise TryAgain(f"the training ended with status {status}; the log says why")
    return {"kind": kind, "version": told.version}
