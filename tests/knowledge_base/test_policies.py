"""What a site grants by market, what the law asks, and what channels ask: layers, bounds, and rules with their sources."""

import shutil
from pathlib import Path

import pytest

from knowledge_base.channels import DISPUTE_KINDS, UNKNOWN_LENGTH
from knowledge_base.errors import ContentError
from knowledge_base.knowledge import CONTENT, Knowledge, read_knowledge
from knowledge_base.policies import SitePolicy

KNOWLEDGE = read_knowledge()
POLICIES = KNOWLEDGE.policies
CHANNELS = sorted(POLICIES.channels)
MARKETPLACES = [name for name in CHANNELS if POLICIES.channels[name].kind == "marketplace"]
EU = [
    "AT",
    "BE",
    "BG",
    "CY",
    "CZ",
    "DE",
    "DK",
    "EE",
    "ES",
    "FI",
    "FR",
    "GR",
    "HR",
    "HU",
    "IE",
    "IT",
    "LT",
    "LU",
    "LV",
    "MT",
    "NL",
    "PL",
    "PT",
    "RO",
    "SE",
    "SI",
    "SK",
]
LAWS = [(market, fact) for market, facts in sorted(POLICIES.law.items()) for fact in facts]


def with_site(tmp_path: Path, policy: str, default: str = "", site: str = "default") -> Knowledge:
    """The content with a site's own policy, and lines added to the shipped one."""
    copy = tmp_path / "content"
    shutil.copytree(CONTENT, copy, ignore=shutil.ignore_patterns("examples.jsonl", "gate.jsonl"))
    file = copy / "sites" / f"{site}.toml"
    shop = (CONTENT / "sites" / "default.toml").read_text(encoding="utf-8")
    file.write_text(f"{shop}\n{policy}", encoding="utf-8")
    shipped = copy / "policies" / "site.toml"
    shipped.write_text(shipped.read_text(encoding="utf-8") + default, encoding="utf-8")
    return read_knowledge(copy)


# --- the site's own policy --------------------------------------------------------------------------------------------

FOUR = ("[policy]\nreturn_days = 40\n[policy.by_market.US]\nreturn_days = 50\n", "\n[by_market.US]\nreturn_days = 35\n[by_market.CA]\nreturn_days = 36\n")  # fmt: skip


@pytest.mark.parametrize(
    ("site", "market", "days"),
    [
        ("shop2", "US", 50),  # site and market
        ("shop2", "CA", 40),  # site goes before market
        ("shop2", None, 40),
        ("default", "US", 35),  # market
        ("default", "AU", 30),  # default
        ("default", None, 30),
        ("no-such-site", "US", 35),  # an unknown site is the default one
    ],
)
def test_the_nearest_layer_gives_the_value(tmp_path: Path, site: str, market: str | None, days: int) -> None:
    policies = with_site(tmp_path, *FOUR, site="shop2").policies
    assert policies.granted(site, market).return_days == days


def test_each_value_is_explained_by_its_layer(tmp_path: Path) -> None:
    policies = with_site(tmp_path, *FOUR, site="shop2").policies
    layers = {
        (site, market): next(item for item in policies.explained(site, market) if item.name == "return_days").layer
        for site, market in (("shop2", "US"), ("shop2", "CA"), ("default", "US"), ("default", "AU"))
    }
    assert list(layers.values()) == ["site and market", "site", "market", "default"]


def test_lists_and_ranges_can_be_a_markets_own(tmp_path: Path) -> None:
    own = '[policy.by_market.DE]\nships_to = ["DE", "AT"]\nshipping_days = {standard = [3, 5]}\n'
    granted = with_site(tmp_path, own).policies.granted("default", "DE")
    assert granted.ships_to == ("DE", "AT") and granted.shipping_days == {"standard": (3, 5)}


@pytest.mark.parametrize("market", EU)
def test_no_site_grants_a_european_buyer_less_than_the_law(tmp_path: Path, market: str) -> None:
    granted = with_site(tmp_path, "[policy]\nreturn_days = 7\nwarranty_months = 6\nrefund_days = 20\n").policies.granted("default", market)  # fmt: skip
    assert (granted.return_days, granted.warranty_months, granted.refund_days) == (14, 24, 14)


def test_the_law_never_takes_away_what_a_site_grants(tmp_path: Path) -> None:
    granted = with_site(tmp_path, "[policy]\nreturn_days = 60\nwarranty_months = 36\nrefund_days = 2\n").policies.granted("default", "GB")  # fmt: skip
    assert (granted.return_days, granted.warranty_months, granted.refund_days) == (60, 36, 2)


def test_where_the_law_is_silent_the_site_is_heard(tmp_path: Path) -> None:
    assert with_site(tmp_path, "[policy]\nreturn_days = 0\n").policies.granted("default", "US").return_days == 0


@pytest.mark.parametrize(
    ("policy", "named"),
    [
        ("[policy.by_market.DE]\nreturn_days = 10\n", "Directive 2011/83/EU"),
        ("[policy.by_market.GB]\nrefund_days = 30\n", "regulation 34"),
        ("[policy]\nreturn_dais = 10\n", "return_dais"),
        ('[policy]\nreturn_days = "ten"\n', "return_days"),
        ("[policy.by_market.US]\nduties = 5\n", "duties"),
    ],
)
def test_a_faulty_policy_of_a_site_is_named(tmp_path: Path, policy: str, named: str) -> None:
    with pytest.raises(ContentError) as error:
        with_site(tmp_path, policy)
    assert any(fault.path.name == "default.toml" and named in f"{fault.field} {fault.detail}" for fault in error.value.faults)  # fmt: skip


