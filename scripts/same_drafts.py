"""Whether a change leaves every draft as it was: drafts all test messages, and writes them or compares them byte for byte.

Run: python -m scripts.same_drafts write FILE before the change, python -m scripts.same_drafts compare FILE after it.
"""

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path

from app.domain import Basis
from app.draft_cases import read_cases, read_surroundings
from app.drafting.drafter import Drafter
from app.parts import build_drafter
from app.settings import Settings

AGENTS = ("en", "zh")  # in turn, so that both glosses are compared


def drafted_lines(drafter: Drafter) -> Iterator[str]:
    """One line a message: reading, plan and draft as JSON, less the timings."""
    for number, case in enumerate(read_cases(read_surroundings())):
        message = case.message.model_copy(update={"agent_language": AGENTS[number % len(AGENTS)]})
        drafted = drafter.draft(Basis(message=message)).model_dump(mode="json", by_alias=True)
        for part in (drafted["analysis"], drafted["draft"]):
            part.pop("timings_ms")
        yield json.dumps(drafted, ensure_ascii=False, sort_keys=True)


def compare(before: list[str], after: list[str]) -> list[int]:
    """Numbers of the lines that differ."""
    return [number for number, (old, new) in enumerate(zip(before, after, strict=True), 1) if old != new]


def main() -> int:
    """1 where a draft differs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("action", choices=("write", "compare"))
    parser.add_argument("file", type=Path)
    given = parser.parse_args()
    lines = list(drafted_lines(build_drafter(Settings(), print)))
    if given.action == "write":
        given.file.write_text("\n".join(lines), encoding="utf-8")
        return 0
    different = compare(given.file.read_text(encoding="utf-8").split("\n"), lines)
    print(f"{len(lines)} drafts, {len(different)} differ", *different[:20])
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
