"""From facts to a letter: which situation, which sentences, in whose manner."""

import re
from datetime import date

import pytest

from app.domain import Basis, ConductScore, Steer
from app.drafting.adapt import adapt
from app.drafting.compose import compose
from app.drafting.drafter import Drafter
from app.drafting.facts import gather_facts
from app.drafting.outline import Piece
from app.drafting.plan import make_plan
from app.drafting.realise import find_template
from app.drafting.retrieve import Found
from knowledge_base.knowledge import Knowledge
from knowledge_base.schema import Occasion
from tests.conftest import draft, message, order

LATE = "2026-11-20"  # before the message's day


def steered(
    drafter: Drafter,
    intents: tuple[str, ...],
    facts: dict | None = None,
    country: str = "US",
    text: str = "my message",
    **more: object,
):
    """A draft for known intents: what classifiers read is tested with the models."""
    return drafter.draft(Basis(message=message(text, facts, country, **more), steer=Steer(intents=intents)))


def situations(drafted) -> list[str]:
    return [answer.situation for answer in drafted.plan.answers]


@pytest.mark.parametrize(
    ("intent", "facts", "expected"),
    [
        ("order_tracking", None, "order_tracking.ask"),
        ("order_tracking", order(), "order_tracking.shipped"),
        ("order_tracking", order(status="paid", shipped_at=None, paid_at="2026-11-20T10:00:00+08:00"), "order_tracking.not_shipped"),
        ("order_tracking", order(status="delivered", delivered_at="2026-11-20T10:00:00+08:00"), "order_tracking.delivered"),
        ("order_tracking", order(status="cancelled"), "order_tracking.ended"),
        ("delivery_delay", None, "delivery_delay.ask"),
        ("delivery_delay", order(), "delivery_delay.in_window"),
        ("delivery_delay", order(eta_from=None, eta_to=LATE), "delivery_delay.overdue"),
        ("delivery_delay", order(eta_from=None, eta_to=None), "delivery_delay.no_window"),
        ("delivery_delay", order(tracking={"trace": "failed"}), "delivery_delay.lost"),
        ("order_cancel", None, "order_cancel.ask"),
        ("order_cancel", order(status="paid", shipped_at=None), "order_cancel.possible"),
        ("order_cancel", order(), "order_cancel.too_late"),
        ("order_change", order(), "order_change.too_late"),
        ("dispatch_time", order(status="paid", shipped_at=None, paid_at="2026-11-20T10:00:00+08:00"), "dispatch_time.within"),
        ("dispatch_time", order(status="paid", shipped_at=None), "dispatch_time.late"),
        ("dispatch_time", order(), "dispatch_time.shipped"),
        ("order_confirmation", order(status="unpaid", paid_at=None, shipped_at=None), "order_confirmation.unpaid"),
        ("tracking_not_updating", order(), "tracking_not_updating.investigate"),
        ("tracking_not_updating", order(tracking={"last_event": "Departed", "last_event_at": "2026-11-20T10:00:00+08:00"}), "tracking_not_updating.normal"),
        ("item_damaged", order(), "item_damaged.photo"),
        ("return_request", order(status="delivered", delivered_at="2026-11-10T10:00:00+08:00"), "return_request.steps"),
        ("return_request", order(status="delivered", placed_at="2026-09-01T10:00:00+08:00", paid_at="2026-09-01T10:00:00+08:00", shipped_at="2026-09-02T10:00:00+08:00", delivered_at="2026-09-12T10:00:00+08:00"), "return_request.late"),
        ("refund_status", order(refund={"status": "paid", "amount": {"amount": "23.90", "currency": "EUR"}}), "refund_status.paid"),
        ("refund_status", order(refund={"status": "approved", "amount": {"amount": "23.90", "currency": "EUR"}}), "refund_status.pending"),
        ("dispute_claim", order(dispute={"opened_at": "2026-11-20T10:00:00+08:00"}), "dispute_claim.opened"),
        ("dispute_claim", order(), "dispute_claim.before"),
        ("safety_incident", order(), "safety_incident.escalate"),
    ],
)  # fmt: skip
def test_order_data_chooses_the_situation(drafter: Drafter, intent: str, facts: dict | None, expected: str) -> None:
    assert situations(steered(drafter, (intent,), facts)) == [expected]


