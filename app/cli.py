"""countersign serve | draft | analyze | train | evaluate | models | knowledge | checks | keys | accounts."""

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer
from pydantic import ValidationError

from app import report
from app.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

    from app.access import Access
    from app.api.requests import AnalyzeIn, MessageIn
    from app.domain import Basis
    from app.drafting.drafter import Drafter
    from app.library import Library
    from app.privacy import Privacy
    from knowledge_base.exchange import Format
    from knowledge_base.knowledge import Knowledge

T = TypeVar("T")
app = typer.Typer(
    name="countersign",
    help="Reply drafts for the buyers of cross-border shops, for a person to sign.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
models_app = typer.Typer(help="Versions of the trained classifiers.", no_args_is_help=True)
knowledge_app = typer.Typer(
    help="Vetted replies, phrases, profiles, policies, and the index over them.", no_args_is_help=True
)
keys_app = typer.Typer(help="Keys of integrations and people.", no_args_is_help=True)
checks_app = typer.Typer(help="The checks on what may go out.", no_args_is_help=True)
drafts_app = typer.Typer(help="The drafts as letters.", no_args_is_help=True)
buyers_app = typer.Typer(help="What is kept of a buyer.", no_args_is_help=True)
retention_app = typer.Typer(help="How long things are kept.", no_args_is_help=True)
report_app = typer.Typer(help="How the work went.", no_args_is_help=True)
accounts_app = typer.Typer(help="People who sign in.", no_args_is_help=True)
for name, group in (
    ("models", models_app),
    ("knowledge", knowledge_app),
    ("checks", checks_app),
    ("drafts", drafts_app),
    ("buyers", buyers_app),
    ("retention", retention_app),
    ("report", report_app),
    ("keys", keys_app),
    ("accounts", accounts_app),
):
    app.add_typer(group, name=name)

Json = Annotated[bool, typer.Option("--json", help="Print the contract's object.")]
Market = Annotated[str | None, typer.Option(help="The buyer's country, ISO 3166-1 alpha-2.")]
Language = Annotated[str | None, typer.Option(help="A bare language code: only words of this one.")]
FileFormat = Annotated[str | None, typer.Option(help="yaml, jsonl or csv; otherwise the file's name tells.")]
OrderFile = Annotated[
    Path | None, typer.Option("--order", help="A JSON file with the order.", exists=True, dir_okay=False)
]


def say(text: str) -> None:
    """Progress goes to standard error, so that standard output can be piped."""
    print(f"countersign: {text}", file=sys.stderr, flush=True)


def fail(text: str) -> typer.Exit:
    """Prints what is wrong; the command ends with 2."""
    print(f"countersign: {text}", file=sys.stderr)
    return typer.Exit(2)


def _settings() -> Settings:
    try:
        return Settings()
    except ValidationError as error:
        raise fail(
            "; ".join(f"COUNTERSIGN_{str(item['loc'][0]).upper()}: {item['msg']}" for item in error.errors())
        ) from error


# --- the main job -----------------------------------------------------------------------------------------------------


@app.command()
def serve(workers: Annotated[int, typer.Option(min=1, max=64, help="Processes; about one a core.")] = 1) -> None:
    """Serves API and console; prints the secrets of a first start once."""
    os.environ.setdefault(
        "OMP_NUM_THREADS", "1"
    )  # one BLAS thread a worker; more make a sentence slower on a small machine
    from app.logs import write_json_lines
    from app.main import create_app, run
    from knowledge_base.errors import KnowledgeError
    from models.registry import RegistryError
    from models.storage import WeightsError

    settings = _settings()
    write_json_lines()
    if workers > 1:
        _serve_with(settings, workers)
        return
    try:
        application = create_app(
            settings, progress=say, announce=lambda secrets: report.print_secrets(secrets, settings)
        )
    except (KnowledgeError, WeightsError, RegistryError) as error:
        raise fail(f"{error}") from error
    say(f"console at http://{settings.host}:{settings.port}/")
    run(application, settings)


def _serve_with(settings: Settings, workers: int) -> None:
    from app.workers import run_workers

    say(f"console at http://{settings.host}:{settings.port}/, {workers} workers")
    if not run_workers(settings, workers):
        raise fail("the workers were not started")


@app.command()
def bench(
    page: Annotated[Path | None, typer.Option(help="Write the tables as Markdown into this file.")] = None,
    seconds: Annotated[float, typer.Option(min=0.5, max=600, help="How long each round takes.")] = 8,
) -> None:
    """Measures latency, throughput, memory, start and growth on this machine, with the test messages of a checkout (Linux)."""
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    from app.bench.page import bench_page
    from app.bench.run import run as measure_all
    from app.draft_cases import read_cases, read_surroundings

    cases, settings = read_cases(read_surroundings()), _settings()
    text = bench_page(measure_all(_drafter(), settings.index_dir, cases, seconds, say))
    if page is None:
        print(text)
    else:
        page.write_text(text, encoding="utf-8")


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
    message, drafter = _message(MessageIn, body), _drafter()
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

    message, drafter = _message(AnalyzeIn, {"text": text, "market": market}), _drafter()
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


def _drafter() -> "Drafter":
    from app.parts import build_drafter
    from app.store.edits import read_edits
    from knowledge_base.errors import KnowledgeError
    from models.registry import RegistryError
    from models.storage import WeightsError

    settings = _settings()
    try:
        shipped = build_drafter(settings, lambda text: None if text.startswith(("reading", "loading")) else say(text))
    except (KnowledgeError, WeightsError, RegistryError) as error:
        raise fail(str(error)) from error
    edits = _read(settings, read_edits)
    return shipped.edited(edits) if edits else shipped


def _read_json(path: Path) -> object:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise fail(f"{path}: {error}") from error


# --- learning ---------------------------------------------------------------------------------------------------------


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
    from models.fitting import CORRECTION_WEIGHT
    from models.registry import KINDS, Registry
    from models.registry import train as train_kind
    from models.remembering import RememberingEncoder

    settings = _settings()
    kinds = KINDS if kind == "all" else (kind,)
    if any(wanted not in KINDS for wanted in kinds):
        raise fail(f"kind is one of: {', '.join(KINDS)}, all")
    try:
        examples = read_examples(data or sorted((CONTENT / "languages").glob("*/examples.jsonl")))
        examples += read_examples(corrections or []) * CORRECTION_WEIGHT
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

    settings = _settings()
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

    registry = open_registry(_settings())
    for kind in KINDS:
        for version in registry.versions(kind):
            print(f"{kind}  {version}  {'serves' if version == registry.promoted(kind) else ''}".rstrip())


@models_app.command("compare")
def models_compare(kind: str, version: str, as_json: Json = False) -> None:
    """Holds a version against the serving one on the gate messages, language by language."""
    from app.promotion import compared
    from models.storage import WeightsError

    try:
        found = compared(_settings(), kind, version)
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
        found = promote(_settings(), kind, version, anyway)
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
        print(open_registry(_settings()).rollback(kind))
    except (LookupError, ValueError) as error:
        raise fail(str(error)) from error


# --- knowledge --------------------------------------------------------------------------------------------------------


@knowledge_app.command("check")
def knowledge_check(
    corpus: Annotated[bool, typer.Option(help="Also hold the labelled messages to their rules (a minute).")] = True,
) -> None:
    """Reads every content file and every edit; names each fault with its place, what is missing in which language, and where languages name other numbers."""
    from app.store.edits import read_edits
    from knowledge_base.contradictions import contradictions, read_numbers
    from knowledge_base.errors import ContentError
    from knowledge_base.knowledge import read_knowledge
    from knowledge_base.overlay import lay_over, unfit

    try:
        knowledge = read_knowledge()
    except ContentError as error:
        print(error)
        raise typer.Exit(1) from error
    settings = _settings()
    edits = _read(settings, read_edits)
    report.print_completeness(lay_over(knowledge, edits) if edits else knowledge)
    wrong = unfit(knowledge, edits) if edits else {}
    for reply_id, flaws in wrong.items():
        for flaw in flaws:
            print(f"edit of {reply_id} is left out: {flaw.pointer}: {flaw.detail}")
    against = contradictions(lay_over(knowledge, edits) if edits else knowledge, read_numbers())
    print(*against, sep="\n", end="\n" if against else "")
    if wrong or against:
        raise typer.Exit(1)
    if corpus:
        _check_corpus(knowledge)


@knowledge_app.command("policy")
def knowledge_policy(market: Market = None, site: str = "default") -> None:
    """What a site grants the buyers of a market, value by value, and where each value comes from."""
    from app.store.edits import read_edits
    from knowledge_base.errors import ContentError
    from knowledge_base.knowledge import read_knowledge
    from knowledge_base.overlay import lay_over

    try:
        knowledge = read_knowledge()
    except ContentError as error:
        print(error)
        raise typer.Exit(1) from error
    edits = _read(_settings(), read_edits)
    knowledge = lay_over(knowledge, edits) if edits else knowledge
    if site not in knowledge.sites:
        raise fail(f"there is no site {site!r}; there are: {', '.join(sorted(knowledge.sites))}")
    report.print_policy(knowledge.policies.explained(site, market))


@knowledge_app.command("corpus")
def knowledge_corpus(
    page: Annotated[Path | None, typer.Option(help="Write the figures as Markdown into this file.")] = None,
) -> None:
    """The labelled messages in figures: counts, variety, agreement of second readers."""
    from app.corpus import corpus_page, corpus_sets

    text = corpus_page(corpus_sets())
    if page is None:
        print(text)
    else:
        page.write_text(text, encoding="utf-8")


@knowledge_app.command("recall")
def knowledge_recall(
    page: Annotated[Path | None, typer.Option(help="Write the figures as Markdown into this file.")] = None,
) -> None:
    """Whether the search finds the reply that a question belongs to, each question asked of an index without it."""
    from app.recall import recall_page
    from knowledge_base.knowledge import read_knowledge
    from models.encoder import load_encoder

    text = recall_page(read_knowledge(), load_encoder(_settings().encoder))
    if page is None:
        print(text)
    else:
        page.write_text(text, encoding="utf-8")


def _check_corpus(knowledge: "Knowledge") -> None:
    from app.corpus import audit_rules, corpus_sets
    from models.audit import audit
    from models.encoder import load_encoder
    from models.examples import ExamplesError
    from models.language import LanguageDetector

    try:
        sets = corpus_sets()
    except ExamplesError as error:
        raise fail("\n".join(error.faults)) from error
    findings = list(audit(sets, audit_rules(knowledge), load_encoder(), LanguageDetector()))
    print(*findings, sep="\n", end="\n" if findings else "")
    if findings:
        raise fail(f"{len(findings)} findings in the labelled messages")
    print(f"{sum(len(one.lines) for one in sets)} labelled messages in {len(sets)} sets hold their rules")


@knowledge_app.command("index")
def knowledge_index(force: bool = False) -> None:
    """Builds the index where it is missing or does not fit what is in use. Edits need none: they are followed at once."""
    from app.parts import build_index, refresh_index
    from knowledge_base.knowledge import read_knowledge
    from models.encoder import load_encoder

    settings = _settings()
    knowledge, encoder = read_knowledge(), load_encoder(settings.encoder)
    index = (build_index if force else refresh_index)(settings, knowledge, encoder, say)
    say(f"index: {index.manifest.entries} texts, content {index.manifest.corpus}, encoder {index.manifest.encoder}")


@knowledge_app.command("search")
def knowledge_search(
    text: str,
    language: Language = None,
    k: Annotated[int, typer.Option("-k", "--k", min=1, max=50, help="How many.")] = 5,
) -> None:
    """The vetted replies nearest in meaning to TEXT, of any language or of one."""
    for hit, version in _drafter().search(text, language, k):
        print(f"{hit.score:.3f}  {hit.reply_id}  v{version}  [{hit.entry.language} {hit.entry.kind}] {hit.entry.text}")


@knowledge_app.command("export")
def knowledge_export(file: Path, format: FileFormat = None, language: Language = None) -> None:
    """Writes all replies, shipped and edited, to FILE; `-` is standard output."""
    from app.library import ReplyFilter
    from knowledge_base.exchange import exported
    from knowledge_base.formats import WRITERS

    kind = _format_of(file, format)
    found, _ = _library().list_replies(ReplyFilter(language=language))
    text = WRITERS[kind](exported(held.document, held.version, language) for held in found)
    try:
        typer.echo(text, nl=False) if str(file) == "-" else file.write_bytes(text.encode())
    except OSError as error:
        raise fail(f"{file}: {error.strerror}") from error
    say(f"{len(found)} replies exported")


@knowledge_app.command("import")
def knowledge_import(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False)],
    format: FileFormat = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would change, and change nothing.")] = False,
    vet: Annotated[bool, typer.Option("--vet", help="Vouch for the new words: drafts use them at once.")] = False,
    by: Annotated[str, typer.Option(help="Who brings the file, for the history.")] = "ops",
) -> None:
    """Stores the replies of FILE as new versions and shows what differs; a fault in any row keeps all of it out."""
    from app.desk import Person
    from knowledge_base.formats import READERS

    try:
        text = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise fail(f"{file}: is not text in UTF-8 (byte {error.start})") from error
    items, faults = READERS[_format_of(file, format)](text)
    brought = _library().bring(items, faults, Person(by, "ops"), dry_run, vet)
    report.print_brought(brought, str(file), dry_run, vet)
    if brought.faults:
        raise typer.Exit(1)


