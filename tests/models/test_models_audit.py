"""The labelled messages: every fault is named with its file and line, and variety is measured."""

import json

import pytest

from models.audit import AuditRules, SetRules, audit, read_set
from models.language import LanguageDetector
from models.variety import variety

LINE = {"text": "where is my parcel, it should be here by now", "intents": ["order_tracking"], "emotion": "neutral", "intensity": 0, "conduct": [], "market": "US", "history": None}  # fmt: skip
NONE = SetRules(messages=0, intent=0, emotion=0, conduct=0)


def rules(**sets):
    return AuditRules(
        intents=frozenset({"order_tracking", "refund_request"}), emotions=frozenset({"neutral", "angry"}), conduct=frozenset({"urgent"}),
        frequent_intents=frozenset(), written=frozenset({"mixed"}), allowed_domains=("example",), test_cards=frozenset({"4111111111111111"}),
        sets={"examples": NONE, "gate": NONE, "cases": NONE} | sets, offensive={"en": ("idiot",)},
    )  # fmt: skip


def findings(tmp_path, encoder, lines, kind="examples", given=None):
    path = tmp_path / "languages" / "en" / f"{kind}.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(json.dumps(line) for line in lines) + "\n", "utf-8")
    return list(audit([read_set(kind, path)], given or rules(), encoder, LanguageDetector()))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"intents": ["tracking"]}, "'tracking' is no label"),
        ({"also": ["lost"]}, "'lost' is no label"),
        ({"also": ["order_tracking"]}, "repeats the first intent"),
        ({"conduct": ["rude"]}, "'rude' is no label"),
        ({"emotion": "sad", "intensity": 0.5}, "'sad' is no label"),
        ({"emotion": "angry"}, "neutral has intensity 0, every other emotion more"),
        ({"market": "Spain"}, "is no country code"),
        ({"text": "write to maria.lopez@gmail.com about my parcel please"}, "could be somebody's address"),
        ({"text": "where is my parcel, call me on +49 30 901820 today"}, "could be somebody's number"),
        ({"text": "where is my parcel, my card is 5425 2334 3010 9903 ok"}, "could be a card"),
        ({"text": "wo bleibt mein Paket, es sollte schon längst da sein"}, "reads as de, stands under en"),
        ({"written": "odd"}, "`written` 'odd' is none of"),
        ({"text": "where is my parcel you idiot, it should be here"}, "'idiot' stands in a neutral message"),
    ],
)
def test_each_fault_is_named_with_its_line(tmp_path, encoder, change, said):
    found = findings(tmp_path, encoder, [LINE | change])
    assert any("examples.jsonl:1: " in line and said in line for line in found), found


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"text": "write to maria@shop.example.com about my parcel please"},
        {"text": "where is my parcel, call me on +1 212 555 0142 today"},
        {"text": "where is my parcel, my card is 4111 1111 1111 1111 ok"},
        {"text": "wo bleibt mein Paket, es sollte schon längst da sein", "written": "mixed"},
        {"text": "where is my parcel you idiot, it should be here", "emotion": "angry", "intensity": 0.8},
    ],
)
def test_what_is_right_passes(tmp_path, encoder, change):
    assert findings(tmp_path, encoder, [LINE | change]) == []


def test_the_same_words_twice_are_found_once_digits_are_masked(tmp_path, encoder):
    second = LINE | {"text": "where is my parcel 4711, it should be here by now"}
    found = findings(tmp_path, encoder, [LINE, second])
    assert any("examples.jsonl:2" in line and "examples.jsonl:1" in line for line in found)


def test_the_same_words_after_another_question_are_two_messages(tmp_path, encoder):
    turns = [[{"from": "seller", "text": text}] for text in ("which size?", "is it the blue one?")]
    found = findings(tmp_path, encoder, [LINE | {"history": turn} for turn in turns])
    assert found == []


def test_counts_that_fall_short_are_named(tmp_path, encoder):
    wanted = SetRules(messages=2, intent=1, emotion=1, conduct=1, several=0.5, history=0.5)
    found = "\n".join(findings(tmp_path, encoder, [LINE], given=rules(examples=wanted)))
    for said in (
        "1 messages, 2 wanted",
        "first intent refund_request stands 0 times",
        "emotion angry",
        "conduct urgent",
        "with history",
    ):
        assert said in found


def test_lines_of_one_template_are_counted_and_others_not():
    made = [
        f"where is my {thing} from order {number}, please tell me"
        for number, thing in enumerate(["lamp", "chair", "mug", "rug"] * 40)
    ]
    written = [
        "hi",
        "the strap broke after two days and I am quite sad",
        "LOL no. refund!",
        "can I still change the colour? ordered 5 min ago",
    ]
    assert variety(made).template > 0.9
    assert variety(written).template == 0.0
    assert variety(written).openings == 1.0
