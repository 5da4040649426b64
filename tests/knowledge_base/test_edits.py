"""Edits over the files: a new value each time, the shipped content untouched, the index in step."""

from dataclasses import replace
from datetime import date

import pytest

from knowledge_base.catalogue import Product
from knowledge_base.edits import Edits, Reply, documents
from knowledge_base.knowledge import Knowledge
from knowledge_base.overlay import lay_over, unfit
from knowledge_base.schema import Occasion
from knowledge_base.search import ReplyIndex
from tests.knowledge_base.test_search import ENTRIES, Letters

SHIPPED = "order_tracking.shipped"
HERE = Occasion("default", "api", None, date(2026, 11, 22))


def reply(knowledge: Knowledge, reply_id: str = SHIPPED, **changes: object) -> Reply:
    found = documents(knowledge.replies).get(reply_id)
    assert found is not None
    return Reply.model_validate(found.model_dump(mode="json", by_alias=True) | changes)


def test_a_document_is_read_as_it_was_written(knowledge: Knowledge) -> None:
    found = documents(knowledge.replies).get(SHIPPED)
    assert found == reply(knowledge) and found.written == reply(knowledge).written  # type: ignore[union-attr]


def test_no_edits_leave_the_shipped_content_as_it_is(knowledge: Knowledge) -> None:
    assert lay_over(knowledge, Edits()) is knowledge


def test_an_edited_reply_takes_the_place_of_the_shipped_one(knowledge: Knowledge) -> None:
    edited = lay_over(knowledge, Edits((reply(knowledge, when=["order.known"]),)))
    assert [item.text for item in edited.replies.get_situation(SHIPPED).when] == ["order.known"]
    assert [item.id for item in edited.replies.situations()] == [item.id for item in knowledge.replies.situations()]
    assert [item.text for item in knowledge.replies.get_situation(SHIPPED).when] != ["order.known"]


def test_a_language_that_an_edit_leaves_out_is_gone(knowledge: Knowledge) -> None:
    document = reply(knowledge)
    only = document.model_copy(update={"languages": {"en": document.languages["en"]}})
    edited = lay_over(knowledge, Edits((only,)))
    assert edited.replies.find_variant(SHIPPED, "en", HERE) and not edited.replies.find_variant(SHIPPED, "de", HERE)


def test_a_retired_reply_is_nowhere(knowledge: Knowledge) -> None:
    edited = lay_over(knowledge, Edits((reply(knowledge, retired=True),)))
    assert documents(edited.replies).get(SHIPPED) is None
    assert SHIPPED not in {entry.reply_id for entry in edited.entries()}


def test_an_edit_that_no_longer_fits_is_left_out_and_named(knowledge: Knowledge) -> None:
    stale = Edits((reply(knowledge, wants=["slot_of_old_times"]),))
    assert lay_over(knowledge, stale) is knowledge
    assert [flaw.pointer for flaw in unfit(knowledge, stale)[SHIPPED]] == ["/wants/0"]


def test_products_lie_over_the_shipped_catalogue(knowledge: Knowledge) -> None:
    edits = Edits(products=(Product(sku="NEW-1", title="New lamp"),), removed=frozenset({"LH-LAMP-01"}))
    catalogue = lay_over(knowledge, edits).catalogue
    assert catalogue.find("NEW-1") and not catalogue.find("LH-LAMP-01") and len(catalogue) == len(knowledge.catalogue)


@pytest.mark.parametrize(
    "other",
    [
        lambda knowledge: Edits((reply(knowledge, when=["order.known"]),)),
        lambda knowledge: Edits(products=(Product(sku="A", title="A"),)),
        lambda knowledge: Edits(removed=frozenset({"A"})),
    ],
)
def test_the_version_tells_every_edit(knowledge: Knowledge, other: object) -> None:
    edits = other(knowledge)  # type: ignore[operator]
    version = lay_over(knowledge, edits).version
    assert version == lay_over(knowledge, edits).version
    assert len({knowledge.version, version, lay_over(replace(knowledge, version="x"), edits).version}) == 3


class Counting(Letters):
    """Letters that counts the texts it encodes."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def encode(self, texts):  # type: ignore[no-untyped-def]
        self.texts += texts
        return super().encode(texts)


def test_only_changed_texts_are_encoded_again() -> None:
    old, encoder = ReplyIndex.build(ENTRIES, "old", Letters()), Counting()
    changed = [*ENTRIES[:3], replace(ENTRIES[3], text="qqq")]
    new = old.rebuilt(changed, "new", encoder)
    assert encoder.texts == ["qqq"] and new.manifest.corpus == "new" and new.manifest.entries == 4
    vectors = Letters().encode(["qqqq", "aaaa", "aabb"])
    fresh = ReplyIndex.build(changed, "new", Letters())
    assert new.search(vectors) == fresh.search(vectors)
    assert old.search(vectors)[2][0].reply_id == "c.three"


def test_entries_may_come_and_go() -> None:
    old = ReplyIndex.build(ENTRIES, "old", Letters())
    assert old.rebuilt([], "new", Letters()).search(Letters().encode(["a"])) == [[]]
    assert old.rebuilt([], "new", Letters()).rebuilt(ENTRIES, "old", Letters()).manifest == old.manifest


def test_the_same_entries_keep_their_vectors_under_the_new_version() -> None:
    old, encoder = ReplyIndex.build(ENTRIES, "old", Letters()), Counting()
    assert old.rebuilt(ENTRIES, "new", encoder).manifest.corpus == "new" and encoder.texts == []
