"""The replies over HTTP: suggested, vetted, used by the next draft; versions, windows, scope, roles."""

import copy
import time

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from tests.conftest import NOW, ORDER, signed_in

SHIPPED, FALLBACK = "order_tracking.shipped", "order_tracking.ask"
OLD = "We are keeping an eye on the delivery."
NEW = "Our warehouse team follows the parcel until it is with you."
HEAT = {
    "id": "order_tracking.heat", "when": ["order.known", "asks_like"], "techniques": ["empathise"],
    "sentences": [{"id": "slow"}, {"id": "write", "kind": "next_step"}],
    "languages": {"en": {
        "questions": ["does the heat wave delay my parcel", "is my parcel late because of the heat", "is the courier stopped by the heat wave"],
        "sentences": {"slow": "Parcels travel more slowly in the heat wave.", "write": "Write to us if it has not reached you in a week."},
    }},
}  # fmt: skip


def ask(client: TestClient, text: str = "Where is my parcel?", **more: object) -> dict:
    body = {"text": text, "received_at": NOW, "buyer": {"country": "US"}, "order": ORDER, "options": {"dry_run": True}}
    answer = client.post("/v1/messages", json=body | more)
    assert answer.status_code == 200, answer.text
    return answer.json()["draft"]


def sources(draft: dict) -> dict[str, int]:
    return {
        segment["source"]["id"]: segment["source"]["version"]
        for segment in draft["segments"]
        if segment["source"]["type"] == "reply"
    }


def get(client: TestClient, reply_id: str = SHIPPED) -> dict:
    answer = client.get(f"/v1/replies/{reply_id}")
    assert answer.status_code == 200, answer.text
    return answer.json()


def with_sentence(reply: dict, text: str, name: str = "watching", language: str = "en") -> dict:
    changed = copy.deepcopy(reply)
    changed["languages"][language]["sentences"][name] = text
    return changed


