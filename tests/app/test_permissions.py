"""Every route of the published schema with every role, against the table that users read."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from app.access import SCOPES
from app.drafting.drafter import Drafter
from app.main import create_app
from tests.conftest import PASSWORD, make_settings

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "permissions.md"
ROW = re.compile(r"^\| `(\w+) (\S+)` \| (\w+) \| (\w+) \| (\w+) \|$", re.MULTILINE)
TABLE = {(method, path): (needs, agent, ops) for method, path, needs, agent, ops in ROW.findall(PAGE.read_text())}
REFUSED = (401, 403)
WRITES = ("POST", "PUT", "PATCH", "DELETE")


class Callers:
    """One client a role, and the schema from which each route's example body is taken."""

    def __init__(self, app: FastAPI) -> None:
        self._access, self._app, self._schema = app.state.access, app, app.openapi()
        self.nobody = TestClient(app, raise_server_exceptions=False)
        self.agent, self.ops = self.with_key("agent"), self.with_key("ops")
        self.signed_in = TestClient(app, raise_server_exceptions=False)
        self.signed_in.post("/v1/session", json={"name": "ops", "password": PASSWORD})

    def with_key(self, role: str, *scopes: str) -> TestClient:
        _, secret = self._access.create_key("test", role, scopes)
        return TestClient(self._app, headers={"Authorization": f"Bearer {secret}"}, raise_server_exceptions=False)

    def status(self, caller: TestClient, method: str, path: str) -> int:
        real = re.sub(r"\{\w+\}", "x", path)
        body = self._body(method, path)
        return caller.request(method, real, params={"q": "parcel"}, **body).status_code  # type: ignore[arg-type]

    def _body(self, method: str, path: str) -> Mapping[str, object]:
        content = self._schema["paths"][path][method.lower()].get("requestBody", {}).get("content", {})
        if "application/json" in content:
            name = content["application/json"]["schema"].get("$ref", "").rpartition("/")[2]
            return {"json": self._schema["components"]["schemas"].get(name, {}).get("example", {})}
        if "multipart/form-data" in content:
            return {"files": {"file": b"x"}}
        return {"content": "", "headers": {"Content-Type": next(iter(content))}} if content else {}


@pytest.fixture(scope="module")
def callers(drafter: Drafter, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callers]:
    app = create_app(make_settings(tmp_path_factory.mktemp("permissions")), drafter)
    app.state.feed.close()  # a stream that is allowed ends at once
    yield Callers(app)


def test_the_table_names_every_route_and_no_other(app: FastAPI) -> None:
    routes = {(method.upper(), path) for path, methods in app.openapi()["paths"].items() for method in methods}
    assert routes == TABLE.keys()


@pytest.mark.parametrize(("method", "path"), TABLE)
def test_a_route_opens_to_whom_the_table_says(callers: Callers, method: str, path: str) -> None:
    needs, agent, ops = TABLE[method, path]
    if path.endswith("v1/session") and method == "POST":
        pytest.skip("what its example brings is wrong, and refused to everybody; tests of access and chat hold it")
    expected = {
        "nobody": needs == "open",
        "integration with all other scopes": needs in ("open", "any"),
        "integration with the scope": needs not in ("never", "visitor", "sitekey"),
        "agent": agent in ("yes", "own"),
        "ops": ops == "yes",
    }
    others = tuple(scope for scope in SCOPES if scope != needs)
    asked = {
        "nobody": callers.nobody,
        "integration with all other scopes": callers.with_key("integration", *others),
        "integration with the scope": callers.with_key("integration", *((needs,) if needs in SCOPES else SCOPES)),
        "agent": callers.agent,
        "ops": callers.ops,
    }
    got = {who: callers.status(client, method, path) for who, client in asked.items()}
    if agent == "own":  # what belongs to another is refused to an agent, and found by nobody else
        got["agent"] = 200 if got["agent"] in (403, 404, 422) else got["agent"]
    assert {who: status not in REFUSED for who, status in got.items()} == expected, got
    assert not any(status >= 500 for status in got.values()), got


@pytest.mark.parametrize(
    ("method", "path"), [route for route, row in TABLE.items() if route[0] in WRITES and row[0] not in ("open", "visitor", "sitekey")]
)  # fmt: skip
def test_a_session_writes_only_with_its_token(callers: Callers, method: str, path: str) -> None:
    assert callers.status(callers.signed_in, method, path) == 403
