"""The drafts of the test messages as letters: the aims are held, and each fault is seen when it is there."""

import re

import pytest

from app.domain import Check, Draft, Drafted, Segment, SlotUse, Source
from app.draft_cases import Case, read_cases, read_surroundings
from app.draft_figures import Measured, figures_page, judge, measure, reasons, repetitions, tally
from app.draft_pages import letters_page
from app.drafting.drafter import Drafter
from tests.conftest import draft, message, order

AROUND = read_surroundings()
CASES = read_cases(AROUND)
LANGUAGES = sorted({case.language for case in CASES})
SAMPLE = 5  # every so manieth message: the command measures them all
FACTS, QUESTIONS, NEVER = 0.98, 0.95, re.compile("(?!)")


@pytest.mark.parametrize("language", LANGUAGES)
def test_letters_keep_what_was_reached(drafter: Drafter, language: str) -> None:
    cases = [case for case in CASES if case.language == language][::SAMPLE]
    measured = list(measure(cases, drafter, AROUND.apology))
    one, rows = tally(measured)["all"], reasons(measured)
    assert one.faults["language"] <= 1, rows
    assert one.facts[0] >= FACTS * one.facts[1] and one.questions[0] >= QUESTIONS * one.questions[1], rows
    assert not (one.faults["untraced"] or one.faults["unfilled"] or one.faults["too_long"]), rows


def test_every_language_apologises_in_words_that_are_counted() -> None:
    assert sorted(AROUND.apology) == LANGUAGES


def test_orders_are_given_by_the_text_alone() -> None:
    again = read_cases(AROUND)
    assert again == CASES and {case.message.order is None for case in CASES} == {True, False}


def a_letter(drafter: Drafter) -> tuple[Case, Drafted]:
    drafted = draft(drafter, "where is my order? is it still on its way?", order(), "US")
    return Case(message("where is my order?", order(), "US"), "en", ("order_tracking",)), drafted


def judged(drafter: Drafter, case: Case, drafted: Drafted, **changes: object) -> Measured:
    changed = drafted.model_copy(update={"draft": drafted.draft.model_copy(update=changes)})
    return judge(case, changed, drafter.knowledge, re.compile(AROUND.apology["en"]))


def test_a_good_letter_has_no_fault(drafter: Drafter) -> None:
    case, drafted = a_letter(drafter)
    assert judged(drafter, case, drafted).faults == ()


def test_a_fact_that_is_left_out_is_seen(drafter: Drafter) -> None:
    case, drafted = a_letter(drafter)
    kept = tuple(segment for segment in drafted.draft.segments if not segment.source.id.endswith(".track"))
    found = judged(drafter, case, drafted, segments=kept)
    assert ("fact", "order_tracking.shipped tracking_url") in found.faults and found.facts[0] < found.facts[1]


def test_a_letter_in_another_language_is_seen(drafter: Drafter) -> None:
    case, drafted = a_letter(drafter)
    assert ("language", "en answered in de") in judged(drafter, case, drafted, language="de-DE").faults


@pytest.mark.parametrize(
    ("check", "kind"),
    [("ungrounded_fact", "untraced"), ("unfilled_slot", "unfilled"), ("too_long", "too_long"), ("off_platform", "blocked")],
)  # fmt: skip
def test_a_finding_of_the_checks_is_counted(drafter: Drafter, check: str, kind: str) -> None:
    case, drafted = a_letter(drafter)
    finding = Check(id=check, status="block", span=(0, 4), detail="")
    assert kind in {fault for fault, _ in judged(drafter, case, drafted, checks=(finding,)).faults}


def test_an_intent_that_nobody_answers_is_seen(drafter: Drafter) -> None:
    case, drafted = a_letter(drafter)
    two = Case(case.message, "en", ("order_tracking", "wholesale"))
    assert judged(drafter, two, drafted).answered == (1, 2)


def letter_of(*sentences: str, language: str = "en", slots: tuple[str, ...] = ()) -> Draft:
    """A letter of answer sentences, one segment each; each of `slots` is a value that is marked wherever it stands."""
    text, segments = "", []
    for number, sentence in enumerate(sentences):
        start, text = len(text), text + sentence + " "
        found = [(slot, start + sentence.find(slot)) for slot in slots if slot in sentence]
        uses = tuple(SlotUse(name="order_id", span=(at, at + len(slot)), origin="order.id") for slot, at in found)
        source = Source(type="reply", id=f"a.b.{number}", version=1)
        segments.append(Segment(span=(start, len(text)), kind="answer", source=source, slots=uses))
    gloss = {"language": "en", "text": "", "segments": ()}
    return Draft.model_validate(
        {"verdict": "ready", "language": language, "text": text, "gloss": gloss, "gist": "", "confidence": 1, "segments": segments}
    )  # fmt: skip


@pytest.mark.parametrize(
    ("letter", "found"),
    [
        (letter_of("You can pay at the checkout now.", "Duties are shown; pay at the checkout now."), True),
        (letter_of("You can pay at the checkout.", "Duties are shown there."), False),
        (letter_of("请您在结算页面查看运费和税费。", "请您在结算页面查看运费和时间。", language="zh"), True),
        (letter_of("请您查看运费。", "关税由收件人支付。", language="zh"), False),
        (letter_of("Order 812 is here.", "We noted 812.", slots=("812",)), True),
        (letter_of("Order 812 is here.", "We noted it.", slots=("812",)), False),
    ],
)
def test_what_stands_twice_is_found(letter: Draft, found: bool) -> None:
    assert bool(repetitions(letter)) is found


def test_two_apologies_are_one_too_many(drafter: Drafter) -> None:
    case, drafted = a_letter(drafter)
    text = drafted.draft.text + " We are sorry. We apologise."
    source = Source(type="phrase", id="apology.general", version=1)
    end = len(drafted.draft.text)
    sorry = (Segment(span=(end, end + 14), kind="empathy", source=source), Segment(span=(end + 14, len(text)), kind="empathy", source=source))  # fmt: skip
    found = judged(drafter, case, drafted, text=text, segments=(*drafted.draft.segments, *sorry))
    assert [kind for kind, detail in found.faults if "apologies" in detail] == ["frame"]


def test_the_page_lists_worst_languages_and_reasons_first(drafter: Drafter) -> None:
    measured = list(measure([case for case in CASES if case.language in ("en", "de")][::20], drafter, AROUND.apology))
    page = figures_page(measured)
    assert "| **all** |" in page and page.index("| **all** |") < page.index("| de |")
    counts = [row[2] for row in reasons(measured)]
    assert counts == sorted(counts, reverse=True)


def test_a_page_of_drafts_shows_different_replies_with_their_gloss(drafter: Drafter) -> None:
    page = letters_page("de", [case for case in CASES if case.language == "de"], drafter, 3)
    assert page.count("\n## ") == page.count("In English:") == 3 and "Guten Tag" in page
