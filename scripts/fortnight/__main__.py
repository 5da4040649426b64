"""A simulated fortnight, from the first message to the compared versions; its page and picture for docs/results.

A third of the corpus is held out as the stream of messages. The versions that serve are trained without it, and read through
the general encoder, because the tuned one has seen most of the corpus. Agents sign, edit, correct what they notice, sometimes
wrongly; a second person accepts or refuses. At the end new versions are trained with what was accepted, and both are held
against test messages by another hand, from which nothing learns. A gap and a rise are planted: are they found, and nothing else?

    python -m scripts.fortnight DATA_FOLDER [SHARE] [--page docs/results/fortnight.md]

SHARE of the corpus (all) takes part: a tenth is a small shop's beginning, and a few minutes. DATA_FOLDER holds the desk
afterwards, for `countersign serve`.
"""

import argparse
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from app.corpus import CASES
from app.desk import Desk
from app.drift import Drift
from app.insights.analytics import Analytics
from app.insights.gaps import Gaps
from app.parts import build_drafter, open_registry
from app.settings import Settings
from app.store.database import open_database
from app.teaching import Teaching
from knowledge_base.knowledge import CONTENT
from models import training
from models.comparison import Comparison, compare
from models.encoder import EMBEDDED, load_encoder
from models.examples import Example, read_examples
from models.fitting import weighted
from models.registry import KINDS, Registry, train
from models.remembering import RememberingEncoder
from scripts.fortnight.desk import Hands, Office
from scripts.fortnight.page import LOOKED_AT, Story, draw, write_page
from scripts.fortnight.stream import SEED, WEEK, split, timed


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("share", type=float, nargs="?", default=1.0)
    parser.add_argument("--page", type=Path)
    options = parser.parse_args()
    story = live(Settings(data_dir=options.folder, sample_data=False), options.share)
    text = write_page(story)
    print(text)
    if options.page:
        options.page.write_text(text, "utf-8")
        draw(story, options.page.parent.parent / "images" / "fortnight.png")


def live(settings: Settings, share: float) -> Story:
    """The whole fortnight; it ends now."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    encoder, registry = (
        RememberingEncoder(load_encoder(EMBEDDED), settings.data_dir / "vectors"),
        open_registry(settings),
    )
    old, stream = split(_corpus(share))
    before = {kind: _trained(kind, old, encoder, registry) for kind in KINDS}
    for kind, version in before.items():
        registry.promote(kind, version)
    end = datetime.now(UTC).replace(microsecond=0)
    coming = timed(stream, end - 2 * WEEK)
    engine, drafter = open_database(settings.database), build_drafter(settings, _say)
    hands = Hands(end - 2 * WEEK)
    office = Office(Desk(engine, lambda: drafter, settings, hands.clock), hands, drafter.models.intent.labels)
    office.live(coming)
    hands.now = end + timedelta(hours=12)
    teaching = Teaching(engine, hands.clock)
    office.decide_again(teaching)
    after = {
        kind: _trained(kind, [*old, *weighted(_lesson(teaching, kind), len(old))], encoder, registry) for kind in KINDS
    }
    analytics = Analytics(engine, lambda: drafter.knowledge, lambda: end)
    return Story(
        learned_from=len(old),
        coming=coming,
        counts=office.counts,
        rising={group: analytics.look(group).rising for group in LOOKED_AT},
        drift=[shift for shift in Drift(engine, lambda: end).look()[0] if shift.moved],
        gaps=Gaps(engine, lambda: drafter, lambda: hands.now).find().gaps,
        compared={kind: _compared(kind, after[kind], before[kind], encoder, registry) for kind in KINDS},
        labels={kind: registry.card(kind, after[kind]) for kind in KINDS},
    )


def _corpus(share: float) -> list[Example]:
    corpus = [one for one in read_examples(sorted((CONTENT / "languages").glob("*/examples.jsonl"))) if one.intents]
    part = np.random.default_rng(SEED - 1).random(len(corpus)) < share
    return [one for one, wanted in zip(corpus, part, strict=True) if wanted]


def _trained(kind: str, examples: Sequence[Example], encoder: RememberingEncoder, registry: Registry) -> str:
    version = str(train(kind, examples, encoder, registry, lambda share, step: _say(f"{kind} {share:.0%} {step}"))["version"])  # fmt: skip
    encoder.keep()
    return version


def _lesson(teaching: Teaching, kind: str) -> list[Example]:
    """As a training of the product reads it."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "und.jsonl"
        file.write_text(teaching.lesson(kind)[1], "utf-8")
        return read_examples([file])


def _compared(kind: str, new: str, old: str, encoder: RememberingEncoder, registry: Registry) -> Comparison:
    cases = [one for one in read_examples(sorted(CASES.glob("*.jsonl"))) if one.intents]
    versions = [training.load(kind, registry.folder(kind, version)) for version in (new, old)]
    return compare(versions[0], versions[1], cases, (encoder, encoder))


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
