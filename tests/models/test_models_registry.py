import sys

import pytest

from models.registry import CARD, Registry, RegistryError, train
from models.storage import CONFIG, WEIGHTS


def put(root, kind, version, missing=()):
    folder = root / kind / version
    folder.mkdir(parents=True)
    for name in {WEIGHTS, CONFIG, CARD} - set(missing):
        (folder / name).write_text("{}")


@pytest.fixture
def registry(tmp_path):
    put(tmp_path / "shipped", "intent", "2026.01.01-1")
    return Registry(tmp_path / "shipped", tmp_path / "trained")


def test_the_shipped_version_serves_until_another_is_promoted(registry, tmp_path):
    put(tmp_path / "trained", "intent", "2026.02.01-1")
    assert registry.promoted("intent") == "2026.01.01-1"
    registry.promote("intent", "2026.02.01-1")
    assert registry.promoted("intent") == "2026.02.01-1"


def test_rollback_returns_to_the_version_before(registry, tmp_path):
    put(tmp_path / "trained", "intent", "2026.02.01-1")
    registry.promote("intent", "2026.02.01-1")
    assert registry.rollback("intent") == "2026.01.01-1"
    with pytest.raises(RegistryError):
        registry.rollback("intent")


def test_versions_are_in_order_of_age(registry, tmp_path):
    for version in ("2026.02.01-10", "2026.02.01-9"):
        put(tmp_path / "trained", "intent", version)
    assert registry.versions("intent") == ("2026.01.01-1", "2026.02.01-9", "2026.02.01-10")


def test_an_incomplete_folder_is_no_version(registry, tmp_path):
    put(tmp_path / "trained", "intent", "2026.02.01-1", missing=[CARD])
    assert registry.versions("intent") == ("2026.01.01-1",)
    with pytest.raises(RegistryError):
        registry.promote("intent", "2026.02.01-1")


@pytest.mark.parametrize(("kind", "version"), [("intent", "9"), ("intent", "../../x"), ("mood", "2026.01.01-1")])
def test_an_unknown_kind_or_version_is_refused(registry, kind, version):
    with pytest.raises(RegistryError):
        registry.folder(kind, version)


def test_nothing_promoted_or_shipped_is_an_error(registry):
    with pytest.raises(RegistryError):
        registry.promoted("emotion")


def test_a_failed_write_leaves_nothing_behind(registry, tmp_path):
    def fail(folder):
        (folder / WEIGHTS).write_text("half")
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        registry.add("intent", "2026.03.01-1", fail)
    assert list((tmp_path / "trained" / "intent").iterdir()) == []


@pytest.mark.parametrize("kind", ["intent", "emotion", "conduct"])
def test_training_adds_a_version_with_its_card(kind, registry, examples, encoder):
    steps = []
    card = train(kind, examples, encoder, registry, lambda share, step: steps.append(share))
    assert registry.card(kind, card["version"]) == card
    assert card["encoder"] == {"name": "letters", "revision": "1", "dim": encoder.dim}
    assert card["metrics"]["accuracy"]["count"] == card["examples"] == len(examples)
    assert steps == sorted(steps)


def test_training_does_not_promote(registry, examples, encoder):
    train("intent", examples, encoder, registry)
    assert registry.promoted("intent") == "2026.01.01-1"


def test_without_the_extra_the_report_says_what_to_install_for_pictures(
    registry, tmp_path, examples, encoder, monkeypatch
):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    card = train("emotion", examples, encoder, registry)
    folder = tmp_path / "trained" / "emotion" / str(card["version"])
    assert "pip install 'countersign[pictures]'" in (folder / "report.md").read_text("utf-8")
    assert not list(folder.glob("*.png"))