def test_a_photo_that_was_sent_is_not_asked_for_again(drafter: Drafter) -> None:
    photo = {"url": "https://shop.example.com/a.jpg", "type": "image"}
    now = steered(drafter, ("item_damaged",), order(), attachments=[photo])
    before = steered(
        drafter, ("item_damaged",), order(), history=[{"from": "buyer", "text": "look", "attachments": [photo]}]
    )
    assert situations(now) == situations(before) == ["item_damaged.solve"]
    assert "photo" not in {item.slot for item in now.draft.missing}


def test_problem_and_remedy_are_one_answer(drafter: Drafter) -> None:
    assert situations(steered(drafter, ("item_damaged", "refund_request"), order())) == ["item_damaged.photo"]


def test_two_questions_get_two_answers_in_their_order(drafter: Drafter) -> None:
    drafted = steered(drafter, ("order_tracking", "invoice_request"), order())
    assert situations(drafted) == ["order_tracking.shipped", "invoice_request.send"]
    intents = [segment.intent for segment in drafted.draft.segments if segment.intent]
    assert intents.index("order_tracking") < intents.index("invoice_request")


def test_a_letter_asks_once_for_everything_that_is_missing(drafter: Drafter) -> None:
    drafted = steered(drafter, ("item_damaged", "invoice_request"))
    asked = [item.slot for item in drafted.draft.missing if item.teller == "buyer"]
    assert sorted(asked) == sorted(set(asked)) and {"photo", "order_id"} <= set(asked)
    assert drafted.draft.verdict == "ready"


def test_what_only_the_agent_can_tell_makes_a_draft_need_input_until_it_is_filled(drafter: Drafter) -> None:
    late = order(status="paid", shipped_at=None)
    assert steered(drafter, ("dispatch_time",), late).draft.verdict == "needs_input"
    filled = steered(drafter, ("dispatch_time",), late, slots={"new_dispatch_by": "2026-11-26"})
    assert filled.draft.verdict == "ready" and "November 26" in filled.draft.text


def test_an_agents_fact_is_printed_and_stands_as_typed(drafter: Drafter) -> None:
    drafted = steered(
        drafter,
        ("product_details",),
        None,
        slots={"product_fact": "The handle is made of oak."},
        product={"title": "Kettle"},
    )
    assert "The handle is made of oak." in drafted.draft.text and situations(drafted) == ["product_details.known"]


def test_a_catalogue_fact_answers_the_question_it_fits(drafter: Drafter) -> None:
    plug = steered(
        drafter,
        ("product_details",),
        None,
        text="does the lamp have a usb plug or do I need an adapter",
        product={"sku": "LH-LAMP-01"},
    )
    light = steered(
        drafter, ("product_details",), None, text="how bright is it, can I dim it", product={"sku": "LH-LAMP-01"}
    )
    assert "USB-C" in plug.draft.text and "USB-C" not in light.draft.text and "2700" in light.draft.text


def test_stock_comes_from_the_catalogue(drafter: Drafter) -> None:
    assert situations(steered(drafter, ("availability",), None, product={"sku": "LH-LAMP-01"})) == [
        "availability.in_stock"
    ]
    out = steered(drafter, ("availability",), None, product={"sku": "LH-BUDS-05"})
    assert situations(out) == ["availability.out"] and "December 10" in out.draft.text
    assert situations(steered(drafter, ("availability",), None)) == ["availability.check"]


def test_spam_gets_no_text(drafter: Drafter) -> None:
    drafted = steered(drafter, ("spam_phishing",))
    assert (drafted.draft.verdict, drafted.draft.text) == ("spam", "") and drafted.draft.reason


