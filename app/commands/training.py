"""train | evaluate | models: the classifiers, and what they learn from."""

import json
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.commands.shared import (
    Json,
    fail,
    read_settings,
    say,
)

if TYPE_CHECKING:
    from collections.abc import Callable


app = typer.Typer()
models_app = typer.Typer(help="Versions of the trained classifiers.", no_args_is_help=True)
feedback_app = typer.Typer(help="Reviews as data, without the buyers.", no_args_is_help=True)
app.add_typer(models_app, name="models")
app.add_typer(feedback_app, name="feedback")


@app.command()
def train(
    kind: Annotated[str, typer.Argument(help="intent, emotion, conduct or all")],
    data: Annotated[list[Path] | None, typer.Option(help="JSONL files instead of the knowledge base's.")] = None,
    corrections: Annotated[
        list[Path] | None,
        typer.Option(
            "--with", help="JSONL files of accepted corrections, learned beside the rest and with more weight."
        ),
    ] = None,
    also: Annotated[
        list[Path] | None, typer.Option(help="JSONL files of further examples, learned beside the rest.")
    ] = None,
    promote: bool = False,
    ship: Annotated[
        bool, typer.Option(help="Write beside the shipped weights instead of the data folder (for maintainers).")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print progress and version as JSON lines.")] = False,
) -> None:
    """Trains a new version from all examples; it serves once promoted. Ends with 75 while another training runs."""
    from filelock import FileLock, Timeout

    from app.parts import SHIPPED_WEIGHTS, open_registry
    from knowledge_base.knowledge import CONTENT
    from models.encoder import READER, load_encoder
    from models.examples import ExamplesError, read_examples
    from models.fitting import weighted
    from models.registry import KINDS, Registry
    from models.registry import train as train_kind
    from models.remembering import RememberingEncoder

    settings = read_settings()
    kinds = KINDS if kind == "all" else (kind,)
    if any(wanted not in KINDS for wanted in kinds):
        raise fail(f"kind is one of: {', '.join(KINDS)}, all")
    try:
        examples = read_examples(data or sorted((CONTENT / "languages").glob("*/examples.jsonl")))
        examples += read_examples(also or [])
        examples += weighted(read_examples(corrections or []), len(examples))
    except ExamplesError as error:
        raise fail(str(error)) from error
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    lock = FileLock(settings.data_dir / ".training.lock")  # the system frees it, however the process ends
    try:
        lock.acquire(blocking=False)
    except Timeout as error:
        say("another training runs on this data folder")
        raise typer.Exit(os.EX_TEMPFAIL) from error
    encoder = RememberingEncoder(load_encoder(READER), settings.data_dir / "vectors")
    registry = Registry(SHIPPED_WEIGHTS, SHIPPED_WEIGHTS) if ship else open_registry(settings)
    for wanted in kinds:
        try:
            progress = _told_as_json if as_json else _progress_of(wanted)
            card = train_kind(wanted, examples, encoder, registry, progress)
        except ValueError as error:
            raise fail(f"{wanted}: {error}") from error
        encoder.keep()
        say(f"{wanted}: version {card['version']} trained")
        if as_json:
            print(json.dumps({"kind": wanted, "version": card["version"]}), flush=True)
        if promote and not ship:
            models_promote(wanted, str(card["version"]))


@app.command()
def evaluate(
    kind: str,
    file: Annotated[Path, typer.Argument(exists=True)],
    train_file: Annotated[Path | None, typer.Option("--train", exists=True)] = None,
    as_json: Json = False,
) -> None:
    """Accuracy, macro-F1, calibration, out-of-scope AUROC and a table per language; with --train a head of its own is trained first."""
    from app.parts import load_models
    from models import training
    from models.encoder import READER, load_encoder
    from models.examples import ExamplesError, read_examples

    settings = read_settings()
    try:
        examples = read_examples([file])
        if kind == "language":
            report_of = training.evaluate_language(load_models(settings).language, examples)
        elif train_file is not None:
            encoder = load_encoder(READER)
            report_of = training.evaluate(
                training.fit(kind, read_examples([train_file]), encoder, _progress_of(kind)), examples, encoder
            )
        else:
            models = load_models(settings)
            report_of = training.evaluate(models.classifier(kind), examples, models.reader)
    except (ExamplesError, ValueError, KeyError) as error:
        raise fail(str(error)) from error
    print(json.dumps(report_of.to_dict(), ensure_ascii=False, indent=2) if as_json else report_of.to_text())


@feedback_app.command("export")
def feedback_export(
    file: Path,
    since: Annotated[datetime | None, typer.Option(help="Only what was decided since then, UTC.")] = None,
) -> None:
    """Writes every review that stands as JSON lines, newest first and without the buyer, to FILE; `-` is standard output."""
    from app.store.database import open_database
    from app.teaching import Teaching

    teaching = Teaching(open_database(read_settings().database))
    lines = (f"{one.model_dump_json()}\n" for one in teaching.export_feedback(since and since.replace(tzinfo=UTC)))
    if str(file) == "-":
        sys.stdout.writelines(lines)
        return
    with file.open("w", encoding="utf-8") as out:
        out.writelines(lines)


def _progress_of(kind: str) -> "Callable[[float, str], None]":
    return lambda share, step: say(f"{kind}: {share:.0%} {step}")


def _told_as_json(share: float, step: str) -> None:
    """Raises BrokenPipeError where nobody listens any more: a training that was left behind ends."""
    print(json.dumps({"share": round(share, 4), "step": step}), flush=True)


@models_app.command("list")
def models_list() -> None:
    """Each kind with its versions; the one that serves is marked."""
    from app.parts import open_registry
    from models.registry import KINDS

    registry = open_registry(read_settings())
    for kind in KINDS:
        for version in registry.versions(kind):
            print(f"{kind}  {version}  {'serves' if version == registry.promoted(kind) else ''}".rstrip())


@models_app.command("compare")
def models_compare(kind: str, version: str, as_json: Json = False) -> None:
    """Holds a version against the serving one on the gate messages, language by language."""
    from app.promotion import compared
    from models.storage import WeightsError

    try:
        found = compared(read_settings(), kind, version)
    except (LookupError, ValueError, WeightsError) as error:
        raise fail(str(error)) from error
    print(json.dumps(found.to_dict(), indent=2) if as_json else found.to_text())


@models_app.command("promote")
def models_promote(
    kind: str,
    version: str,
    anyway: Annotated[str | None, typer.Option(help="Promote although it is worse somewhere; say why.")] = None,
) -> None:
    """Makes a trained version the one that serves; refused where it is worse on the gate messages beyond noise."""
    from app.promotion import Worse, promote
    from models.storage import WeightsError

    try:
        found = promote(read_settings(), kind, version, anyway)
    except Worse as error:
        print(error.comparison.to_text())
        raise fail(f"{error}; to promote it all the same: --anyway 'the reason'") from error
    except (LookupError, ValueError, WeightsError) as error:
        raise fail(str(error)) from error
    print(found.to_text())
    say(f"{kind} {version} serves; running servers follow within a second")


@models_app.command("rollback")
def models_rollback(kind: str) -> None:
    """Goes back to the version that served before."""
    from app.parts import open_registry

    try:
        print(open_registry(read_settings()).rollback(kind))
    except (LookupError, ValueError) as error:
        raise fail(str(error)) from error