def put(client: TestClient, reply: dict, **headers: str) -> dict:
    answer = client.put(f"/v1/replies/{reply['id']}", json=reply, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


def vet(client: TestClient, reply_id: str = SHIPPED, **body: object) -> dict:
    answer = client.post(f"/v1/replies/{reply_id}/vet", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


# --- an owner changes a sentence ---------------------------------------------------------------------------------------


def test_a_changed_sentence_is_used_once_it_is_vetted(client: TestClient, ops: TestClient) -> None:
    before = ask(client)
    saved = put(ops, with_sentence(get(ops), NEW))
    assert saved["version"] == 2 and saved["state"] == "suggested"
    assert saved["languages"]["en"]["vetting"]["vetted"] is False and saved["languages"]["en"]["in_use"] == 1
    meanwhile = ask(client)
    assert OLD in meanwhile["text"] and NEW not in meanwhile["text"]
    assert meanwhile["versions"] == before["versions"]
    vetted = vet(ops)
    assert vetted["state"] == "vetted" and vetted["languages"]["en"]["vetting"]["by"] == "ops"
    after = ask(client)
    assert NEW in after["text"] and OLD not in after["text"]
    assert set(sources(after).values()) == {2} and set(sources(before).values()) == {1}
    assert after["versions"]["knowledge"] != before["versions"]["knowledge"]
    assert client.get("/readyz").json()["versions"]["index"] == after["versions"]["knowledge"]


def test_only_the_changed_language_is_unvetted_and_gets_a_new_version(ops: TestClient, client: TestClient) -> None:
    saved = put(ops, with_sentence(get(ops), NEW))
    assert [code for code, words in saved["languages"].items() if not words["vetting"]["vetted"]] == ["en"]
    vetted = vet(ops)
    assert vetted["languages"]["de"]["vetting"]["by"] == "de writer" and vetted["languages"]["de"]["in_use"] == 1
    assert set(sources(ask(client, "Wo ist mein Paket?")).values()) == {1}


def test_one_language_is_vetted_while_another_waits(ops: TestClient, client: TestClient) -> None:
    reply = with_sentence(with_sentence(get(ops), NEW), "Unser Lager verfolgt das Paket.", language="de")
    put(ops, reply)
    vetted = vet(ops, languages=["en"])
    assert vetted["state"] == "suggested" and vetted["languages"]["de"]["in_use"] == 1
    assert NEW in ask(client)["text"] and "Unser Lager" not in ask(client, "Wo ist mein Paket?")["text"]
    assert vet(ops)["state"] == "vetted"
    assert "Unser Lager" in ask(client, "Wo ist mein Paket?")["text"]


def test_vetting_without_a_change_renews_the_review(ops: TestClient) -> None:
    vetted = vet(ops, review="2031-01-01")
    assert {words["vetting"]["review"] for words in vetted["languages"].values()} == {"2031-01-01"}
    assert vetted["version"] == 1


def test_the_gloss_uses_the_vetted_words_too(ops: TestClient, client: TestClient) -> None:
    put(ops, with_sentence(get(ops), "仓库同事会一直跟进，直到包裹送到您手中。", language="zh"))
    assert "仓库同事" not in ask(client, agent_language="zh")["gloss"]["text"]
    vet(ops)
    assert "仓库同事" in ask(client, agent_language="zh")["gloss"]["text"]


# --- a new reply -------------------------------------------------------------------------------------------------------


def test_a_new_reply_answers_once_it_is_vetted(ops: TestClient, client: TestClient) -> None:
    question = "Does the heat wave delay my parcel?"
    added = ops.post("/v1/replies", json=HEAT)
    assert added.status_code == 201 and added.headers["location"] == "/v1/replies/order_tracking.heat"
    assert not any(name.startswith(HEAT["id"]) for name in sources(ask(client, question)))
    assert ops.get("/v1/replies/search", params={"q": question}).json()["items"][0]["reply_id"] != HEAT["id"]
    vet(ops, HEAT["id"])
    found = ops.get("/v1/replies/search", params={"q": question}).json()["items"][0]
    assert found["reply_id"] == HEAT["id"] and found["version"] == 1
    steered = client.post("/v1/messages", json={"text": question, "received_at": NOW, "order": ORDER}).json()["draft"]
    ready = ops.post(f"/v1/drafts/{steered['id']}/regenerate", json={"reply_id": HEAT["id"]}).json()
    assert {"order_tracking.heat.slow", "order_tracking.heat.write"} <= sources(ready).keys()


def test_a_language_without_the_new_reply_falls_back_to_the_next(ops: TestClient, client: TestClient) -> None:
    heat = {**HEAT, "when": ["order.known", "order.status in [shipped]"]}  # more specific than what is shipped
    ops.post("/v1/replies", json=heat)
    vet(ops, HEAT["id"])
    assert any(name.startswith(HEAT["id"]) for name in sources(ask(client)))
    assert any(name.startswith(SHIPPED) for name in sources(ask(client, "Wo ist mein Paket?")))


@pytest.mark.parametrize(
    "changes",
    [
        {"valid_from": "2026-11-23"},
        {"valid_until": "2026-11-21"},
        {"scope": {"sites": ["other"]}},
        {"scope": {"channels": ["amazon"]}},
        {"scope": {"markets": ["DE"]}},
    ],
)
def test_a_vetted_reply_out_of_window_or_scope_is_not_used(
    ops: TestClient, client: TestClient, changes: dict[str, object]
) -> None:
    put(ops, get(ops) | changes)
    vet(ops)
    draft = ask(client)
    assert not any(name.startswith(SHIPPED) for name in sources(draft))
    assert SHIPPED not in {item["reply_id"] for item in draft["evidence"]}


def test_the_same_id_is_taken(ops: TestClient) -> None:
    assert ops.post("/v1/replies", json=HEAT | {"id": SHIPPED}).status_code == 409


# --- retiring and restoring --------------------------------------------------------------------------------------------


def test_a_retired_reply_is_used_no_more_and_can_come_back(ops: TestClient, client: TestClient) -> None:
    put(ops, with_sentence(get(ops), NEW))
    vet(ops)
    retired = ops.delete(f"/v1/replies/{SHIPPED}")
    assert retired.status_code == 200 and retired.json()["state"] == "retired"
    assert not any(name.startswith(SHIPPED) for name in sources(ask(client)))
    restored = ops.post(f"/v1/replies/{SHIPPED}/restore", json={"version": 2}).json()
    assert restored["version"] == 4 and restored["state"] == "vetted"
    assert NEW in ask(client)["text"]
    ops.post(f"/v1/replies/{SHIPPED}/restore", json={"version": 1})
    assert OLD in ask(client)["text"]


def test_an_unvetted_version_comes_back_unvetted(ops: TestClient, client: TestClient) -> None:
    put(ops, with_sentence(get(ops), NEW))
    put(ops, with_sentence(get(ops), "We follow your parcel every day."))
    restored = ops.post(f"/v1/replies/{SHIPPED}/restore", json={"version": 2}).json()
    assert restored["languages"]["en"]["vetting"]["vetted"] is False
    assert NEW not in ask(client)["text"]


def test_every_version_is_kept_with_who_did_what(ops: TestClient) -> None:
    put(ops, with_sentence(get(ops), NEW))
    vet(ops)
    steps = ops.get(f"/v1/replies/{SHIPPED}/versions").json()["items"]
    assert [(step["version"], step["action"], step["by"]) for step in steps] == [
        (2, "vetted", "ops"),
        (2, "saved", "ops"),
        (1, "shipped", None),
    ]
    first = ops.get(f"/v1/replies/{SHIPPED}", params={"version": 1}).json()
    assert first["languages"]["en"]["sentences"]["watching"] == OLD


def test_a_fallback_cannot_be_retired(ops: TestClient) -> None:
    answer = ops.delete(f"/v1/replies/{FALLBACK}")
    assert answer.status_code == 409 and "fallback" in answer.json()["detail"]


# --- who may what ------------------------------------------------------------------------------------------------------


def test_an_agent_suggests_and_reads_but_does_not_decide(agent: TestClient, client: TestClient) -> None:
    assert put(agent, with_sentence(get(agent), NEW))["state"] == "suggested"
    assert agent.post("/v1/replies", json=HEAT).status_code == 201
    assert agent.get("/v1/replies/search", params={"q": "parcel"}).status_code == 200
    assert agent.post(f"/v1/replies/{SHIPPED}/vet").status_code == 403
    assert agent.delete(f"/v1/replies/{SHIPPED}").status_code == 403
    assert agent.post(f"/v1/replies/{SHIPPED}/restore", json={"version": 1}).status_code == 403
    assert NEW not in ask(client)["text"]


def test_an_integration_needs_the_scope_and_never_vets(app: FastAPI, client: TestClient) -> None:
    _, secret = app.state.access.create_key("reader", "integration", ("messages",))
    with TestClient(app, headers={"Authorization": f"Bearer {secret}"}) as other:
        assert other.get("/v1/replies").status_code == 403
    assert put(client, with_sentence(get(client), NEW))["state"] == "suggested"
    assert client.post(f"/v1/replies/{SHIPPED}/vet").status_code == 403


def test_whether_words_are_vetted_is_never_taken_from_outside(ops: TestClient, client: TestClient) -> None:
    reply = with_sentence(get(ops), NEW)
    assert reply["languages"]["en"]["vetting"]["vetted"] is True
    put(ops, reply)
    assert NEW not in ask(client)["text"]


# --- writes that meet --------------------------------------------------------------------------------------------------


def test_a_write_over_a_newer_version_is_refused(ops: TestClient) -> None:
    reply = get(ops)
    put(ops, with_sentence(reply, NEW), **{"If-Match": '"1"'})
    late = ops.put(f"/v1/replies/{SHIPPED}", json=with_sentence(reply, "Late."), headers={"If-Match": '"1"'})
    assert late.status_code == 409 and late.json()["type"].endswith("stale")
    assert ops.post(f"/v1/replies/{SHIPPED}/vet", headers={"If-Match": "1"}).status_code == 409
    assert ops.get(f"/v1/replies/{SHIPPED}").headers["etag"] == '"2"'


def test_saving_the_same_again_makes_no_version(ops: TestClient) -> None:
    assert put(ops, get(ops))["version"] == 1


def test_the_same_key_writes_once(ops: TestClient) -> None:
    headers = {"Idempotency-Key": "k1"}
    first = ops.post("/v1/replies", json=HEAT, headers=headers)
    assert ops.post("/v1/replies", json=HEAT, headers=headers).json() == first.json()
    other = ops.post("/v1/replies", json=HEAT | {"id": "order_tracking.cold"}, headers=headers)
    assert other.status_code == 409 and other.json()["type"].endswith("duplicate")


# --- faults ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"when": ["order.lost"]}, "/when"),
        ({"when": ["policy.grants(moon)"]}, "/when/0"),
        ({"scope": {"markets": ["XX"]}}, "/scope/markets/0"),
        ({"scope": {"markets": ["Spain"]}}, "/scope/markets/0"),
        ({"valid_from": "2026-12-01", "valid_until": "2026-11-01"}, ""),
        ({"sentences": []}, "/sentences"),
        ({"colour": "red"}, "/colour"),
        ({"languages": {"en": {"sentences": {"slow": "Slow {moon}.", "write": "Write."}}}}, "/languages/en/sentences/slow"),
        ({"languages": {"en": HEAT["languages"]["en"] | {"questions": ["one"]}}}, "/languages/en/questions"),
    ],
)  # fmt: skip
def test_each_fault_is_named_with_its_place(ops: TestClient, changes: dict[str, object], pointer: str) -> None:
    answer = ops.post("/v1/replies", json=HEAT | changes)
    assert answer.status_code == 422 and answer.headers["content-type"] == "application/problem+json"
    assert any(item["pointer"].rstrip("/") == pointer for item in answer.json()["errors"])
    assert ops.get(f"/v1/replies/{HEAT['id']}").status_code == 404


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/replies/none.such"),
        ("GET", "/v1/replies/none.such/versions"),
        ("POST", "/v1/replies/none.such/vet"),
        ("DELETE", "/v1/replies/none.such"),
        ("GET", f"/v1/replies/{SHIPPED}?version=9"),
        ("GET", "/v1/replies?cursor=%25%25"),
        ("GET", "/v1/replies?state=lost"),
        ("GET", "/v1/replies/search"),
        ("GET", "/v1/replies/search?q=%20"),
        ("GET", "/v1/replies/search?q=a&k=0"),
    ],
)
def test_what_is_not_there_or_makes_no_sense_is_a_problem_document(ops: TestClient, method: str, path: str) -> None:
    answer = ops.request(method, path)
    assert 400 <= answer.status_code < 500 and answer.headers["content-type"] == "application/problem+json"