def test_thanks_after_an_answer_need_no_reply(drafter: Drafter) -> None:
    drafted = steered(
        drafter,
        ("thanks_praise",),
        history=[{"from": "buyer", "text": "where is it"}, {"from": "seller", "text": "It arrives on Friday."}],
    )
    assert (drafted.draft.verdict, drafted.draft.text) == ("no_reply_needed", "")
    assert steered(drafter, ("thanks_praise",)).draft.verdict == "ready"


def test_a_public_reply_names_nobody_and_no_order(drafter: Drafter) -> None:
    drafted = steered(
        drafter,
        ("review_feedback",),
        order(),
        text="never again, arrived broken, terrible",
        visibility="public",
        name="Ann Lee",
    )
    assert situations(drafted)[0].startswith("review_feedback.public")
    assert "8123456789012345" not in drafted.draft.text and "Ann" not in drafted.draft.text


def test_a_trade_of_a_review_is_declined(drafter: Drafter) -> None:
    assert (
        situations(draft(drafter, "give me a 50% refund and I will leave you a 5 star review, deal?", order(), "US"))[0]
        is not None
    )
    steered_draft = steered(drafter, ("review_feedback",), None, text="I give 5 stars if you refund half, ok?")
    assert steered_draft.draft.text


SIX = ["DE", "US", "BR", "JP", "SA", "FR", "MX", "GB", "CN", "ES"]
LANGUAGE_OF = {
    "SA": "ar",
    "FR": "fr",
    "DE": "de",
    "US": "en",
    "BR": "pt",
    "JP": "ja",
    "MX": "es",
    "GB": "en",
    "CN": "zh",
    "ES": "es",
}


@pytest.mark.parametrize("market", SIX)
def test_markets_differ_in_manner_and_not_in_facts(drafter: Drafter, market: str) -> None:
    drafted = steered(
        drafter,
        ("order_tracking",),
        order(),
        market,
        name="Anna Keller",
        options={"reply_language": LANGUAGE_OF[market]},
    )
    text = drafted.draft.text
    assert drafted.draft.language.startswith(LANGUAGE_OF[market])
    assert (
        "8123456789012345" in text
        and "LP00123456789012" in text
        and "Cainiao" in text
        and re.search("24", text)
        and re.search("28", text)
    )
    assert drafted.draft.checks == () and drafted.draft.adjustments
    assert all(item.reason for item in drafted.draft.adjustments)


@pytest.mark.parametrize("market", SIX)
def test_adapting_twice_changes_nothing(drafter: Drafter, market: str) -> None:
    msg = message("where is my order, I am so angry", order(), market)
    drafted = drafter.draft(Basis(message=msg, steer=Steer(intents=("order_tracking",))))
    facts = gather_facts(msg, drafted.analysis, market, None, drafter.knowledge)
    once, _ = adapt(compose(drafted.plan, drafted.analysis, facts, drafter.knowledge), facts, LANGUAGE_OF[market], "en")
    assert adapt(once, facts, LANGUAGE_OF[market], "en")[0] == once


def test_the_same_message_always_gets_the_same_draft(drafter: Drafter) -> None:
    assert len({draft(drafter, "wo ist mein Paket?", order(), "DE").draft.text for _ in range(3)}) == 1


@pytest.mark.parametrize(
    "reply", ["order_tracking.shipped", "item_damaged.photo", "greeting.open", "price_discount.no", "wrong_item.photo"]
)
@pytest.mark.parametrize("language", ["en", "zh", "de", "es", "pt", "ja"])
def test_no_draft_holds_a_slot_mark_a_double_space_or_a_block(drafter: Drafter, reply: str, language: str) -> None:
    drafted = drafter.draft(
        Basis(message=message("text", order(), options={"reply_language": language}), steer=Steer(reply_id=reply))
    )
    assert drafted.draft.text and "{" not in drafted.draft.text and "  " not in drafted.draft.text
    assert [check for check in drafted.draft.checks if check.status == "block"] == []


AWKWARD = ["O'Brien-Ñandú 李明", "x" * 100, "مريم", "<b>Bob</b>", "{order_id}", "José 🎉"]


