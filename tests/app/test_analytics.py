"""How the work went: each figure means what it says, and a rise is told only where chance does not explain it."""

import csv
import io
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from app.cli import app as cli
from app.domain import Money
from app.drafting.formats import write
from app.insights.analytics import Insight
from app.insights.figures import GROUPS, figures, grouped
from app.insights.remedies import given
from app.insights.rising import rises, sudden_rises
from app.insights.sheet import write_page, write_sheet
from app.store.insights import Said, Work
from knowledge_base.knowledge import Knowledge
from tests.conftest import ORDER

START = datetime(2026, 11, 16, tzinfo=UTC)
WEEK = {"from": START.isoformat(), "to": (START + timedelta(days=7)).isoformat()}


def work(**changes: object) -> Work:
    values: dict[str, object] = {
        "draft_id": "d_1", "conversation_id": "c_1", "received_at": START, "status": "pending", "edited": False, "verdict": "ready", "language": "de-DE", "intent": "order_tracking", "market": "DE",
        "channel": "api", "site": "default", "agent": None, "approved_at": None, "sent_at": None, "text": "Guten Tag", "drafted": "Guten Tag", "replies": (), "products": (), "carrier": None, "destination": None,
    }  # fmt: skip
    return Work(**values | changes)  # type: ignore[arg-type]


def sent(hours: float, **changes: object) -> Work:
    at = START + timedelta(hours=hours)
    return work(**{"status": "sent", "agent": "li", "approved_at": at, "sent_at": at, **changes})


# --- what a figure means ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "counted"),
    [
        ({"status": "sent"}, "approved"),
        ({"status": "approved"}, "approved"),
        ({"status": "sent", "edited": True}, "edited"),
        ({"status": "rejected"}, "rejected"),
        ({"status": "pending"}, "pending"),
        ({"status": "superseded"}, "superseded"),
    ],
)
def test_each_message_is_counted_under_what_became_of_it_alone(
    knowledge: Knowledge, changes: dict[str, object], counted: str
) -> None:
    found = figures([work(**changes)], knowledge)
    outcomes = ("approved", "edited", "rejected", "pending", "superseded")
    assert [name for name in outcomes if getattr(found, name)] == [counted]


def test_only_edited_drafts_have_a_distance(knowledge: Knowledge) -> None:
    rows = [sent(1), sent(1, edited=True, drafted="abcd", text="abxy"), work(drafted="a", text="b")]
    assert figures(rows, knowledge).edit_distance == 0.5
    assert figures([sent(1)], knowledge).edit_distance is None


def test_a_conversation_is_settled_where_the_buyer_does_not_come_back(knowledge: Knowledge) -> None:
    back = work(conversation_id="c_2", received_at=START + timedelta(hours=5))
    rows = [sent(1), sent(1, conversation_id="c_2"), back]
    assert figures(rows, knowledge).settled_at_once == 0.5


def test_thanks_are_no_second_question(knowledge: Knowledge) -> None:
    thanks = work(received_at=START + timedelta(hours=5), intent="thanks_praise")
    assert figures([sent(1), thanks], knowledge).settled_at_once == 1.0


def test_a_conversation_nobody_answered_is_not_settled_and_not_unsettled(knowledge: Knowledge) -> None:
    assert figures([work()], knowledge).settled_at_once is None


def test_a_first_response_is_counted_once_a_conversation(knowledge: Knowledge) -> None:
    later = sent(9, received_at=START + timedelta(hours=8))
    found = figures([sent(2), later], knowledge)
    assert found.to_first_response and found.to_approval
    assert (found.to_first_response.count, found.to_first_response.median) == (1, 7200.0)
    assert found.to_approval.count == 2


def test_waits_are_held_against_the_market_and_the_platform(knowledge: Knowledge) -> None:
    expected = knowledge.profiles.get("DE").response_hours
    rows = [sent(expected, conversation_id="c_1"), sent(expected + 1, conversation_id="c_2")]
    wait = figures(rows, knowledge).to_first_response
    assert wait and wait.within_expectation == 0.5
    clocked = [name for name, channel in knowledge.policies.channels.items() if "first_answer" in channel.deadlines]
    late = figures([sent(24 * 30, channel=clocked[0]), sent(0, channel=clocked[0])], knowledge).to_approval
    assert late and late.within_platform == 0.5


