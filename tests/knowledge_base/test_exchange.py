"""Files of replies: read as they were written, faults by their line, nothing run and nothing guessed."""

from datetime import date

import pytest

from knowledge_base.edits import Reply, documents
from knowledge_base.exchange import Item, differences, exported, merged, read_jsonl, read_yaml
from knowledge_base.formats import READERS, WRITERS
from knowledge_base.knowledge import read_knowledge
from knowledge_base.spreadsheet import guarded, read_csv, unguarded

REPLIES = documents(read_knowledge().replies)
SHIPPED = REPLIES["order_tracking.shipped"]
WIDE = SHIPPED.model_copy(
    update={
        "scope": SHIPPED.scope.model_copy(update={"markets": ("NO", "SE"), "channels": ("amazon",)}),
        "valid_from": date(2026, 7, 1),
        "retired": True,
    }
)


@pytest.mark.parametrize("format", sorted(WRITERS))
@pytest.mark.parametrize("reply", [*list(REPLIES.values())[::13], WIDE], ids=lambda reply: reply.id)
def test_what_is_written_is_read_without_a_difference(format: str, reply: Reply) -> None:
    items, faults = READERS[format](WRITERS[format]([exported(reply, 3)]))  # type: ignore[index]
    assert faults == [] and len(items) == 1
    written = merged(items[0].data, None)
    assert not isinstance(written, list) and differences(reply.written, written) == []
    again = merged(items[0].data, reply)
    assert not isinstance(again, list) and differences(reply.written, again) == []


@pytest.mark.parametrize("format", sorted(WRITERS))
def test_one_language_in_a_file_leaves_the_others_as_they_are(format: str) -> None:
    items, _ = READERS[format](WRITERS[format]([exported(SHIPPED, 1, "de")]))  # type: ignore[index]
    assert items[0].data["languages"].keys() == {"de"}  # type: ignore[attr-defined]
    written = merged(items[0].data, SHIPPED)
    assert not isinstance(written, list) and differences(SHIPPED.written, written) == []


def test_a_row_of_one_sentence_changes_that_sentence_only() -> None:
    items, faults = read_csv("reply,language,field,name,text\norder_tracking.shipped,de,sentence,watching,Wir bleiben dran.\n")  # fmt: skip
    written = merged(items[0].data, SHIPPED)
    assert faults == [] and not isinstance(written, list)
    assert [item.place for item in differences(SHIPPED.written, written)] == [
        ("languages", "de", "sentences", "watching")
    ]


def test_a_sentence_that_the_structure_drops_is_dropped_in_every_language() -> None:
    data = exported(SHIPPED, 1, "de")
    data["sentences"] = [item for item in data["sentences"] if item["id"] != "watching"]  # type: ignore[attr-defined]
    del data["languages"]
    written = merged(data, SHIPPED)
    assert not isinstance(written, list)
    assert all("watching" not in words.sentences for words in written.languages.values())


# --- YAML --------------------------------------------------------------------------------------------------------------


def test_norway_stays_a_country_and_a_day_a_day() -> None:
    items, _ = read_yaml("- id: a.b\n  scope: {markets: [NO, SE]}\n  valid_from: 2026-07-01\n  retired: true\n")
    assert items[0].data["scope"] == {"markets": ["NO", "SE"]}
    assert items[0].data["valid_from"] == "2026-07-01" and items[0].data["retired"] is True


def test_each_part_knows_its_line() -> None:
    items, _ = read_yaml("# replies\n- id: a.b\n  languages:\n    en:\n      questions:\n      - one\n      - two\n")
    assert items[0].line == 2
    assert items[0].line_of(("languages", "en", "questions", 1)) == 7
    assert items[0].line_of(("languages", "en", "sentences", "x")) == 4


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("- id: [", 2),
        ("- id: a.b\n- just text\n", 2),
        ("- id: a.b\n  id: a.c\n", 2),
        ("- &a [x]\n- *a\n", 2),
        ("- id: !!python/object/apply:os.system [ls]\n", 1),
        ("[" * 5000, 1),
        ("- id: a.b\n\tname: x\n", 2),
        ("- id: \x00\n", 1),
    ],
)
def test_what_is_no_safe_yaml_is_named_with_its_line(text: str, line: int) -> None:
    _, faults = read_yaml(text)
    assert faults and (faults[0].line == line or text.startswith("[["))


