"""Multi-task fine-tuning: one encoder that learns intents, feeling and conduct at once, so that each steadies the others."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from zlib import crc32

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from models.examples import Example
from models.text import clean
from models.tokens import Tokenizer, told_before
from models.tuning.network import Heads, Network, Outputs
from models.types import FloatArray

HELD_OUT = 8
"""One message in eight is never seen, so that calibration and every later comparison have honest scores."""

SMOOTHING = 0.05
WEIGHTS = (1.0, 8.0, 0.5, 3.0, 0.5)
"""Of the five losses: first intent, every intent, emotion, conduct, intensity; about equal pull at the start."""

NO_LABEL = -100
Progress = Callable[[float, str], None]


@dataclass(frozen=True, slots=True)
class Recipe:
    """Chosen on held-out messages (docs/results/understanding.md). `decay` is the learning rate's from layer to layer."""

    epochs: int = 4
    batch: int = 48
    rate: float = 2.5e-4
    head_rate: float = 1e-3
    decay: float = 0.9
    warm_up: float = 0.08
    dropout: float = 0.1
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Labels:
    """The label sets, in the order of the heads' outputs."""

    intents: tuple[str, ...]
    emotions: tuple[str, ...]
    conduct: tuple[str, ...]

    @classmethod
    def of(cls, examples: Sequence[Example]) -> Labels:
        """All labels that occur."""
        return cls(
            tuple(sorted({label for e in examples for label in (*e.intents, *e.also)})),
            tuple(sorted({e.emotion for e in examples if e.emotion})),
            tuple(sorted({flag for e in examples for flag in e.conduct})),
        )


class Targets:
    """What the heads should say of some messages; messages without an emotion teach their intents only."""

    def __init__(self, examples: Sequence[Example], labels: Labels) -> None:
        self.first = torch.tensor(np.stack([_shares(example, labels.intents) for example in examples]))
        self.every = torch.tensor([[float(name in e.intents) for name in labels.intents] for e in examples])
        self.emotion = torch.tensor([labels.emotions.index(e.emotion) if e.emotion else NO_LABEL for e in examples])
        self.conduct = torch.tensor([[float(name in e.conduct) for name in labels.conduct] for e in examples])
        self.intensity = torch.tensor([e.intensity or 0.0 for e in examples])
        self.felt = (self.emotion != NO_LABEL).float()

    def loss(self, said: Outputs) -> Tensor:
        """The weighted sum of the five losses."""
        felt = self.felt.sum().clamp(min=1)
        flags = functional.binary_cross_entropy_with_logits(said.conduct, self.conduct, reduction="none").mean(1)
        losses = (
            -(self.first * functional.log_softmax(said.first, -1)).sum(-1).mean(),
            functional.binary_cross_entropy_with_logits(said.every, self.every),
            functional.cross_entropy(said.emotion, self.emotion, label_smoothing=SMOOTHING, reduction="sum") / felt,
            (flags * self.felt).sum() / felt,
            ((said.intensity - self.intensity) ** 2 * self.felt).sum() / felt,
        )
        return torch.stack([weight * loss for weight, loss in zip(WEIGHTS, losses, strict=True)]).sum()


def _shares(example: Example, intents: Sequence[str]) -> FloatArray:
    """The first intent has all, or twice what each defensible alternative has; smoothed over all labels."""
    weights = {example.intents[0]: 1.0, **dict.fromkeys(example.also, 0.5)}
    total = sum(weights.values())
    plain = np.array([weights.get(name, 0.0) / total for name in intents], dtype=np.float32)
    shares: FloatArray = (plain * (1 - SMOOTHING) + SMOOTHING / len(intents)).astype(np.float32)
    return shares


def held_out(text: str) -> bool:
    """Whether a message is kept from the encoder; the same for the same text for ever."""
    return crc32(text.encode("utf-8", "replace")) % HELD_OUT == 0