def test_a_channel_without_a_clock_has_no_share_in_time(knowledge: Knowledge) -> None:
    free = [name for name, channel in knowledge.policies.channels.items() if "first_answer" not in channel.deadlines]
    wait = figures([sent(1, channel=free[0])], knowledge).to_approval
    assert wait and wait.within_platform is None


# --- what letters grant -----------------------------------------------------------------------------------------------

ACCEPTED = "We accept your proposal: you are refunded €12.00."
SETTLED = Said("outreach.dispute_accept.accepted", ACCEPTED, {"offer": "€12.00"})


def test_a_remedy_costs_what_its_letter_names(knowledge: Knowledge) -> None:
    granted = sent(1, said=(Said("refund_request.approve.approved", "Approved.", {}), Said("refund_request.approve.amount", "It is €5.50.", {"refund_amount": "€5.50"})))  # fmt: skip
    found = {item.remedy: item for item in given([granted, granted, sent(1, said=(SETTLED,))], knowledge)}
    assert (found["refund"].times, found["refund"].cost, found["refund"].unpriced) == (2, {"EUR": Decimal("11.00")}, 0)
    assert found["settlement"].cost == {"EUR": Decimal("12.00")}


def test_currencies_stay_apart_and_a_letter_without_a_sum_is_told(knowledge: Knowledge) -> None:
    pounds = Said(SETTLED.id, "We accept: you are refunded £3.00.", {"offer": "£3.00"})
    accepted = Said("return_request.steps.accepted", "Yes, you can return the item.", {})
    found = given([sent(1, said=(SETTLED,)), sent(1, said=(pounds,)), sent(1, said=(accepted,))], knowledge)
    assert [(item.remedy, item.cost, item.unpriced) for item in found] == [
        ("settlement", {"EUR": Decimal("12.00"), "GBP": Decimal("3.00")}, 0),
        ("return", {}, 1),
    ]


def test_a_percentage_is_a_part_of_the_orders_total(knowledge: Knowledge) -> None:
    share = Said(SETTLED.id, "We accept your proposal: you are refunded 30 %.", {"offer": "30 %"})
    (found,) = given([sent(1, said=(share,), total=Money(amount=Decimal("59.99"), currency="PLN"))], knowledge)
    assert found.cost == {"PLN": Decimal("18.00")}
    assert given([sent(1, said=(share,))], knowledge)[0].unpriced == 1


@pytest.mark.parametrize(
    ("text", "cost"),
    [
        (f"Hello,\n{ACCEPTED}\nKind regards", {"EUR": Decimal("12.00")}),
        ("Hello,\nWe accept your proposal: you are refunded €15.00 today.\nKind regards", {"EUR": Decimal("15.00")}),
        ("Hello,\nWe shall look at your proposal and write again.\nKind regards", None),
    ],
)
def test_of_an_edited_letter_counts_what_was_signed(knowledge: Knowledge, text: str, cost: object) -> None:
    found = given([sent(1, said=(SETTLED,), edited=True, text=text)], knowledge)
    assert [item.cost for item in found] == ([] if cost is None else [cost])


def test_what_was_not_signed_grants_nothing(knowledge: Knowledge) -> None:
    rows = [work(said=(SETTLED,), status=status) for status in ("pending", "rejected", "superseded")]
    assert given(rows, knowledge) == ()


def test_a_sum_is_read_as_it_is_written_in_every_market(knowledge: Knowledge) -> None:
    """With its digits, signs and spaces."""
    euros, total = Money(amount=Decimal("1234.50"), currency="EUR"), Money(amount=Decimal(40), currency="EUR")
    for market, profile in knowledge.profiles.by_market.items():
        for tag in profile.languages:
            for value, cost in ((euros, "1234.50"), (Decimal("0.3"), "12.00")):
                words = write("offer", value, tag, START.date(), knowledge)
                assert words
                said = Said(SETTLED.id, f"… {words} …", {"offer": words})
                (found,) = given([sent(1, said=(said,), total=total, market=market)], knowledge)
                assert found.cost == {"EUR": Decimal(cost)}, (market, tag, words)


