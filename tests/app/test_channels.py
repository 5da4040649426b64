"""What a channel and a market ask reaches the agent: priority, advice, checks, and the values of the draft."""

import shutil
from pathlib import Path

import pytest

from app.domain import Basis, Drafted, Steer
from app.drafting.deadlines import dues, waiting_since
from app.drafting.drafter import Drafter
from app.drafting.triage import triage
from knowledge_base.channels import DISPUTE_KINDS
from knowledge_base.knowledge import CONTENT, Knowledge, read_knowledge
from tests.conftest import message, order

MARKETPLACES = ["aliexpress", "amazon", "ebay", "shopee", "lazada", "tiktok_shop", "wish", "dhgate", "alibaba"]
OPENED = {"opened_at": "2026-11-20T10:00:00+08:00"}
DELIVERED = order(status="delivered", delivered_at="2026-11-18T10:00:00+08:00")


def drafted(drafter: Drafter, intent: str, facts: dict | None = None, channel: str = "aliexpress", **more: object) -> Drafted:  # fmt: skip
    country = more.pop("country", "US")
    asked = message(str(more.pop("text", "my message")), facts, country, channel=channel, **more)  # type: ignore[arg-type]
    return drafter.draft(Basis(message=asked, steer=Steer(intents=(intent,))))


def advice(found: Drafted, technique: str) -> list[str]:
    return [item.text for item in found.draft.advice if item.technique == technique]


# --- deadlines --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("channel", MARKETPLACES)
def test_an_open_dispute_tells_what_is_due_and_what_to_keep(drafter: Drafter, channel: str) -> None:
    found = drafted(drafter, "item_damaged", order(**DELIVERED, dispute=OPENED), channel)
    due, kept = advice(found, "mind_deadline"), advice(found, "keep_evidence")
    assert due and len(kept) == 1 and "damaged" in kept[0]
    assert advice(found, "keep_channel_rules")
    assert all(item.why for item in found.draft.advice)


def test_a_date_is_named_where_the_start_is_known_and_a_length_where_it_is_not(drafter: Drafter) -> None:
    opened = advice(drafted(drafter, "item_damaged", order(**DELIVERED, dispute=OPENED)), "mind_deadline")
    assert any("Answer the dispute: by Nov 25 10:00 (5 days" in text for text in opened)
    announced = advice(drafted(drafter, "dispute_claim", order()), "mind_deadline")
    assert any("Answer the dispute: within 5 days" in text for text in announced)


def test_the_platforms_own_date_goes_before_the_rule(drafter: Drafter) -> None:
    dispute = OPENED | {"due_by": "2026-11-24T12:00:00+08:00"}
    found = advice(drafted(drafter, "item_damaged", order(**DELIVERED, dispute=dispute)), "mind_deadline")
    assert any("Answer the dispute: by Nov 24 12:00" in text for text in found)


def test_working_days_leave_out_the_weekend(drafter: Drafter) -> None:
    opened = {"opened_at": "2026-11-20T10:00:00+08:00"}  # a Friday
    found = dues(message("x", order(dispute=opened), channel="ebay"), drafter.knowledge.policies.channel("ebay"))
    assert next(due.at for due in found if due.step == "dispute_answer").isoformat().startswith("2026-11-25")  # type: ignore[union-attr]


def test_agents_read_it_in_their_language(drafter: Drafter) -> None:
    found = drafted(drafter, "customs_hold", order(status="in_customs", dispute=OPENED), agent_language="zh")
    assert any("响应纠纷：11月25日 10:00 之前" in text for text in advice(found, "mind_deadline"))
    assert "海关扣关" in advice(found, "keep_evidence")[0]


@pytest.mark.parametrize("channel", ["widget", "email", "api", "some_market"])
def test_the_own_shop_and_unknown_channels_stay_without_platform_advice(drafter: Drafter, channel: str) -> None:
    found = drafted(drafter, "item_damaged", DELIVERED, channel)
    assert not {item.technique for item in found.draft.advice} & {"mind_deadline", "keep_evidence", "keep_channel_rules"}  # fmt: skip


def reasons(knowledge: Knowledge, **more: object) -> tuple[str, tuple[str, ...]]:
    found = triage(
        "order_tracking", "neutral", 0.0, set(), message("where", more.pop("order", None), **more), knowledge
    )  # type: ignore[arg-type]
    return found.level, found.reasons


