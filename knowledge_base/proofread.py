"""What must hold of a reply that a person writes, beyond the schema: every flaw is named with its place in the document."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from knowledge_base.edits import Reply, Wording, WrittenReply
from knowledge_base.knowledge import Knowledge
from knowledge_base.policies import SitePolicy
from knowledge_base.replies import slot_fault
from knowledge_base.schema import SLOT_MARK, Predicate, Scope, Sentence, Situation

Place = tuple[str | int, ...]
REPLY_ID = re.compile(r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*")
SENTENCE_ID = re.compile(r"[a-z][a-z0-9_]*")
QUESTIONS = 3  # example questions by which a reply can be found in a language
LONGEST = 420  # characters of one sentence; longer ones are two
# What the arguments of predicates may be, where the content itself does not say it; held to the code by a test.
GRANTS = frozenset(
    {"coupon", "free_shipping", "express", "ships_to", "request", "sample_credit", "price_adjustment", "refund", "offer", "protection_extension", "payment_method"}
)  # fmt: skip
PRODUCT_FACTS = frozenset({"fact", "size_chart", "manual", "certificate", "restock_date", "alternative"})
ORDER_DAYS = frozenset({"placed_at", "paid_at", "shipped_at", "delivered_at", "eta_from", "eta_to", "protection_until"})
ORDER_STATUSES = frozenset(
    {"unpaid", "paid", "packed", "shipped", "in_customs", "out_for_delivery", "delivered", "returned", "cancelled", "refunded"}
)  # fmt: skip
_SCRIPTS = {
    "Hans": ("CJK",), "Jpan": ("CJK", "HIRAGANA", "KATAKANA"), "Kore": ("HANGUL",), "Cyrl": ("CYRILLIC",), "Arab": ("ARABIC",), "Latn": ("LATIN",),
}  # fmt: skip
_MIXED = re.compile(r"[A-Za-z][\u0400-\u04ff]|[\u0400-\u04ff][A-Za-z]")
_SENTENCE_END = re.compile(r"(?<=[.!?。！？؟])\s*")


@dataclass(frozen=True, slots=True)
class Flaw:
    """One thing wrong at one place of a document; an empty place means the whole."""

    place: Place
    detail: str

    @property
    def pointer(self) -> str:
        """The place as a JSON pointer."""
        return "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in self.place)


def proofread(reply: WrittenReply, knowledge: Knowledge) -> list[Flaw]:
    """All that keeps the reply from being stored; empty where nothing does."""
    flaws = [*structural_flaws(reply, knowledge), *_rule_flaws(reply, knowledge)]
    for language, words in reply.languages.items():
        flaws += [Flaw(("languages", language, *flaw.place), flaw.detail) for flaw in _word_flaws(reply, language, words, knowledge)]  # fmt: skip
    return [*flaws, *_parity_flaws(reply)]


# --- without this a draft would break: held at every reading, of edits too ---------------------------------------------


def structural_flaws(reply: WrittenReply | Reply, knowledge: Knowledge) -> list[Flaw]:
    """Names that nothing answers to, and wordings that do not fit their structure."""
    flaws = []
    if not REPLY_ID.fullmatch(reply.id):
        flaws.append(Flaw(("id",), "an id is intent.name, in small letters, digits and underscores"))
    elif reply.intent not in knowledge.replies.intents:
        flaws.append(Flaw(("id",), f"there is no intent {reply.intent!r}"))
    flaws += [Flaw(("when", place), detail) for place, item in enumerate(reply.when) if (detail := _predicate_flaw(item, knowledge))]  # fmt: skip
    flaws += [Flaw(("wants", place), f"there is no slot {name!r}") for place, name in enumerate(reply.wants) if name not in knowledge.slots]  # fmt: skip
    for place, sentence in enumerate(reply.sentences):
        flaws += [Flaw(("sentences", place, *flaw.place), flaw.detail) for flaw in _sentence_flaws(sentence, knowledge)]
    for language, words in reply.languages.items():
        if not knowledge.served(language):
            flaws.append(Flaw(("languages", language), "this language has no phrases, so no letter can be written in it"))  # fmt: skip
        flaws += [Flaw(("languages", language, *flaw.place), flaw.detail) for flaw in shape_flaws(reply, words, knowledge)]  # fmt: skip
    return flaws


def _sentence_flaws(sentence: Sentence, knowledge: Knowledge) -> Iterator[Flaw]:
    if not SENTENCE_ID.fullmatch(sentence.id):
        yield Flaw(("id",), "a sentence's id has small letters, digits and underscores")
    for field in ("needs", "asks"):
        for place, name in enumerate(getattr(sentence, field)):
            if name not in knowledge.slots:
                yield Flaw((field, place), f"there is no slot {name!r}")
    for place, name in enumerate(sentence.asks):
        phrases = {f"asks.{name}", f"asks.{name}.item"} <= knowledge.phrases.specs.keys()
        if name in knowledge.slots and (knowledge.slots[name].tells != "buyer" or not phrases):
            yield Flaw(("asks", place), f"a buyer is not asked for {name!r}: there is no phrase for it")
    if sentence.policy is not None and sentence.policy not in SitePolicy.model_fields:
        yield Flaw(("policy",), f"the site's policy has no {sentence.policy!r}")
    for place, item in enumerate(sentence.conditions):
        detail = _predicate_flaw(item, knowledge)
        if detail:
            yield Flaw(("if", place), detail)


def _predicate_flaw(item: Predicate, knowledge: Knowledge) -> str | None:
    if item.name == "order.status":
        wrong = [choice for choice in item.choices if choice not in ORDER_STATUSES]
        return f"{item.text}: there is no status {wrong[0]!r}" if wrong else None
    known: Mapping[str, frozenset[str]] = {
        "order.before": ORDER_DAYS, "order.after": ORDER_DAYS, "order.has": frozenset(knowledge.slots) | {"eta_from"},
        "order.no_scan_for": frozenset({"policy.tracing_days"}), "policy.grants": GRANTS, "product.has": PRODUCT_FACTS,
        "given": frozenset(knowledge.slots), "conduct": frozenset(knowledge.languages["en"].conduct), "visibility": frozenset({"public", "private"}),
    }  # fmt: skip
    if item.name not in known or item.argument in known[item.name]:
        return None
    return f"{item.text}: {item.argument!r} is none of {', '.join(sorted(known[item.name]))}"


def shape_flaws(situation: Situation, words: Wording, knowledge: Knowledge) -> Iterator[Flaw]:
    """A wording has exactly the sentences of the structure, and names only slots that they declare."""
    worded = {sentence.id: sentence for sentence in situation.sentences if sentence.worded}
    for missing in sorted(worded.keys() - words.sentences.keys()):
        yield Flaw(("sentences", missing), "the wording is missing")
    for place, sentence_id, text in _texts(words):
        if sentence_id not in worded:
            yield Flaw(place, "the structure has no such sentence that is worded")
        elif detail := slot_fault(worded[sentence_id], text, knowledge.slots):
            yield Flaw(place, detail)


def _texts(words: Wording) -> Iterator[tuple[Place, str, str]]:
    for sentence_id, text in words.sentences.items():
        yield ("sentences", sentence_id), sentence_id, text
    for region, texts in words.regions.items():
        for sentence_id, text in texts.items():
            yield ("regions", region, sentence_id), sentence_id, text


# --- what a letter should be: held when a person saves ----------------------------------------------------------------


def _rule_flaws(reply: WrittenReply, knowledge: Knowledge) -> Iterator[Flaw]:
    intent = knowledge.replies.intents.get(reply.intent)
    fallback = next((item.id for item in intent.situation if item.fallback), None) if intent else None
    if reply.fallback and reply.id != fallback:
        yield Flaw(("fallback",), f"the intent has its fallback: {fallback}")
    if reply.id == fallback and (not reply.fallback or reply.retired):
        yield Flaw(("retired",) if reply.retired else ("fallback",), f"{reply.intent} needs its fallback; change its words instead")  # fmt: skip
    if reply.fallback and fallback == reply.id:
        yield from _fallback_flaws(reply, knowledge)
    if not reply.fallback and not reply.when and reply.event is None:
        yield Flaw(("when",), "say when the reply fits; only the fallback always does")
    if reply.event is not None and reply.intent != "outreach":
        yield Flaw(("event",), "only outgoing messages (outreach) answer an event")
    techniques = known_techniques(knowledge)
    for place, name in enumerate(reply.techniques):
        if name not in techniques:
            yield Flaw(("techniques", place), f"{name!r} is none of {', '.join(sorted(techniques))}")
    kinds = [sentence.kind for sentence in reply.sentences if not sentence.conditions]
    for kind, said in (("empathy", "one regret"), ("next_step", "one open door")):
        if kinds.count(kind) > 1:  # type: ignore[arg-type]
            yield Flaw(("sentences",), f"at most {said} (kind {kind}) that always stands")
    if not reply.languages and not reply.retired:
        yield Flaw(("languages",), "needs at least one language")


def _fallback_flaws(reply: WrittenReply, knowledge: Knowledge) -> Iterator[Flaw]:
    """It answers whatever the order, everywhere, always, and in every language that it has had."""
    for field, narrowed in (
        ("when", bool(reply.when)),
        ("scope", reply.scope != Scope()),
        ("valid_from", reply.valid_from is not None),
        ("valid_until", reply.valid_until is not None),
    ):
        if narrowed:
            yield Flaw((field,), f"{reply.id} is the fallback, which always fits; add another reply for this")
    for owner, language in knowledge.replies.variants:
        if owner == reply.id and language not in reply.languages:
            yield Flaw(("languages", language), "the fallback is needed in every language that it has")


def known_techniques(knowledge: Knowledge) -> frozenset[str]:
    """The names that the shipped replies and phrases use."""
    own = {name for situation in knowledge.replies.situations() for name in situation.techniques}
    return frozenset(own | {name for spec in knowledge.phrases.specs.values() for name in spec.techniques})


def _word_flaws(reply: WrittenReply, language: str, words: Wording, knowledge: Knowledge) -> Iterator[Flaw]:
    if not knowledge.served(language):
        return
    for place, _, text in _texts(words):
        for detail in _text_flaws(text, language, knowledge):
            yield Flaw(place, detail)
    for number, question in enumerate(words.questions):
        for detail in _form_flaws(question):
            yield Flaw(("questions", number), detail)
    if reply.event is None and len(set(words.questions)) < QUESTIONS:
        yield Flaw(("questions",), f"give at least {QUESTIONS} different questions that buyers ask in this language")
    for region in words.regions:
        if not region.startswith(f"{language}-"):
            yield Flaw(("regions", region), f"a region of this language is a tag such as {language}-XX")


def _text_flaws(text: str, language: str, knowledge: Knowledge) -> Iterator[str]:
    yield from _form_flaws(text)
    bare = SLOT_MARK.sub("", text)
    if len(text) > LONGEST:
        yield f"has {len(text)} characters; {LONGEST} are enough for one sentence"
    if text.count("!") + text.count("！") > 1:
        yield "has more than one exclamation mark"
    if _MIXED.search(bare):
        yield "a letter of another script stands inside a word"
    if not _in_script(bare, knowledge.languages[language].script):
        yield "is not written in the script of its language"
    yield from _pattern_flaws(text, language, knowledge)


def _form_flaws(text: str) -> Iterator[str]:
    if text != text.strip() or "  " in text:
        yield "has white space at its ends, or two spaces in a row"
    if text != unicodedata.normalize("NFC", text):
        yield "is not in Unicode normal form C"
    if any(unicodedata.category(char) in ("Cc", "Cs", "Co", "Cn") for char in text):
        yield "holds a control character or one that means nothing"


def _in_script(text: str, script: str) -> bool:
    """At least half of the letters, where there are enough of them to tell (product and brand names may be Latin)."""
    letters = [char for char in text if char.isalpha()]
    own = [char for char in letters if unicodedata.name(char, "").startswith(_SCRIPTS.get(script, ("",)))]
    return len(letters) <= 12 or len(own) * 2 >= len(letters)


def _pattern_flaws(text: str, language: str, knowledge: Knowledge) -> Iterator[str]:
    """What the checks would block in a text typed by hand. Promises are vetted: a person vouches for them."""
    lexicon = knowledge.lexicons.get(language)
    for check, finder in lexicon.checks.items() if lexicon else ():
        if check == "ungranted_promise" or finder.find_pattern is None:
            continue
        for sentence in _SENTENCE_END.split(text.casefold()):
            harmless = finder.unless_pattern is not None and finder.unless_pattern.search(sentence)
            if finder.find_pattern.search(sentence) and not harmless:
                yield f"the check {check} finds something in it"
                break


def _parity_flaws(reply: WrittenReply) -> Iterator[Flaw]:
    """All languages name the same slots in the same sentence, so that draft and gloss say the same."""
    first = next(iter(reply.languages.items()), None)
    if first is None:
        return
    for language, words in reply.languages.items():
        for sentence_id, text in words.sentences.items():
            own, other = slots_of(text), slots_of(first[1].sentences.get(sentence_id, text))
            if own != other:
                names = ", ".join(sorted(own ^ other))
                yield Flaw(("languages", language, "sentences", sentence_id), f"names other slots than {first[0]}: {names}")  # fmt: skip


def slots_of(text: str) -> frozenset[str]:
    """The slots that a wording names."""
    return frozenset(SLOT_MARK.findall(text))
