"""checks | drafts: the product held against test messages."""

import os
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.commands.shared import (
    Language,
    fail,
    load_drafter,
    read_settings,
    say,
)

if TYPE_CHECKING:
    from app.bench.against import Against
    from app.draft_cases import Case
    from app.drafting.drafter import Drafter

app = typer.Typer()
checks_app = typer.Typer(help="The checks on what may go out.", no_args_is_help=True)
drafts_app = typer.Typer(help="The drafts as letters.", no_args_is_help=True)
report_app = typer.Typer(help="How the work went.", no_args_is_help=True)
app.add_typer(checks_app, name="checks")
app.add_typer(drafts_app, name="drafts")
app.add_typer(report_app, name="report")


@app.command()
def bench(
    page: Annotated[Path | None, typer.Option(help="Write the tables as Markdown into this file.")] = None,
    seconds: Annotated[float, typer.Option(min=0.5, max=600, help="How long each round takes.")] = 8,
    entries: Annotated[int | None, typer.Option(min=1000, max=2_000_000, help="One more size of the knowledge base; a million needs 8 GiB.")] = None,
    plain: Annotated[Path | None, typer.Option(file_okay=False, help="Compare with the plain stack too, which learns into this folder once (some ten minutes; extras transformers and tuning, scikit-learn).")] = None,
) -> None:  # fmt: skip
    """Measures latency, throughput, memory, start and growth on this machine, with the test messages of a checkout (Linux)."""
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    from app.bench.growth import SIZES
    from app.bench.page import bench_page
    from app.bench.run import Plan
    from app.bench.run import run as measure_all
    from app.draft_cases import read_cases, read_surroundings

    cases, settings, drafter = read_cases(read_surroundings()), read_settings(), load_drafter()
    figures = measure_all(
        drafter, Plan(settings.index_dir, cases, seconds, (*SIZES, *([entries] if entries else []))), say
    )
    if plain is not None:
        figures = replace(figures, against=_against(plain, drafter, cases, settings.data_dir))
    text = bench_page(figures)
    if page is None:
        print(text)
    else:
        page.write_text(text, encoding="utf-8")


def _against(folder: Path, drafter: "Drafter", cases: "Sequence[Case]", data: Path) -> "Against":
    from app.bench.against import Given, against_plain
    from knowledge_base.knowledge import CONTENT
    from models.examples import read_examples
    from models.tuning.base import BaseError

    examples = read_examples(sorted((CONTENT / "languages").glob("*/examples.jsonl")))
    try:
        return against_plain(drafter, Given(examples, cases, folder, data), say)
    except (ImportError, BaseError) as error:
        raise fail(
            f"the plain stack needs: pip install 'countersign[transformers,tuning]' scikit-learn ({error})"
        ) from error


@report_app.command("week")
def report_week(
    of: Annotated[str | None, typer.Option(help="Any day of the week, such as 2026-11-18; otherwise the last whole week.")] = None,
    by: Annotated[str, typer.Option(help="intent, language, market, agent, reply, product, carrier or lane.")] = "intent",
) -> None:  # fmt: skip
    """Prints a week in figures as Markdown; weeks begin on Monday, in UTC."""
    from datetime import date, time, timedelta

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
    analytics = Analytics(open_database(read_settings().database), lambda: knowledge)
    insight = analytics.look(wanted, monday, monday + timedelta(days=7))
    year, week, _ = monday.isocalendar()
    print(write_page(insight, f"Week {year}-W{week:02}"), end="")


@checks_app.command("train")
def checks_train() -> None:
    """Trains what reads a reply by its meaning: from the texts of all languages and the worked-on half of tests/checks, beside the shipped weights (for maintainers)."""
    from app.check_figures import read_texts
    from app.parts import SHIPPED_WEIGHTS
    from app.plain_sentences import plain_sentences
    from knowledge_base.knowledge import CONTENT, read_knowledge
    from models.encoder import READER, load_encoder
    from models.remembering import RememberingEncoder
    from models.wording import CHECKS, Wording, read_wordings, ship

    wordings = read_wordings(sorted((CONTENT / "languages").glob("*/wording.jsonl")))
    for one in read_texts():
        if one.part == "dev":
            wordings.append(Wording(one.text, one.language, tuple(name for name in one.finds if name in CHECKS)))
    encoder = RememberingEncoder(load_encoder(READER), read_settings().data_dir / "vectors")
    folder = ship(wordings, plain_sentences(read_knowledge()), encoder, SHIPPED_WEIGHTS / "wording")
    say(f"{folder} is what serves now")


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
    judged = list(judge(texts, load_drafter()))
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
    text = figures_page(list(measure(cases, load_drafter(), around.apology)))
    if page is None:
        print(text)
    else:
        page.write_text(text, encoding="utf-8")


@drafts_app.command("show")
def drafts_show(folder: Annotated[Path, typer.Argument(file_okay=False)], language: Language = None) -> None:
    """Writes a page of ten drafts for each language into FOLDER, for readers of that language."""
    from app.draft_cases import read_cases, read_surroundings
    from app.draft_pages import letters_page

    cases, drafter = read_cases(read_surroundings()), load_drafter()
    folder.mkdir(parents=True, exist_ok=True)
    for code in sorted({case.language for case in cases if language in (None, case.language)}):
        page = letters_page(code, [case for case in cases if case.language == code], drafter)
        (folder / f"{code}.md").write_text(page, encoding="utf-8")
