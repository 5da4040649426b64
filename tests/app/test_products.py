"""Products over HTTP: put in bulk, seen by the next draft, listed with where they come from."""

import json

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

FAN = {
    "sku": "FAN-2", "title": "Luma fan", "in_stock": True,
    "facts": [{"key": "noise", "sentences": {"en": "The fan runs at 28 dB on its lowest step."}, "asked_by": {"en": ["loud", "noise"]}}],
}  # fmt: skip


def put(client: TestClient, *products: dict[str, object], **more: object) -> int:
    return client.put("/v1/products", json={"products": list(products), **more}).status_code


def ask(client: TestClient, text: str = "How loud is the fan?") -> str:
    body = {"text": text, "product": {"sku": "FAN-2"}, "options": {"dry_run": True}}
    answer = client.post("/v1/messages", json=body)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["draft"]["text"])


def skus(client: TestClient) -> dict[str, str]:
    return {item["sku"]: item["source"] for item in client.get("/v1/products?limit=200").json()["items"]}


def test_the_next_draft_sees_a_product_that_was_put(client: TestClient) -> None:
    assert "28 dB" not in ask(client)
    assert put(client, FAN) == 200
    assert "28 dB" in ask(client)
    changed = {**FAN, "facts": [{**FAN["facts"][0], "sentences": {"en": "The fan runs at 24 dB."}}]}  # type: ignore[index, dict-item]
    assert put(client, changed) == 200
    assert "24 dB" in ask(client)


def test_products_lie_over_the_shipped_file_and_can_be_taken_out(ops: TestClient) -> None:
    assert skus(ops)["LH-LAMP-01"] == "shipped"
    assert put(ops, FAN, {"sku": "LH-LAMP-01", "title": "Luma lamp"}) == 200
    assert skus(ops)["LH-LAMP-01"] == skus(ops)["FAN-2"] == "edited"
    assert put(ops, removed=["LH-LAMP-01", "FAN-2"]) == 200
    assert not {"LH-LAMP-01", "FAN-2"} & skus(ops).keys()


def test_the_list_is_paged_to_its_end(ops: TestClient) -> None:
    put(ops, *({"sku": f"P{number:03}", "title": "A"} for number in range(25)))
    seen, cursor = [], ""
    for _ in range(9):
        page = ops.get(f"/v1/products?limit=10{cursor}").json()
        seen += [item["sku"] for item in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert seen == sorted(set(seen)) and {f"P{number:03}" for number in range(25)} <= set(seen)


@pytest.mark.parametrize(
    ("product", "pointer"),
    [
        ({"title": "A"}, "/products/0/sku"),
        ({"sku": "A", "title": ""}, "/products/0/title"),
        ({"sku": "A", "title": "A", "colour": "red"}, "/products/0/colour"),
        ({"sku": "A", "title": "A", "url": "not a link"}, "/products/0/url"),
        ({"sku": "A", "title": "A", "facts": [{"key": "a", "sentences": {"tlh": "a"}}]}, "/products/0/facts/0/sentences/tlh"),
    ],
)  # fmt: skip
def test_each_fault_is_named_and_nothing_is_stored(ops: TestClient, product: dict[str, object], pointer: str) -> None:
    answer = ops.put("/v1/products", json={"products": [product, FAN]})
    assert answer.status_code == 422
    assert pointer in [item["pointer"] for item in answer.json()["errors"]]
    assert "FAN-2" not in skus(ops)


def test_a_product_that_stands_twice_is_refused(ops: TestClient) -> None:
    assert put(ops, FAN, FAN) == 422


def test_the_scope_is_needed_and_agents_only_look(app: FastAPI, agent: TestClient) -> None:
    _, secret = app.state.access.create_key("reader", "integration", ("messages", "knowledge"))
    with TestClient(app, headers={"Authorization": f"Bearer {secret}"}) as other:
        assert other.get("/v1/products").status_code == 403 and put(other, FAN) == 403
    assert agent.get("/v1/products").status_code == 200 and put(agent, FAN) == 403


def test_a_large_catalogue_may_come_in_and_a_huge_one_not(ops: TestClient) -> None:
    long = {"key": "a", "sentences": {"en": "It is long. " * 50}}
    assert put(ops, *({"sku": f"P{number}", "title": "A", "facts": [long]} for number in range(1200))) == 200
    assert put(ops, {"sku": "A", "title": "A", "aliases": ["a" * 17_000_000]}) == 413


CSV = "sku,title,title.de,aliases,in_stock,restock_date,fact.noise.en,asked_by.noise.en\r\nFAN-2,Luma fan,Luma Ventilator,fan|small fan,false,2026-12-01,The fan runs at 28 dB.,loud|noise\r\n"


def bring(client: TestClient, text: str, kind: str = "text/csv", query: str = "") -> tuple[int, dict]:
    answer = client.post(f"/v1/products/import{query}", content=text.encode(), headers={"Content-Type": kind})
    return answer.status_code, answer.json()


def test_a_table_of_products_comes_in_after_a_dry_run(ops: TestClient) -> None:
    assert bring(ops, CSV, query="?dry_run=true") == (200, {"dry_run": True, "put": 1, "errors": []})
    assert "FAN-2" not in skus(ops)
    assert bring(ops, CSV)[0] == 200 and "28 dB" in ask(ops)
    held = next(item for item in ops.get("/v1/products?limit=200").json()["items"] if item["sku"] == "FAN-2")
    assert held["titles"] == {"de": "Luma Ventilator"} and held["aliases"] == ["fan", "small fan"]
    assert held["in_stock"] is False and held["restock_date"] == "2026-12-01"


def test_lines_of_json_come_in_too(ops: TestClient) -> None:
    assert bring(ops, json.dumps(FAN) + "\n", "application/x-ndjson")[0] == 200 and "28 dB" in ask(ops)


@pytest.mark.parametrize(
    ("text", "row"),
    [
        ("sku,colour\nA,red\n", 1),
        ("", 1),
        ("sku,title\nA,A\n,B\n", 3),
        ("sku,title,in_stock\nA,A,perhaps\n", 2),
        ("sku,title,fact.a.tlh\nA,A,x\n", 2),
        ("sku,title\nA,A\nA,B\n", 3),
    ],
)
def test_a_fault_in_any_row_keeps_all_of_it_out(ops: TestClient, text: str, row: int) -> None:
    assert [error["row"] for error in bring(ops, text, query="?dry_run=true")[1]["errors"]] == [row]
    status, problem = bring(ops, text)
    assert status == 422 and problem["errors"][0]["pointer"].startswith(f"/rows/{row}")
    assert "A" not in skus(ops)


def test_who_may_bring_products(agent: TestClient) -> None:
    assert bring(agent, CSV)[0] == 403
