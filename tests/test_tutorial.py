"""The tutorial does what it says: its blocks are run against a real server, and print what the reader is told to see."""

import os
import re
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.app.test_durability import free_port

ROOT = Path(__file__).parent.parent
TUTORIAL = (ROOT / "docs" / "tutorial.md").read_text(encoding="utf-8")
STEPS = re.findall(r"```sh\n(.*?)```\s+You see (.*?)\n\n", TUTORIAL + "\n\n", re.DOTALL)
MARK = "=== step {} ==="


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[str]]:
    """What each block printed, run one after another in one shell."""
    folder = tmp_path_factory.mktemp("tutorial")
    environment = os.environ | {
        "COUNTERSIGN_PORT": str(free_port()), "COUNTERSIGN_DATA_DIR": str(folder / "data"), "COUNTERSIGN_SAMPLE_DATA": "false",
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT),
    }  # fmt: skip
    server = subprocess.Popen([sys.executable, "-m", "app.cli", "serve"], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=ROOT)  # fmt: skip
    try:
        _wait_for(f"http://127.0.0.1:{environment['COUNTERSIGN_PORT']}/readyz")
        script = "\n".join(f"echo '{MARK.format(number)}'\n{block}" for number, (block, _) in enumerate(STEPS))
        script = script.replace("/tmp/", f"{folder}/")  # noqa: S108 - the reader's folder, not ours
        ran = subprocess.run(["bash", "-c", script], check=False, env=environment, cwd=folder, capture_output=True, text=True, timeout=300)  # fmt: skip
        yield re.split(r"=== step \d+ ===\n", ran.stdout + ran.stderr)[1:]
    finally:
        server.terminate()
        server.wait(timeout=30)


def _wait_for(address: str) -> None:
    for _ in range(600):
        try:
            with urllib.request.urlopen(address, timeout=5) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.2)
    raise AssertionError("the server did not become ready")


def test_every_block_of_the_tutorial_says_what_is_seen() -> None:
    assert len(STEPS) == TUTORIAL.count("```sh\n") and all("`" in seen for _, seen in STEPS)


@pytest.mark.parametrize("number", range(len(STEPS)))
def test_a_step_prints_what_the_reader_is_told_to_see(printed: list[str], number: int) -> None:
    for expected in re.findall(r"`([^`]+)`", STEPS[number][1].split(". ")[0]):
        assert expected in printed[number], printed[number][-2000:]
