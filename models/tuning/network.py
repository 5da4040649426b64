"""The encoder in torch: BERT (Devlin et al. 2019) with the base model's weights, and the heads that it is tuned through."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from models.tuning.base import Base, Shape

SCALE = 8.0
"""Length of the vectors that the heads see: unit vectors leave linear heads too flat a softmax."""


class Outputs(NamedTuple):
    """Of n messages: `first` and `every` (n, intents), `emotion` (n, emotions), `conduct` (n, flags), `intensity` (n,)."""

    first: Tensor
    every: Tensor
    emotion: Tensor
    conduct: Tensor
    intensity: Tensor


class Block(nn.Module):
    """One transformer layer, normalised after each sublayer."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        width = shape.width
        self.heads = shape.heads
        self.q, self.k, self.v, self.ao = (nn.Linear(width, width) for _ in range(4))
        self.aln = nn.LayerNorm(width, shape.epsilon)
        self.fi, self.fo = nn.Linear(width, shape.inner), nn.Linear(shape.inner, width)
        self.oln = nn.LayerNorm(width, shape.epsilon)

    def forward(self, hidden: Tensor, mask: Tensor, dropout: float = 0.0) -> Tensor:
        """`hidden` (n, length, width); `mask` (n, 1, 1, length) adds to attention scores."""
        count, length, width = hidden.shape

        def split(values: Tensor) -> Tensor:
            return values.view(count, length, self.heads, -1).transpose(1, 2)

        query, key, value = split(self.q(hidden)), split(self.k(hidden)), split(self.v(hidden))
        # Written out: on AMX the fused kernel's backward pass takes twice as long (measured November 2026).
        attention = (query @ key.transpose(-1, -2) * (width // self.heads) ** -0.5 + mask).softmax(-1)
        mixed = (attention @ value).transpose(1, 2).reshape(count, length, width)
        hidden = self.aln(hidden + functional.dropout(self.ao(mixed), dropout, self.training))
        inner = self.fo(functional.gelu(self.fi(hidden)))
        normed: Tensor = self.oln(hidden + functional.dropout(inner, dropout, self.training))
        return normed


class Network(nn.Module):
    """Word vectors in, one mean-pooled vector a text out."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.positions = nn.Parameter(torch.zeros(shape.positions, shape.width))
        self.kind = nn.Parameter(torch.zeros(shape.width))
        self.norm = nn.LayerNorm(shape.width, shape.epsilon)
        self.blocks = nn.ModuleList(Block(shape) for _ in range(shape.layers))

    def forward(self, words: Tensor, present: Tensor, dropout: float = 0.0) -> Tensor:
        """(n, width) from word vectors (n, length, width) and `present` (n, length), 1 where a token stands."""
        hidden = self.norm(words + self.positions[: words.shape[1]] + self.kind)
        hidden = functional.dropout(hidden, dropout, self.training)
        mask = ((1 - present) * -1e4).to(hidden.dtype)[:, None, None, :]
        for block in self.blocks:
            hidden = block(hidden, mask, dropout)
        weights = present.to(hidden.dtype)[..., None]
        return (hidden * weights).sum(1) / weights.sum(1)


class Heads(nn.Module):
    """One linear head a label set, over the unit vector."""

    def __init__(self, width: int, intents: int, emotions: int, flags: int) -> None:
        super().__init__()
        self.drop = nn.Dropout(0.2)
        self.first, self.every = nn.Linear(width, intents), nn.Linear(width, intents)
        self.emotion, self.conduct, self.intensity = (nn.Linear(width, size) for size in (emotions, flags, 1))
        nn.init.constant_(self.every.bias, -3.5)  # few labels hold of a message: start from rare
        nn.init.constant_(self.conduct.bias, -3.0)

    def forward(self, vectors: Tensor) -> Outputs:
        """Scores from pooled vectors (n, width)."""
        unit = self.drop(functional.normalize(vectors.float(), dim=-1) * SCALE)
        return Outputs(
            self.first(unit), self.every(unit), self.emotion(unit), self.conduct(unit), self.intensity(unit)[:, 0]
        )


def base_network(base: Base, layers: int | None = None) -> Network:
    """The base model's weights; with `layers` only so many of its layers, spread evenly, the last one kept."""
    shape = base.shape
    kept = _kept(shape.layers, layers or shape.layers)
    network = Network(replace(shape, layers=len(kept)))
    width = shape.width
    state = {
        "positions": torch.from_numpy(base.floats("emb.pos")).view(-1, width),
        "kind": torch.from_numpy(base.floats("emb.type"))[:width],
        "norm.weight": torch.from_numpy(base.floats("emb.ln.w")),
        "norm.bias": torch.from_numpy(base.floats("emb.ln.b")),
    }
    for place, layer in enumerate(kept):
        for name, rows in (("q", width), ("k", width), ("v", width), ("ao", width), ("fi", shape.inner), ("fo", width)):
            state[f"blocks.{place}.{name}.weight"] = torch.from_numpy(base.weights(f"l{layer}.{name}.w", rows))
            state[f"blocks.{place}.{name}.bias"] = torch.from_numpy(base.floats(f"l{layer}.{name}.b"))
        for name in ("aln", "oln"):
            state[f"blocks.{place}.{name}.weight"] = torch.from_numpy(base.floats(f"l{layer}.{name}.w"))
            state[f"blocks.{place}.{name}.bias"] = torch.from_numpy(base.floats(f"l{layer}.{name}.b"))
    network.load_state_dict(state)
    return network


def _kept(count: int, wanted: int) -> list[int]:
    return [round((place + 1) * count / wanted) - 1 for place in range(wanted)]