def _format_of(file: Path, format: str | None) -> "Format":
    from knowledge_base.exchange import FORMATS, SUFFIXES

    kind = next((known for known in FORMATS if known == format), None) if format else SUFFIXES.get(file.suffix.lower())
    if kind is None:
        raise fail(f"say --format {', '.join(FORMATS)}, or name the file so")
    return kind


def _library() -> "Library":
    from app.library import Library
    from app.store.database import open_database
    from knowledge_base.errors import KnowledgeError
    from knowledge_base.knowledge import read_knowledge

    try:
        return Library(open_database(_settings().database), read_knowledge())
    except KnowledgeError as error:
        raise fail(str(error)) from error


def _read(settings: Settings, read: "Callable[[Connection], T]") -> "T | None":
    """What the database holds; None where there is none yet (looking makes none)."""
    from app.store.database import open_database, reading

    if not settings.database_url and not settings.database_file.exists():
        return None
    with reading(open_database(settings.database)) as connection:
        return read(connection)


# --- figures ---------------------------------------------------------------------------------------------------------


@report_app.command("week")
def report_week(
    of: Annotated[str | None, typer.Option(help="Any day of the week, such as 2026-11-18; otherwise the last whole week.")] = None,
    by: Annotated[str, typer.Option(help="intent, language, market, agent, reply, product, carrier or lane.")] = "intent",
) -> None:  # fmt: skip
    """Prints a week in figures as Markdown; weeks begin on Monday, in UTC."""
    from datetime import UTC, date, datetime, time, timedelta

    from app.insights.analytics import Analytics
    from app.insights.figures import GROUPS
    from app.insights.sheet import write_page
    from app.store.database import open_database
    from knowledge_base.knowledge import read_knowledge

    wanted = next((group for group in GROUPS if group == by), None)
    if wanted is None:
        raise fail(f"--by is one of {', '.join(GROUPS)}")
    try:
        day = date.fromisoformat(of) if of else datetime.now(UTC).date() - timedelta(days=7)
    except ValueError as error:
        raise fail(f"--of is a day such as 2026-11-18, not {of!r}") from error
    monday = datetime.combine(day - timedelta(days=day.weekday()), time(), UTC)
    knowledge = read_knowledge()
    analytics = Analytics(open_database(_settings().database), lambda: knowledge)
    insight = analytics.look(wanted, monday, monday + timedelta(days=7))
    year, week, _ = monday.isocalendar()
    print(write_page(insight, f"Week {year}-W{week:02}"), end="")


