"""The benchmark measures what it says, and its page holds every figure; no test asserts a time."""

import pytest

from app.api.requests import MessageIn
from app.bench.growth import LENGTHS, by_length
from app.bench.load import LONGEST, Load, bodies
from app.bench.machine import describe, installed_mib
from app.bench.page import bench_page
from app.bench.run import Figures
from app.draft_cases import read_cases, read_surroundings
from app.drafting.drafter import Drafter

CASES = read_cases(read_surroundings())


def load(*latencies: float) -> Load:
    return Load(4, latencies, per_second=31.5, processor_ms=17.25)


@pytest.mark.parametrize(("share", "expected"), [(0.5, 3.0), (0.95, 5.0), (0.0, 1.0)])
def test_a_percentile_is_a_latency_that_was_measured(share: float, expected: float) -> None:
    assert load(1.0, 2.0, 3.0, 4.0, 5.0).percentile(share) == expected


def test_what_is_sent_are_the_ordinary_messages_as_the_api_takes_them() -> None:
    sent = [MessageIn.model_validate_json(body) for body in bodies(CASES)]
    assert len(sent) == sum(len(case.message.text) <= LONGEST for case in CASES) > 1000
    assert any(message.order for message in sent) and any(message.history for message in sent)


def test_cost_is_measured_at_every_length(drafter: Drafter) -> None:
    found = by_length(drafter, CASES)
    assert [length for length, _ in found] == list(LENGTHS) and all(ms > 0 for _, ms in found)


def test_a_package_needs_more_room_than_one_that_it_needs() -> None:
    assert installed_mib("sqlalchemy") > installed_mib("greenlet") > 0


def test_the_page_holds_every_figure() -> None:
    figures = Figures(
        machine=describe(), single=[load(41.5)], one_worker=[load(1.0)], two_workers=[load(2.5)], clients=[load(3.5)], ready_s=[9.75],
        memory_mib=321.4, installed_mib=654.3, lengths=[(777, 8.25)], sizes=[(4321, 0.75, 6.0)], messages=1234,
    )  # fmt: skip
    page = bench_page(figures)
    for figure in ("41.5 (41.5 to 41.5)", "31.5", "17.2", "9.8", "321", "654", "| 777 | 8.2 |", "| 4,321 | 0.8 | 6 |", "1234"):  # fmt: skip
        assert figure in page
