"""Replies as a table for a spreadsheet: one text a row.

reply | language | field | name | text. Without a language a row tells something of the reply itself (`when`, `market`,
`valid_until` ...; `sentence` with its id as the name and what belongs to it as JSON). With one it is a wording:
`sentence`, `question`, or `region` (name: `en-GB/left`). A file without structure changes the words it holds, no more.
"""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping

from knowledge_base.exchange import Item, RowFault
from knowledge_base.proofread import Flaw, Place

COLUMNS = ("reply", "language", "field", "name", "text")
LISTS = {"when": "when", "technique": "techniques", "want": "wants"}
SCOPE = {"site": "sites", "channel": "channels", "market": "markets"}
FLAGS = ("fallback", "escalate", "retired")
SINGLE = ("event", "valid_from", "valid_until")
WORDS = ("sentence", "question", "region")
# A cell that begins so is taken for a formula by a spreadsheet (OWASP, CSV injection); an apostrophe before it is not.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_GUARDED = (*_FORMULA, "'")


def guarded(text: str) -> str:
    """Text that no spreadsheet runs; unguarded() gives it back."""
    return f"'{text}" if text.startswith(_GUARDED) else text


def unguarded(text: str) -> str:
    """The text as it was."""
    return text[1:] if text.startswith("'") and text[1:].startswith(_GUARDED) else text


# --- writing ----------------------------------------------------------------------------------------------------------


