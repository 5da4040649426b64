"""The main job over HTTP: a message comes in, a draft is signed, the reply is out."""

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from tests.conftest import NOW, ORDER, signed_in

pytestmark = pytest.mark.both_databases

SPANISH = {
    "text": "¿Dónde está mi pedido? Ya pasaron tres semanas",
    "received_at": NOW,
    "channel": "widget",
    "buyer": {"id": "b1", "name": "María López", "country": "MX"},
    "order": ORDER,
    "agent_language": "zh",
}


def post(client: TestClient, **changes: object) -> dict:
    answer = client.post("/v1/messages", json={**SPANISH, **changes})
    assert answer.status_code == 201, answer.text
    return answer.json()


def leave(app: FastAPI) -> None:
    """The undo window passes."""
    import time

    time.sleep(0)
    from datetime import UTC, datetime, timedelta

    app.state.desk._clock = lambda: datetime.now(UTC) + timedelta(seconds=10)


def test_a_message_is_drafted_signed_and_sent(app: FastAPI, client: TestClient, agent: TestClient) -> None:
    received = post(client)
    draft = received["draft"]
    assert draft["status"] == "pending" and draft["verdict"] == "ready" and draft["language"].startswith("es")
    assert "8123456789012345" in draft["text"] and "LP00123456789012" in draft["text"]
    assert draft["gloss"]["language"] == "zh" and "8123456789012345" in draft["gloss"]["text"]
    approved = agent.post(f"/v1/drafts/{draft['id']}/approve", headers={"If-Match": '"1"'})
    assert approved.json()["status"] == "approved" and approved.json()["edited"] is False
    leave(app)
    sent = client.post(f"/v1/drafts/{draft['id']}/sent")
    assert sent.json()["status"] == "sent"
    conversation = client.get(f"/v1/conversations/{draft['conversation_id']}").json()
    assert [item["from"] for item in conversation["messages"]] == ["buyer", "seller"]
    assert conversation["messages"][1]["text"] == draft["text"]


def test_a_sent_reply_can_be_confirmed_again_without_a_second_one(
    app: FastAPI, client: TestClient, agent: TestClient
) -> None:
    draft = post(client)["draft"]
    agent.post(f"/v1/drafts/{draft['id']}/approve")
    leave(app)
    client.post(f"/v1/drafts/{draft['id']}/sent")
    assert client.post(f"/v1/drafts/{draft['id']}/sent").json()["status"] == "sent"
    assert len(client.get(f"/v1/conversations/{draft['conversation_id']}").json()["messages"]) == 2


def test_an_integration_never_signs(client: TestClient) -> None:
    draft = post(client)["draft"]
    assert client.post(f"/v1/drafts/{draft['id']}/approve").status_code == 403


def test_every_character_lies_in_one_segment_with_a_source(client: TestClient) -> None:
    draft = post(client)["draft"]
    places = [segment["span"] for segment in draft["segments"]]
    assert places[0][0] == 0 and places[-1][1] == len(draft["text"])
    assert all(before[1] == after[0] for before, after in zip(places, places[1:], strict=False))
    assert all(segment["source"]["id"] and segment["source"]["version"] >= 1 for segment in draft["segments"])


def test_slots_are_spans_of_their_value(client: TestClient) -> None:
    draft = post(client)["draft"]
    slots = {
        slot["name"]: draft["text"][slice(*slot["span"])] for segment in draft["segments"] for slot in segment["slots"]
    }
    assert slots["tracking_number"] == ORDER["tracking_number"] and slots["order_id"] == ORDER["id"]


def test_the_same_delivery_twice_is_answered_once(client: TestClient) -> None:
    first = post(client, external_id="x1")
    again = client.post("/v1/messages", json={**SPANISH, "external_id": "x1"})
    assert again.status_code == 200 and again.json()["draft"]["id"] == first["draft"]["id"]
    assert len(client.get("/v1/drafts").json()["items"]) == 1


def test_the_same_external_id_with_another_text_is_refused(client: TestClient) -> None:
    post(client, external_id="x1")
    other = client.post("/v1/messages", json={**SPANISH, "external_id": "x1", "text": "otra cosa: quiero cancelar"})
    assert other.status_code == 409 and other.headers["content-type"] == "application/problem+json"


def test_an_idempotency_key_returns_the_first_answer(client: TestClient) -> None:
    first = client.post("/v1/messages", json=SPANISH, headers={"Idempotency-Key": "k1"})
    again = client.post("/v1/messages", json=SPANISH, headers={"Idempotency-Key": "k1"})
    assert (again.status_code, again.json()) == (201, first.json())
    other = client.post("/v1/messages", json={**SPANISH, "text": "quiero cancelar"}, headers={"Idempotency-Key": "k1"})
    assert other.status_code == 409
    assert len(client.get("/v1/drafts").json()["items"]) == 1


