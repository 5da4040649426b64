"""What a person writes is held to what the shipped content holds."""

import pytest

from app.domain import Order
from app.drafting.drafter import Drafter
from app.drafting.facts import gather_facts
from app.drafting.predicates import GRANTS, holds
from knowledge_base import proofread
from knowledge_base.edits import WrittenReply, documents
from knowledge_base.knowledge import read_knowledge
from knowledge_base.schema import PREDICATES, Predicate
from tests.conftest import ORDER, message

KNOWLEDGE = read_knowledge()
IDS = sorted(situation.id for situation in KNOWLEDGE.replies.situations())
NEW = {
    "id": "order_tracking.heat",
    "when": ["order.known", "asks_like"],
    "techniques": ["empathise"],
    "sentences": [
        {"id": "slow", "kind": "answer"},
        {"id": "number", "needs": ["order_id"], "fact": True},
        {"id": "write", "kind": "next_step"},
    ],
    "languages": {
        "en": {
            "questions": ["is it slow in the heat", "does the heat delay my parcel", "too hot for the courier"],
            "sentences": {
                "slow": "Parcels travel more slowly in a heat wave.",
                "number": "The order number is {order_id}.",
                "write": "Write to us if it has not reached you in a week.",
            },
        }
    },
}


def changed(**changes: object) -> WrittenReply:
    return WrittenReply.model_validate(NEW | changes)


def worded(language: str = "en", **sentences: str) -> WrittenReply:
    words = NEW["languages"]["en"]  # type: ignore[index]
    return changed(languages={language: words | {"sentences": words["sentences"] | sentences}})


def pointers(reply: WrittenReply) -> list[str]:
    return [flaw.pointer for flaw in proofread.proofread(reply, KNOWLEDGE)]


@pytest.mark.parametrize("reply_id", IDS)
def test_every_shipped_reply_passes(reply_id: str) -> None:
    reply = documents(KNOWLEDGE.replies).get(reply_id)
    assert reply is not None and pointers(reply.written) == []


def test_a_new_reply_in_one_language_passes() -> None:
    assert pointers(changed()) == []


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"id": "Order"}, "/id"),
        ({"id": "weather.heat"}, "/id"),
        ({"when": []}, "/when"),
        ({"when": ["policy.grants(moon)"]}, "/when/0"),
        ({"when": ["order.status in [lost]"]}, "/when/0"),
        ({"when": ["order.known", "product.has(soul)"]}, "/when/1"),
        ({"when": ["conduct(silly)"]}, "/when/0"),
        ({"wants": ["moon"]}, "/wants/0"),
        ({"fallback": True}, "/fallback"),
        ({"event": "shipped"}, "/event"),
        ({"techniques": ["hypnosis"]}, "/techniques/0"),
        ({"languages": {}}, "/languages"),
    ],
)
def test_a_flaw_of_the_structure_is_named_with_its_place(changes: dict[str, object], pointer: str) -> None:
    assert pointer in pointers(changed(**changes))


@pytest.mark.parametrize(
    ("sentence", "pointer"),
    [
        ({"id": "A.b"}, "/sentences/0/id"),
        ({"id": "slow", "needs": ["moon"]}, "/sentences/0/needs/0"),
        ({"id": "slow", "asks": ["eta"]}, "/sentences/0/asks/0"),
        ({"id": "slow", "policy": "moon"}, "/sentences/0/policy"),
        ({"id": "slow", "if": ["given(moon)"]}, "/sentences/0/if/0"),
    ],
)
def test_a_flaw_of_a_sentence_is_named_with_its_place(sentence: dict[str, object], pointer: str) -> None:
    assert pointer in pointers(changed(sentences=[sentence, *NEW["sentences"][1:]]))  # type: ignore[index]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Parcels {carier} travel slowly.", "carier"),
        ("Parcels } travel slowly.", "brace"),
        ("Parcels  travel slowly.", "white space"),
        ("Parcels travel slowly. ", "white space"),
        ("Slow!! Very slow!", "exclamation"),
        ("Slow " * 100 + "mail", "characters"),
        ("Посылки сейчас едут медленно.", "script"),
        ("Pаrcels travel slowly.", "script"),  # a Cyrillic а
        ("Parcels\x07 travel slowly.", "control"),
        ("Parcels travel slowly to the cafe\u0301.", "normal form"),
        ("Please write to me at shop@example.com or on WhatsApp.", "off_platform"),
    ],
)
def test_a_flaw_of_a_wording_is_named_with_what_is_wrong(text: str, told: str) -> None:
    found = proofread.proofread(worded(slow=text), KNOWLEDGE)
    assert [flaw.pointer for flaw in found] == ["/languages/en/sentences/slow"] * len(found)
    assert any(told in flaw.detail for flaw in found)


