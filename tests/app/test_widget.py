"""The chat over HTTP: who comes in, what a visitor may do and see, and what never shows."""

import gzip
import hashlib
import hmac
import json
import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import httpx2 as httpx
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from PIL import Image

from app.drafting.drafter import Drafter
from app.main import create_app
from app.visitors import MOST_UPLOADS, Arrival, Visitors
from tests.app.test_feed import events_of, served
from tests.app.test_photos import HTML, SVG, bomb, picture
from tests.conftest import KEY, ORDER, Clock, make_settings, signed_in
from tests.conftest import PASSWORD as OPS_PASSWORD

SHOP = "https://shop.example"
TEXT = "Where is my parcel? I am Xaviera."


@pytest.fixture
def shop(app: FastAPI) -> str:
    """The publishable key of a site that has one page."""
    allow(app, SHOP)
    return str(app.state.sites.get_keys("default").publishable)


def allow(app: FastAPI, *origins: str) -> None:
    with signed_in(app, "ops", OPS_PASSWORD) as ops:
        site = ops.get("/v1/sites/default").json()
        answer = ops.put("/v1/sites/default", json={**site, "widget_origins": origins})
        assert answer.status_code == 200, answer.text


@pytest.fixture
def page(app: FastAPI) -> Iterator[TestClient]:
    """A browser without any rights."""
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


def come_in(page: TestClient, key: str, **more: object) -> dict:
    answer = page.post("/widget/v1/session", json={"site_key": key, **more}, headers={"Origin": SHOP})
    assert answer.status_code == 201, answer.text
    return answer.json()


def holding(session: dict) -> dict[str, str]:
    return {"Authorization": f"Bearer {session['token']}"}


def say(page: TestClient, session: dict, text: str = TEXT, key: str | None = None, **more: object) -> httpx.Response:
    headers = holding(session) | ({"Idempotency-Key": key} if key else {})
    return page.post("/widget/v1/messages", json={"text": text, **more}, headers=headers)


def hear(page: TestClient, session: dict, after: str | None = None) -> list[dict]:
    answer = page.get("/widget/v1/messages", params={"after": after} if after else {}, headers=holding(session))
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


def draft_of(ops: TestClient) -> dict:
    return ops.get("/v1/drafts", params={"status": "pending", "sort": "newest"}).json()["items"][0]


# --- coming in --------------------------------------------------------------------------------------------------------


def test_a_page_of_the_site_gets_a_token_for_one_conversation(page: TestClient, shop: str) -> None:
    session = come_in(page, shop, locale="ar-SA")
    assert session["conversation_id"].startswith("c_") and session["shop"] == "Luma Home"
    assert session["opening"]["response_hours"] == 2


@pytest.mark.parametrize(
    "origin", [None, "", "null", "https://evil.example", "http://shop.example", "https://shop.example:444", "https://shop.example.evil.example", "https://SHOP.example"]
)  # fmt: skip
def test_a_page_of_any_other_origin_is_turned_away(page: TestClient, shop: str, origin: str | None) -> None:
    headers = {} if origin is None else {"Origin": origin}
    answer = page.post("/widget/v1/session", json={"site_key": shop}, headers=headers)
    assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (403, "forbidden")


def test_the_frame_comes_in_for_the_page_that_it_stands_on(page: TestClient, shop: str) -> None:
    own = {"Origin": "http://testserver"}
    good = page.post("/widget/v1/session", json={"site_key": shop, "origin": SHOP}, headers=own)
    bad = page.post("/widget/v1/session", json={"site_key": shop, "origin": "https://evil.example"}, headers=own)
    assert (good.status_code, bad.status_code) == (201, 403)


def test_another_page_cannot_say_that_it_stands_on_the_shops(page: TestClient, shop: str) -> None:
    body = {"site_key": shop, "origin": SHOP}
    assert page.post("/widget/v1/session", json=body, headers={"Origin": "https://evil.example"}).status_code == 403


def test_an_unknown_key_opens_nothing(page: TestClient, shop: str) -> None:
    answer = page.post("/widget/v1/session", json={"site_key": "pk_unknown"}, headers={"Origin": SHOP})
    assert answer.status_code == 401


def test_no_answer_may_be_read_by_another_origins_script(page: TestClient, shop: str) -> None:
    answer = page.post("/widget/v1/session", json={"site_key": shop}, headers={"Origin": SHOP})
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize("token", ["", "x", "a.b.c", KEY])
@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "messages"), ("GET", "messages"), ("GET", "events"), ("POST", "uploads"), ("GET", "uploads/a_1")],
)
def test_without_a_visitors_token_nothing_opens(page: TestClient, method: str, path: str, token: str) -> None:
    answer = page.request(method, f"/widget/v1/{path}", headers={"Authorization": f"Bearer {token}"} if token else {})
    assert answer.status_code == 401


