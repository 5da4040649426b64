"""A server of its own for a measurement: `countersign serve` in processes whose time and memory are read from the kernel."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path

KEY = "sk_of-a-measurement-only"
UP_WITHIN_S = 180
_TICK = os.sysconf("SC_CLK_TCK")
_PAGE_KIB = os.sysconf("SC_PAGE_SIZE") // 1024


class Served:
    """A running server; reads /proc, so Linux only."""

    def __init__(self, process: "subprocess.Popen[bytes]", port: int, workers: int, ready_s: float) -> None:
        self.port, self.workers, self.ready_s = port, workers, ready_s
        self._process = process

    def processor_s(self) -> float:
        """Seconds of processor time that its serving processes have used so far."""
        return sum(_processor_s(pid) for pid in self._serving())

    def memory_mib(self) -> float:
        """Resident memory of the largest worker."""
        return max(int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[1]) * _PAGE_KIB / 1024 for pid in self._serving())  # fmt: skip

    def _serving(self) -> list[int]:
        if self.workers == 1:
            return [self._process.pid]
        pid = self._process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()
        return [int(child) for child in children if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes()]


@contextmanager
def serving(folder: Path, workers: int = 1) -> Iterator[Served]:
    """Starts a server over `folder`, waits until it is ready, stops it at the end. RuntimeError where it does not come up."""
    port = _free_port()
    environment = {
        **os.environ, "COUNTERSIGN_DATA_DIR": str(folder), "COUNTERSIGN_PORT": str(port), "COUNTERSIGN_HOST": "127.0.0.1", "COUNTERSIGN_BOOTSTRAP_KEY": KEY,
        "COUNTERSIGN_BOOTSTRAP_PASSWORD": KEY, "COUNTERSIGN_SAMPLE_DATA": "false", "COUNTERSIGN_RATE_KEY_PER_MINUTE": "1000000", "OMP_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "2",
    }  # fmt: skip
    command, started = [sys.executable, "-m", "app.cli", "serve", "--workers", str(workers)], time.monotonic()
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603
    try:
        _wait(port, process)
        yield Served(process, port, workers, time.monotonic() - started)
    finally:
        process.terminate()
        process.wait(60)


def _wait(port: int, process: "subprocess.Popen[bytes]") -> None:
    end = time.monotonic() + UP_WITHIN_S
    while time.monotonic() < end and process.poll() is None:
        try:
            connection = HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/readyz")
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError("the server to be measured did not come up")


def _processor_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICK


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
