"""What can be wrong with the knowledge files and the index over them.

KnowledgeError
├── ContentError    one or more faults in the content files, each named with file and field
└── IndexMismatch   the index on disk was built from other content or by another encoder
"""

from dataclasses import dataclass
from pathlib import Path


class KnowledgeError(Exception):
    """Base of all that this package raises."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong in one file; `field` is a dotted path, empty where the whole file is meant."""

    path: Path
    field: str
    detail: str

    def __str__(self) -> str:
        place = f"{self.path}: {self.field}" if self.field else str(self.path)
        return f"{place}: {self.detail}"


class ContentError(KnowledgeError):
    """All faults found in one reading, so that a writer mends them in one go."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults = faults


class IndexMismatch(KnowledgeError):
    """The manifest names another encoder, dimension or corpus than the one in use; rebuild with `countersign knowledge index`."""
