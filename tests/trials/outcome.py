"""What became of one trial: a line of the table that the command prints."""

from collections import Counter
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Outcome:
    """`times`: how often it was tried; `lost`, `doubled` and `crashed` are 0 where the promise held; `load`: what was held meanwhile."""

    name: str
    tried: str
    times: int
    lost: int = 0
    doubled: int = 0
    crashed: int = 0
    load: str = ""

    @property
    def held(self) -> bool:
        """Whether nothing was lost, doubled or crashed."""
        return not (self.lost or self.doubled or self.crashed)


def told(answers: Counter[int]) -> str:
    """How often which status was answered."""
    return ", ".join(f"{status}: {count}" for status, count in sorted(answers.items()))
