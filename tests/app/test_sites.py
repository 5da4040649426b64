"""Sites over HTTP: put, followed by the next draft, refused where they are wrong."""

import hashlib
import hmac
from collections.abc import Mapping

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from tests.conftest import ORDER

OWN = {
    "name": "Nordlicht", "timezone": "Europe/Berlin", "country": "DE", "widget_origins": ["https://nordlicht.example"],
    "policy": {"return_days": 60, "by_market": {"US": {"return_days": 90}}},
}  # fmt: skip


def put(ops: TestClient, name: str = "nord", **changes: object) -> Mapping[str, object]:
    answer = ops.put(f"/v1/sites/{name}", json={**OWN, **changes})
    assert answer.status_code == 200, answer.text
    return answer.json()


def draft(client: TestClient, text: str, site: str = "nord", **more: object) -> Mapping[str, object]:
    body = {"text": text, "site": site, "options": {"dry_run": True}, **more}
    return client.post("/v1/messages", json=body).json()["draft"]


def test_the_next_draft_is_signed_with_the_sites_name(ops: TestClient) -> None:
    assert "Luma Home" in str(draft(ops, "Where is my parcel?", order=ORDER)["text"])
    put(ops)
    assert "Nordlicht" in str(draft(ops, "Where is my parcel?", order=ORDER)["text"])
    put(ops, signature="Nordlicht Kundendienst")
    assert "Nordlicht Kundendienst" in str(draft(ops, "Where is my parcel?", order=ORDER)["text"])


@pytest.mark.parametrize(("market", "days"), [(None, "60"), ("US", "90")])
def test_the_next_draft_grants_what_the_site_grants(ops: TestClient, market: str | None, days: str) -> None:
    put(ops)
    text = draft(ops, "What is your return policy? How many days do I have?", buyer={"country": market})["text"]
    assert f"{days} days" in str(text)


def test_the_shipped_site_can_be_changed_and_put_back(ops: TestClient) -> None:
    shipped = ops.get("/v1/sites/default").json()
    assert shipped["source"] == "shipped" and shipped["version"] == 1
    changed = ops.put("/v1/sites/default", json={**shipped, "name": "Other"}, headers={"If-Match": "1"}).json()
    assert (changed["version"], changed["source"], changed["updated_by"]) == (2, "edited", "ops")
    oldest = ops.get("/v1/sites/default/versions").json()["items"][-1]
    assert ops.put("/v1/sites/default", json=oldest).json()["name"] == "Luma Home"


def test_the_same_again_makes_no_version(ops: TestClient) -> None:
    assert put(ops)["version"] == put(ops)["version"] == 1
    assert put(ops, signature="Other")["version"] == 2


def test_two_who_change_a_site_do_not_undo_each_other(ops: TestClient) -> None:
    put(ops)
    put(ops, signature="First")
    answer = ops.put("/v1/sites/nord", json={**OWN, "signature": "Second"}, headers={"If-Match": '"1"'})
    assert answer.status_code == 409 and answer.json()["type"].endswith("stale")
    assert ops.get("/v1/sites/nord").json()["signature"] == "First"


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"timezone": "Mars/Base"}, "/timezone"),
        ({"country": "XX"}, "/country"),
        ({"weekend": [7]}, "/weekend/0"),
        ({"working_hours": {"opens": "18:00", "closes": "09:00"}}, "/working_hours"),
        ({"agent_language": "tlh"}, "/agent_language"),
        ({"undo_seconds": 301}, "/undo_seconds"),
        ({"widget_origins": ["https://shop.example/path"]}, "/widget_origins/0"),
        ({"widget_origins": ["https://*.example"]}, "/widget_origins/0"),
        ({"order_source": "ftp://shop.example"}, "/order_source"),
        ({"order_source": "https://name:word@shop.example"}, "/order_source"),
        ({"policy": {"return_days": -1}}, "/policy/return_days"),
        ({"policy": {"retrun_days": 30}}, "/policy/retrun_days"),
        ({"policy": {"by_market": {"DE": {"return_days": 3}}}}, "/policy/by_market/DE/return_days"),
        ({"policy": {"by_market": {"XX": {"return_days": 30}}}}, "/policy/by_market/XX"),
        ({"policy": {"by_market": {"DE": 3}}}, "/policy/by_market/DE"),
        ({"nmae": "Typo"}, "/nmae"),
    ],
)
def test_a_wrong_value_is_refused_with_its_place(ops: TestClient, change: dict[str, object], pointer: str) -> None:
    answer = ops.put("/v1/sites/nord", json={**OWN, **change})
    assert answer.status_code == 422, answer.text
    assert pointer in {error["pointer"] for error in answer.json()["errors"]}
    assert ops.get("/v1/sites/nord").status_code == 404


