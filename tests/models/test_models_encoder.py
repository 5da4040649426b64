import sys
import types

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.encoder import EncoderError, SentenceTransformerEncoder, load_encoder


@settings(deadline=None, max_examples=25)
@given(st.lists(st.text(alphabet=st.characters(), max_size=30), max_size=4))
def test_the_embedded_encoder_takes_any_text(texts):
    encoder = load_encoder()
    vectors = encoder.encode(texts)
    assert vectors.shape == (len(texts), encoder.dim)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-4)


def test_length_is_capped():
    encoder = load_encoder()
    assert np.array_equal(encoder.encode(["ab " * 5000]), encoder.encode([("ab " * 5000)[:2000]]))


def test_one_text_means_the_same_in_two_languages():
    english, german, other = load_encoder().encode(["where is my parcel", "wo ist mein Paket", "what size is it"])
    assert english @ german > english @ other + 0.3


def test_the_same_name_is_loaded_once():
    assert load_encoder() is load_encoder()


def test_a_missing_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    with pytest.raises(EncoderError, match=r"countersign\[transformers\]"):
        load_encoder("some/model")


def test_a_sentence_transformer_is_used_with_its_query_prompt(monkeypatch):
    class Model:
        prompts = {"query": "query: "}

        def __init__(self, name):
            self.name = name

        def get_sentence_embedding_dimension(self):
            return 2

        def encode(self, texts, **options):
            assert options == {"prompt_name": "query", "show_progress_bar": False}
            return np.array([[3.0, 4.0]] * len(texts))

    monkeypatch.setitem(sys.modules, "sentence_transformers", types.SimpleNamespace(SentenceTransformer=Model))
    encoder = SentenceTransformerEncoder("some/model")
    assert encoder.encode(["a\ud800"]).tolist() == [[pytest.approx(0.6), pytest.approx(0.8)]]
    assert encoder.encode([]).shape == (0, 2)
