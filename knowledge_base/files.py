"""Reading content files: TOML in, validated tables out, every fault named with file and field."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from knowledge_base.errors import ContentError, Fault

T = TypeVar("T", bound=BaseModel)
Toml = dict[str, object]


class Reader:
    """Collects the faults of many files, so that all are reported at once."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []

    def toml(self, path: Path) -> Toml:
        """The file's tables; an empty dict where it does not parse (the fault is kept)."""
        try:
            return tomllib.loads(path.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            self.fault(path, "", str(error))
        except FileNotFoundError:
            self.fault(path, "", "the file is missing")
        return {}

    def table(self, kind: type[T], data: Mapping[str, object], path: Path, prefix: str = "") -> T | None:
        """`data` as a validated table, or None where it is faulty (the faults are kept)."""
        try:
            return kind.model_validate(data)
        except ValidationError as error:
            for item in error.errors():
                place = ".".join(str(part) for part in item["loc"])
                self.fault(path, ".".join(part for part in (prefix, place) if part), item["msg"])
        return None

    def fault(self, path: Path, field: str, detail: str) -> None:
        """Keeps one fault."""
        self.faults.append(Fault(path, field, detail))

    def finish(self) -> None:
        """Raises ContentError where any file had a fault."""
        if self.faults:
            raise ContentError(self.faults)
