"""Runs faults and attacks at length, prints what became of them, and with --page writes docs/results/trials.md. Needs the extra `test`."""

import argparse
import sys
from pathlib import Path

from tests.trials.everything import run_all

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--page", type=Path, help="write the table as Markdown into this file")
    parser.add_argument("--kills", type=int, default=20, help="how often each fault happens")
    parser.add_argument(
        "--examples",
        type=int,
        default=50,
        help="requests to each operation of the API, and rounds of what many do at once, on each database",
    )
    parser.add_argument("--texts", type=int, default=1_000_000, help="random and mutated texts")
    given = parser.parse_args()
    sys.exit(0 if run_all(given.kills, given.examples, given.texts, given.page) else 1)
