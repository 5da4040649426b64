"""What a measurement was made on: processor, memory, load, versions, and how much is installed."""

import os
import platform
import re
from collections.abc import Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

NAMED = ("countersign", "fastapi", "uvicorn", "pydantic", "sqlalchemy", "numpy", "onnxruntime", "faiss-cpu")
MIB = 1024 * 1024
_NAME = re.compile(r"[A-Za-z0-9._-]+")


def describe() -> list[tuple[str, str]]:
    """(what, value) of this machine and of what runs on it."""
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    versions = ", ".join(f"{name} {distribution(name).version}" for name in NAMED)
    return [
        ("processor", _processor()),
        ("cores", str(os.cpu_count())),
        ("system", f"{platform.system()} {platform.release()}, Python {platform.python_version()}"),
        ("load when it began (1, 5, 15 minutes)", load),
        ("versions", versions),
    ]


def _processor() -> str:
    listed = Path("/proc/cpuinfo")
    found = re.search(r"model name\s*:\s*(.+)", listed.read_text("utf-8")) if listed.exists() else None
    return found[1].strip() if found else platform.processor() or "unknown"


def resident_mib() -> float:
    """Resident memory of this process (Linux)."""
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / MIB


def installed_mib(name: str = "countersign") -> float:
    """Size of the files of all packages that `name` needs without extras, and of the service's own, in MiB."""
    sizes = {item.name: _size(item) for item in _needed(name, set())}
    own = Path(__file__).parents[2]
    service = sum(file.stat().st_size for part in ("app", "models", "knowledge_base") for file in (own / part).rglob("*") if file.is_file())  # fmt: skip
    return (sum(sizes.values()) + service) / MIB


def _needed(name: str, seen: set[str]) -> Iterator[Distribution]:
    """What is installed of it; a requirement that this machine does not need is not installed."""
    key = re.sub(r"[-_.]+", "-", name).lower()
    if key in seen:
        return
    seen.add(key)
    try:
        found = distribution(name)
    except PackageNotFoundError:
        return
    yield found
    for requirement in found.requires or ():
        needed = _NAME.match(requirement)
        if needed and "extra ==" not in requirement:
            yield from _needed(needed[0], seen)


def _size(found: Distribution) -> int:
    files = (Path(str(found.locate_file(file))) for file in found.files or ())
    return sum(file.stat().st_size for file in files if file.is_file())