@pytest.mark.parametrize("name", AWKWARD)
def test_a_buyers_name_is_data(drafter: Drafter, name: str) -> None:
    drafted = steered(drafter, ("order_tracking",), order(), "DE", name=name, options={"reply_language": "de"})
    assert name in drafted.draft.text


@pytest.mark.parametrize(
    "text",
    [
        "qwpoe zmxnc lkasjd qpwoe",
        "the mitochondria is the powerhouse of the cell, photosynthesis equation please",
        "😀😀",
    ],
)
def test_what_nothing_answers_is_said_with_the_nearest_replies_and_no_text(drafter: Drafter, text: str) -> None:
    drafted = draft(drafter, text)
    assert drafted.draft.verdict in ("no_vetted_reply", "ready", "spam")
    if drafted.draft.verdict == "no_vetted_reply":
        assert drafted.draft.text == "" and drafted.draft.evidence and drafted.draft.reason


def test_an_unsure_reading_makes_nothing_up(drafter: Drafter) -> None:
    drafted = draft(drafter, "qwpoe zmxnc lkasjd qpwoe")
    assert drafted.draft.verdict == "no_vetted_reply" and drafted.draft.text == ""


def test_an_announced_dispute_is_answered_however_unsure_the_rest_is(drafter: Drafter) -> None:
    asked = message("zzz qqq", order(), "US", channel="aliexpress")
    reading = drafter.draft(Basis(message=asked)).analysis
    unsure = reading.model_copy(
        update={"abstained": True, "conduct": (ConductScore(id="threatens_dispute", score=0.9),)}
    )
    facts = gather_facts(asked, unsure, "US", None, drafter.knowledge)
    plan = make_plan(unsure, Found({}, ({},), None), facts, drafter.knowledge)
    assert [answer.situation for answer in plan.answers] == ["dispute_claim.before"] and plan.confidence < 0.5


@pytest.mark.parametrize(
    "language", ["en", "de", "fr", "es", "pt", "it", "nl", "pl", "ru", "tr", "ar", "ja", "ko", "zh"]
)
def test_cost_and_time_in_one_letter_name_the_days_once(drafter: Drafter, language: str) -> None:
    drafted = steered(drafter, ("shipping_cost", "shipping_time"), options={"reply_language": language}, country="FR")
    named = [slot.name for segment in drafted.draft.segments for slot in segment.slots]
    assert situations(drafted) == ["shipping_cost.free", "shipping_time.estimate"]
    assert named.count("shipping_days") == 1


def test_a_second_answer_keeps_the_next_step_that_names_its_only_day(drafter: Drafter) -> None:
    drafted = steered(drafter, ("refund_status", "order_tracking"), order())
    sources = [segment.source.id for segment in drafted.draft.segments]
    assert "refund_status.ask.by_when" in sources and "order_tracking.shipped.if_not_there" in sources
    assert sources.index("order_tracking.shipped.if_not_there") < sources.index("refund_status.ask.by_when")


def test_a_second_next_step_that_tells_nothing_new_is_left_out(drafter: Drafter) -> None:
    drafted = steered(drafter, ("counterfeit_claim", "dispute_claim"), order())
    promised = [segment.source.id for segment in drafted.draft.segments if segment.source.id.endswith(".by_when")]
    assert promised == ["counterfeit_claim.investigate.by_when"]


def test_the_order_is_noted_once(drafter: Drafter) -> None:
    drafted = steered(drafter, ("missing_item", "exchange_request", "dispute_claim"), order())
    assert drafted.draft.text.count("8123456789012345") == 1


def with_conduct(drafter: Drafter, flag: str, intent: str, emotion: str = "neutral"):
    """The sources of a letter's segments for a known intent, conduct and feeling."""
    asked = message("text", order(), "US")
    reading = drafter.draft(Basis(message=asked, steer=Steer(intents=(intent,)))).analysis
    feeling = reading.emotion.model_copy(update={"id": emotion, "intensity": 0.8})
    reading = reading.model_copy(update={"conduct": (ConductScore(id=flag, score=0.9),), "emotion": feeling})
    facts = gather_facts(asked, reading, "US", None, drafter.knowledge)
    plan = make_plan(reading, Found({}, ({},), None), facts, drafter.knowledge)
    pieces = compose(plan, reading, facts, drafter.knowledge).pieces
    return [piece.source if piece.sentence is None else f"{piece.source}.{piece.sentence}" for piece in pieces]


