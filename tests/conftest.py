"""Parts that many tests share: built once, never changed by a test. The network is off."""

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

os.environ.setdefault("OMP_NUM_THREADS", "1")

from app.domain import Basis, BuyerMessage, Drafted, Order
from app.drafting.drafter import Drafter
from app.main import create_app
from app.parts import build_drafter
from app.settings import Settings
from knowledge_base.knowledge import Knowledge, read_knowledge
from tests.postgres import Postgres

KEY, PASSWORD = "sk_test_integration_key", "correct horse battery"
NOW = "2026-11-22T09:30:00+08:00"
ORDER = {
    "id": "8123456789012345", "status": "shipped", "placed_at": "2026-11-05T10:00:00+08:00", "paid_at": "2026-11-05T10:02:00+08:00", "shipped_at": "2026-11-08T09:00:00+08:00",
    "eta_from": "2026-11-24", "eta_to": "2026-11-28", "carrier": "Cainiao", "tracking_number": "LP00123456789012",
    "tracking_url": "https://global.cainiao.com/detail.htm?mailNoList=LP00123456789012", "total": {"amount": "23.90", "currency": "EUR"},
    "items": [{"sku": "LH-LAMP-01", "title": "Luma desk lamp", "quantity": 1}],
}  # fmt: skip


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only this machine may be talked to."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: object) -> None:
        if isinstance(address, tuple) and address[0] not in ("127.0.0.1", "::1", "localhost"):
            raise AssertionError(f"a test reached for the network: {address}")
        connect(self, address)  # type: ignore[arg-type]

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture(scope="session")
def knowledge() -> Knowledge:
    return read_knowledge()


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder in which the drafter of all tests keeps its index."""
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="session")
def drafter(built: Path) -> Drafter:
    return build_drafter(Settings(data_dir=built), lambda text: None)


@pytest.fixture
def indexed(tmp_path: Path, built: Path, drafter: Drafter) -> Path:
    """A data folder for a server process, which does not have to build the index anew."""
    shutil.copytree(built / "index", tmp_path / "index")
    return tmp_path


def make_settings(folder: Path, **changes: object) -> Settings:
    values: dict[str, object] = {
        "data_dir": folder,
        "bootstrap_key": KEY,
        "bootstrap_password": PASSWORD,
        "undo_seconds": 5,
        "sample_data": False,
    }
    return Settings(**values | changes)  # type: ignore[arg-type]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """What a test does with the database it does with both, where it is marked so."""
    if "database" in metafunc.fixturenames and metafunc.definition.get_closest_marker("both_databases"):
        metafunc.parametrize("database", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A server of its own for the whole session, started by the first test that asks."""
    try:
        server = Postgres()
    except (ImportError, OSError, subprocess.SubprocessError) as error:
        pytest.skip(f"no PostgreSQL could be started (extra `test`, Linux on x86-64): {type(error).__name__}")
    yield server
    server.close()


@pytest.fixture
def database(request: pytest.FixtureRequest) -> str:
    """The setting `database_url` of an empty database: SQLite in the data folder, or PostgreSQL where the test runs on both."""
    if getattr(request, "param", "sqlite") == "sqlite":
        return ""
    server: Postgres = request.getfixturevalue("postgres")
    return server.fresh()


@pytest.fixture
def app(drafter: Drafter, tmp_path: Path, database: str) -> Iterator[FastAPI]:
    made = create_app(make_settings(tmp_path, database_url=database), drafter)
    engine = made.state.engine  # a test may put another in its place
    yield made
    engine.dispose()


@pytest.fixture
def client(app: FastAPI) -> Iterator[TestClient]:
    """An integration's client."""
    with TestClient(app, headers={"Authorization": f"Bearer {KEY}"}, raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def ops(app: FastAPI) -> Iterator[TestClient]:
    """A signed-in ops person."""
    with signed_in(app, "ops", PASSWORD) as client:
        yield client


@pytest.fixture
def agent(app: FastAPI) -> Iterator[TestClient]:
    """A signed-in agent."""
    app.state.access.create_account("li", "li's long password", "agent", "zh")
    with signed_in(app, "li", "li's long password") as client:
        yield client


def signed_in(app: FastAPI, name: str, password: str) -> TestClient:
    client = TestClient(app, raise_server_exceptions=False)
    answer = client.post("/v1/session", json={"name": name, "password": password})
    assert answer.status_code == 200, answer.text
    client.headers["X-CSRF-Token"] = answer.json()["csrf_token"]
    return client


def message(
    text: str, order: dict[str, object] | None = None, country: str | None = None, **more: object
) -> BuyerMessage:
    buyer = {"country": country, "name": more.pop("name", None)}
    return BuyerMessage.model_validate({"text": text, "received_at": NOW, "order": order, "buyer": buyer, **more})


def draft(
    drafter: Drafter, text: str, order: dict[str, object] | None = None, country: str | None = None, **more: object
) -> Drafted:
    return drafter.draft(Basis(message=message(text, order, country, **more)))


def order(**changes: object) -> dict[str, object]:
    return {**ORDER, **changes}


class Clock:
    """A clock that a test sets forward."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **by: float) -> None:
        self.now += timedelta(**by)


__all__ = [
    "KEY",
    "NOW",
    "ORDER",
    "PASSWORD",
    "Clock",
    "Order",
    "draft",
    "make_settings",
    "message",
    "order",
    "signed_in",
]