def test_a_dispute_that_is_due_raises_priority_by_the_channels_rule(knowledge: Knowledge) -> None:
    assert reasons(knowledge, order=order(dispute=OPENED), channel="dhgate") == ("high", ("dispute_closes:3",))
    assert reasons(knowledge, order=order(dispute=OPENED), channel="api") == ("normal", ())
    late = {"opened_at": "2026-11-10T10:00:00+08:00"}
    assert reasons(knowledge, order=order(dispute=late), channel="dhgate") == ("high", ("dispute_overdue",))


def test_a_buyer_who_waits_since_an_earlier_message_raises_priority(knowledge: Knowledge) -> None:
    waits = [{"from": "seller", "text": "ok", "at": "2026-11-20T08:00:00+08:00"}, {"from": "buyer", "text": "where?", "at": "2026-11-21T12:00:00+08:00"}]  # fmt: skip
    assert waiting_since(message("x", history=waits)).isoformat() == "2026-11-21T12:00:00+08:00"
    assert reasons(knowledge, channel="amazon", history=waits)[1] == ("answer_due:2",)
    waits[1]["at"] = "2026-11-20T12:00:00+08:00"
    assert reasons(knowledge, channel="amazon", history=waits)[1] == ("answer_overdue",)
    answered = [*waits, {"from": "seller", "text": "here", "at": "2026-11-20T13:00:00+08:00"}]
    assert reasons(knowledge, channel="amazon", history=answered)[1] == ()


# --- kinds of dispute -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", DISPUTE_KINDS)
@pytest.mark.parametrize("channel", MARKETPLACES)
def test_a_kind_that_the_platform_names_has_its_evidence(drafter: Drafter, channel: str, kind: str) -> None:
    dispute = OPENED | {"kind": kind.replace("_", " ").title()}
    kept = advice(drafted(drafter, "dispute_claim", order(dispute=dispute), channel), "keep_evidence")
    assert len(kept) == 1 and drafter.knowledge.words("en")[f"dispute.{kind}"] in kept[0]


NO_NUMBER = order(tracking_number=None, tracking_url=None)


@pytest.mark.parametrize(
    ("intent", "facts", "kind"),
    [
        ("customs_hold", order(status="in_customs"), "customs_hold"),
        ("delivery_delay", order(), "in_transit"),
        ("delivery_failed", order(status="returned"), "returned"),
        ("order_change", order(), "other_address"),
        ("delivered_not_received", DELIVERED, "shown_delivered"),
        ("delivery_delay", NO_NUMBER, "no_tracking"),
        ("order_cancel", order(), "refused"),
        ("not_as_described", DELIVERED, "differs"),
        ("item_defective", DELIVERED, "quality"),
        ("counterfeit_claim", DELIVERED, "counterfeit"),
        ("missing_item", DELIVERED, "too_few"),
        ("item_damaged", DELIVERED, "damaged"),
    ],
)
def test_message_and_order_tell_the_kind(drafter: Drafter, intent: str, facts: dict, kind: str) -> None:
    kept = advice(drafted(drafter, intent, facts), "keep_evidence")
    assert len(kept) == 1 and drafter.knowledge.words("en")[f"dispute.{kind}"] in kept[0]


def test_a_question_before_buying_gets_no_evidence(drafter: Drafter) -> None:
    assert advice(drafted(drafter, "price_discount"), "keep_evidence") == []
    assert advice(drafted(drafter, "order_tracking", order()), "keep_evidence") == []


# --- what a text may not hold -----------------------------------------------------------------------------------------


def found_in(drafter: Drafter, text: str, channel: str, **more: object) -> set[tuple[str, str]]:
    asked = message("where is it", order(), "US", channel=channel, **more)
    return {(check.id, check.status) for check in drafter.check(text, asked)}


@pytest.mark.parametrize("channel", MARKETPLACES)
def test_a_link_to_the_own_shop_leads_off_a_marketplace(drafter: Drafter, channel: str) -> None:
    text = "You find it here: https://shop.example.com/p/LH-LAMP-01"
    status = drafter.knowledge.policies.channel(channel).bans["outside_links"].status
    product = {"sku": "LH-LAMP-01"}
    assert ("off_platform", status) in found_in(drafter, text, channel, product=product)
    assert not any(check == "off_platform" for check, _ in found_in(drafter, text, "widget", product=product))


