"""compose.yaml cannot be run by a test; that it is read as meant can be held."""

from pathlib import Path

import pytest
import yaml

from app.settings import Settings

ROOT = Path(__file__).parent.parent
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
REPLICAS = ("one", "two")


@pytest.mark.parametrize("name", REPLICAS)
def test_a_replica_names_settings_that_there_are_and_keeps_all_state_in_the_database(name: str) -> None:
    given = COMPOSE["services"][name]["environment"]
    names = {key.removeprefix("COUNTERSIGN_").lower() for key in given if key.startswith("COUNTERSIGN_")}
    assert names <= Settings.model_fields.keys()
    assert given["COUNTERSIGN_DATABASE_URL"].startswith("postgresql+psycopg://")
    assert given == COMPOSE["services"]["one"]["environment"]


def test_only_the_proxy_can_be_reached_and_it_asks_both_replicas() -> None:
    assert [name for name, service in COMPOSE["services"].items() if "ports" in service] == ["proxy"]
    proxy = COMPOSE["configs"]["proxy"]["content"]
    assert all(f"server {name}:8080" in proxy for name in REPLICAS)
    assert COMPOSE["services"]["database"]["networks"] == ["inside"] and COMPOSE["networks"]["inside"]["internal"]


def test_no_secret_stands_in_it() -> None:
    secrets = [value for service in COMPOSE["services"].values() for key, value in service.get("environment", {}).items() if "PASSWORD" in key or key.endswith("_KEY")]  # fmt: skip
    assert secrets and all(value.startswith("${") and value.endswith(":?}") for value in secrets)