def test_a_publishable_key_opens_its_site_with_its_exact_origins_until_it_is_turned(
    app: FastAPI, ops: TestClient
) -> None:
    key = str(put(ops)["publishable_key"])
    opened = app.state.sites.find_site_by_key(key)
    assert (opened.name, opened.origins) == ("nord", ("https://nordlicht.example",))
    newer = ops.post("/v1/sites/nord/publishable-key").json()["publishable_key"]
    assert newer.startswith("pk_") and app.state.sites.find_site_by_key(key) is None
    assert app.state.sites.find_site_by_key(newer).name == "nord"


def test_every_shipped_site_has_a_publishable_key(app: FastAPI, ops: TestClient) -> None:
    key = ops.get("/v1/sites").json()["items"][0]["publishable_key"]
    assert app.state.sites.find_site_by_key(key).name == "default"


def test_a_buyer_is_vouched_for_by_the_sites_newest_secret_only(app: FastAPI, ops: TestClient) -> None:
    put(ops)
    assert not app.state.sites.is_vouched_for("nord", "b_1", "")
    secret = ops.post("/v1/sites/nord/identity-secret").json()["identity_secret"]
    signature = hmac.new(secret.encode(), b"b_1", hashlib.sha256).hexdigest()
    assert app.state.sites.is_vouched_for("nord", "b_1", signature)
    assert not app.state.sites.is_vouched_for("nord", "b_2", signature)
    ops.post("/v1/sites/nord/identity-secret")
    assert not app.state.sites.is_vouched_for("nord", "b_1", signature)


def test_a_secret_is_shown_once_only(ops: TestClient) -> None:
    put(ops)
    secret = ops.post("/v1/sites/nord/identity-secret").json()["identity_secret"]
    assert ops.get("/v1/sites/nord").json()["has_identity_secret"] is True
    assert secret not in ops.get("/v1/sites/nord").text + ops.get("/v1/sites").text


def test_a_message_on_a_channel_that_the_site_does_not_take_is_refused(ops: TestClient) -> None:
    put(ops, channels=["widget"])
    refused = ops.post("/v1/messages", json={"text": "hello", "site": "nord", "channel": "ebay"})
    assert refused.status_code == 422 and refused.json()["errors"][0]["pointer"] == "/channel"
    assert ops.post("/v1/messages", json={"text": "hello", "site": "nord", "channel": "widget"}).status_code == 201


def test_an_integrations_draft_is_explained_in_the_sites_language(client: TestClient, ops: TestClient) -> None:
    put(ops, agent_language="zh")
    gloss = draft(client, "Where is my parcel?")["gloss"]
    assert isinstance(gloss, dict) and gloss["language"] == "zh"


def test_a_reply_leaves_after_the_sites_own_window(ops: TestClient, client: TestClient) -> None:
    put(ops, undo_seconds=0)
    made = client.post("/v1/messages", json={"text": "Where is my parcel?", "site": "nord", "order": ORDER}).json()
    assert ops.post(f"/v1/drafts/{made['draft']['id']}/approve").status_code == 200
    assert ops.post(f"/v1/drafts/{made['draft']['id']}/undo").status_code == 409


def test_each_change_of_a_site_is_in_the_trail(app: FastAPI, ops: TestClient) -> None:
    put(ops)
    ops.post("/v1/sites/nord/publishable-key")
    assert [step["action"] for step in app.state.desk.trail("nord")] == ["site.put", "site.key_turned"]


@pytest.mark.parametrize("who", ["client", "agent"])
def test_sites_are_for_ops(who: str, request: pytest.FixtureRequest) -> None:
    caller: TestClient = request.getfixturevalue(who)
    assert caller.get("/v1/sites").status_code == 403
    assert caller.put("/v1/sites/nord", json=OWN).status_code == 403


def test_each_value_of_a_sites_policy_tells_where_it_comes_from(ops: TestClient) -> None:
    put(ops)
    told = {market: {item["name"]: item for item in ops.get("/v1/sites/nord/policy", params={"market": market} if market else {}).json()["items"]} for market in (None, "US")}  # fmt: skip
    assert (told[None]["return_days"]["value"], told[None]["return_days"]["layer"]) == (60, "site")
    assert (told["US"]["return_days"]["value"], told["US"]["return_days"]["layer"]) == (90, "site and market")
    assert told[None]["dispatch_days"]["layer"] == "default"


@pytest.mark.parametrize(("path", "status"), [("/v1/sites/nowhere/policy", 404), ("/v1/sites/default/policy?market=ZZ", 422)])  # fmt: skip
def test_a_policy_of_no_site_or_no_country_is_refused(ops: TestClient, path: str, status: int) -> None:
    answer = ops.get(path)
    assert answer.status_code == status and answer.headers["content-type"] == "application/problem+json"