def test_a_visitors_token_opens_nothing_else(page: TestClient, shop: str) -> None:
    session = come_in(page, shop)
    assert page.get("/v1/drafts", headers=holding(session)).status_code == 401


def test_whoever_comes_back_is_in_the_same_conversation(page: TestClient, shop: str) -> None:
    first = come_in(page, shop)
    say(page, first)
    again = come_in(page, shop, token=first["token"])
    assert again["conversation_id"] == first["conversation_id"] and hear(page, again)[0]["text"] == TEXT


def test_a_token_of_one_site_does_not_open_another(app: FastAPI, page: TestClient, shop: str) -> None:
    first = come_in(page, shop)
    with signed_in(app, "ops", OPS_PASSWORD) as ops:
        ops.put("/v1/sites/other", json={"name": "Other", "timezone": "Europe/Rome", "country": "IT", "widget_origins": [SHOP]})  # fmt: skip
    other = app.state.sites.get_keys("other").publishable
    assert come_in(page, other, token=first["token"])["conversation_id"] != first["conversation_id"]


# --- time -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def visitors(app: FastAPI, shop: str, drafter: Drafter, clock: Clock) -> Visitors:
    return Visitors(app.state.engine, app.state.desk, app.state.sites, lambda: drafter.knowledge, clock)


def test_a_token_is_good_for_an_hour_and_can_be_renewed_for_a_month(
    visitors: Visitors, shop: str, clock: Clock
) -> None:  # fmt: skip
    first = visitors.admit(Arrival(shop, SHOP))
    clock.forward(minutes=59)
    assert visitors.recognise(first.token).conversation_id == first.visitor.conversation_id
    clock.forward(minutes=1)
    with pytest.raises(Exception, match="run out"):
        visitors.recognise(first.token)
    clock.forward(days=29)
    assert visitors.admit(Arrival(shop, SHOP, token=first.token)).visitor.buyer == first.visitor.buyer
    clock.forward(days=31)
    assert visitors.admit(Arrival(shop, SHOP, token=first.token)).visitor.buyer != first.visitor.buyer


def test_a_buyer_who_wrote_in_another_process_is_known_here(
    app: FastAPI, visitors: Visitors, shop: str, drafter: Drafter, clock: Clock
) -> None:
    token = visitors.admit(Arrival(shop, SHOP)).token
    other = Visitors(app.state.engine, app.state.desk, app.state.sites, lambda: drafter.knowledge, clock)
    assert other.recognise(token) == visitors.recognise(token)


# --- whom the shop vouches for ----------------------------------------------------------------------------------------


def vouched(app: FastAPI, expires_at: int = 4_102_444_800, **buyer: object) -> dict[str, object]:
    with signed_in(app, "ops", OPS_PASSWORD) as ops:
        secret = ops.post("/v1/sites/default/identity-secret").json()["identity_secret"]
    text = json.dumps({"id": "42", "name": "Ana", "expires_at": expires_at, **buyer})
    return {"buyer": text, "buyer_signature": hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()}


def test_a_buyer_for_whom_the_shop_vouches_is_known_by_id(app: FastAPI, page: TestClient, shop: str) -> None:
    signed = vouched(app, country="ES")
    one, other = come_in(page, shop, **signed), come_in(page, shop, **signed)
    assert one["buyer"] == {"name": "Ana", "vouched": True} and one["conversation_id"] == other["conversation_id"]


@pytest.mark.parametrize(
    "change", [{"buyer_signature": "0" * 64}, {"buyer_signature": None}, {"buyer": '{"id": "43"}'}]
)
def test_an_identity_that_the_shop_did_not_sign_is_turned_away(
    app: FastAPI, page: TestClient, shop: str, change: dict[str, object]
) -> None:
    body = {"site_key": shop, **vouched(app), **change}
    assert page.post("/widget/v1/session", json=body, headers={"Origin": SHOP}).status_code == 403


def test_the_order_of_a_vouched_buyer_is_looked_up_and_a_strangers_is_not(
    app: FastAPI, page: TestClient, ops: TestClient, shop: str, tmp_path: Path
) -> None:
    line = {"order": ORDER, "buyer": "42"}
    (tmp_path / "orders.jsonl").write_text(json.dumps(line), encoding="utf-8")
    text = f"Where is my order {ORDER['id']}?"
    say(page, come_in(page, shop), text)
    assert str(ORDER["tracking_number"]) not in draft_of(ops)["text"]
    say(page, come_in(page, shop, **vouched(app)), text)
    assert str(ORDER["tracking_number"]) in draft_of(ops)["text"]


