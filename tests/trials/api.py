"""The published schema taken at its word: requests made from it, right and wrong ones, to every operation. None may be answered with a 5xx."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import requests
import schemathesis
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode, openapi

from tests.conftest import NOW, ORDER, PASSWORD, signed_in
from tests.trials.outcome import Outcome, told

ENDLESS = "/events"  # streams: they are tried where the feed is tested
MESSAGE = {"text": "where is my parcel?", "received_at": NOW, "order": ORDER, "buyer": {"id": "b1", "name": "María"}}
OWN_HEADERS = ("authorization", "cookie", "user-agent", "connection", "accept-encoding")

FILES = {  # media types of files of replies, which the schema tells as text
    "application/jsonl": st.text().map(lambda text: ('{"id": "a.b", "x": ' + text).encode("utf-8", "replace")),
    "text/csv": st.text().map(lambda text: f"id,language\na.b,{text}".encode("utf-8", "replace")),
}
for media, strategy in FILES.items():
    openapi.media_type(media, strategy)


@dataclass
class Attack:
    """What was asked, what was answered, and the requests that broke it."""

    answers: Counter[int] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)


def operations(app: FastAPI) -> list[schemathesis.APIOperation]:
    """Every operation of the schema but the endless ones."""
    found = openapi.from_dict(app.openapi()).get_all_operations()
    return [operation for operation in (item.ok() for item in found) if not operation.path.endswith(ENDLESS)]


def attack(app: FastAPI, examples: int, number: int = 1, paths: Collection[str] = ()) -> Attack:
    """`examples` requests to every operation (or those of `paths`), as ops or as a visitor; half of them name what is there. `number` seeds the dice."""
    made = Attack()
    for operation in [item for item in operations(app) if not paths or item.path in paths]:
        names = _names(app)
        _try_out(app, operation, names, examples, number, made)
    return made


def tried(app: FastAPI, examples: int, database: str) -> Outcome:
    """As a line of the table."""
    made = attack(app, examples)
    what = f"requests made from the OpenAPI schema, right and wrong, on {database} ({told(made.answers)})"
    return Outcome("API", what, made.answers.total(), crashed=len(made.broken))


def _try_out(app: FastAPI, operation: schemathesis.APIOperation, names: Mapping[str, str], examples: int, number: int, made: Attack) -> None:  # fmt: skip
    right, wrong = (operation.as_strategy(generation_mode=mode) for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE))  # fmt: skip
    client = _visiting(app) if operation.path.startswith("/widget/") else signed_in(app, "ops", PASSWORD)

    @seed(number)
    @settings(max_examples=examples, deadline=None, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))  # fmt: skip
    @given(st.one_of(right, wrong), st.booleans())
    def ask(case: schemathesis.Case, known: bool) -> None:
        if known:
            case.path_parameters.update({name: names[name] for name in case.path_parameters if name in names})
        status = _send(client, case)
        made.answers[status] += 1
        if status >= 500:
            made.broken.append(case.as_curl_command())

    ask()
    client.close()


def _visiting(app: FastAPI) -> TestClient:
    """As a visitor of our own demo page."""
    client = TestClient(app, headers={"Origin": "http://testserver"}, raise_server_exceptions=False)
    key = app.state.sites.get_keys("default").publishable
    client.headers["Authorization"] = f"Bearer {client.post('/widget/v1/session', json={'site_key': key}).json()['token']}"  # fmt: skip
    return client


def _send(client: TestClient, case: schemathesis.Case) -> int:
    """Its status. What cannot be put on the wire at all is nothing that a server could get."""
    asked = case.as_transport_kwargs(base_url="http://testserver")
    wire = requests.Request(**{name: asked.get(name) for name in ("method", "url", "params", "json", "data", "files")}).prepare()  # fmt: skip
    headers = {**asked["headers"], **wire.headers}
    kept = {name: value for name, value in headers.items() if name.lower() not in OWN_HEADERS}
    return client.request(str(wire.method), str(wire.url), headers=kept, content=wire.body).status_code


def _names(app: FastAPI) -> Mapping[str, str]:
    """A name of everything that a path can name."""
    with signed_in(app, "ops", PASSWORD) as ops:
        drafted = ops.post("/v1/messages", json=MESSAGE).json()
        account = ops.post("/v1/accounts", json={"name": drafted["draft"]["id"], "password": "long enough, I hope", "role": "agent"}).json()  # fmt: skip
        hook = ops.post("/v1/webhooks", json={"url": "https://example.com/h", "events": ["draft.ready"]}).json()
        reply = ops.get("/v1/replies", params={"limit": 1}).json()["items"][0]
    return {
        "draft_id": drafted["draft"]["id"], "conversation_id": drafted["message"]["conversation_id"], "account_id": account["id"], "webhook_id": hook["id"],
        "reply_id": reply["id"], "site": "default", "buyer_id": "b1", "kind": "intent", "source": "shop",
    }  # fmt: skip
