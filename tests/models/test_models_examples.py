import json

import pytest

from models.examples import ExamplesError, Turn, read_examples

ROW = {
    "text": "hola",
    "intents": ["greeting"],
    "emotion": "pleased",
    "intensity": 0.2,
    "conduct": [],
    "market": "ES",
    "history": [{"from": "seller", "text": "hi"}],
}


def write(path, *rows):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows), "utf-8")
    return path


def test_a_line_becomes_an_example(tmp_path):
    (example,) = read_examples([write(tmp_path / "languages" / "es" / "examples.jsonl", ROW)])
    assert (example.text, example.language, example.intents, example.intensity) == ("hola", "es", ("greeting",), 0.2)
    assert example.history == (Turn("seller", "hi"),)


@pytest.mark.parametrize(
    ("name", "extra", "language"),
    [("languages/pt/examples.jsonl", {}, "pt"), ("zh.dev.jsonl", {}, "zh"), ("zh.jsonl", {"lang": "ja"}, "ja")],
)
def test_the_language_is_told_by_line_folder_or_file(tmp_path, name, extra, language):
    (example,) = read_examples([write(tmp_path / name, {**ROW, **extra})])
    assert example.language == language


def test_a_plain_label_is_read(tmp_path):
    (example,) = read_examples([write(tmp_path / "en.jsonl", {"text": "x y", "label": "oos"})])
    assert example.intents == ("oos",)


@pytest.mark.parametrize(
    "fault",
    [
        "{",
        "[]",
        {"intents": ["a"]},
        {"text": " "},
        {"text": "a", "intents": ["a", 1]},
        {"text": "a", "intensity": 2},
        {"text": "a", "intensity": True},
        {"text": "a", "history": {}},
        {"text": "a", "history": [{"from": "bot", "text": "x"}]},
        {"text": "a", "market": 3},
    ],
)
def test_a_fault_is_named_with_file_and_line(tmp_path, fault):
    path = write(tmp_path / "en.jsonl", ROW, "", fault)
    with pytest.raises(ExamplesError) as caught:
        read_examples([path])
    assert caught.value.faults[0].startswith(f"{path}:3: ")
