"""What the buyer has said already is not asked again."""

import pytest

from app.domain import BuyerMessage, Steer
from app.drafting.drafter import Basis, Drafter


def asked_for(drafter: Drafter, text: str, intent: str) -> set[str]:
    """The slots that the letter asks for, where the intent is known."""
    message = BuyerMessage.model_validate({"text": text, "received_at": "2026-11-22T10:00:00Z", "channel": "email"})
    return set(drafter.draft(Basis(message=message, steer=Steer(intents=(intent,)))).plan.asks)


def situation(drafter: Drafter, text: str, intent: str) -> str:
    """The situation that answers, where the intent is known."""
    message = BuyerMessage.model_validate({"text": text, "received_at": "2026-11-22T10:00:00Z", "channel": "email"})
    return drafter.draft(Basis(message=message, steer=Steer(intents=(intent,)))).plan.answers[0].situation


@pytest.mark.parametrize(
    ("intent", "slot", "without", "text"),
    [
        ("compatibility", "device_model", "Will this fit my phone?", "Will this fit my iPhone 13?"),
        ("compatibility", "device_model", "магнитола встанет на ниву?", "магнитола встанет на ниву 2012 года?"),
        ("compatibility", "device_model", "我的手机能用吗", "我部macbook air m2用唔用得架"),
        ("product_recommendation", "use_case", "Welche soll ich nehmen?", "Suche eine Stirnlampe fürs Trailrunning, die im Regen hält. Welche nehmen?"),
        ("product_recommendation", "use_case", "どれがおすすめですか", "義母に贈る日傘を探しています、軽くて地味すぎないもの"),
        ("product_recommendation", "budget", "¿Cuál me recomiendan para mi papá?", "¿Cuál me recomiendan para mi papá por menos de $50?"),
        ("product_recommendation", "budget", "想买个投影仪放宿舍", "想买个投影仪放宿舍,预算600以内"),
        ("wholesale", "quantity", "Do you sell to shops?", "Do you sell to shops? We need 300 of them"),
        ("wholesale", "variant", "200 Stück, was kostet das?", "Wir führen zwei Läden in Linz und nehmen 200 Stück, gemischt nach Farben und Größen"),
        ("product_details", "product_question", "吗", "请问这个保温杯内胆是304还是316的呀"),
        ("product_details", "item_title", "Is the handle wood?", "Is the handle wood? https://shop.example/p/12"),
    ],
)  # fmt: skip
def test_what_the_message_says_is_not_asked(drafter: Drafter, intent: str, slot: str, without: str, text: str) -> None:
    assert slot in asked_for(drafter, without, intent)
    assert slot not in asked_for(drafter, text, intent)


@pytest.mark.parametrize(
    "text",
    [
        "Can I use this serum while pregnant?",
        "Darf ich das Öl in der Stillzeit nehmen?",
        "임신 15주인데 이 크림 써도 되나요",
        "أنا حامل في الشهر الرابع، هل الكريم آمن؟",
        "我太太懷孕了，這個可以用嗎？",
    ],
)
def test_a_pregnancy_is_sent_to_a_doctor(drafter: Drafter, text: str) -> None:
    assert situation(drafter, text, "authenticity_safety") == "authenticity_safety.pregnancy"


@pytest.mark.parametrize(
    "text", ["Ich gebe das meinem Kind, ist da Nickel drin?", "国産い草の産地はどこですか。証明書はありますか"]
)
def test_nobody_is_taken_for_pregnant(drafter: Drafter, text: str) -> None:
    assert situation(drafter, text, "authenticity_safety") != "authenticity_safety.pregnancy"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("What is your MOQ for the candle holders?", "wholesale.minimum"),
        ("What is your price for 500 candle holders?", "wholesale.quote"),
    ],
)
def test_the_least_quantity_is_told_to_who_names_none(drafter: Drafter, text: str, expected: str) -> None:
    assert situation(drafter, text, "wholesale") == expected


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("how do i start it", "usage_help.ask.where_stuck"),
        ("I press M, it blinks blue, then red, and then nothing happens. What do I do for the wifi?", "usage_help.ask.steps_by"),
    ],
)  # fmt: skip
def test_who_tells_where_it_stops_gets_the_steps(drafter: Drafter, text: str, sentence: str) -> None:
    message = BuyerMessage.model_validate({"text": text, "received_at": "2026-11-22T10:00:00Z", "channel": "email"})
    drafted = drafter.draft(Basis(message=message, steer=Steer(intents=("usage_help",))))
    said = {segment.source.id for segment in drafted.draft.segments} & {"usage_help.ask.where_stuck", "usage_help.ask.steps_by"}  # fmt: skip
    assert said == {sentence}


def value(drafter: Drafter, text: str, intent: str, slot: str, country: str = "US") -> str | None:
    """What a slot is filled with in the text, where the intent is known."""
    message = BuyerMessage.model_validate(
        {"text": text, "received_at": "2026-11-22T10:00:00Z", "channel": "email", "buyer": {"country": country}}
    )
    drafted = drafter.draft(Basis(message=message, steer=Steer(intents=(intent,))))
    uses = [use for segment in drafted.draft.segments for use in segment.slots if use.name == slot]
    return drafted.draft.text[slice(*uses[0].span)] if uses else None


@pytest.mark.parametrize(
    ("country", "text", "named"),
    [
        ("US", "can i pay with gcash here?", "GCash"),
        ("CN", "可以用微信支付吗", "微信支付"),
        ("KR", "카카오페이 되나요?", "카카오페이"),
        ("PL", "mogę zapłacić blikiem?", "BLIK"),
        ("GB", "can I pay by paypal or klarna", None),
        ("GB", "do the pixels on the screen cost extra, and how do I pay", None),
    ],
)
def test_the_one_way_to_pay_that_is_named_is_spoken_to(
    drafter: Drafter, country: str, text: str, named: str | None
) -> None:
    assert value(drafter, text, "payment_methods", "payment_method", country) == named


@pytest.mark.parametrize(
    ("country", "text", "place"),
    [
        ("DE", "Liefern Sie auch nach Norwegen?", "Norwegen"),
        ("NL", "wij vertrekken naar Noorwegen, is het er voor die tijd?", "Nederland"),
        ("ES", "viajo a Noruega el 20, ¿llega antes?", "España"),
        ("US", "my forwarder is in Norway, do you ship there?", "United States"),
    ],
)
def test_a_journeys_end_is_no_delivery_address(drafter: Drafter, country: str, text: str, place: str) -> None:
    assert place in str(value(drafter, text, "shipping_destination", "destination_country", country))
