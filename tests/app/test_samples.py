"""The sample messages: as many, as varied and as recent as a shop's real morning."""

from collections import Counter
from datetime import UTC, datetime

import pytest
from fastapi import FastAPI

from app import samples
from app.drafting.drafter import Drafter
from app.main import create_app
from app.store.queue import DraftFilter
from knowledge_base.knowledge import Knowledge
from tests.conftest import make_settings

NOW = datetime(2027, 3, 1, 12, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def filled(drafter: Drafter, tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    app = create_app(make_settings(tmp_path_factory.mktemp("samples")), drafter)
    assert samples.fill(app.state.desk, NOW) == 40
    return app


def test_the_samples_speak_every_language(filled: FastAPI, knowledge: Knowledge) -> None:
    found, _ = filled.state.desk.list_drafts(DraftFilter(), 100, None, "newest")
    assert {draft.body.language.partition("-")[0] for draft in found} >= knowledge.languages.keys()


def test_two_bursts_are_answered_as_one_each(filled: FastAPI) -> None:
    assert filled.state.desk.count_drafts()["superseded"] == 2


def test_the_samples_come_by_several_channels_with_photos_and_with_history() -> None:
    found = samples.read_samples(NOW)
    channels = Counter(sample.channel for sample in found)
    assert len(channels) >= 5 and channels["widget"] < 25
    assert sum(bool(sample.attachments) for sample in found) >= 4 and sum(bool(sample.history) for sample in found) >= 2


def test_no_sample_lies_in_the_future_and_the_newest_is_of_today() -> None:
    times = [sample.received_at for sample in samples.read_samples(NOW)]
    assert all(time is not None and time <= NOW for time in times)
    assert max(time for time in times if time) > NOW.replace(hour=0) - (NOW - NOW.replace(hour=0))


def test_a_desk_that_has_messages_gets_no_samples(filled: FastAPI) -> None:
    assert samples.fill(filled.state.desk, NOW) == 0