class Tuner:
    """A network with its heads while they learn. Computes in bfloat16, keeps 32-bit masters of the weights."""

    def __init__(
        self, network: Network, words: FloatArray, tokenizer: Tokenizer, labels: Labels, recipe: Recipe
    ) -> None:
        torch.manual_seed(recipe.seed)
        self._random = random.Random(recipe.seed)  # noqa: S311 - order of batches, no secret
        self.network, self.labels, self._recipe = network, labels, recipe
        self.heads = Heads(network.shape.width, len(labels.intents), len(labels.emotions), len(labels.conduct))
        self._words = torch.from_numpy(words).bfloat16()  # as they are in the base model: never trained
        self._tokenizer = tokenizer
        self._groups, self._masters = self._masters_of(network)

    def fit(self, examples: Sequence[Example], progress: Progress, after_epoch: Callable[[int], None]) -> None:
        """Learns from all of `examples`; `after_epoch` is called with the epoch, from 1."""
        recipe = self._recipe
        encoded = [self._tokenizer.encode(clean(e.text).replace("\n", " "), told_before(e.history)) for e in examples]
        steps = recipe.epochs * math.ceil(len(examples) / recipe.batch)
        optimizer = torch.optim.AdamW(self._groups, betas=(0.9, 0.98))
        pace = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: _pace(step, steps, recipe.warm_up))
        done = 0
        for epoch in range(1, recipe.epochs + 1):
            self.network.train()
            self.heads.train()
            for rows in self._batches(encoded):
                said = self.heads(self._vectors([encoded[row] for row in rows], recipe.dropout))
                Targets([examples[row] for row in rows], self.labels).loss(said).backward()
                self._step(optimizer)
                pace.step()
                done += 1
                if done % 50 == 0:
                    progress(done / steps, f"epoch {epoch} of {recipe.epochs}")
            after_epoch(epoch)

    @torch.no_grad()
    def say(self, examples: Sequence[Example]) -> Outputs:
        """The heads' scores of some messages."""
        self.network.eval()
        self.heads.eval()
        encoded = [self._tokenizer.encode(clean(e.text).replace("\n", " "), told_before(e.history)) for e in examples]
        said = [self.heads(self._vectors(encoded[at : at + 32])) for at in range(0, len(encoded), 32)]
        return Outputs(*(torch.cat([getattr(part, name) for part in said]) for name in Outputs._fields))

    def settle(self) -> Network:
        """The network with the 32-bit weights."""
        self.network.float()
        with torch.no_grad():
            for master, parameter in self._masters.items():
                parameter.copy_(master.detach())
        return self.network.eval()

    def _vectors(self, encoded: Sequence[Sequence[int]], dropout: float = 0.0) -> Tensor:
        length = max(map(len, encoded))
        ids = torch.full((len(encoded), length), self._tokenizer.marks.padding)
        present = torch.zeros(len(encoded), length)
        for row, own in enumerate(encoded):
            ids[row, : len(own)] = torch.tensor(own)
            present[row, : len(own)] = 1
        vectors: Tensor = self.network(self._words[ids], present, dropout)
        return vectors

    def _batches(self, encoded: Sequence[Sequence[int]]) -> Iterator[list[int]]:
        """Rows of like length together, so that little is padded, in random order."""
        size = self._recipe.batch
        order = self._random.sample(range(len(encoded)), len(encoded))
        shelves = [
            sorted(order[at : at + 32 * size], key=lambda row: len(encoded[row]))
            for at in range(0, len(order), 32 * size)
        ]
        batches = [shelf[at : at + size] for shelf in shelves for at in range(0, len(shelf), size)]
        self._random.shuffle(batches)
        yield from batches

    def _step(self, optimizer: torch.optim.Optimizer) -> None:
        for master, parameter in self._masters.items():
            if master is not parameter and parameter.grad is not None:
                master.grad, parameter.grad = parameter.grad.float(), None
        nn.utils.clip_grad_norm_(list(self._masters), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        with torch.no_grad():
            for master, parameter in self._masters.items():
                if master is not parameter:
                    parameter.copy_(master)

    def _masters_of(self, network: Network) -> tuple[list[dict[str, object]], dict[nn.Parameter, nn.Parameter]]:
        """(one group of optimizer settings a parameter, master weights by the parameter that computes).

        Lower layers learn slower (Howard and Ruder 2018). The network turns to bfloat16; the heads are their own masters.
        """
        recipe, depth = self._recipe, network.shape.layers
        groups: list[dict[str, object]] = []
        masters: dict[nn.Parameter, nn.Parameter] = {}
        copies = {name: nn.Parameter(own.detach().clone()) for name, own in network.named_parameters()}
        network.bfloat16()
        for name, own in network.named_parameters():
            above = depth - 1 - int(name.split(".")[1]) if name.startswith("blocks.") else depth
            masters[copies[name]] = own
            groups.append(_group(copies[name], recipe.rate * recipe.decay**above))
        for own in self.heads.parameters():
            masters[own] = own
            groups.append(_group(own, recipe.head_rate))
        return groups, masters


def _group(parameter: nn.Parameter, rate: float) -> dict[str, object]:
    return {"params": [parameter], "lr": rate, "weight_decay": 0.0 if parameter.ndim == 1 else 0.01}


def _pace(step: int, steps: int, warm_up: float) -> float:
    """The learning rate's share: up over the first steps, then down to nearly nothing."""
    return min(1.0, (step + 1) / max(1.0, warm_up * steps)) * max(0.02, (steps - step) / steps)