def test_an_identity_runs_out(app: FastAPI, page: TestClient, shop: str) -> None:
    body = {"site_key": shop, **vouched(app, expires_at=1_700_000_000)}
    answer = page.post("/widget/v1/session", json=body, headers={"Origin": SHOP})
    assert answer.status_code == 403 and "expired" in answer.json()["detail"]


@pytest.mark.parametrize("wrong", [{"country": "Spain"}, {"age": 7}, {"orders_count": -1}, {"id": ""}])
def test_an_identity_that_cannot_be_used_names_the_place(
    app: FastAPI, page: TestClient, shop: str, wrong: dict[str, object]
) -> None:
    body = {"site_key": shop, **vouched(app, **wrong)}
    answer = page.post("/widget/v1/session", json=body, headers={"Origin": SHOP})
    assert answer.status_code == 422 and answer.json()["errors"][0]["pointer"] == f"/buyer/{next(iter(wrong))}"


def test_the_next_one_at_a_shared_computer_does_not_see_the_conversation(
    app: FastAPI, page: TestClient, shop: str
) -> None:
    first = come_in(page, shop, **vouched(app))
    nobody = come_in(page, shop, token=first["token"])
    other = come_in(page, shop, token=first["token"], **vouched(app, id="43"))
    assert len({first["conversation_id"], nobody["conversation_id"], other["conversation_id"]}) == 3


# --- talking ----------------------------------------------------------------------------------------------------------


def test_a_message_reaches_the_desk_with_what_the_visitor_told(
    app: FastAPI, page: TestClient, shop: str, ops: TestClient
) -> None:
    session = come_in(page, shop, locale="es-MX")
    answer = say(page, session, "¿Dónde está mi pedido?", name="María", order_id="8123456789012345")
    assert answer.status_code == 201 and set(answer.json()) == {"message"}
    stored, _ = app.state.desk.get_conversation(session["conversation_id"])
    assert (stored[0].body.order.id, stored[0].body.channel, stored[0].body.site) == (
        "8123456789012345",
        "widget",
        "default",
    )
    assert "María" in draft_of(ops)["text"]


def test_a_visitor_sees_no_draft_and_no_agent(page: TestClient, shop: str, ops: TestClient) -> None:
    session = come_in(page, shop)
    told = say(page, session).text
    draft = draft_of(ops)
    told += page.get("/widget/v1/messages", headers=holding(session)).text
    assert draft["id"] not in told and draft["text"][:40] not in told and "analysis" not in told


def test_a_reply_shows_once_it_was_signed_and_has_left(drafter: Drafter, tmp_path: object) -> None:
    app = create_app(make_settings(tmp_path, undo_seconds=0), drafter)  # type: ignore[arg-type]
    allow(app, SHOP)
    key = app.state.sites.get_keys("default").publishable
    with TestClient(app) as page, signed_in(app, "ops", OPS_PASSWORD) as ops:
        session = come_in(page, key)
        mine = say(page, session, "Hello, where is my parcel?").json()["message"]
        draft = draft_of(ops)
        ops.post(f"/v1/drafts/{draft['id']}/approve", json={})
        ops.post(f"/v1/drafts/{draft['id']}/sent")
        found = hear(page, session, after=mine["id"])
    assert [(item["from"], item["text"]) for item in found] == [("seller", draft["text"])]
    assert "ops" not in json.dumps({**found[0], "text": ""})


def test_the_same_key_says_it_once_and_another_text_under_it_is_refused(page: TestClient, shop: str) -> None:
    session = come_in(page, shop)
    one, same = say(page, session, key="k1").json(), say(page, session, key="k1").json()
    assert one == same and len(hear(page, session)) == 1
    assert say(page, session, "Something else", key="k1").status_code == 409


def test_two_visitors_may_use_the_same_key(page: TestClient, shop: str) -> None:
    one, other = come_in(page, shop), come_in(page, shop)
    assert say(page, one, "First", key="k1").status_code == say(page, other, "Second", key="k1").status_code == 201
    assert [item["text"] for item in hear(page, other)] == ["Second"]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"text": "   "}, "/text"),
        ({}, "/text"),
        ({"text": "x", "name": "n" * 121}, "/name"),
        ({"text": "x", "order_id": "1" * 61}, "/order_id"),
        ({"text": "x", "attachments": [{"id": "a_other"}]}, "/attachments/0/id"),
        ({"text": "x", "attachments": [{"id": "a_1"}] * 11}, "/attachments"),
        ({"text": "x", "conversation_id": "c_other"}, "/conversation_id"),
        ({"text": "x", "buyer": {"id": "boss"}}, "/buyer"),
    ],
)
def test_what_a_visitor_may_not_say_is_told(
    page: TestClient, shop: str, body: dict[str, object], pointer: str
) -> None:  # fmt: skip
    answer = page.post("/widget/v1/messages", json=body, headers=holding(come_in(page, shop)))
    assert answer.status_code == 422 and answer.json()["errors"][0]["pointer"] == pointer


