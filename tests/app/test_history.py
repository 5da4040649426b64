"""What the conversation holds already counts: given is not asked for again, promised is not forgotten, closed is not reopened."""

import pytest

from app.domain import Basis, IntentScore, Steer
from app.drafting.drafter import Drafter
from app.drafting.facts import gather_facts
from app.drafting.plan import make_plan
from app.drafting.retrieve import Found
from tests.conftest import message, order

LANGUAGES = ["ar", "de", "en", "es", "fr", "it", "ja", "ko", "nl", "pl", "pt", "ru", "tr", "zh"]


def steered(drafter: Drafter, intent: str, history: list[dict], facts: dict | None = None, **more: object):
    asked = message(more.pop("text", "my message"), facts, "US", history=history, **more)
    return drafter.draft(Basis(message=asked, steer=Steer(intents=(intent,))))


def missing(drafted) -> set[str]:
    return {item.slot for item in drafted.draft.missing if item.teller == "buyer"}


def test_an_order_number_of_an_earlier_message_is_not_asked_for_again(drafter: Drafter) -> None:
    before = [
        {"from": "buyer", "text": "order 8123456789012345 please"},
        {"from": "seller", "text": "How can we help?"},
    ]
    without, given = steered(drafter, "item_damaged", []), steered(drafter, "item_damaged", before)
    assert "order_id" in missing(without) and "order_id" not in missing(given)
    assert "8123456789012345" in given.draft.text
    assert not [check for check in given.draft.checks if check.status == "block"]


def test_what_the_shop_wrote_is_not_taken_for_the_buyers_number(drafter: Drafter) -> None:
    before = [{"from": "seller", "text": "Is it order 8123456789012345?"}]
    assert "order_id" in missing(steered(drafter, "item_damaged", before))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_question_that_was_just_put_is_not_put_again(drafter: Drafter, language: str) -> None:
    asked = drafter.knowledge.phrases.languages[language].phrases["asks.reason"].texts[0]
    options = {"reply_language": language}
    first = steered(drafter, "refund_request", [], order(), options=options)
    second = steered(drafter, "refund_request", [{"from": "seller", "text": f"… {asked} …"}], order(), options=options)
    assert "reason" in missing(first) and "reason" not in missing(second)


def test_a_photo_that_was_asked_for_and_did_not_come_is_asked_for_again(drafter: Drafter) -> None:
    asked = drafter.knowledge.phrases.languages["en"].phrases["asks.photo"].texts[0]
    assert "photo" in missing(steered(drafter, "item_damaged", [{"from": "seller", "text": asked}], order()))


PROMISES = {
    "ar": "سنعيد لك المبلغ كاملا.",
    "de": "Wir erstatten Ihnen den vollen Betrag.",
    "en": "We will refund the full amount.",
    "es": "Le reembolsaremos el importe completo.",
    "fr": "Nous vous rembourserons intégralement.",
    "it": "La rimborseremo completamente.",
    "ja": "全額返金いたします。",
    "ko": "전액 환불해 드리겠습니다.",
    "nl": "Wij zullen u het volledige bedrag terugbetalen.",
    "pl": "Zwrócimy Państwu całą kwotę.",
    "pt": "Vamos reembolsar o valor total.",
    "ru": "Мы вернём вам полную сумму.",
    "tr": "Size tam tutarı iade edeceğiz.",
    "zh": "我们会给您全额退款。",
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("agent_language", ["en", "zh"])
def test_a_promise_made_before_is_shown_to_the_agent(drafter: Drafter, language: str, agent_language: str) -> None:
    history = [{"from": "buyer", "text": "?"}, {"from": "seller", "text": PROMISES[language]}]
    drafted = steered(
        drafter, "refund_request", history, order(), options={"reply_language": language}, agent_language=agent_language
    )
    details = [check.detail for check in drafted.draft.checks if check.id == "contradicts_record"]
    assert len(details) == 1 and PROMISES[language] in details[0]


@pytest.mark.parametrize(
    "history",
    [
        [{"from": "buyer", "text": "You will refund the full amount."}],
        [{"from": "seller", "text": "We are looking into it."}],
        [],
    ],
)
def test_without_a_promise_there_is_no_warning(drafter: Drafter, history: list[dict]) -> None:
    drafted = steered(drafter, "refund_request", history, order())
    assert "contradicts_record" not in {check.id for check in drafted.draft.checks}


def test_a_promise_that_the_order_shows_as_kept_needs_no_warning(drafter: Drafter) -> None:
    granted = order(refund={"status": "approved", "amount": {"amount": "23.90", "currency": "EUR"}})
    drafted = steered(drafter, "refund_status", [{"from": "seller", "text": PROMISES["en"]}], granted)
    assert "contradicts_record" not in {check.id for check in drafted.draft.checks}


@pytest.mark.parametrize("language", LANGUAGES)
def test_mail_from_a_machine_needs_no_reply_in_any_language(drafter: Drafter, language: str) -> None:
    for mark in drafter.knowledge.phrases.languages[language].automatic:
        drafted = drafter.draft(Basis(message=message(f"{mark} 2026-11-30", order(), "US")))
        assert (drafted.draft.verdict, drafted.draft.text) == ("no_reply_needed", "") and drafted.draft.reason, mark


@pytest.mark.parametrize(
    "text",
    ["I only ever get an automatic reply from you, where is my parcel?", "你们总是自动回复，我的包裹在哪里？", "自動応答ばかりで困ります。荷物はどこですか？"],
)  # fmt: skip
def test_a_buyer_who_complains_about_machines_gets_a_reply(drafter: Drafter, text: str) -> None:
    assert drafter.draft(Basis(message=message(text, order(), "US"))).draft.verdict != "no_reply_needed"


@pytest.mark.parametrize(
    ("second", "score", "answered"),
    [("can I get an invoice?", 0.42, True), ("I get an invoice.", 0.42, False), ("can I get an invoice?", 0.2, False), ("I get an invoice.", 0.6, True)],
)  # fmt: skip
def test_a_weaker_reading_is_answered_where_its_part_asks(
    drafter: Drafter, second: str, score: float, answered: bool
) -> None:
    first = "Where is my order?"
    asked = message(f"{first} {second}", order(), "US")
    reading = drafter.draft(Basis(message=asked, steer=Steer(intents=("order_tracking",)))).analysis
    start = len(first) + 1
    intents = (
        IntentScore(id="order_tracking", score=0.9, span=(0, len(first))),
        IntentScore(id="invoice_request", score=score, span=(start, start + len(second))),
    )
    reading = reading.model_copy(update={"intents": intents})
    facts = gather_facts(asked, reading, "US", None, drafter.knowledge)
    plan = make_plan(reading, Found({}, ({},), None), facts, drafter.knowledge)
    assert ("invoice_request" in {answer.intent for answer in plan.answers}) is answered
