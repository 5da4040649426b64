"""The contract of a generator: a prompt in, text and token counts out, within the limits that the prompt sets."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from time import monotonic
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Prompt:
    """`instructions` are the owner's; `material` is what is worked on, and is never an instruction.

    An answer of more than `max_tokens` or `max_chars` is broken off.
    """

    instructions: str
    material: str
    max_tokens: int
    max_chars: int


@dataclass(frozen=True, slots=True)
class Written:
    """What came back; token counts are None where the backend did not tell them."""

    text: str
    prompt_tokens: int | None = None
    completion_tokens: int | None = None


class GeneratorError(RuntimeError):
    """No usable answer. `reason` is a stable word; the text holds nothing of prompt or answer, so that it may be logged."""

    reason = "failed"


class Unset(GeneratorError):
    """The generator cannot be used as it is set up; the text says what is missing."""

    reason = "unset"


class TimedOut(GeneratorError):
    reason = "slow"


class TooMuch(GeneratorError):
    """Longer than the prompt allows."""

    reason = "too_much"


class Refused(GeneratorError):
    """The backend does not take the request, and would not take it a second time."""

    reason = "refused"


class Garbled(GeneratorError):
    """What came back is not in the form that was agreed."""

    reason = "garbled"


class Unreachable(GeneratorError):
    """No connection, a server in trouble, or an answer that broke off: it may go well later, after `after_s` at the earliest."""

    reason = "unreachable"

    def __init__(self, detail: str, after_s: float = 0.0) -> None:
        super().__init__(detail)
        self.after_s = after_s


class Generator(Protocol):
    """`name` is the backend's (transformers, openai), `model` says which weights wrote."""

    @property
    def name(self) -> str: ...
    @property
    def model(self) -> str: ...

    def write(self, prompt: Prompt) -> Written:
        """Blocks until the answer is complete; raises GeneratorError. Safe to call from several threads."""


@dataclass(slots=True)
class Budget:
    """How much of an answer is still taken in, and until when (seconds of `clock`)."""

    until: float
    max_chars: int
    clock: Callable[[], float] = monotonic

    @property
    def is_over(self) -> bool:
        """Whether no time is left."""
        return self.clock() >= self.until

    @property
    def left_s(self) -> float:
        """Seconds left; raises TimedOut where none are."""
        left = self.until - self.clock()
        if left <= 0:
            raise TimedOut("the answer took too long")
        return left

    def collect(self, pieces: Iterable[str]) -> str:
        """The pieces joined; raises TooMuch or TimedOut as soon as a limit is passed."""
        text = ""
        for piece in pieces:
            text += piece
            if len(text) > self.max_chars:
                raise TooMuch("the answer is longer than allowed")
            _ = self.left_s
        return text
