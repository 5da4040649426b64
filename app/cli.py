"""countersign serve | draft | analyze, and the commands of app/commands put together."""

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from pydantic import ValidationError

from app import report
from app.commands import keeping, knowledge, measuring, people, training
from app.commands.shared import (
    Json,
    Market,
    OrderFile,
    fail,
    load_drafter,
    read_settings,
    say,
)
from app.settings import Settings

if TYPE_CHECKING:
    from app.api.requests import AnalyzeIn, MessageIn
    from app.domain import Basis


app = typer.Typer(
    name="countersign",
    help="Reply drafts for the buyers of cross-border shops, for a person to sign.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for part in (training.app, knowledge.app, measuring.app, keeping.app, people.app):
    app.add_typer(part)


@app.command()
def serve(workers: Annotated[int, typer.Option(min=1, max=64, help="Processes; about one a core.")] = 1) -> None:
    """Serves API and console; prints the secrets of a first start once."""
    os.environ.setdefault(
        "OMP_NUM_THREADS", "1"
    )  # one BLAS thread a worker; more make a sentence slower on a small machine
    from app.logs import write_json_lines
    from app.main import create_app, run
    from knowledge_base.errors import KnowledgeError
    from models.encoder import EncoderError
    from models.registry import RegistryError
    from models.storage import WeightsError

    settings = read_settings()
    write_json_lines()
    if workers > 1:
        _serve_with(settings, workers)
        return
    try:
        application = create_app(
            settings, progress=say, announce=lambda secrets: report.print_secrets(secrets, settings)
        )
    except (KnowledgeError, EncoderError, WeightsError, RegistryError) as error:
        raise fail(f"{error}") from error
    say(f"console at http://{settings.host}:{settings.port}/")
    run(application, settings)


def _serve_with(settings: Settings, workers: int) -> None:
    from app.workers import run_workers

    say(f"console at http://{settings.host}:{settings.port}/, {workers} workers")
    if not run_workers(settings, workers):
        raise fail("the workers were not started")


@app.command()
def draft(
    text: str, market: Market = None, order: OrderFile = None, agent_language: str = "en", channel: str = "api", name: Annotated[str | None, typer.Option(help="The buyer's name.")] = None,
    received_at: Annotated[str | None, typer.Option(help="When the message came, RFC 3339 with offset.")] = None, as_json: Json = False,
) -> None:  # fmt: skip
    """Drafts a reply to TEXT without a server and shows where every sentence comes from."""
    from app.api.requests import MessageIn
    from app.api.responses import analysis_json, dry_draft_json

    body: dict[str, object] = {
        "text": text,
        "channel": channel,
        "agent_language": agent_language,
        "buyer": {"country": market, "name": name},
    }
    if order is not None:
        body["order"] = _read_json(order)
    if received_at is not None:
        body["received_at"] = received_at
    message, drafter = _message(MessageIn, body), load_drafter()
    drafted = drafter.draft(message)
    if as_json:
        print(
            json.dumps(
                {"message": None, "analysis": analysis_json(drafted.analysis), "draft": dry_draft_json(drafted)},
                ensure_ascii=False,
                indent=2,
            )
        )
    else:
        report.print_draft(message.message.text, drafted)


@app.command()
def analyze(text: str, market: Market = None, as_json: Json = False) -> None:
    """Reads TEXT: language, intents, feeling, conduct, entities, priority."""
    from app.api.requests import AnalyzeIn
    from app.api.responses import analysis_json

    message, drafter = _message(AnalyzeIn, {"text": text, "market": market}), load_drafter()
    analysis = drafter.analyze(message.message)
    if as_json:
        print(json.dumps(analysis_json(analysis), ensure_ascii=False, indent=2))
    else:
        report.print_analysis(message.message.text, analysis)


def _message(kind: "type[MessageIn] | type[AnalyzeIn]", body: dict[str, object]) -> "Basis":
    """A message as the API would take it in, cleaned."""
    from app.domain import Basis
    from models.text import clean

    try:
        message = kind.model_validate(body).to_domain("en")
    except ValidationError as error:
        raise fail(
            "; ".join(f"{'.'.join(str(part) for part in item['loc'])}: {item['msg']}" for item in error.errors())
        ) from error
    text = clean(message.text).strip()
    if not text:
        raise fail("the text is empty")
    return Basis(message=message.model_copy(update={"text": text}))


def _read_json(path: Path) -> object:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise fail(f"{path}: {error}") from error


def main() -> None:
    """Entry point of the command."""
    app()


if __name__ == "__main__":
    main()
