"""Orders asked for over HTTP: which one is used, whose it is, and what a slow, dead or lying server does to a draft."""

import json
from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from pydantic import SecretStr

from app.domain import Basis
from app.drafting.drafter import Drafter
from app.main import create_app
from app.order_source import ALONE_S, FAILURES, KEPT_S, OrderSource
from app.outward import Outward
from tests.app.receiver import Answer, Receiver, receiving
from tests.conftest import KEY, ORDER, PASSWORD, make_settings, message, signed_in

QUESTION = f"Where is my order {ORDER['id']}?"


class Seconds:
    """A clock that a test sets forward."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def shop() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


def found(**changes: object) -> Answer:
    return Answer(200, body=json.dumps({"order": ORDER} | changes).encode())


def source(
    shop: Receiver, path: str = "/orders", clock: Seconds | None = None, token: str | None = None
) -> OrderSource:
    outward = Outward(private=True, within_s=0.5)
    return OrderSource(outward, lambda _: shop.url + path, SecretStr(token) if token else None, clock or Seconds())


def asked(shop: Receiver, text: str = QUESTION, buyer: str | None = None, **more: object) -> Basis:
    return source(shop).complete(Basis(message=message(text, **({"buyer": {"id": buyer}} | more))))  # type: ignore[arg-type]


def found_id(basis: Basis) -> str | None:
    return basis.message.order.id if basis.message.order else None


@pytest.mark.parametrize(
    ("path", "expected"),
    [("/orders", f"/orders/{ORDER['id']}"), ("/orders/", f"/orders/{ORDER['id']}"), ("/o?no={order_id}", f"/o?no={ORDER['id']}")],
)  # fmt: skip
def test_an_order_is_asked_for_by_its_number(shop: Receiver, path: str, expected: str) -> None:
    shop.answers.append(found())
    basis = source(shop, path, token="s3cret").complete(Basis(message=message(QUESTION)))
    assert found_id(basis) == ORDER["id"] and basis.degraded == ()
    came = shop.came[0]
    assert (came.method, came.path, came.headers["authorization"]) == ("GET", expected, "Bearer s3cret")


def test_a_number_is_put_in_so_that_it_stays_one_part_of_the_address(shop: Receiver) -> None:
    asked(shop, "Where is it?", order={"id": "../admin?x=1"})
    assert shop.came[0].path == "/orders/..%2Fadmin%3Fx%3D1"


@pytest.mark.parametrize(
    "answer",
    [
        Answer(500), Answer(302, {"Location": "http://127.0.0.1:1/"}), Answer(200, body=b"<html>"), Answer(200, body=b"{}"), Answer(200, body=b"[" * 2000),
        Answer(200, body=json.dumps({"order": {**ORDER, "id": "7000000000000001"}}).encode()), Answer(200, slow_s=3), Answer(200, drip=True), Answer(200, body=b" " * 3_000_000),
    ],
    ids=["error", "redirect", "page", "empty", "deep", "another order", "slow", "drip", "huge"],
)  # fmt: skip
def test_without_a_usable_answer_the_draft_says_so(shop: Receiver, answer: Answer) -> None:
    shop.answers.append(answer)
    basis = asked(shop)
    assert found_id(basis) is None and basis.degraded == ("order_source",)


def test_a_number_that_the_shop_does_not_know_is_no_failure(shop: Receiver) -> None:
    shop.answers.append(Answer(404))
    assert asked(shop) == Basis(message=message(QUESTION, buyer={"id": None}))


@pytest.mark.parametrize(("owner", "buyer", "told"), [("b1", "b1", True), ("b1", "b2", False), ("b1", None, False), (None, "b2", True)])  # fmt: skip
def test_an_order_is_told_to_its_buyer(shop: Receiver, owner: str | None, buyer: str | None, told: bool) -> None:
    shop.answers.append(found(buyer=owner))
    assert (found_id(asked(shop, buyer=buyer)) is not None) == told


@pytest.mark.parametrize(
    "more",
    [{"order": {"id": ORDER["id"], "carrier": "DHL"}}, {"vouched": False, "channel": "widget"}, {"text": "Hello!"}],
)
def test_nobody_is_asked_where_nothing_may_be_looked_up(shop: Receiver, more: dict) -> None:
    asked(shop, **more)
    assert shop.came == []


def test_an_answer_counts_for_a_while(shop: Receiver) -> None:
    clock = Seconds()
    looking, basis = source(shop, clock=clock), Basis(message=message(QUESTION))
    shop.answers += [found(), found()]
    assert [found_id(looking.complete(basis)) for _ in range(2)] == [ORDER["id"]] * 2 and len(shop.came) == 1
    clock.now += KEPT_S + 1
    looking.complete(basis)
    assert len(shop.came) == 2


def test_a_server_that_fails_again_and_again_is_left_alone(shop: Receiver) -> None:
    shop.answers += [Answer(503)] * (FAILURES + 3)
    looking, basis = source(shop), Basis(message=message(QUESTION))
    degraded = [looking.complete(basis).degraded for _ in range(FAILURES + 3)]
    assert set(degraded) == {("order_source",)} and len(shop.came) == FAILURES and ALONE_S > 0


@pytest.fixture
def app(drafter: Drafter, tmp_path: object, shop: Receiver) -> FastAPI:
    app = create_app(make_settings(tmp_path, call_private_addresses=True, order_source_seconds=0.5), drafter)  # type: ignore[arg-type]
    with signed_in(app, "ops", PASSWORD) as ops:
        site = ops.get("/v1/sites/default").json()
        assert ops.put("/v1/sites/default", json={**site, "order_source": f"{shop.url}/orders"}).status_code == 200
    return app


def test_a_message_is_drafted_with_the_order_of_the_shops_server(app: FastAPI, shop: Receiver) -> None:
    shop.answers.append(found())
    with TestClient(app, headers={"Authorization": f"Bearer {KEY}"}) as client:
        draft = client.post("/v1/messages", json={"text": QUESTION}).json()["draft"]
    assert "Cainiao" in draft["text"] and shop.came


def test_a_dead_server_shows_in_the_draft(app: FastAPI, shop: Receiver) -> None:
    shop.answers.append(Answer(500))
    with TestClient(app, headers={"Authorization": f"Bearer {KEY}"}) as client:
        draft = client.post("/v1/messages", json={"text": QUESTION}).json()["draft"]
    assert draft["text"] and "degraded" in [check["id"] for check in draft["checks"]]