@pytest.mark.parametrize("market", ["GB", "US", *EU])
def test_the_markets_that_matter_most_have_their_law(market: str) -> None:
    assert POLICIES.law[market]


@pytest.mark.parametrize(("market", "fact"), LAWS, ids=[f"{market}-{fact.id}" for market, fact in LAWS])
def test_a_legal_fact_has_a_source_a_date_and_changes_something(market: str, fact: object) -> None:
    assert fact.source and fact.checked and (fact.at_least or fact.at_most)  # type: ignore[attr-defined]
    assert len(market) == 2


def test_all_values_are_explained() -> None:
    assert {item.name for item in POLICIES.explained("default", "DE")} == SitePolicy.model_fields.keys()
    lawful = {item.name: item.fact.id for item in POLICIES.explained("default", "DE") if item.fact}
    assert lawful == {"warranty_months": "eu.conformity"}


# --- channels ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["aliexpress", "amazon", "ebay", "shopee", "lazada", "tiktok_shop", "wish", "dhgate", "alibaba", "widget", "email", "api"])  # fmt: skip
def test_every_channel_that_is_named_has_its_file(name: str) -> None:
    assert name in CHANNELS


@pytest.mark.parametrize("name", CHANNELS)
def test_every_rule_names_a_source_with_its_date(name: str) -> None:
    channel = POLICIES.channels[name]
    assert all(channel.sources[rule.source].title and channel.sources[rule.source].checked for rule in channel.rules())


@pytest.mark.parametrize("name", MARKETPLACES)
def test_a_marketplace_forbids_to_lead_buyers_away_and_says_what_is_due(name: str) -> None:
    channel = POLICIES.channels[name]
    assert {"contact", "outside_links", "outside_payment", "review_incentive"} <= channel.bans.keys()
    assert all(channel.bans[name].status == "block" for name in ("contact", "outside_links", "outside_payment"))
    assert channel.hosts and channel.deadlines and not any(source.verified for source in channel.sources.values())


@pytest.mark.parametrize("name", [name for name in CHANNELS if name not in MARKETPLACES])
def test_the_own_channels_have_no_rules_but_the_shops_own(name: str) -> None:
    channel = POLICIES.channels[name]
    assert not channel.bans and not channel.deadlines and channel.coupons and channel.reply_hours is None


def test_an_unknown_channel_is_held_to_the_own_shops_rules() -> None:
    assert POLICIES.channel("some_market") is POLICIES.channels["api"]


def test_a_length_that_is_not_known_is_the_services_own() -> None:
    assert POLICIES.channels["lazada"].max_chars == UNKNOWN_LENGTH and not POLICIES.channels["lazada"].cuts_at_limit


def test_every_sign_of_a_dispute_points_to_intents_that_there_are() -> None:
    named = {intent for sign in POLICIES.disputes.sign for intent in sign.intents}
    assert named <= KNOWLEDGE.replies.intents.keys()
    assert {sign.kind for sign in POLICIES.disputes.sign} == set(DISPUTE_KINDS)


@pytest.mark.parametrize(
    ("before", "after", "named"),
    [
        ('otherwise = "counted_late", source = "notes"', 'otherwise = "counted_late", source = "nothing"', "nothing"),
        ("hours = 24,", "hours = 24, days = 1,", "exactly one"),
        ("[bans]", "[bans]\nwhispering = {source = 'notes'}", "whispering"),
        ('[sources.notes]', '[sources.idle]\ntitle = "x"\nchecked = 2026-11-22\n[sources.notes]', "idle"),
    ],
)  # fmt: skip
def test_a_faulty_rule_is_named(tmp_path: Path, before: str, after: str, named: str) -> None:
    copy = tmp_path / "content"
    shutil.copytree(CONTENT, copy, ignore=shutil.ignore_patterns("examples.jsonl", "gate.jsonl"))
    file = copy / "policies" / "channels" / "amazon.toml"
    text = file.read_text(encoding="utf-8")
    assert before in text
    file.write_text(text.replace(before, after, 1), encoding="utf-8")
    with pytest.raises(ContentError) as error:
        read_knowledge(copy)
    assert any(fault.path.name == "amazon.toml" and named in f"{fault.field} {fault.detail}" for fault in error.value.faults)  # fmt: skip


def test_the_agents_words_name_every_rule() -> None:
    words = KNOWLEDGE.words("en")
    keys = {f"dispute.{kind}" for kind in DISPUTE_KINDS}
    keys |= {f"proof.{proof}" for dispute in POLICIES.disputes.kinds.values() for proof in dispute.keep}
    for channel in POLICIES.channels.values():
        keys |= {f"ban.{ban}" for ban in channel.bans} | {f"step.{step}" for step in channel.deadlines}
        keys |= {f"since.{rule.since}" for rule in channel.deadlines.values()}
        keys |= {f"otherwise.{rule.otherwise}" for rule in channel.deadlines.values()}
        keys |= {f"proof.{proof}" for rule in channel.evidence.values() for proof in rule.keep}
    assert keys <= words.keys()
