"""The benchmark measures what it says, and its page holds every figure; no test asserts a time."""

import numpy as np
import pytest

from app.api.requests import MessageIn
from app.bench.against import Against, Side
from app.bench.growth import LENGTHS, Size, by_length, by_size, worded_anew
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


def test_wordings_made_up_lie_as_near_as_other_wordings_do(drafter: Drafter) -> None:
    shipped = drafter.index.vectors[:100]
    vectors = worded_anew(shipped, 250)
    assert np.allclose(vectors[:100], shipped, atol=1e-6) and np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert 0.75 < float((vectors[100:200] * shipped).sum(axis=1).mean()) < 0.85


def test_an_exact_search_finds_everything(drafter: Drafter) -> None:
    vectors = drafter.index.vectors
    (size,) = by_size(vectors, vectors[:7], [600])
    assert (size.entries, size.method, size.found, size.found_of_all) == (600, "exact", 1.0, 1.0)


def test_a_package_needs_more_room_than_one_that_it_needs() -> None:
    assert installed_mib("sqlalchemy") > installed_mib("greenlet") > 0


def test_the_page_holds_every_figure() -> None:
    figures = Figures(
        machine=describe(), single=[load(41.5)], one_worker=[load(1.0)], two_workers=[load(2.5)], clients=[load(3.5)], ready_s=[9.75],
        memory_mib=321.4, installed_mib=654.3, lengths=[(777, 8.25)], sizes=[Size(4321, "exact", 0.75, 0.85, 1.5, 6.0, 0.975, 0.825)], messages=1234,
        against=Against(Side([2.0, 4.0], 123.0, 0.875, 0.75), Side([8.0, 16.0], 246.0, 0.5, 0.625), 1147),
    )  # fmt: skip
    page = bench_page(figures)
    for figure in ("41.5 (41.5 to 41.5)", "31.5", "17.2", "9.8", "321", "654", "| 777 | 8.2 |", "| 4,321 | exact | 0.8 | 0.8 | 0.975 | 0.825 | 1.5 | 6 |", "| 4 | 16 | 0.25 |", "| 333 | 83.3 | 4.00 |", "| 123 | 246 | 0.50 |", "| 0.875 | 0.5 | 1.75 |", "| 0.75 | 0.625 | 1.20 |", "1234"):  # fmt: skip
        assert figure in page
