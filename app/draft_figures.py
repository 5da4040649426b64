"""How good the drafts are as letters: language, facts, questions, repetitions, form - counted on the test messages."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from app.domain import Answer, Basis, Draft, Drafted, Segment
from app.draft_cases import Case
from app.drafting.drafter import Drafter
from knowledge_base.knowledge import Knowledge
from knowledge_base.schema import Sentence

RUN = 5  # words that stand twice in a letter before it reads as a repetition
CHARACTERS = 10  # the same where words are not spaced
UNSPACED = frozenset({"zh", "ja"})
ONE_LETTER = 1800  # characters from which a reply to one message is long on any channel
_STOPS = re.compile(r"[.!?。！？؟\n]")


@dataclass(frozen=True, slots=True)
class Measured:
    """One message with its draft and what is wrong with it: (kind, detail). `facts` and `questions`: present of required."""

    case: Case
    drafted: Drafted
    faults: tuple[tuple[str, str], ...]
    facts: tuple[int, int]
    questions: tuple[int, int]
    answered: tuple[int, int]


def measure(cases: Iterable[Case], drafter: Drafter, apologies: Mapping[str, str]) -> Iterator[Measured]:
    """Drafts each message as it comes in; nothing of its labels is told to the drafter."""
    for case in cases:
        drafted = drafter.draft(Basis(message=case.message))
        yield judge(case, drafted, drafter.knowledge, re.compile(apologies.get(case.language, "(?!)")))


def judge(case: Case, drafted: Drafted, knowledge: Knowledge, apology: re.Pattern[str]) -> Measured:
    """One draft; a message that is parked or not answered has no letter to judge."""
    draft = drafted.draft
    if not draft.text:
        return Measured(case, drafted, (), (0, 0), (0, 0), (0, len(_questions_meant(case))))
    lost_facts, facts = _facts(drafted, knowledge)
    lost_questions, questions = _questions(drafted, knowledge)
    unanswered = _unanswered(case, drafted, knowledge)
    faults = [
        *_language(case, draft),
        *(("fact", detail) for detail in lost_facts),
        *(("question", detail) for detail in lost_questions),
        *(("unanswered", intent) for intent in unanswered),
        *_findings(draft),
        *(("repeated", words) for words in repetitions(draft)),
        *_frame(draft, apology),
    ]
    meant = len(_questions_meant(case))
    return Measured(case, drafted, tuple(faults), facts, questions, (meant - len(unanswered), meant))


# --- one letter -------------------------------------------------------------------------------------------------------


def _language(case: Case, draft: Draft) -> Iterator[tuple[str, str]]:
    code = draft.language.partition("-")[0]
    if code != case.language or any(check.id == "wrong_language" and check.status == "block" for check in draft.checks):
        yield "language", f"{case.language} answered in {code}"


def _said(draft: Draft) -> frozenset[str]:
    return frozenset(segment.source.id for segment in draft.segments)


def _planned(drafted: Drafted, knowledge: Knowledge) -> Iterator[tuple[Answer, Sentence]]:
    """The sentences that the situation and the known facts call for."""
    for answer in drafted.plan.answers:
        for sentence in knowledge.replies.get_situation(answer.situation).sentences:
            if sentence.id in answer.sentences:
                yield answer, sentence


def _facts(drafted: Drafted, knowledge: Knowledge) -> tuple[list[str], tuple[int, int]]:
    """A known slot of a chosen situation stands somewhere in the letter."""
    written = {slot.name for segment in drafted.draft.segments for slot in segment.slots}
    # a window of days holds its last day
    written |= {"eta_to"} if "eta" in written and not _own_step_lost(drafted, knowledge) else set()
    wanted = {
        (answer.situation, name)
        for answer, sentence in _planned(drafted, knowledge)
        if sentence.worded
        for name in sentence.needs
    }
    lost = sorted(f"{situation} {name}" for situation, name in wanted if name not in written)
    return lost, (len(wanted) - len(lost), len(wanted))


def _own_step_lost(drafted: Drafted, knowledge: Knowledge) -> bool:
    """Whether an answer's next step that names its day is nowhere in the letter."""
    said = _said(drafted.draft)
    return any(
        sentence.kind == "next_step" and "eta_to" in sentence.needs and f"{answer.situation}.{sentence.id}" not in said
        for answer, sentence in _planned(drafted, knowledge)
    )


def _questions(drafted: Drafted, knowledge: Knowledge) -> tuple[list[str], tuple[int, int]]:
    """What is asked of the buyer: missing slots, and the questions that a situation puts."""
    said = _said(drafted.draft)
    lost = [name for name in drafted.plan.asks if not said & {f"asks.{name}", f"asks.{name}.item"}]
    own = [f"{answer.situation}.{sentence.id}" for answer, sentence in _planned(drafted, knowledge) if sentence.kind == "question"]  # fmt: skip
    lost += [source for source in own if source not in said]
    count = len(drafted.plan.asks) + len(own)
    return lost, (count - len(lost), count)


