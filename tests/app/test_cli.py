"""The command line: the main job without a server, and clear words for bad input."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.cli import app
from tests.conftest import ORDER

RUN = CliRunner()


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data")


def run(data: Path, *words: str) -> tuple[int, str]:
    result = RUN.invoke(app, list(words), env={"COUNTERSIGN_DATA_DIR": str(data)}, catch_exceptions=False)
    return result.exit_code, result.output


def test_a_draft_is_printed_with_all_that_explains_it(data: Path, tmp_path: Path) -> None:
    file = tmp_path / "order.json"
    file.write_text(json.dumps(ORDER))
    code, text = run(
        data,
        "draft",
        "¿Dónde está mi pedido? Ya pasaron tres semanas",
        "--market",
        "MX",
        "--agent-language",
        "zh",
        "--order",
        str(file),
        "--received-at",
        "2026-11-22T09:30:00+08:00",
    )
    assert code == 0
    for expected in (
        "intent",
        "emotion",
        "Draft · es",
        "Gloss · zh",
        "Where each sentence comes from",
        "Adjusted for the market",
        "Checked",
        "8123456789012345",
    ):
        assert expected in text


def test_the_contracts_object_is_printed_as_json(data: Path) -> None:
    code, text = run(data, "draft", "where is my order?", "--json")
    answer = json.loads(text[text.index("{") :])
    assert code == 0 and {"message", "analysis", "draft"} == answer.keys() and answer["draft"]["segments"]


def test_a_text_is_read(data: Path) -> None:
    code, text = run(data, "analyze", "Wo ist meine Bestellung?", "--json")
    assert code == 0 and json.loads(text[text.index("{") :])["language"]["code"] == "de"


@pytest.mark.parametrize(
    "words",
    [
        ("draft", "   "),
        ("draft", "hello", "--market", "XX"),
        ("analyze", "hello", "--market", "Germany"),
        ("draft", "hi", "--received-at", "yesterday"),
        ("models", "promote", "intent", "none"),
        ("train", "mood"),
        ("keys", "revoke", "k_none"),
        ("keys", "create", "x", "--role", "king"),
    ],
)
def test_bad_input_ends_with_two_and_says_why(data: Path, words: tuple[str, ...]) -> None:
    code, text = run(data, *words)
    assert code == 2 and "countersign:" in text and "Traceback" not in text


def test_an_order_file_that_is_no_json_is_named(data: Path, tmp_path: Path) -> None:
    file = tmp_path / "order.json"
    file.write_text("{")
    code, text = run(data, "draft", "hi", "--order", str(file))
    assert code == 2 and "order.json" in text


def test_a_key_is_made_listed_and_revoked(data: Path) -> None:
    code, text = run(data, "keys", "create", "shop", "--scopes", "messages,drafts")
    key_id, secret = text.split()[-2:]
    assert code == 0 and secret.startswith("sk_")
    listed = run(data, "keys", "list")[1]
    assert key_id in listed and secret not in listed
    assert run(data, "keys", "revoke", key_id)[0] == 0 and "revoked" in run(data, "keys", "list")[1]


def test_an_account_is_made_and_its_password_changed(data: Path) -> None:
    assert run(data, "accounts", "create", "li", "--password", "a long password")[0] == 0
    assert run(data, "accounts", "password", "li", "--password", "another long one")[0] == 0
    assert run(data, "accounts", "password", "nobody", "--password", "another long one")[0] == 2


def test_the_knowledge_is_checked_indexed_and_searched(data: Path) -> None:
    assert run(data, "knowledge", "check", "--no-corpus")[0] == 0
    assert "texts" in run(data, "knowledge", "index")[1]
    code, text = run(data, "knowledge", "search", "wo ist mein paket")
    assert code == 0 and "order_tracking" in text


def test_an_index_of_other_content_is_refused_with_what_to_run(data: Path) -> None:
    manifest = data / "index" / "manifest.json"
    run(data, "knowledge", "index")
    kept = manifest.read_text()
    manifest.write_text(kept.replace('"corpus": "', '"corpus": "x'))
    code, text = run(data, "draft", "hello, where is it")
    manifest.write_text(kept)
    assert code == 2 and "countersign knowledge index" in text