# --- photos -----------------------------------------------------------------------------------------------------------


def send_photo(page: TestClient, session: dict, data: bytes, name: str = "photo.png") -> httpx.Response:
    return page.post("/widget/v1/uploads", files={"file": (name, data, "image/png")}, headers=holding(session))


def test_a_photo_is_named_in_a_message_and_seen_by_both_sides(page: TestClient, shop: str, ops: TestClient) -> None:
    session = come_in(page, shop)
    photo = send_photo(page, session, picture()).json()
    told = say(page, session, "It broke", attachments=[{"id": photo["id"]}]).json()["message"]
    assert photo["id"].startswith("a_") and told["attachments"] == [{"id": photo["id"], "type": "image"}]
    mine = page.get(f"/widget/v1/uploads/{photo['id']}", headers=holding(session))
    theirs = ops.get(f"/v1/uploads/{photo['id']}")
    assert mine.content == theirs.content and Image.open(BytesIO(mine.content)).format == "JPEG"


def test_a_photo_is_never_a_page_of_ours(page: TestClient, shop: str, ops: TestClient) -> None:
    photo = send_photo(page, come_in(page, shop), picture()).json()["id"]
    headers = ops.get(f"/v1/uploads/{photo}").headers
    assert headers["content-type"] == "image/jpeg" and headers["x-content-type-options"] == "nosniff"
    assert headers["content-disposition"].startswith("attachment") and "sandbox" in headers["content-security-policy"]


def test_nobody_else_sees_a_photo_or_names_it(page: TestClient, shop: str) -> None:
    photo = send_photo(page, come_in(page, shop), picture()).json()["id"]
    other = come_in(page, shop)
    assert page.get(f"/widget/v1/uploads/{photo}", headers=holding(other)).status_code == 404
    assert page.get(f"/v1/uploads/{photo}").status_code == 401
    assert say(page, other, "mine", attachments=[{"id": photo}]).status_code == 422


@pytest.mark.parametrize("data", [HTML, SVG, b"GIF89a" + HTML], ids=["html", "svg", "polyglot"])
def test_a_disguised_file_is_refused(page: TestClient, shop: str, data: bytes) -> None:
    answer = send_photo(page, come_in(page, shop), data)
    assert answer.status_code == 422 and answer.json()["errors"][0]["pointer"] == "/file"


def test_a_bomb_and_a_file_over_the_limit_are_too_large(page: TestClient, shop: str) -> None:
    session = come_in(page, shop)
    assert send_photo(page, session, bomb()).status_code == 413
    assert send_photo(page, session, b"x" * 10_500_000).status_code == 413


def test_a_conversation_holds_so_many_photos_and_no_more(page: TestClient, shop: str) -> None:
    session, data = come_in(page, shop), picture(size=(2, 2))
    answers = [send_photo(page, session, data).status_code for _ in range(MOST_UPLOADS + 1)]
    assert answers == [201] * MOST_UPLOADS + [409]


# --- events -----------------------------------------------------------------------------------------------------------


def test_a_visitor_is_told_of_the_own_conversation_and_of_nothing_that_the_desk_does(
    drafter: Drafter, tmp_path: object
) -> None:
    app = create_app(make_settings(tmp_path, undo_seconds=0), drafter)  # type: ignore[arg-type]
    allow(app, SHOP)
    key = app.state.sites.get_keys("default").publishable
    with served(app) as address, httpx.Client(base_url=address, timeout=30) as page:
        session, other = come_in(page, key), come_in(page, key)  # type: ignore[arg-type]
        say(page, other, "Not for you")  # type: ignore[arg-type]
        say(page, session)  # type: ignore[arg-type]
        agent = {"Authorization": f"Bearer {KEY}"}
        draft = page.get("/v1/drafts", params={"status": "pending", "sort": "newest"}, headers=agent).json()["items"][0]
        with signed_in(app, "ops", OPS_PASSWORD) as ops:
            ops.post(f"/v1/drafts/{draft['id']}/claim")
            ops.post(f"/v1/drafts/{draft['id']}/approve", json={})
            ops.post(f"/v1/drafts/{draft['id']}/sent")
        with page.stream("GET", "/widget/v1/events", headers=holding(session) | {"Last-Event-ID": "0"}) as response:
            told = events_of(response.iter_lines(), 2)
    assert [event["event"] for event in told] == ["message.received", "reply.sent"]
    assert all(set(json.loads(event["data"])) == {"type", "at"} for event in told)


