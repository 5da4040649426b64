"""How a fitted head lies on disk: weights.safetensors and config.json in one folder. Never pickle."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import TypeAlias

from safetensors.numpy import load_file, save

from models.head import Head
from models.threads import one_blas_thread

Json: TypeAlias = "str | int | float | bool | Sequence[Json] | Mapping[str, Json] | None"

WEIGHTS, CONFIG = "weights.safetensors", "config.json"
SUMS = "sums"
"""In the configuration: what it and each file beside it must hash to. A disk that turns a bit would change answers and no one would know."""


class WeightsError(RuntimeError):
    """A folder holds no usable weights; the message names it."""


def save_head(folder: Path, head: Head, config: Mapping[str, Json]) -> None:
    """Writes both files; the folder is made where it is missing."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / WEIGHTS).write_bytes(save(head.tensors()))
    told = summed(config, folder, (WEIGHTS,))
    (folder / CONFIG).write_text(json.dumps(told, ensure_ascii=False, indent=1), "utf-8")


def load_head(folder: Path) -> tuple[Head, dict[str, Json]]:
    """(head, config); WeightsError where a file is missing or damaged."""
    one_blas_thread()
    try:
        config: dict[str, Json] = json.loads((folder / CONFIG).read_text("utf-8"))
        hold_to_sums(folder, config)
        return Head.of(load_file(folder / WEIGHTS)), config
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise WeightsError(f"no usable weights in {folder}: {error}") from error
    except Exception as error:
        if type(error).__name__ == "SafetensorError":  # not exported under a stable name
            raise WeightsError(f"damaged weights in {folder}: {error}") from error
        raise


def summed(config: Mapping[str, Json], folder: Path, files: Sequence[str]) -> dict[str, Json]:
    """The configuration with what the files and itself hash to now (SHA-256)."""
    bare = {name: value for name, value in config.items() if name != SUMS}
    found = {name: sha256((folder / name).read_bytes()).hexdigest() for name in files}
    own = sha256(json.dumps(bare, sort_keys=True).encode()).hexdigest()
    return {**bare, SUMS: {**found, CONFIG: own}}


def hold_to_sums(folder: Path, config: Mapping[str, Json]) -> None:
    """WeightsError where a file is not the one that was written; older configurations have no sums and are taken as they are."""
    wanted = config.get(SUMS)
    if not isinstance(wanted, Mapping):
        return
    found = summed(config, folder, [name for name in wanted if name != CONFIG])[SUMS]
    if wanted != found:
        raise WeightsError(f"damaged weights: the files in {folder} are not what was written")


def names(config: Mapping[str, Json], key: str) -> tuple[str, ...]:
    """A list of texts; WeightsError otherwise."""
    value = config.get(key)
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        raise WeightsError(f"config: `{key}` must be a list of names")
    return tuple(str(name) for name in value)


def numbers(config: Mapping[str, Json], key: str) -> tuple[float, ...]:
    """A list of numbers; WeightsError otherwise."""
    value = config.get(key)
    if not isinstance(value, list):
        raise WeightsError(f"config: `{key}` must be a list of numbers")
    return tuple(_number(item, key) for item in value)


def number(config: Mapping[str, Json], key: str) -> float:
    """A number; WeightsError otherwise."""
    return _number(config.get(key), key)


def text(config: Mapping[str, Json], key: str) -> str:
    """A text; WeightsError otherwise."""
    value = config.get(key)
    if not isinstance(value, str):
        raise WeightsError(f"config: `{key}` must be a text")
    return value


def _number(value: Json, key: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise WeightsError(f"config: `{key}` must hold numbers")
    return float(value)
