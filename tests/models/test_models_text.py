import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.text import clean, encode_text, split_parts

ANY = st.text(alphabet=st.characters(), max_size=200)
MESSY = st.text(
    alphabet=st.sampled_from("aZ é\u0301。！？.,?!\n\r\t\x00\u200b\u200d\u202e\ufeff😀👨👩\ud800ąя你好か 1"),
    max_size=80,
)


def surfaces(text):
    return [text[part.start : part.end] for part in split_parts(text)]


@given(st.one_of(ANY, MESSY))
def test_cleaning_twice_changes_nothing(text):
    assert clean(clean(text)) == clean(text)


@given(st.one_of(ANY, MESSY))
def test_cleaned_text_can_be_written_as_utf8(text):
    clean(text).encode("utf-8")


@given(st.one_of(ANY, MESSY))
def test_parts_are_disjoint_and_cover_all_that_is_not_space(text):
    parts = split_parts(text)
    gaps = "".join(
        text[a:b] for a, b in zip([0, *(p.end for p in parts)], [*(p.start for p in parts), len(text)], strict=True)
    )
    assert not gaps.strip()
    assert bool(parts) == bool(text.strip())
    assert all(part.start < part.end for part in parts)


@pytest.mark.parametrize(
    ("raw", "cleaned"),
    [
        ("a\x00b", "a b"),
        ("e\u0301", "é"),
        ("pay\u202eme", "payme"),
        ("a\r\nb\u2028c", "a\nb\nc"),
        ("\ud83dx", "\ufffdx"),
        ("👨‍👩‍👧 ok", "👨‍👩‍👧 ok"),
        ("zero\u200bwidth\u200d", "zerowidth"),
        ("می‌خواهم", "می‌خواهم"),
    ],
)
def test_only_harmful_characters_are_removed(raw, cleaned):
    assert clean(raw) == cleaned


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Where is it? It is late.", ["Where is it?", "It is late."]),
        ("价格多少？有货吗", ["价格多少？", "有货吗"]),
        ("أين طلبي؟ أريد استرداد المال", ["أين طلبي؟", "أريد استرداد المال"]),
        ("line one\nline two", ["line one", "line two"]),
        ("thanks 😊", ["thanks 😊"]),
        ("costs 1.50 at example.com today", ["costs 1.50 at example.com today"]),
        ("am 3. Mai z.B. um 9", ["am 3. Mai z.B. um 9"]),
        (
            "hola compre las zapatillas el mes pasado y me llegaron con la suela despegada quiero que me manden otras",
            [
                "hola compre las zapatillas el mes pasado",
                "y me llegaron con la suela despegada",
                "quiero que me manden otras",
            ],
        ),
    ],
)
def test_a_message_is_cut_where_a_request_may_start(text, parts):
    assert surfaces(text) == parts


def test_an_endless_message_has_a_bounded_number_of_parts():
    assert len(split_parts("Where is it? " * 500)) == 24


def test_whole_and_parts_are_encoded_in_one_batch(encoder):
    encoded = encode_text(encoder, "Where is it? Money back!")
    assert encoded.part_vectors.shape == (2, encoder.dim)
    assert np.allclose(encoded.part_vectors[1], encoder.encode(["Money back!"])[0])


def test_blank_text_has_no_parts(encoder):
    assert encode_text(encoder, "  ").part_vectors.shape == (0, encoder.dim)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("제주 우도인데 도선료 추가되나요? 글구 우도까지 와주긴 하는지", ["제주 우도인데 도선료 추가되나요?", "글구 우도까지 와주긴 하는지"]),
        ("발볼이 넓어서 한치수 업 하라길래 250 시켰더니 헐떡거려요", ["발볼이 넓어서", "한치수 업 하라길래", "250 시켰더니 헐떡거려요"]),
        ("주문한 상품이 아직 안 왔어요 환불해 주세요", ["주문한 상품이 아직 안 왔어요", "환불해 주세요"]),
        ("이 제품 정말 마음에 들고 배송도 빨랐습니다", ["이 제품 정말 마음에 들고 배송도 빨랐습니다"]),
    ],
)  # fmt: skip
def test_korean_is_cut_at_the_ends_of_clauses_and_not_at_each_space(text: str, parts: list[str]) -> None:
    assert [text[part.start : part.end] for part in split_parts(text)] == parts
