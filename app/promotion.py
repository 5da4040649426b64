"""Which version of a classifier serves: compared on the gate messages first, refused where it is worse beyond noise."""

from app.parts import open_registry
from app.settings import Settings
from knowledge_base.knowledge import CONTENT
from models.comparison import Comparison, compare
from models.encoder import load_encoder
from models.examples import Example, read_examples
from models.registry import Registry, trained_with
from models.training import load


class Worse(ValueError):
    """The new version is worse than the serving one; `comparison` says where."""

    def __init__(self, version: str, comparison: Comparison) -> None:
        super().__init__(f"{version} is worse than the serving version beyond noise in: {', '.join(comparison.worse)}")
        self.comparison = comparison


def promote(settings: Settings, kind: str, version: str, anyway: str | None = None) -> Comparison:
    """Lets `version` serve and notes on what figures. Worse where it is worse somewhere and no reason is given."""
    registry = open_registry(settings)
    serving = registry.promoted(kind)
    comparison = _compared(registry, kind, version)
    if comparison.worse and not (anyway or "").strip():
        raise Worse(version, comparison)
    registry.promote(kind, version)
    registry.note(kind, {"version": version, "before": serving, "anyway": anyway, "gate": comparison.to_dict()})
    return comparison


def compared(settings: Settings, kind: str, version: str) -> Comparison:
    """A version beside the serving one; RegistryError where it does not exist."""
    return _compared(open_registry(settings), kind, version)


def gate_messages() -> list[Example]:
    """The messages on which versions are compared; no version learns from them."""
    return read_examples(sorted((CONTENT / "languages").glob("*/gate.jsonl")))


def _compared(registry: Registry, kind: str, version: str) -> Comparison:
    versions = (version, registry.promoted(kind))
    new, serving = (load(kind, registry.folder(kind, name)) for name in versions)
    encoders = [load_encoder(trained_with(registry.card(kind, name))[0]) for name in versions]
    return compare(new, serving, gate_messages(), (encoders[0], encoders[1]))