def test_a_burst_becomes_one_draft_that_answers_both(client: TestClient, agent: TestClient) -> None:
    first = post(client, text="hola, ¿dónde está mi pedido?")
    second = post(client, text="y quiero cambiar la talla a L", received_at="2026-11-22T09:30:40+08:00")
    assert client.get(f"/v1/drafts/{first['draft']['id']}").json()["status"] == "superseded"
    assert second["message"]["conversation_id"] == first["message"]["conversation_id"]
    assert "dónde está mi pedido" in second["analysis"]["intents"][0]["id"] or len(second["analysis"]["intents"]) >= 1
    stale = agent.post(f"/v1/drafts/{first['draft']['id']}/approve")
    assert stale.status_code == 409 and stale.json()["type"].endswith("stale")


def test_a_message_after_the_burst_window_gets_its_own_draft(client: TestClient) -> None:
    first = post(client)
    second = post(client, text="gracias, ¿y cuánto cuesta el envío exprés?", received_at="2026-11-22T09:40:00+08:00")
    assert client.get(f"/v1/drafts/{first['draft']['id']}").json()["status"] == "pending"
    assert second["message"]["conversation_id"] == first["message"]["conversation_id"]


def test_an_edited_text_runs_the_checks_again_and_a_block_keeps_it_here(client: TestClient, agent: TestClient) -> None:
    draft = post(client, channel="amazon")["draft"]
    edited = (
        draft["text"] + "\nEscríbanos a tienda@example.com y le devolvemos 50 EUR si cambia su reseña a 5 estrellas."
    )
    answer = agent.post(f"/v1/drafts/{draft['id']}/approve", json={"text": edited})
    assert answer.status_code == 422 and answer.json()["type"].endswith("blocked")
    found = {item["detail"].split(":")[0] for item in answer.json()["errors"]}
    assert {"off_platform", "ungrounded_fact", "review_manipulation"} <= found
    assert client.get(f"/v1/drafts/{draft['id']}").json()["status"] == "pending"


def test_ops_may_override_a_block_with_a_reason_and_an_agent_may_not(
    client: TestClient, agent: TestClient, ops: TestClient, app: FastAPI
) -> None:
    draft = post(client)["draft"]
    edited = {"text": draft["text"] + " Son 77 pesos.", "override": "agreed with the buyer by phone"}
    assert agent.post(f"/v1/drafts/{draft['id']}/approve", json=edited).status_code == 403
    signed = ops.post(f"/v1/drafts/{draft['id']}/approve", json=edited)
    assert signed.status_code == 200 and signed.json()["edited"] is True
    assert any(step["detail"].get("override") for step in app.state.desk.trail(draft["id"]))


def test_an_edit_without_faults_is_signed_as_edited(client: TestClient, agent: TestClient) -> None:
    draft = post(client)["draft"]
    text = draft["text"].replace("Saludos cordiales", "Un saludo cordial")
    answer = agent.post(f"/v1/drafts/{draft['id']}/approve", json={"text": text})
    assert answer.status_code == 200, answer.text
    assert answer.json()["edited"] is True and answer.json()["text"] == text


def test_undo_within_the_window_takes_the_signature_back(client: TestClient, agent: TestClient, app: FastAPI) -> None:
    draft = post(client)["draft"]
    agent.post(f"/v1/drafts/{draft['id']}/approve")
    assert agent.post(f"/v1/drafts/{draft['id']}/undo").json()["status"] == "pending"
    agent.post(f"/v1/drafts/{draft['id']}/approve")
    leave(app)
    assert agent.post(f"/v1/drafts/{draft['id']}/undo").status_code == 409


def test_nothing_is_confirmed_as_sent_inside_the_undo_window(client: TestClient, agent: TestClient) -> None:
    draft = post(client)["draft"]
    assert client.post(f"/v1/drafts/{draft['id']}/sent").status_code == 409
    agent.post(f"/v1/drafts/{draft['id']}/approve")
    assert client.post(f"/v1/drafts/{draft['id']}/sent").status_code == 409


