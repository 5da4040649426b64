"""The base model as a folder that sentence-transformers loads: for comparisons, and as a real model for that backend."""

from __future__ import annotations

import tempfile
from pathlib import Path

import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.models import Normalize, Pooling, Transformer
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
from torch import Tensor
from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

from models.tokens import PREFIX
from models.tuning.base import Base

MOST_TOKENS = 512
_LAYER = {
    "attention.self.query": "q",
    "attention.self.key": "k",
    "attention.self.value": "v",
    "attention.output.dense": "ao",
    "intermediate.dense": "fi",
    "output.dense": "fo",
}
_NORMS = {"attention.output.LayerNorm": "aln", "output.LayerNorm": "oln"}


def save_portable(base: Base, folder: Path) -> None:
    """Writes the base model as it was before any tuning, with its prefix for questions."""
    with tempfile.TemporaryDirectory() as made:
        _tokenizer(base).save_pretrained(made)
        network = BertModel(_config(base), add_pooling_layer=False)
        network.load_state_dict(_state(base))
        network.save_pretrained(made)
        word = Transformer(made, max_seq_length=MOST_TOKENS)
        layers = [word, Pooling(base.shape.width), Normalize()]
        SentenceTransformer(modules=layers, device="cpu", prompts={"query": PREFIX}).save(str(folder))


def _config(base: Base) -> BertConfig:
    shape = base.shape
    return BertConfig(
        vocab_size=shape.words, hidden_size=shape.width, num_hidden_layers=shape.layers, num_attention_heads=shape.heads, intermediate_size=shape.inner,
        max_position_embeddings=shape.positions, layer_norm_eps=shape.epsilon, pad_token_id=shape.padding,
    )  # fmt: skip


def _state(base: Base) -> dict[str, Tensor]:
    shape = base.shape
    state = {
        "embeddings.word_embeddings.weight": base.weights("emb.word", shape.words),
        "embeddings.position_embeddings.weight": base.floats("emb.pos").reshape(-1, shape.width),
        "embeddings.token_type_embeddings.weight": base.floats("emb.type").reshape(-1, shape.width),
        "embeddings.LayerNorm.weight": base.floats("emb.ln.w"),
        "embeddings.LayerNorm.bias": base.floats("emb.ln.b"),
    }
    for layer in range(shape.layers):
        for name, short in _LAYER.items():
            rows = shape.inner if short == "fi" else shape.width
            state[f"encoder.layer.{layer}.{name}.weight"] = base.weights(f"l{layer}.{short}.w", rows)
            state[f"encoder.layer.{layer}.{name}.bias"] = base.floats(f"l{layer}.{short}.b")
        for name, short in _NORMS.items():
            state[f"encoder.layer.{layer}.{name}.weight"] = base.floats(f"l{layer}.{short}.w")
            state[f"encoder.layer.{layer}.{name}.bias"] = base.floats(f"l{layer}.{short}.b")
    return {name: torch.from_numpy(values.copy()) for name, values in state.items()}


def _tokenizer(base: Base) -> PreTrainedTokenizerFast:
    shape = base.shape
    pieces = list(zip(base.pieces, base.scores.tolist(), strict=True))
    tokenizer = Tokenizer(models.Unigram(pieces, unk_id=shape.unknown))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Replace("\n", " ")])
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    start, end, padding, unknown = (base.pieces[one] for one in (shape.start, shape.end, shape.padding, shape.unknown))
    tokenizer.post_processor = processors.TemplateProcessing(single=f"{start} $A {end}", special_tokens=[(start, shape.start), (end, shape.end)])  # fmt: skip
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, bos_token=start, cls_token=start, eos_token=end, sep_token=end, pad_token=padding, unk_token=unknown,
        model_max_length=MOST_TOKENS,
    )  # fmt: skip