# --- pages ------------------------------------------------------------------------------------------------------------


def test_the_loader_is_small_and_may_be_loaded_by_any_page(page: TestClient) -> None:
    answer = page.get("/widget.js")
    assert answer.headers["content-type"].startswith("text/javascript")
    assert (
        len(gzip.compress(answer.content)) < 10_000 and answer.headers["cross-origin-resource-policy"] == "cross-origin"
    )
    assert page.get("/widget.js", headers={"If-None-Match": answer.headers["etag"]}).status_code == 304


@pytest.mark.parametrize("encoding", ["gzip", "identity"])
def test_the_loader_goes_out_packed_where_the_browser_takes_it(page: TestClient, encoding: str) -> None:
    answer = page.get("/widget.js", headers={"Accept-Encoding": encoding})
    assert answer.headers.get("content-encoding", "identity") == encoding and "countersign-chat" in answer.text


def test_the_frame_stands_on_the_sites_own_pages_only(page: TestClient, shop: str) -> None:
    policy = page.get("/widget/frame", params={"key": shop}).headers["content-security-policy"]
    assert policy.endswith(f"frame-ancestors 'self' {SHOP}") and "unsafe" not in policy


def test_the_frame_of_a_site_without_pages_stands_on_our_own(app: FastAPI, page: TestClient) -> None:
    key = app.state.sites.get_keys("default").publishable
    policy = page.get("/widget/frame", params={"key": key}).headers["content-security-policy"]
    assert policy.endswith("frame-ancestors 'self'")


def test_there_is_no_frame_for_an_unknown_key(page: TestClient) -> None:
    answer = page.get("/widget/frame", params={"key": "pk_unknown"})
    assert answer.status_code == 404 and "frame-ancestors 'none'" in answer.headers["content-security-policy"]


@pytest.mark.parametrize("code", ["ar", "de", "en", "es", "fr", "it", "ja", "ko", "nl", "pl", "pt", "ru", "tr", "zh"])
def test_the_frame_speaks_the_buyers_language_in_its_direction(page: TestClient, shop: str, code: str) -> None:
    text = page.get("/widget/frame", params={"key": shop, "language": f"{code}-XX"}).text
    assert f'lang="{code}" dir="{"rtl" if code == "ar" else "ltr"}"' in text


def test_the_frame_is_english_where_the_language_is_not_known(page: TestClient, shop: str) -> None:
    assert 'lang="en"' in page.get("/widget/frame", params={"key": shop, "language": "tlh"}).text


def test_a_shops_name_is_never_markup(app: FastAPI, page: TestClient, shop: str) -> None:
    with signed_in(app, "ops", OPS_PASSWORD) as ops:
        site = ops.get("/v1/sites/default").json()
        ops.put("/v1/sites/default", json={**site, "name": "</script><script>alert(1)</script>"})
    assert "<script>alert" not in page.get("/widget/frame", params={"key": shop}).text


def test_the_demo_shop_is_there_with_sample_data_only(drafter: Drafter, tmp_path: object, page: TestClient) -> None:
    assert page.get("/demo").status_code == 404
    app = create_app(make_settings(tmp_path, demo=True), drafter)  # type: ignore[arg-type]
    with TestClient(app) as shop:
        text = shop.get("/demo", params={"language": "de"}).text
    assert "Luma Schreibtischlampe" in text and 'data-site-key="pk_' in text


# --- the guide --------------------------------------------------------------------------------------------------------

GUIDE = (Path(__file__).parents[2] / "docs" / "guides" / "widget.md").read_text(encoding="utf-8")


def test_the_guides_example_signs_as_the_server_does() -> None:
    text = '{"id":"42","expires_at":4102444800}'
    assert text in GUIDE and hmac.new(b"is_example", text.encode(), hashlib.sha256).hexdigest() in GUIDE


def test_every_option_of_the_loader_is_told(page: TestClient) -> None:
    options = re.search(r"OPTIONS = \[(.*?)\]", page.get("/widget.js").text)
    assert options is not None
    assert [name for name in json.loads(f"[{options[1]}]") if f"`{name}`" not in GUIDE] == []