def test_a_claim_keeps_others_out_until_it_ends(
    client: TestClient, agent: TestClient, ops: TestClient, app: FastAPI
) -> None:
    from datetime import UTC, datetime, timedelta

    draft = post(client)["draft"]
    assert agent.post(f"/v1/drafts/{draft['id']}/claim").json()["claimed_by"] == "li"
    assert ops.post(f"/v1/drafts/{draft['id']}/claim").status_code == 409
    assert ops.post(f"/v1/drafts/{draft['id']}/approve").status_code == 409
    app.state.desk._clock = lambda: datetime.now(UTC) + timedelta(minutes=11)
    assert ops.post(f"/v1/drafts/{draft['id']}/claim").json()["claimed_by"] == "ops"


def test_a_rejection_keeps_reason_and_correction(client: TestClient, agent: TestClient) -> None:
    draft = post(client)["draft"]
    wrong = agent.post(
        f"/v1/drafts/{draft['id']}/reject", json={"reason": "wrong_intent", "intents": ["no_such_intent"]}
    )
    assert wrong.status_code == 422 and wrong.json()["errors"][0]["pointer"] == "/intents/0"
    answer = agent.post(
        f"/v1/drafts/{draft['id']}/reject",
        json={"reason": "wrong_intent", "intents": ["refund_status"], "emotion": "worried"},
    )
    assert answer.json()["status"] == "rejected"
    assert agent.post(f"/v1/drafts/{draft['id']}/approve").status_code == 409


def test_regenerating_with_another_reply_makes_the_next_revision(client: TestClient, agent: TestClient) -> None:
    draft = post(client)["draft"]
    again = agent.post(f"/v1/drafts/{draft['id']}/regenerate", json={"reply_id": "order_tracking.shipped"}).json()
    assert again["revision"] == 2 and any(
        segment["source"]["id"].startswith("order_tracking.shipped") for segment in again["segments"]
    )
    assert agent.post(f"/v1/drafts/{draft['id']}/approve", headers={"If-Match": '"1"'}).status_code == 409


def test_a_draft_is_explained_in_another_agents_language_without_changing_its_text(client: TestClient) -> None:
    draft = post(client)["draft"]
    german = client.get(f"/v1/drafts/{draft['id']}?agent_language=de").json()
    assert german["text"] == draft["text"] and german["gloss"]["language"] == "de" and german["gist"] != draft["gist"]


def test_a_dry_run_stores_nothing(client: TestClient) -> None:
    answer = client.post("/v1/messages", json={**SPANISH, "options": {"dry_run": True}})
    assert answer.status_code == 200 and answer.json()["draft"]["text"]
    assert client.get("/v1/drafts").json()["items"] == []


def test_the_queue_is_paged_by_priority(client: TestClient) -> None:
    texts = [
        "hola, ¿de qué material es?",
        "¡ME QUEMÉ LA MANO con el cargador! voy a denunciarlos",
        "¿tienen envío gratis?",
    ]
    for number, text in enumerate(texts):
        post(client, text=text, buyer={"id": f"b{number}", "country": "MX"}, order=None)
    first = client.get("/v1/drafts?status=pending&limit=2").json()
    rest = client.get(f"/v1/drafts?status=pending&limit=2&cursor={first['next_cursor']}").json()
    ids = [item["id"] for item in first["items"] + rest["items"]]
    assert len(set(ids)) == 3 and rest["next_cursor"] is None
    assert first["items"][0]["priority"] == "urgent"


def test_an_escalated_draft_is_signed_by_ops_alone(client: TestClient, agent: TestClient, ops: TestClient) -> None:
    draft = post(client, text="El cargador explotó y me quemó la mano, estoy en el hospital", order=None)["draft"]
    assert draft["verdict"] == "escalate" and draft["text"]
    assert agent.post(f"/v1/drafts/{draft['id']}/approve").status_code == 403
    assert ops.post(f"/v1/drafts/{draft['id']}/approve").status_code == 200


def test_what_was_acknowledged_is_there_after_a_new_start(app: FastAPI, client: TestClient, drafter: object) -> None:
    draft = post(client)["draft"]
    from app.main import create_app

    restarted = create_app(app.state.settings, drafter)  # type: ignore[arg-type]
    with signed_in(restarted, "ops", "correct horse battery") as other:
        assert other.get(f"/v1/drafts/{draft['id']}").json()["text"] == draft["text"]


@pytest.mark.parametrize("agent_language", ["en", "zh", "de", "sv"])
def test_a_gloss_names_the_segment_that_each_part_says(client: TestClient, agent_language: str) -> None:
    draft = post(client, agent_language=agent_language)["draft"]
    gloss = draft["gloss"]
    assert gloss["language"] == (agent_language if agent_language != "sv" else "en")
    assert [segment["of"] for segment in gloss["segments"]] == list(range(len(draft["segments"])))
