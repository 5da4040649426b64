"""Files that are missing, cut off, emptied or altered in one bit: a service that starts with them says what is wrong, or serves what is whole."""

import random
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from unittest.mock import patch

from app import parts
from app.parts import build_drafter
from app.settings import Settings
from knowledge_base.errors import KnowledgeError
from models import encoder
from models.encoder import EncoderError
from models.registry import RegistryError
from models.storage import WeightsError
from tests.trials.outcome import Outcome

SAID = (KnowledgeError, EncoderError, WeightsError, RegistryError)
"""What the command `serve` tells in one line."""

Harm = Callable[[Path], None]


def _turn_a_bit(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[random.Random(file.name).randrange(len(content))] ^= 1  # noqa: S311
    file.write_bytes(content)


HARMS: dict[str, Harm] = {
    "missing": Path.unlink,
    "empty": lambda file: file.write_bytes(b""),
    "cut off": lambda file: file.write_bytes(file.read_bytes()[: file.stat().st_size // 2]),
    "a bit turned": _turn_a_bit,
    "something else": lambda file: file.write_bytes(b"[]"),
}
VITAL = {".json", ".safetensors", ".onnx", ".model", ".faiss"}
TOLD = {"card.json"}
"""Read by people and pages; what serves does not hang on them."""


def damaged(index: Path, folder: Path, harms: tuple[str, ...] = tuple(HARMS)) -> Iterator[Outcome]:
    """Every file of index, weights and encoder, each in every way; one after the other."""
    shutil.copytree(index, folder / "index")
    yield _tried("Damaged index", Settings(data_dir=folder), folder / "index", parts.SHIPPED_WEIGHTS, harms)
    weights = folder / "weights"
    shutil.copytree(parts.SHIPPED_WEIGHTS, weights)
    yield _tried("Damaged weights", Settings(data_dir=folder), weights, weights, harms)


def _tried(name: str, settings: Settings, harmed: Path, weights: Path, harms: tuple[str, ...]) -> Outcome:
    """A drafter is built over each harm; `crashed` counts the harms that were neither told nor borne, `lost` those that nobody noticed."""
    times = crashed = unnoticed = 0
    for file in sorted(path for path in harmed.rglob("*") if path.suffix in VITAL and path.name not in TOLD):
        whole = file.read_bytes()
        for harm in harms:
            HARMS[harm](file)
            times += 1
            try:
                with (
                    patch.object(parts, "SHIPPED_WEIGHTS", weights),
                    patch.object(encoder, "TUNED", weights / "encoder"),
                ):
                    _afresh(settings)
                unnoticed += not _is_remade(harm, file)
            except SAID:
                pass
            except Exception:
                crashed += 1
            file.write_bytes(whole)
    return Outcome(
        name, f"{', '.join(harms)}", times, unnoticed, 0, crashed, "each was told with what to run, or made anew"
    )


def _afresh(settings: Settings) -> None:
    """As a process starts: nothing is remembered of the encoders."""
    encoder.load_encoder.cache_clear()
    encoder.load_reader.cache_clear()
    build_drafter(settings, lambda text: None)


def _is_remade(harm: str, file: Path) -> bool:
    """An index without its manifest, or a version without its files, is as one that is not there."""
    return harm == "missing" and file.name in ("manifest.json", "config.json", "weights.safetensors")
