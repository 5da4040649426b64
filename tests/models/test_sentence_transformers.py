"""The extra `transformers`, really run: a small sentence-transformers model, made here, behind the encoder's contract."""

import warnings
from pathlib import Path

import numpy as np
import pytest

sentence_transformers = pytest.importorskip("sentence_transformers", reason="the extra `transformers` is not installed")
pytestmark = [pytest.mark.transformers, pytest.mark.filterwarnings("ignore")]  # the libraries warn about each other

from knowledge_base.errors import IndexMismatch  # noqa: E402
from knowledge_base.search import Entry, ReplyIndex  # noqa: E402
from models.encoder import load_encoder  # noqa: E402

WORDS = [
    "[PAD]",
    "[UNK]",
    "[CLS]",
    "[SEP]",
    "where",
    "is",
    "my",
    "parcel",
    "the",
    "money",
    "back",
    "please",
    "refund",
    "broken",
    "lamp",
    "wo",
    "ist",
    "mein",
    "paket",
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A BERT of two layers with random weights (seeded), mean pooling, saved as sentence-transformers saves it."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers import models as modules
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    torch.manual_seed(7)
    home = tmp_path_factory.mktemp("bert")
    tokenizer = Tokenizer(models.WordLevel({word: number for number, word in enumerate(WORDS)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        unk_token="[UNK]",
        pad_token="[PAD]",
        cls_token="[CLS]",
        sep_token="[SEP]",
        model_max_length=64,
    )
    fast.save_pretrained(home)
    config = BertConfig(
        vocab_size=len(WORDS),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=64,
        max_position_embeddings=64,
    )
    BertModel(config).save_pretrained(home)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        word = modules.Transformer(str(home))
        made = SentenceTransformer(modules=[word, modules.Pooling(32)], device="cpu")
    target = tmp_path_factory.mktemp("encoder") / "tiny"
    made.save(str(target))
    return target


def test_a_model_by_path_gives_unit_vectors(folder: Path) -> None:
    encoder = load_encoder(str(folder))
    vectors = encoder.encode(["where is my parcel", "wo ist mein paket", ""])
    assert vectors.shape == (3, encoder.dim) == (3, 32) and vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors[:2], axis=1), 1, atol=1e-4)


def test_it_builds_an_index_that_the_embedded_encoder_refuses(folder: Path, tmp_path: Path) -> None:
    encoder = load_encoder(str(folder))
    entries = [
        Entry("a.one", "en", "question", "where is my parcel"),
        Entry("b.two", "en", "question", "refund please"),
    ]
    ReplyIndex.build(entries, "corpus", encoder).save(tmp_path)
    assert (
        ReplyIndex.load(tmp_path, "corpus", encoder).search(encoder.encode(["where is my parcel"]))[0][0].reply_id
        == "a.one"
    )
    with pytest.raises(IndexMismatch):
        ReplyIndex.load(tmp_path, "corpus", load_encoder("embedded"))


def test_a_path_that_is_not_there_is_said_and_nothing_is_fetched(tmp_path: Path) -> None:
    with pytest.raises(Exception, match="none-here"):
        load_encoder(str(tmp_path / "none-here"))