# --- checks -----------------------------------------------------------------------------------------------------------


@checks_app.command("measure")
def checks_measure(
    part: Annotated[str, typer.Option(help="dev or report: which half of the test texts.")] = "report",
    page: Annotated[Path | None, typer.Option(help="Write both halves as Markdown into this file.")] = None,
) -> None:
    """How many bad texts the checks catch and how many harmless ones they stop, on the texts of tests/checks."""
    from app.check_figures import count, counts_of, figures_page, figures_table, judge, read_first, read_texts

    if part not in ("dev", "report"):
        raise fail("--part is dev or report")
    texts = [text for text in read_texts() if page is not None or text.part == part]
    if not texts:
        raise fail("the test texts are not here: an installed package carries no tests")
    judged = list(judge(texts, _drafter()))
    if page is None:
        print(*figures_table(counts_of(count(judged))), sep="\n")
    else:
        page.write_text(figures_page(judged, read_first()), encoding="utf-8")


@drafts_app.command("measure")
def drafts_measure(
    language: Language = None,
    page: Annotated[Path | None, typer.Option(help="Write the figures as Markdown into this file.")] = None,
) -> None:
    """How good the drafts of the test messages are as letters: language, facts, questions, repetitions, form."""
    from app.draft_cases import read_cases, read_surroundings
    from app.draft_figures import figures_page, measure

    around = read_surroundings()
    cases = [case for case in read_cases(around) if language in (None, case.language)]
    if not cases:
        raise fail(f"there are no test messages in {language}")
    text = figures_page(list(measure(cases, _drafter(), around.apology)))
    if page is None:
        print(text)
    else:
        page.write_text(text, encoding="utf-8")