def test_the_figures_hold_what_letters_granted(client: TestClient, ops: TestClient) -> None:
    body = {"text": "I changed my mind, please cancel my order", "order": {**ORDER, "status": "paid", "shipped_at": None, "total": {"amount": "20.00", "currency": "EUR"}}}  # fmt: skip
    draft = client.post("/v1/messages", json=body).json()["draft"]
    assert ops.get("/v1/analytics").json()["remedies"] == []
    assert ops.post(f"/v1/drafts/{draft['id']}/approve").status_code == 200
    (found,) = ops.get("/v1/analytics").json()["remedies"]
    assert found == {"group": "order_cancel", "remedy": "cancellation", "times": 1, "cost": {"EUR": "20.00"}, "unpriced": 0}  # fmt: skip
    (line,) = csv.DictReader(io.StringIO(ops.get("/v1/analytics?format=csv").text))
    assert (line["remedies"], line["remedies_cost"]) == ("1", "20.00 EUR")


@pytest.mark.parametrize(
    ("group_by", "changes", "groups"),
    [
        ("intent", {}, ["order_tracking"]),
        ("language", {}, ["de"]),
        ("market", {"market": None}, [""]),
        ("agent", {"agent": "li"}, ["li"]),
        ("reply", {"replies": ("a.b", "c.d")}, ["a.b", "c.d"]),
        ("product", {"products": ("S1", "S2")}, ["S1", "S2"]),
        ("carrier", {"carrier": "DHL"}, ["DHL"]),
        ("lane", {"destination": "DE"}, ["CN-DE"]),
    ],
)
def test_a_message_stands_in_its_groups(
    knowledge: Knowledge, group_by: str, changes: dict[str, object], groups: list[str]
) -> None:
    lane = knowledge.site("default").country
    found = grouped([work(**changes)], group_by, knowledge)  # type: ignore[arg-type]
    assert list(found) == [group.replace("CN", lane) if group_by == "lane" else group for group in groups]


# --- what rises -------------------------------------------------------------------------------------------------------


def test_a_clear_rise_is_told_and_noise_is_not() -> None:
    now, before = {"customs_hold": 30, "order_tracking": 52, "wholesale": 3}, {"customs_hold": 5, "order_tracking": 50}
    assert [rise.group for rise in rises(now, before)] == ["customs_hold"]


def test_many_looks_make_a_single_chance_find_weaker() -> None:
    alone = rises({"a": 15}, {"a": 5})
    among = rises({"a": 15} | {str(n): 10 for n in range(40)}, {"a": 5} | {str(n): 10 for n in range(40)})
    assert [rise.group for rise in alone] == ["a"] and among == []


def test_the_unknown_group_and_a_fall_never_rise() -> None:
    assert rises({"": 90, "a": 1}, {"": 1, "a": 90}) == []


# --- over HTTP --------------------------------------------------------------------------------------------------------


def receive(client: TestClient, text: str, hours: float = 1, **more: object) -> dict:
    at = (START + timedelta(hours=hours)).isoformat()
    return client.post("/v1/messages", json={"text": text, "received_at": at, "order": ORDER, **more}).json()["draft"]


def test_decisions_stand_in_the_figures_of_their_agent(client: TestClient, ops: TestClient) -> None:
    signed, changed, refused = (receive(client, f"Where is my parcel number {n}?") for n in "abc")
    receive(client, "Where is my parcel?")
    ops.post(f"/v1/drafts/{signed['id']}/approve")
    ops.post(f"/v1/drafts/{changed['id']}/approve", json={"text": f"{changed['text']}\nSee you soon"})
    ops.post(f"/v1/drafts/{refused['id']}/reject", json={"reason": "wrong_tone"})
    found = ops.get("/v1/analytics", params={**WEEK, "group_by": "agent"}).json()
    counts = {group["group"]: [group[name] for name in ("messages", "approved", "edited", "rejected", "pending")] for group in found["groups"]}  # fmt: skip
    assert counts == {"ops": [3, 1, 1, 1, 0], None: [1, 0, 0, 0, 1]}
    assert 0 < found["total"]["edit_distance"] < 0.2


def test_a_signed_alternative_counts_instead_of_the_draft_it_replaces(client: TestClient, ops: TestClient) -> None:
    draft = receive(client, "The lamp arrived broken, what now?", order=None)
    others = ops.post(f"/v1/drafts/{draft['id']}/alternatives").json()["alternatives"]
    answer = ops.post(f"/v1/drafts/{others[0]}/approve", json={"text": "We are sorry that the lamp arrived broken."})
    assert answer.status_code == 200, answer.text
    total = ops.get("/v1/analytics", params=WEEK).json()["total"]
    assert (total["messages"], total["edited"], total["superseded"]) == (1, 1, 0)