def test_the_carriers_page_and_the_marketplaces_own_are_no_outside_links(drafter: Drafter) -> None:
    for link in (str(order()["tracking_url"]), "https://www.amazon.de/returns"):
        assert not any(check == "off_platform" for check, _ in found_in(drafter, f"Here it is: {link}", "amazon"))


def test_no_draft_names_a_page_that_its_channel_forbids(drafter: Drafter) -> None:
    product = {"sku": "LH-COAT-22"}
    assert "https://shop.example.com" in drafted(drafter, "size_fit", None, "widget", product=product).draft.text
    sold = drafted(drafter, "size_fit", None, "amazon", product=product).draft
    assert "https://" not in sold.text and not sold.blocked


@pytest.mark.parametrize(("channel", "status"), [("amazon", "block"), ("shopee", "block"), ("lazada", "warn"), ("widget", "warn"), ("some_market", "warn")])  # fmt: skip
def test_a_platforms_rule_is_as_strict_as_its_file_says(drafter: Drafter, channel: str, status: str) -> None:
    assert ("platform_rule", status) in found_in(drafter, "This is an automatic reply. Please cancel the order.", channel)  # fmt: skip


# --- the market's policy in the draft ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def generous(tmp_path_factory: pytest.TempPathFactory, drafter: Drafter) -> Drafter:
    """A shop whose own policy differs by market."""
    copy = tmp_path_factory.mktemp("content") / "content"
    shutil.copytree(CONTENT, copy, ignore=shutil.ignore_patterns("examples.jsonl", "gate.jsonl"))
    file: Path = copy / "sites" / "default.toml"
    own = '\n[policy]\nreturn_days = 10\ncoupon = "LUMA10"\n[policy.by_market.US]\nreturn_days = 60\nduties = "seller"\ndamaged = "refund_on_photo"\n'
    file.write_text(file.read_text(encoding="utf-8") + own, encoding="utf-8")
    return Drafter(drafter.models, read_knowledge(copy), drafter.index)


RECENT = order(status="delivered", delivered_at="2026-11-10T10:00:00+08:00")


def test_the_draft_uses_the_value_of_the_buyers_market(generous: Drafter) -> None:
    english = {"options": {"reply_language": "en"}}
    letters = {market: drafted(generous, "return_request", RECENT, "widget", country=market, **english).draft.text for market in ("US", "DE", "AU")}  # fmt: skip
    assert "January 9" in letters["US"] and "November 24" in letters["DE"] and "November 24" not in letters["AU"]


def test_what_is_granted_in_words_is_the_buyers_markets_too(generous: Drafter) -> None:
    texts = {market: drafted(generous, "item_damaged", RECENT, "widget", country=market).draft.text for market in ("US", "AU")}  # fmt: skip
    assert "choose" not in texts["US"] and "choose" in texts["AU"]
    duties = {market: drafted(generous, "customs_duties", None, "widget", country=market).draft.text for market in ("US", "AU")}  # fmt: skip
    assert "We pay the duties" in duties["US"] and "paid by the recipient" in duties["AU"]


def test_a_european_buyer_is_told_of_two_years_of_guarantee(drafter: Drafter) -> None:
    english = {"options": {"reply_language": "en"}, "product": {"sku": "LH-LAMP-01"}}
    assert "24 months" in drafted(drafter, "warranty_repair", None, "widget", country="DE", **english).draft.text
    assert "12 months" in drafted(drafter, "warranty_repair", None, "widget", country="US", **english).draft.text


def test_a_coupon_is_offered_where_the_channel_allows_it(generous: Drafter) -> None:
    assert "LUMA10" in drafted(generous, "price_discount", None, "widget").draft.text
    assert "LUMA10" not in drafted(generous, "price_discount", None, "amazon").draft.text
    typed = generous.check("Use LUMA10 next time.", message("cheaper?", channel="amazon"))
    assert ("platform_rule", "block") in {(check.id, check.status) for check in typed}


# --- every language ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["ar", "de", "en", "es", "fr", "it", "ja", "ko", "nl", "pl", "pt", "ru", "tr", "zh"])  # fmt: skip
@pytest.mark.parametrize("channel", ["amazon", "aliexpress", "widget"])
def test_a_draft_with_a_tracking_link_is_not_blocked_by_its_own_checks(drafter: Drafter, channel: str, language: str) -> None:  # fmt: skip
    found = drafted(drafter, "order_tracking", order(), channel, options={"reply_language": language})
    assert str(order()["tracking_url"]) in found.draft.text and not found.draft.blocked