@drafts_app.command("show")
def drafts_show(folder: Annotated[Path, typer.Argument(file_okay=False)], language: Language = None) -> None:
    """Writes a page of ten drafts for each language into FOLDER, for readers of that language."""
    from app.draft_cases import read_cases, read_surroundings
    from app.draft_pages import letters_page

    cases, drafter = read_cases(read_surroundings()), _drafter()
    folder.mkdir(parents=True, exist_ok=True)
    for code in sorted({case.language for case in cases if language in (None, case.language)}):
        page = letters_page(code, [case for case in cases if case.language == code], drafter)
        (folder / f"{code}.md").write_text(page, encoding="utf-8")


# --- what is kept -----------------------------------------------------------------------------------------------------


def _privacy() -> "Privacy":
    from app.privacy import Privacy
    from app.store.database import open_database

    settings = _settings()
    return Privacy(open_database(settings.database), settings)


@buyers_app.command("export")
def buyers_export(site: str, buyer_id: str) -> None:
    """Prints all that is kept of a buyer, as JSON."""
    from app.errors import NotFound

    try:
        print(json.dumps(_privacy().export_buyer(site, buyer_id), ensure_ascii=False, indent=2))
    except NotFound as error:
        raise fail(error.detail) from error


@buyers_app.command("erase")
def buyers_erase(
    site: str, buyer_id: str, by: Annotated[str, typer.Option(help="Who asks for it, for the trail.")] = "ops"
) -> None:
    """Deletes all that is kept of a buyer, for good."""
    from app.desk import Person

    erased = _privacy().erase_buyer(site, buyer_id, Person(by, "ops"))
    print(f"{erased.receipt}  {erased.conversations} conversations, {erased.messages} messages deleted")