def test_the_time_before_stands_beside_and_a_rise_shows_its_messages(client: TestClient, ops: TestClient) -> None:
    receive(client, "Where is my parcel?", hours=-5)
    for number in range(8):
        receive(client, f"Where is my parcel, Zebediah asks {number}?", hours=number, buyer={"name": "Zebediah"})
    answer = ops.get("/v1/analytics", params=WEEK)
    found = answer.json()
    assert (found["total"]["messages"], found["before"]["messages"]) == (8, 1)
    (rise,) = found["rising"]["items"]
    assert (rise["now"], rise["before"], len(rise["examples"])) == (8, 1, 3)
    assert "Zebediah" not in answer.text


@pytest.mark.parametrize("group_by", GROUPS)
def test_every_grouping_is_a_sheet_with_a_line_a_group(client: TestClient, ops: TestClient, group_by: str) -> None:
    receive(client, "Where is my parcel?")
    answer = ops.get("/v1/analytics", params={**WEEK, "group_by": group_by, "format": "csv"})
    lines = list(csv.reader(io.StringIO(answer.text)))
    assert answer.headers["content-type"].startswith("text/csv") and lines[0][0] == group_by
    assert len(lines) == 2 and lines[1][1] == "1"


def test_no_cell_is_run_as_a_formula_and_no_markup_of_a_strangers_stands(knowledge: Knowledge) -> None:
    carrier = "=HYPERLINK(1)<b>|"
    rows = [work(carrier=carrier)]
    groups = {name: figures(found, knowledge) for name, found in grouped(rows, "carrier", knowledge).items()}
    whole = figures(rows, knowledge)
    insight = Insight(START, START, "carrier", whole, whole, groups, (), {}, {})
    assert next(csv.reader(write_sheet(insight).splitlines()[1:]))[0] == f"'{carrier}"
    assert "<b>" not in write_page(insight, "A week") and r"\<b\>\|" in write_page(insight, "A week")


@pytest.mark.parametrize(
    "query",
    [
        {"group_by": "colour"},
        {"format": "xlsx"},
        {"from": "2026-11-22"},
        {"from": "2026-11-22T00:00:00Z", "to": "2026-11-21T00:00:00Z"},
        {"from": "2024-11-22T00:00:00Z", "to": "2026-11-21T00:00:00Z"},
    ],
)
def test_what_cannot_be_looked_at_is_a_clear_problem(ops: TestClient, query: dict[str, str]) -> None:
    answer = ops.get("/v1/analytics", params=query)
    assert answer.status_code in (400, 422) and answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["errors"]


# --- the week ---------------------------------------------------------------------------------------------------------


def test_a_week_is_a_page(client: TestClient, app: object, monkeypatch: pytest.MonkeyPatch) -> None:
    receive(client, "Where is my parcel?")
    monkeypatch.setenv("COUNTERSIGN_DATA_DIR", str(app.state.settings.data_dir))  # type: ignore[attr-defined]
    page = CliRunner().invoke(cli, ["report", "week", "--of", "2026-11-18"])
    assert page.exit_code == 0, page.output
    assert page.output.startswith("# Week 2026-W47\n") and "| messages | 1 | 0 |" in page.output


@pytest.mark.parametrize("wrong", [["--of", "last week"], ["--by", "colour"]])
def test_a_week_that_cannot_be_is_refused(wrong: list[str]) -> None:
    assert CliRunner().invoke(cli, ["report", "week", *wrong]).exit_code == 2


# --- a sudden rise ----------------------------------------------------------------------------------------------------


def test_a_day_is_held_against_the_week_before_by_its_share() -> None:
    assert [rise.group for rise in sudden_rises({"a": 14, "b": 4}, {"a": 14, "b": 30}, 1 / 8)] == ["a"]
    assert sudden_rises({"a": 3, "b": 4}, {"a": 14, "b": 30}, 1 / 8) == []


def test_a_busy_day_is_no_rise_and_what_rises_alone_is_one() -> None:
    assert sudden_rises({"a": 20, "b": 40}, {"a": 14, "b": 30}, 1 / 8) == []
    assert [rise.group for rise in sudden_rises({"a": 20}, {"a": 14}, 1 / 8)] == ["a"]