def test_a_body_of_another_reply_is_refused(ops: TestClient) -> None:
    answer = ops.put(f"/v1/replies/{SHIPPED}", json=HEAT)
    assert answer.status_code == 422 and answer.json()["errors"][0]["pointer"] == "/id"


# --- lists and search --------------------------------------------------------------------------------------------------


def test_the_list_is_paged_to_its_end(ops: TestClient) -> None:
    seen, cursor = [], ""
    for _ in range(9):
        page = ops.get(f"/v1/replies?limit=30&language=de{cursor}").json()
        seen += [item["id"] for item in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert len(seen) == len(set(seen)) == 128 and seen == sorted(seen)
    assert page["items"][0]["languages"].keys() == {"de"}


def test_the_list_shows_what_waits_to_be_vetted(ops: TestClient, agent: TestClient) -> None:
    put(agent, with_sentence(get(agent), NEW))
    items = ops.get("/v1/replies?state=suggested").json()["items"]
    assert [(item["id"], item["updated_by"]) for item in items] == [(SHIPPED, "li")]


def test_a_search_finds_across_languages_or_in_one(ops: TestClient) -> None:
    answer = ops.get("/v1/replies/search", params={"q": "wo ist mein Paket", "language": "ja", "k": 3}).json()["items"]
    assert len(answer) == 3 and {item["language"] for item in answer} == {"ja"}
    assert "order_tracking" in {item["intent"] for item in answer}


def test_the_old_words_are_found_no_more(ops: TestClient) -> None:
    reply = get(ops)
    reply["languages"]["en"]["questions"] = [
        "status of shipment please",
        "is the consignment moving",
        "latest whereabouts",
    ]
    put(ops, reply)
    vet(ops)
    items = ops.get("/v1/replies/search", params={"q": "is the consignment moving", "k": 1}).json()["items"]
    assert items[0]["reply_id"] == SHIPPED and items[0]["text"] == "is the consignment moving"
    old = ops.get("/v1/replies/search", params={"q": "where is my package right now", "language": "en"}).json()["items"]
    assert "where is my package right now" not in {item["text"] for item in old}


# --- other processes ---------------------------------------------------------------------------------------------------


def test_another_process_follows_an_edit_within_two_seconds(app: FastAPI, ops: TestClient, drafter: object) -> None:
    from app.main import create_app
    from tests.conftest import KEY

    other = create_app(app.state.settings, drafter)  # type: ignore[arg-type] - the same database
    with TestClient(other, headers={"Authorization": f"Bearer {KEY}"}) as there:
        assert OLD in ask(there)["text"]
        put(ops, with_sentence(get(ops), NEW))
        vet(ops)
        until = time.monotonic() + 2
        while NEW not in (text := ask(there)["text"]) and time.monotonic() < until:
            time.sleep(0.05)
        assert NEW in text


def test_an_edit_is_there_after_a_restart(app: FastAPI, ops: TestClient, drafter: object) -> None:
    from app.main import create_app
    from tests.conftest import PASSWORD

    put(ops, with_sentence(get(ops), NEW))
    vet(ops)
    with signed_in(create_app(app.state.settings, drafter), "ops", PASSWORD) as again:  # type: ignore[arg-type]
        assert NEW in ask(again)["text"]


def test_searching_and_drafting_go_on_while_edits_are_swapped_in(client: TestClient, ops: TestClient) -> None:
    from concurrent.futures import ThreadPoolExecutor

    def edit(number: int) -> int:
        put(ops, with_sentence(get(ops), f"We follow the parcel closely, in {number} ways."))
        vet(ops)
        return 200

    with ThreadPoolExecutor(3) as pool:
        edits = pool.submit(lambda: [edit(number) for number in range(4)])
        drafts = [
            pool.submit(lambda: client.get("/v1/replies/search", params={"q": "where is my parcel"}).status_code)
            for _ in range(20)
        ]
        texts = [ask(client)["text"] for _ in range(8)]
    assert edits.result() == [200] * 4 and {draft.result() for draft in drafts} == {200} and all(texts)
    # A message that looked while the last edit was being written may still be answered with the one before.
    followed = ("in 3 ways" in ask(client)["text"] for _ in range(40) if not time.sleep(0.05))
    assert any(followed)


def test_a_phrase_is_found_across_languages_with_its_gloss(ops: TestClient) -> None:
    hits = ops.get("/v1/phrases/search", params={"q": "we are sorry for the trouble", "language": "de", "agent_language": "en", "k": 3}).json()["items"]  # fmt: skip
    assert "apology.general" in {hit["phrase_id"] for hit in hits}
    assert all(hit["gloss"] and hit["gloss"] != hit["text"] and "{" not in hit["text"] for hit in hits)


@pytest.mark.parametrize("query", [{"q": " "}, {"q": ""}, {"q": "sorry", "language": "<b>"}, {"q": "sorry", "k": "0"}])
def test_a_search_for_no_phrase_is_refused(ops: TestClient, query: dict[str, str]) -> None:
    answer = ops.get("/v1/phrases/search", params=query)
    assert answer.status_code == 422 and answer.headers["content-type"] == "application/problem+json"


def test_a_language_without_phrases_has_none_to_find(ops: TestClient) -> None:
    assert ops.get("/v1/phrases/search", params={"q": "sorry", "language": "xx"}).json()["items"] == []