@retention_app.command("run")
def retention_run() -> None:
    """Deletes now what is older than the settings say; a server does it daily."""
    print(json.dumps(_privacy().retain()))


@app.command("backup")
def backup_command(file: Path) -> None:
    """Writes database and trained weights into FILE, while the server runs."""
    from app.backups import BackupError, backup

    try:
        size = backup(_settings(), file)
    except (BackupError, OSError) as error:
        raise fail(str(error)) from error
    say(f"{file}: {size} bytes")


@app.command("restore")
def restore_command(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False)],
    replace: Annotated[bool, typer.Option("--replace", help="In the place of the database that is there.")] = False,
) -> None:
    """Puts a backup back; a running server goes on with it."""
    from app.backups import BackupError, restore

    try:
        restore(_settings(), file, replace)
    except (BackupError, OSError) as error:
        raise fail(str(error)) from error
    say("restored; what was erased since the backup was made has to be erased again")


# --- people and keys --------------------------------------------------------------------------------------------------


def _access() -> "Access":
    from app.access import Access
    from app.store.database import open_database

    settings = _settings()
    return Access(open_database(settings.database), settings)


@keys_app.command("create")
def keys_create(name: str, role: str = "integration", scopes: str = "messages,analyze,drafts") -> None:
    """Makes a key and prints it once."""
    from app.access import SCOPES

    wanted = tuple(part.strip() for part in scopes.split(",") if part.strip())
    if role not in ("integration", "agent", "ops") or any(scope not in SCOPES for scope in wanted):
        raise fail(f"role is integration, agent or ops; scopes are of: {', '.join(SCOPES)}")
    key_id, secret = _access().create_key(name, role, wanted)
    print(f"{key_id}  {secret}")


@keys_app.command("list")
def keys_list() -> None:
    """All keys without their secrets."""
    for key in _access().list_keys():
        state = "revoked" if key.revoked_at else "in force"
        print(f"{key.id}  {key.prefix}...  {key.role}  {','.join(key.scopes)}  {state}  {key.name}")


@keys_app.command("revoke")
def keys_revoke(key_id: str) -> None:
    """Ends a key at once."""
    if not _access().revoke_key(key_id):
        raise fail("no key in force has that id")


@accounts_app.command("create")
def accounts_create(
    name: str,
    role: str = "agent",
    language: str = "en",
    password: Annotated[str, typer.Option(prompt=True, hide_input=True, confirmation_prompt=True)] = "",
) -> None:
    """Makes an account."""
    if role not in ("agent", "ops") or len(password) < 8:
        raise fail("role is agent or ops; a password has at least eight characters")
    print(_access().create_account(name, password, role, language))


@accounts_app.command("password")
def accounts_password(
    name: str, password: Annotated[str, typer.Option(prompt=True, hide_input=True, confirmation_prompt=True)] = ""
) -> None:
    """Sets a new password; the account's sessions end."""
    if len(password) < 8:
        raise fail("a password has at least eight characters")
    if not _access().set_password(name, password):
        raise fail("there is no such account")


def main() -> None:
    """Entry point of the command."""
    app()


if __name__ == "__main__":
    main()