def write_csv(replies: Iterable[Mapping[str, object]]) -> str:
    """Begins with the mark by which spreadsheets know UTF-8."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for reply in replies:
        for row in _rows(reply):
            writer.writerow([reply["id"], *(guarded(cell) for cell in row)])
    return "\ufeff" + out.getvalue()


def _rows(reply: Mapping[str, object]) -> Iterator[tuple[str, str, str, str]]:
    for column, key in LISTS.items():
        yield from (("", column, "", text) for text in _texts(reply.get(key)))
    scope = reply.get("scope")
    for column, key in SCOPE.items():
        yield from (("", column, "", text) for text in _texts(scope.get(key) if isinstance(scope, dict) else None))
    yield from (("", key, "", str(reply[key])) for key in SINGLE if reply.get(key))
    yield from (("", key, "", "true") for key in FLAGS if reply.get(key))
    for sentence in _dicts(reply.get("sentences")):
        more = {key: value for key, value in sentence.items() if key != "id"}
        yield "", "sentence", str(sentence["id"]), json.dumps(more, ensure_ascii=False) if more else ""
    languages = reply.get("languages")
    for language, words in languages.items() if isinstance(languages, dict) else ():
        yield from ((language, "sentence", name, text) for name, text in words.get("sentences", {}).items())
        for region, texts in words.get("regions", {}).items():
            yield from ((language, "region", f"{region}/{name}", text) for name, text in texts.items())
        yield from ((language, "question", "", text) for text in words.get("questions", ()))


def _texts(value: object) -> list[str]:
    return [str(item) for item in value] if isinstance(value, list) else []


def _dicts(value: object) -> list[dict[str, object]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


# --- reading ----------------------------------------------------------------------------------------------------------


def read_csv(text: str) -> tuple[list[Item], list[RowFault]]:
    """Rows of one reply may stand anywhere; comma or semicolon, whichever the first line has."""
    text = text.removeprefix("\ufeff")
    first = text.partition("\n")[0]
    reader = csv.DictReader(
        io.StringIO(text, newline=""), delimiter=";" if first.count(";") > first.count(",") else ","
    )
    builders: dict[str, _Builder] = {}
    faults = []
    try:
        missing = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
        if missing:
            return [], [RowFault(1, Flaw((), f"the first line has no column {missing[0]!r}"))]
        for row in reader:
            if any(row.get(name) for name in COLUMNS):
                detail = _take(builders, {name: unguarded(row.get(name) or "") for name in COLUMNS}, reader.line_num)
                if detail:
                    faults.append(RowFault(reader.line_num, Flaw((), detail), row.get("reply")))
    except csv.Error as error:
        faults.append(RowFault(max(reader.line_num, 1), Flaw((), str(error))))
    return [builder.item() for builder in builders.values()], faults


def table_of(text: str) -> "csv.DictReader[str]":
    """The rows of a CSV text by the names of its first line."""
    text = text.removeprefix("\ufeff")
    first = text.partition("\n")[0]
    return csv.DictReader(io.StringIO(text, newline=""), delimiter=";" if first.count(";") > first.count(",") else ",")


def _take(builders: "dict[str, _Builder]", row: Mapping[str, str], line: int) -> str | None:
    reply_id = row["reply"].strip()
    if not reply_id:
        return "the row names no reply"
    builder = builders.setdefault(reply_id, _Builder(reply_id, line))
    language, field, name = (row[key].strip() for key in ("language", "field", "name"))
    return builder.word(language, field, name, row["text"], line) if language else builder.structure(field, name, row["text"].strip(), line)  # fmt: skip


class _Builder:
    """Gathers the rows of one reply."""

    def __init__(self, reply_id: str, line: int) -> None:
        self._line, self._lines = line, dict[Place, int]()
        self._data: dict[str, object] = {"id": reply_id}
        self._sentences: list[dict[str, object]] = []
        self._lists: dict[str, list[str]] = {}
        self._scope: dict[str, list[str]] = {}
        self._languages: dict[str, dict[str, object]] = {}

    def item(self) -> Item:
        """The reply as the other formats hold it."""
        data = self._data | self._lists
        for key, value in (("scope", self._scope), ("sentences", self._sentences), ("languages", self._languages)):
            if value:
                data[key] = value
        return Item(self._line, data, self._lines)

    def structure(self, field: str, name: str, text: str, line: int) -> str | None:
        """What is wrong with the row, or None."""
        if field in LISTS or field in SCOPE:
            known = self._lists if field in LISTS else self._scope
            values = known.setdefault((LISTS | SCOPE)[field], [])
            place = (LISTS[field],) if field in LISTS else ("scope", SCOPE[field])
            self._lines[*place, len(values)] = line
            values.append(text)
        elif field in FLAGS:
            if text.lower() not in ("true", "false"):
                return f"{field} is true or false"
            self._data[field] = text.lower() == "true"
            self._lines[(field,)] = line
        elif field in SINGLE:
            self._data[field] = text or None
            self._lines[(field,)] = line
        elif field == "sentence":
            return self._sentence(name, text, line)
        else:
            return f"{field!r} without a language is none of {', '.join((*LISTS, *SCOPE, *FLAGS, *SINGLE, 'sentence'))}"
        return None

    def _sentence(self, name: str, text: str, line: int) -> str | None:
        try:
            more = json.loads(text) if text else {}
        except (ValueError, RecursionError) as error:
            return f"what belongs to the sentence is not JSON: {error}"
        if not isinstance(more, dict):
            return "what belongs to the sentence is an object of JSON"
        self._lines["sentences", len(self._sentences)] = line
        self._sentences.append({"id": name, **more})
        return None

    def word(self, language: str, field: str, name: str, text: str, line: int) -> str | None:
        """What is wrong with the row, or None."""
        if field not in WORDS:
            return f"{field!r} with a language is none of {', '.join(WORDS)}"
        words = self._languages.setdefault(language, {})
        self._lines.setdefault(("languages", language), line)
        if field == "question":
            questions = words.setdefault("questions", [])
            assert isinstance(questions, list)  # noqa: S101 - set one line above
            self._lines["languages", language, "questions", len(questions)] = line
            questions.append(text)
            return None
        region, _, sentence = name.rpartition("/") if field == "region" else ("", "", name)
        if not sentence or (field == "region" and not region):
            return "the column name holds the sentence's id; for a region en-GB/left"
        place: Place = ("languages", language, "regions", region, sentence) if region else ("languages", language, "sentences", sentence)  # fmt: skip
        if place in self._lines:
            return f"{name} stands twice"
        self._lines[place] = line
        texts: object = words.setdefault("regions" if region else "sentences", {})
        assert isinstance(texts, dict)  # noqa: S101 - set one line above
        (texts.setdefault(region, {}) if region else texts)[sentence] = text
        return None