def test_a_language_that_no_letter_can_be_written_in_is_named() -> None:
    assert pointers(worded("tlh")) == ["/languages/tlh"]


def test_a_sentence_that_is_missing_or_too_many_is_named() -> None:
    words = NEW["languages"]["en"]  # type: ignore[index]
    reply = changed(languages={"en": words | {"sentences": {"slow": "It is slow.", "odd": "It is odd."}}})
    assert pointers(reply) == ["/languages/en/sentences/number", "/languages/en/sentences/write", "/languages/en/sentences/odd"]  # fmt: skip


def test_languages_that_name_other_slots_are_told_apart() -> None:
    words = NEW["languages"]["en"]  # type: ignore[index]
    german = {"questions": ["eins ja", "zwei ja", "drei ja"], "sentences": {"slow": "Es dauert.", "number": "Die Nummer liegt vor.", "write": "Schreiben Sie uns."}}  # fmt: skip
    assert pointers(changed(languages={"en": words, "de": german})) == ["/languages/de/sentences/number"]


def test_a_fallback_is_neither_retired_nor_made_another() -> None:
    fallback = documents(KNOWLEDGE.replies).get("order_tracking.ask")
    assert fallback is not None
    assert "/retired" in pointers(fallback.written.model_copy(update={"retired": True}))
    assert "/fallback" in pointers(fallback.written.model_copy(update={"fallback": False}))


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"when": ["order.known"]}, "/when"),
        ({"scope": {"markets": ["DE"]}}, "/scope"),
        ({"valid_from": "2027-01-01"}, "/valid_from"),
        ({"valid_until": "2027-01-01"}, "/valid_until"),
        ({"languages": {}}, "/languages/de"),
    ],
)
def test_a_fallback_is_not_narrowed(changes: dict[str, object], pointer: str) -> None:
    document = documents(KNOWLEDGE.replies)["order_tracking.ask"].written.model_dump(mode="json", by_alias=True)
    assert pointer in pointers(WrittenReply.model_validate(document | changes))


def test_the_closed_lists_are_those_of_the_code() -> None:
    assert proofread.GRANTS == GRANTS
    assert Order.model_fields.keys() >= proofread.ORDER_DAYS
    assert set(Order.model_fields["status"].annotation.__args__[0].__args__) == proofread.ORDER_STATUSES  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("name", "argument"),
    [("policy.grants", item) for item in sorted(proofread.GRANTS)]
    + [("product.has", item) for item in sorted(proofread.PRODUCT_FACTS)]
    + [("order.before", item) for item in sorted(proofread.ORDER_DAYS)]
    + [("order.no_scan_for", "policy.tracing_days")],
)
def test_every_argument_that_is_let_in_is_understood(drafter: Drafter, name: str, argument: str) -> None:
    asked = message("hello", ORDER, "US")
    facts = gather_facts(asked, drafter.analyze(asked), "US", None, drafter.knowledge)
    assert holds(Predicate(name=name, argument=argument), facts) in (True, False)


@pytest.mark.parametrize("text", ["not order.known", "order.status in [paid, packed]", "given(photo)", "asks_like"])
def test_a_predicate_is_written_as_it_was_read(text: str) -> None:
    assert Predicate.parse(text).text == text and Predicate.parse(text).name in PREDICATES