@pytest.mark.parametrize("text", ["", "\n\n", "# nothing\n", "[]"])
def test_an_empty_file_holds_nothing(text: str) -> None:
    assert read_yaml(text) == ([], [])


# --- JSON lines --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("line", ["{", "[1]", '"text"', "NaN", "[" * 100_000])
def test_a_line_that_is_no_object_is_named(line: str) -> None:
    items, faults = read_jsonl('{"id": "a.b"}\n\n' + line + "\n")
    assert len(items) == 1 and [fault.line for fault in faults] == [3]


# --- CSV ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text", ["=HYPERLINK(1)", "+1", "-1", "@x", "\tx", "'quoted'", "'=x", "＝x", "plain", "", "it's", "don't = x"]
)
def test_a_cell_is_no_formula_and_comes_back_as_it_was(text: str) -> None:
    assert not guarded(text).startswith(("=", "+", "-", "@", "\t", "\r", "＝"))
    assert unguarded(guarded(text)) == text


def test_a_formula_in_a_wording_is_guarded_in_the_file() -> None:
    words = SHIPPED.languages["en"].model_copy(update={"questions": ("=1+1", "+49 call me", "-")})
    text = WRITERS["csv"]([exported(SHIPPED.model_copy(update={"languages": {"en": words}}), 1)])
    assert ",'=1+1\r\n" in text and ",'+49 call me\r\n" in text and ",'-\r\n" in text
    assert read_csv(text)[0][0].data["languages"]["en"]["questions"] == ["=1+1", "+49 call me", "-"]  # type: ignore[index]


def test_semicolons_and_a_byte_order_mark_are_read() -> None:
    items, faults = read_csv("\ufeffreply;language;field;name;text\r\na.b;en;question;;Where, please?\r\n;;;;\r\n")
    assert faults == [] and items[0].data["languages"] == {"en": {"questions": ["Where, please?"]}}


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (",en,sentence,left,x", "no reply"),
        ("a.b,en,verse,left,x", "none of"),
        ("a.b,,verse,,x", "none of"),
        ("a.b,en,sentence,,x", "sentence's id"),
        ("a.b,en,region,left,x", "en-GB"),
        ("a.b,,retired,,maybe", "true or false"),
        ("a.b,,sentence,left,{", "JSON"),
        ("a.b,,sentence,left,[1]", "object"),
        ("a.b,en,sentence,left,x\na.b,en,sentence,left,y", "twice"),
    ],
)
def test_a_row_that_cannot_be_read_is_named(row: str, told: str) -> None:
    _, faults = read_csv(f"reply,language,field,name,text\n{row}\n")
    assert [fault.line for fault in faults] == [row.count("\n") + 2] and told in faults[0].flaw.detail


@pytest.mark.parametrize("text", ["", "id,text\na,b\n", '"' + "a" * 200_000])
def test_a_table_of_something_else_is_refused(text: str) -> None:
    assert read_csv(text)[1]


def test_the_row_of_a_wording_is_known() -> None:
    items, _ = read_csv("reply,language,field,name,text\na.b,en,sentence,left,x\na.b,en,question,,y\n")
    assert items[0].line_of(("languages", "en", "sentences", "left")) == 2
    assert items[0].line_of(("languages", "en", "questions", 0)) == 3


# --- merging -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "place"),
    [
        ({"id": "a.b"}, ("sentences",)),
        ({"id": "a.b", "sentences": [{"id": "x"}], "when": ["moon"]}, ("when",)),
        ({"id": "a.b", "sentences": "x"}, ("sentences",)),
        ({"id": "a.b", "sentences": [{"id": "x"}], "languages": []}, ("languages",)),
        ({"id": "a.b", "sentences": [{"id": "x"}], "languages": {"en": "x"}}, ("languages", "en")),
        ({"id": "a.b", "sentences": [{"id": "x"}], "languages": {"en": {"sentences": {"x": 1}}}}, ("languages", "en", "sentences", "x")),
        ({"id": "a.b", "sentences": [{"id": "x"}], "colour": 1}, ("colour",)),
        ({}, ("id",)),
    ],
)  # fmt: skip
def test_what_the_schema_refuses_is_named_with_its_place(data: dict[str, object], place: tuple[str, ...]) -> None:
    flaws = merged(Item(1, data).data, None)
    assert isinstance(flaws, list) and place in [flaw.place for flaw in flaws]
