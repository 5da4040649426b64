"""Several workers are one service: one set of secrets, one memory, one stop."""

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.app.test_durability import Server
from tests.conftest import KEY


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, Path]]:
    folder = tmp_path_factory.mktemp("workers")
    server, printed = Server(folder, "--workers", "2"), folder / "printed"
    with printed.open("wb") as output:
        server.output = output
        server.start()
    yield server, printed
    for worker in workers(server):
        os.kill(worker, signal.SIGKILL)
    server.stop(signal.SIGKILL)


def workers(server: Server) -> list[int]:
    """Process numbers of the workers; the tracker that multiprocessing starts beside them serves nothing."""
    assert server.process is not None
    listed = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children")
    children = listed.read_text().split() if listed.exists() else []
    return [int(child) for child in children if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes()]


linux = pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="looks at processes under /proc")


@linux
def test_there_are_as_many_workers_as_asked_for(served: tuple[Server, Path]) -> None:
    assert len(workers(served[0])) == 2


def test_the_first_start_is_announced_once(served: tuple[Server, Path]) -> None:
    assert served[1].read_text().count("Countersign is set up.") == 1


def test_what_one_worker_takes_in_every_worker_knows(served: tuple[Server, Path]) -> None:
    made = [served[0].post("/v1/messages", {"text": "where is my order?", "external_id": "w1"}) for _ in range(8)]
    assert len({answer["draft"]["id"] for answer in made}) == 1


@linux
def test_a_worker_that_dies_is_replaced(served: tuple[Server, Path]) -> None:
    server, before = served[0], workers(served[0])
    os.kill(before[0], signal.SIGKILL)
    for _ in range(300):
        now = workers(server)
        if len(now) == 2 and before[0] not in now:
            break
        time.sleep(0.1)
    assert before[0] not in workers(server) and before[1] in workers(server)
    assert server.get("/readyz")


def test_they_stop_in_order_while_somebody_listens(served: tuple[Server, Path]) -> None:
    server = served[0]
    address = f"http://127.0.0.1:{server.port}/v1/events"
    request = urllib.request.Request(address, headers={"Authorization": f"Bearer {KEY}"})
    with urllib.request.urlopen(request, timeout=30) as stream:
        stream.readline()
        server.stop(signal.SIGTERM)
        stream.read()
    assert server.process is not None and server.process.returncode == 0
    with pytest.raises(urllib.error.URLError):
        server.get("/readyz")


HEAVY = ("sklearn", "scipy", "torch", "transformers", "matplotlib", "pandas")
SERVING = """
import sys
from app.main import create_app
from app.settings import Settings
from fastapi.testclient import TestClient
with TestClient(create_app(Settings())) as client:
    answer = client.post("/v1/messages", json={"text": "Where is my parcel?"}, headers={"Authorization": "Bearer " + sys.argv[1]})
    assert answer.status_code == 201, answer.text
print(*sorted({name.partition(".")[0] for name in sys.modules}))
"""


def test_serving_imports_nothing_that_only_training_needs(tmp_path: Path) -> None:
    environment = {**os.environ, "COUNTERSIGN_DATA_DIR": str(tmp_path), "COUNTERSIGN_BOOTSTRAP_KEY": KEY, "COUNTERSIGN_SAMPLE_DATA": "false"}  # fmt: skip
    made = subprocess.run([sys.executable, "-c", SERVING, KEY], env=environment, capture_output=True, text=True, check=True)  # fmt: skip
    loaded = made.stdout.split("\n")[-2].split()
    assert "app" in loaded and not set(HEAVY) & set(loaded)
