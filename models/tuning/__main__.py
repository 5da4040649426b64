"""Tunes the encoder on labelled messages: python -m models.tuning OUT_FOLDER EXAMPLES.jsonl ... [--questions FILE]."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np
import torch

from models.examples import Example, read_examples
from models.storage import Json
from models.tokens import Tokenizer
from models.training import corpus_hash
from models.tuned import TOKENIZER
from models.tuning.base import read_base
from models.tuning.export import export
from models.tuning.fit import Labels, Recipe, Tuner, held_out
from models.tuning.mixing import joined
from models.tuning.network import base_network
from models.tuning.vocabulary import kept_pieces, write_tokenizer


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("examples", type=Path, nargs="+")
    parser.add_argument("--questions", type=Path, help="further texts with intents alone")
    parser.add_argument("--joined", type=int, default=0, help="so many messages made of two")
    parser.add_argument("--epochs", type=int, default=Recipe().epochs)
    parser.add_argument("--batch", type=int, default=Recipe().batch)
    parser.add_argument("--rate", type=float, default=Recipe().rate)
    parser.add_argument("--layers", type=int, help="keep only so many layers of the base model")
    options = parser.parse_args()
    recipe = Recipe(options.epochs, options.batch, options.rate)
    tune(options.folder, options.examples, options.questions, options.layers, recipe, options.joined)


def tune(
    folder: Path, paths: list[Path], questions: Path | None, layers: int | None, recipe: Recipe, mixed: int = 0
) -> None:
    """Learns from all messages but the held-out eighth, tells how that eighth is read after each epoch, writes `folder`."""
    torch.set_num_threads(max(1, torch.get_num_threads()))
    examples = read_examples(paths)
    seen = [example for example in examples if not held_out(example.text)]
    unseen = [example for example in examples if held_out(example.text)]
    further = [e for e in read_examples([questions]) if not held_out(e.text)] if questions else []
    further += joined(seen, mixed)
    base, labels = read_base(), Labels.of(examples)
    kept = kept_pieces(base, [example.text for example in (*examples, *further)])
    folder.mkdir(parents=True, exist_ok=True)
    write_tokenizer(base, kept, folder / TOKENIZER)
    tokenizer = Tokenizer(folder / TOKENIZER, base.normaliser)
    words = base.weights("emb.word", base.shape.words)[kept]
    tuner = Tuner(base_network(base, layers), words, tokenizer, labels, recipe)
    figures: list[Json] = []

    def judge(epoch: int) -> None:
        figures.append({"epoch": epoch, **_figures(tuner, unseen, labels)})
        _say(epoch / recipe.epochs, str(figures[-1]))

    _say(
        0.0,
        f"{len(seen)} messages and {len(further)} questions to learn from, {len(unseen)} held out, {len(kept)} pieces",
    )
    tuner.fit([*seen, *further], _say, judge)
    card: dict[str, Json] = {
        "corpus": corpus_hash(examples), "seen": len(seen), "questions": len(further) - mixed, "joined": mixed, "held_out": len(unseen),
        "recipe": {"epochs": recipe.epochs, "batch": recipe.batch, "rate": recipe.rate, "seed": recipe.seed}, "figures": figures,
    }  # fmt: skip
    export(tuner.settle(), base, kept, [*seen, *further], card, folder)


def _figures(tuner: Tuner, unseen: list[Example], labels: Labels) -> dict[str, Json]:
    said = tuner.say(unseen)
    first = np.array(labels.intents)[said.first.argmax(1).numpy()]
    emotion = np.array(labels.emotions)[said.emotion.argmax(1).numpy()]
    return {
        "first_intent": round(float(np.mean([e.intents[0] == name for e, name in zip(unseen, first, strict=True)])), 4),
        "emotion": round(float(np.mean([e.emotion == name for e, name in zip(unseen, emotion, strict=True)])), 4),
    }


def _say(share: float, step: str) -> None:
    print(f"{share:4.0%} {step}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