_SMALL_TALK = frozenset({"greeting", "thanks_praise", "out_of_scope", "spam_phishing"})


def _questions_meant(case: Case) -> tuple[str, ...]:
    return tuple(intent for intent in case.intents if intent not in _SMALL_TALK)


def _unanswered(case: Case, drafted: Drafted, knowledge: Knowledge) -> list[str]:
    """Intents that the writer meant and that no answer takes up; an answer contains what it absorbs."""
    answered = {answer.intent for answer in drafted.plan.answers}
    contained = {intent for answer in answered for intent in knowledge.replies.intents[answer].absorbs}
    return [intent for intent in _questions_meant(case) if intent not in answered | contained]


def _findings(draft: Draft) -> Iterator[tuple[str, str]]:
    for check in draft.checks:
        if check.id == "ungrounded_fact":
            yield "untraced", draft.text[slice(*check.span)]
        elif check.id == "unfilled_slot":
            yield "unfilled", draft.text[slice(*check.span)]
        elif check.id == "too_long":
            yield "too_long", "over the channel's limit"
        elif check.status == "block" and check.id != "wrong_language":
            yield "blocked", check.id
    if len(draft.text) > ONE_LETTER:
        yield "too_long", "over 1800 characters"


def _frame(draft: Draft, apology: re.Pattern[str]) -> Iterator[tuple[str, str]]:
    salutations = [segment for segment in draft.segments if segment.source.id.startswith("salutation.")]
    if len(salutations) != 1 and not _public(draft):
        yield "frame", f"{len(salutations)} salutations"
    sorry = [segment.source.id for segment in draft.segments if apology.search(_text(draft, segment).casefold())]
    if len(sorry) > 1:
        yield "frame", f"{len(sorry)} apologies: {' + '.join(sorry)}"
    doors = [segment.source.id for segment in draft.segments if segment.source.id.startswith("door.")]
    steps = [segment.source.id for segment in draft.segments if segment.kind == "next_step"]
    if len(doors) > 1 or (doors and len(steps) > len(doors)):
        yield "frame", f"{len(steps)} open doors: {' + '.join(steps)}"


def _public(draft: Draft) -> bool:
    return not any(segment.kind == "salutation" for segment in draft.segments)


def _text(draft: Draft, segment: Segment) -> str:
    return draft.text[slice(*segment.span)]


def repetitions(draft: Draft) -> list[str]:
    """Runs of words that stand twice in one letter, and values that are told twice; a next step may name its day again."""
    unspaced = draft.language.partition("-")[0] in UNSPACED
    places: dict[tuple[str, ...], set[int]] = defaultdict(set)
    for number, sentence in enumerate(_sentences(draft)):
        units = [*sentence] if unspaced else sentence.split()
        size = CHARACTERS if unspaced else RUN
        for start in range(len(units) - size + 1):
            run = tuple(units[start : start + size])
            if "\0" not in "".join(run):
                places[run].add(number)
    joiner = "" if unspaced else " "
    runs = [joiner.join(run) for run, where in places.items() if len(where) > 1]
    return [*_first_of_overlapping(runs), *_values_twice(draft)]


def _first_of_overlapping(runs: Sequence[str]) -> list[str]:
    """A longer repetition shows as many runs that overlap; the first stands for all of them."""
    return list(runs[:1])


def _sentences(draft: Draft) -> list[str]:
    """The letter's sentences in small letters, values left out."""
    chars = list(draft.text)
    for segment in draft.segments:
        if segment.kind in ("salutation", "signature"):
            chars[slice(*segment.span)] = "\n" * (segment.span[1] - segment.span[0])
        for slot in segment.slots:
            chars[slice(*slot.span)] = "\0" * (slot.span[1] - slot.span[0])
    return [sentence.casefold().strip() for sentence in _STOPS.split("".join(chars))]


_SAID_AGAIN = frozenset({"name", "site_name", "item_title"})  # a name is no news that wears out


def _values_twice(draft: Draft) -> list[str]:
    told = [slot for segment in draft.segments if segment.kind != "next_step" for slot in segment.slots]
    counts = Counter((slot.name, draft.text[slice(*slot.span)]) for slot in told)
    return [f"{{{name}}} {count} times" for (name, _), count in counts.items() if count > 1 and name not in _SAID_AGAIN]


# --- all of them ------------------------------------------------------------------------------------------------------

KINDS = ("language", "fact", "question", "unanswered", "untraced", "unfilled", "blocked", "repeated", "frame", "too_long")  # fmt: skip


