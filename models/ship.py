"""Trains the weights that are shipped: `python -m models.ship EXAMPLES.jsonl ...`.

Every kind learns from the same files; models/weights keeps the new version only.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from models.encoder import READER, load_encoder
from models.examples import read_examples
from models.registry import KINDS, SHIPPED, Registry, train
from models.remembering import RememberingEncoder


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("examples", type=Path, nargs="+")
    parser.add_argument("--kind", choices=KINDS, action="append", help="only this kind (may be repeated)")
    parser.add_argument("--vectors", type=Path, help="where encoded texts are remembered between runs")
    options = parser.parse_args()
    ship(options.examples, options.kind or KINDS, SHIPPED, options.vectors)


def ship(paths: Sequence[Path], kinds: Sequence[str], home: Path, vectors: Path | None = None) -> None:
    """Trains `kinds` into `home` and removes the versions before; ExamplesError, ValueError as in reading and training."""
    examples, encoder = read_examples(paths), RememberingEncoder(load_encoder(READER), vectors)
    registry = Registry(home, home)
    for kind in kinds:
        encoder.keep()
        card = train(kind, examples, encoder, registry, _say)
        for version in registry.versions(kind):
            if version != card["version"]:
                shutil.rmtree(registry.folder(kind, version))
        _say(1.0, f"{kind} {card['version']} is in {home}")


def _say(share: float, step: str) -> None:
    print(f"{share:4.0%} {step}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
