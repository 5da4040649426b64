"""The tuned encoder: what it sees, what it has learned from, and that joining and remembering change nothing."""

import numpy as np
import pytest

from models.encoder import EncoderError, JoinedEncoder, load_encoder, load_reader
from models.examples import Turn
from models.remembering import RememberingEncoder
from models.tokens import MOST_TOKENS, told_before
from models.tuned import fingerprint


@pytest.fixture(scope="module")
def reader() -> JoinedEncoder:
    return load_reader()


def test_messages_that_want_the_same_lie_together_across_languages(reader):
    spanish, german, other = reader.encode(
        ["¿dónde está mi paquete?", "wo bleibt mein Paket?", "do you have this in XL?"]
    )
    assert spanish @ german > 0.6
    assert spanish @ other < 0.5


def test_what_stood_before_changes_how_a_short_answer_is_read(reader):
    bare, answered = reader.encode(["blue, 42", "blue, 42"], ["", "S: which size and colour would you like instead?"])
    assert bare @ answered < 0.99


def test_only_the_last_two_turns_are_told():
    history = [Turn("buyer", "one"), Turn("seller", "two"), Turn("buyer", "three")]
    assert told_before(history) == "S: two / B: three"


@pytest.mark.parametrize(
    "text", ["", " ", "\n", "\ud800", "ﷺ" * 300, "a" * 20_000, "👍🏽" * 50, "\x00", "é" * 3, "़" * 2000]
)
def test_any_text_has_a_unit_vector(reader, text):
    vector = reader.encode([text])[0]
    assert vector.shape == (reader.dim,)
    assert np.isfinite(vector).all()
    assert np.linalg.norm(vector) <= 1.001


def test_a_vector_does_not_depend_on_its_company(reader):
    texts = ["hello", "where is my order", "x" * 900]
    together, alone = reader.encode(texts), np.concatenate([reader.encode([text]) for text in texts])
    assert np.abs(together - alone).max() < 1e-5


def test_the_general_half_is_the_search_encoder_s_own_vector(reader):
    text = ["wie lange dauert der Versand?"]
    assert np.allclose(reader.general_part(reader.encode(text)), load_encoder().encode(text), atol=1e-5)


def test_it_knows_which_texts_it_has_learned_from(reader):
    assert reader.unseen(["a sentence that nobody wrote into the corpus, 5521"]).tolist() == [True]
    assert fingerprint("a") != fingerprint("b")


def test_long_texts_are_read_at_both_ends(reader):
    ids = reader._tuned._tokenizer.encode("begin " + "middle " * 500 + "end")
    assert len(ids) == MOST_TOKENS + 2


def test_what_is_remembered_is_what_would_be_encoded(encoder, tmp_path):
    first = RememberingEncoder(encoder, tmp_path)
    vectors = first.encode(["one", "two"], ["", "before"])
    first.keep()

    class Asleep:
        name, revision, dim = encoder.name, encoder.revision, encoder.dim

    again = RememberingEncoder(Asleep(), tmp_path)
    assert np.array_equal(again.encode(["one", "two"], ["", "before"]), vectors)


def test_a_damaged_memory_is_as_good_as_none(encoder, tmp_path):
    first = RememberingEncoder(encoder, tmp_path)
    first.encode(["one"])
    first.keep()
    (file,) = tmp_path.glob("*.npz")
    file.write_bytes(b"damaged")
    assert RememberingEncoder(encoder, tmp_path).encode(["one"]).shape == (1, encoder.dim)


def test_missing_weights_say_how_to_make_them(monkeypatch, tmp_path):
    monkeypatch.setattr("models.encoder.TUNED", tmp_path)
    load_reader.cache_clear()
    with pytest.raises(EncoderError, match=r"python -m models\.tuning"):
        load_reader()
    load_reader.cache_clear()


@pytest.mark.parametrize(
    "text", ["qwpoe zmxnc lkasjd qpwoe", "sdfkjh sdfkjhs dfkjhsdf", "фывапролд жэячсм", "hjklz hjklm jklw"]
)
def test_letters_that_form_no_words_are_noticed(reader, text):
    assert reader.garbled(text)


@pytest.mark.parametrize(
    "text",
    [
        "where is my parcel",
        "tmm tşk",
        "wo isch mis päckli",
        "بغيت فلوسي ترجع ع البطاقه",
        "弊 填咗舊電話添",
        "ok",
        "8123456789012345",
        "gdzie jest paczka???",
    ],
)
def test_real_words_are_not(reader, text):
    assert not reader.garbled(text)


def test_nothing_remembered_is_nothing_kept(encoder, tmp_path):
    RememberingEncoder(encoder, tmp_path).keep()
    assert not list(tmp_path.iterdir())
