"""knowledge: the vetted words, their checks, their index and their files."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app import report
from app.commands.shared import FileFormat, Language, Market, fail, load_drafter, read, read_settings, say

if TYPE_CHECKING:
    from app.library import Library
    from knowledge_base.exchange import Format
    from knowledge_base.knowledge import Knowledge


app = typer.Typer()
knowledge_app = typer.Typer(
    help="Vetted replies, phrases, profiles, policies, and the index over them.", no_args_is_help=True
)
app.add_typer(knowledge_app, name="knowledge")


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
    settings = read_settings()
    edits = read(settings, read_edits)
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
    edits = read(read_settings(), read_edits)
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

    text = recall_page(read_knowledge(), load_encoder(read_settings().encoder))
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

    settings = read_settings()
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
    for hit, version in load_drafter().search(text, language, k):
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
        return Library(open_database(read_settings().database), read_knowledge())
    except KnowledgeError as error:
        raise fail(str(error)) from error
