"""The index: built aside, held to its manifest, blind to nothing."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from knowledge_base.errors import IndexMismatch
from knowledge_base.search import Entry, ReplyIndex
from knowledge_base.vectors import FloatArray


class Letters:
    """An exact fake encoder: a text's vector counts its letters."""

    name, revision, dim = "letters", "1", 26

    def encode(self, texts: Sequence[str]) -> FloatArray:
        rows = (
            np.array([[text.lower().count(chr(97 + place)) for place in range(26)] for text in texts], dtype=np.float32)
            + 1e-6
        )
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)


ENTRIES = [
    Entry("a.one", "en", "question", "aaab"),
    Entry("a.one", "de", "question", "aaaa"),
    Entry("b.two", "en", "question", "zzz"),
    Entry("c.three", "en", "question", "aabb"),
]


def test_a_search_returns_each_reply_once_best_first() -> None:
    hits = ReplyIndex.build(ENTRIES, "corpus", Letters()).search(Letters().encode(["aaaa"]))[0]
    assert [hit.reply_id for hit in hits] == ["a.one", "c.three", "b.two"]
    assert hits[0].entry.language == "de" and hits[0].score == pytest.approx(1.0, abs=1e-4)


def test_replies_can_be_left_out() -> None:
    hits = ReplyIndex.build(ENTRIES, "corpus", Letters()).search(
        Letters().encode(["aaaa"]), lambda entry: entry.reply_id != "a.one"
    )[0]
    assert [hit.reply_id for hit in hits] == ["c.three", "b.two"]


def test_an_empty_index_finds_nothing() -> None:
    assert ReplyIndex.build([], "corpus", Letters()).search(Letters().encode(["a"])) == [[]]


def test_a_saved_index_is_loaded_as_it_was(tmp_path: Path) -> None:
    built = ReplyIndex.build(ENTRIES, "corpus", Letters())
    built.save(tmp_path)
    loaded = ReplyIndex.load(tmp_path, "corpus", Letters())
    assert loaded.manifest == built.manifest
    assert loaded.search(Letters().encode(["zz"]))[0][0].reply_id == "b.two"


@pytest.mark.parametrize(
    "change", [{"corpus": "other"}, {"encoder": "other"}, {"revision": "2"}, {"dim": 27}, {"entries": 3}, {"format": 0}]
)
def test_an_index_of_something_else_is_refused_and_says_what_to_run(tmp_path: Path, change: dict[str, object]) -> None:
    ReplyIndex.build(ENTRIES, "corpus", Letters()).save(tmp_path)
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    (tmp_path / "manifest.json").write_text(json.dumps(manifest | change))
    with pytest.raises(IndexMismatch, match="countersign knowledge index"):
        ReplyIndex.load(tmp_path, "corpus", Letters())


@pytest.mark.parametrize("name", ["index.faiss", "entries.json", "manifest.json"])
def test_a_damaged_or_missing_file_is_refused(tmp_path: Path, name: str) -> None:
    ReplyIndex.build(ENTRIES, "corpus", Letters()).save(tmp_path)
    (tmp_path / name).write_bytes(b"garbage")
    with pytest.raises(IndexMismatch):
        ReplyIndex.load(tmp_path, "corpus", Letters())
    (tmp_path / name).unlink()
    with pytest.raises(IndexMismatch):
        ReplyIndex.load(tmp_path, "corpus", Letters())