def test_the_line_about_a_dispute_leads_to_the_answer_and_not_to_the_regret(drafter: Drafter) -> None:
    sources = with_conduct(drafter, "threatens_dispute", "delivered_not_received", "angry")
    at = sources.index("conduct.threatens_dispute")
    assert sources[at - 1] == "delivered_not_received.check.sorry" and sources[at + 1].startswith(
        "delivered_not_received"
    )


def test_a_letter_about_a_dispute_does_not_say_twice_that_it_is_a_right(drafter: Drafter) -> None:
    assert "conduct.threatens_dispute" not in with_conduct(drafter, "threatens_dispute", "dispute_claim")


@pytest.mark.parametrize(("feeling", "said"), [("worried", False), ("confused", False), ("neutral", True)])
def test_an_opening_that_welcomes_the_question_is_not_said_twice(drafter: Drafter, feeling: str, said: bool) -> None:
    assert ("conduct.hesitant" in with_conduct(drafter, "hesitant", "availability", feeling)) == said


@pytest.mark.parametrize(
    ("market", "tag"), [("MZ", "pt-MZ"), ("AO", "pt-AO"), ("BR", "pt-BR"), (None, "pt-BR"), ("PT", "pt-PT")]
)
def test_portuguese_is_that_of_the_market(drafter: Drafter, market: str | None, tag: str) -> None:
    drafted = draft(drafter, "Onde está a minha encomenda? Já passaram três semanas.", country=market)
    assert drafted.draft.language == tag


def test_a_region_shares_the_words_of_its_neighbour(knowledge: Knowledge) -> None:
    piece = Piece("answer", "matter", 2, "size_fit.chart", "deciding_measure")
    worded = {
        tag: find_template(piece, tag, Occasion("default", "email", None, date(2026, 11, 22)), knowledge)
        for tag in ("en-US", "en-GB", "en-AU")
    }
    assert worded["en-AU"] == worded["en-GB"] != worded["en-US"]


def test_before_a_purchase_nothing_is_apologised_for(drafter: Drafter) -> None:
    assert "apology.general" not in with_conduct(drafter, "hesitant", "availability", "disappointed")
    assert "apology.general" in with_conduct(drafter, "hesitant", "order_change", "disappointed")


def test_a_day_told_by_its_distance_stands_in_the_gist_and_today_does_not(drafter: Drafter) -> None:
    gist = draft(drafter, "Ich habe vor drei Wochen bestellt und heute ist immer noch nichts da!").draft.gist
    assert "2026-11-01" in gist and "2026-11-22" not in gist


def manner_and_matter(drafter: Drafter, market: str):
    """How a letter reads, and what it says: sentences, slots with their origin, verdict, what is missing."""
    options = {"reply_language": LANGUAGE_OF[market]}
    drafted = steered(
        drafter, ("delivery_delay", "invoice_request"), order(), market, name="Anna Keller", options=options
    )
    said = [part for part in drafted.draft.segments if part.intent is not None or part.kind == "question"]
    matter = (
        [part.source.id for part in said],
        [(slot.name, slot.origin) for part in said for slot in part.slots],
        drafted.draft.verdict,
        [item.slot for item in drafted.draft.missing],
    )
    return drafted.draft.adjustments, matter


def test_six_markets_say_the_same_and_each_in_its_own_manner(drafter: Drafter) -> None:
    letters = [manner_and_matter(drafter, market) for market in ("DE", "US", "BR", "JP", "SA", "FR")]
    assert all(matter == letters[0][1] for _, matter in letters)
    assert len({tuple(item.effect for item in manner) for manner, _ in letters}) >= 4