@dataclass(slots=True)
class Tally:
    """Counts of one language: letters, and letters with each kind of fault."""

    messages: int = 0
    letters: int = 0
    facts: list[int] = field(default_factory=lambda: [0, 0])
    questions: list[int] = field(default_factory=lambda: [0, 0])
    answered: list[int] = field(default_factory=lambda: [0, 0])
    faults: Counter[str] = field(default_factory=Counter)
    verdicts: Counter[str] = field(default_factory=Counter)

    def add(self, one: Measured) -> None:
        """Counts one message."""
        self.messages += 1
        self.letters += bool(one.drafted.draft.text)
        self.verdicts[one.drafted.draft.verdict] += 1
        for kind in {kind for kind, _ in one.faults}:
            self.faults[kind] += 1
        for own, new in ((self.facts, one.facts), (self.questions, one.questions), (self.answered, one.answered)):
            own[0], own[1] = own[0] + new[0], own[1] + new[1]

    @property
    def badness(self) -> float:
        """Letters with a fault of form or fact, per letter."""
        return sum(self.faults[kind] for kind in KINDS if kind != "unanswered") / max(1, self.letters)


def tally(measured: Iterable[Measured]) -> dict[str, Tally]:
    """By language, worst first; `all` on top."""
    found: dict[str, Tally] = defaultdict(Tally)
    for one in measured:
        found["all"].add(one)
        found[one.case.language].add(one)
    rest = sorted((code for code in found if code != "all"), key=lambda code: -found[code].badness)
    return {code: found[code] for code in ("all", *rest)}


def reasons(measured: Iterable[Measured], kinds: Sequence[str] = KINDS) -> list[tuple[str, str, int, str]]:
    """What is wrong, most frequent first: kind, detail, how often, and in which languages."""
    found: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for one in measured:
        for kind, detail in set(one.faults):
            if kind in kinds:
                found[kind, detail][one.case.language] += 1
    rows = [(kind, detail, sum(codes.values()), " ".join(sorted(codes))) for (kind, detail), codes in found.items()]
    return sorted(rows, key=lambda row: (-row[2], row[0], row[1]))


def figures_table(tallies: Mapping[str, Tally]) -> Iterator[str]:
    """One row a language."""
    yield "| | messages | letters | right language | known facts said | questions asked | buyer's questions answered | untraced | unfilled | blocked | repeats | frame | too long |"
    yield "| --- " * 13 + "|"
    for code, one in tallies.items():
        cells = [
            str(one.messages), str(one.letters), _of(one.letters - one.faults["language"], one.letters), _of(*one.facts), _of(*one.questions), _of(*one.answered),
            *(str(one.faults[kind]) for kind in ("untraced", "unfilled", "blocked", "repeated", "frame", "too_long")),
        ]  # fmt: skip
        yield f"| {f'**{code}**' if code == 'all' else code} | {' | '.join(cells)} |"


def _of(hits: int, count: int) -> str:
    return f"{hits / count * 100:.1f} %, {hits} of {count}" if count else "–"


def verdicts_table(tallies: Mapping[str, Tally]) -> Iterator[str]:
    """Shares of the verdicts."""
    names = sorted({name for one in tallies.values() for name in one.verdicts}, key=lambda name: -tallies["all"].verdicts[name])  # fmt: skip
    yield f"| | {' | '.join(names)} |"
    yield "| --- " * (len(names) + 1) + "|"
    for code, one in tallies.items():
        yield f"| {code} | " + " | ".join(f"{one.verdicts[name] / one.messages * 100:.0f} %" for name in names) + " |"


def reasons_table(rows: Iterable[tuple[str, str, int, str]]) -> Iterator[str]:
    """What is wrong, as rows."""
    yield "| kind | what | letters | languages |"
    yield "| --- | --- | --- | --- |"
    for kind, detail, count, codes in rows:
        yield f"| {kind} | {detail.replace('|', '¦')} | {count} | {codes} |"


SHOWN = 60  # rows of the list of reasons


def figures_page(measured: Sequence[Measured]) -> str:
    """All of it as Markdown."""
    tallies = tally(measured)
    form = tuple(kind for kind in KINDS if kind != "unanswered")
    lines = [*_HEAD, *figures_table(tallies), "", "## Verdicts", "", *verdicts_table(tallies), ""]
    lines += ["## What is wrong, most frequent first", "", *reasons_table(reasons(measured, form)[:SHOWN]), ""]
    lines += ["## Questions that were not taken up", "", *reasons_table(reasons(measured, ("unanswered",))[:SHOWN]), ""]
    return "\n".join(lines)


_HEAD = (
    "# How good the drafts are as letters",
    "",
    "Written by `countersign drafts measure --page docs/results/drafts.md`. Worst languages first.",
    "",
    "The test messages of other writers (`tests/cases`) are drafted as they come in, with orders that fit their first intent",
    "(`tests/drafts/orders.toml`; every fourth message has none). *Known facts said*: each slot that a chosen situation names and",
    "that is known stands in the letter. *Questions asked*: what is missing from the buyer, and what the situation asks, is asked.",
    "*Buyer's questions answered*: each intent that the writer meant is answered or contained in an answer; it is bounded by how well",
    "messages are read, not by the letters. The other columns count letters with at least one such fault. *Repeats*: a run of five",
    "words (ten characters in Chinese and Japanese) or a value that stands twice. *Frame*: more than one salutation, apology or open door.",
    "",
)
