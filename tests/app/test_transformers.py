"""A real causal language model, made on the spot: what it writes is judged like any other wording."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from models.generators.base import Prompt, TimedOut, TooMuch
from models.generators.transformers import TransformersGenerator

if TYPE_CHECKING:
    from fastapi import FastAPI
    from fastapi.testclient import TestClient

pytestmark = pytest.mark.transformers
ANSWER = "[1] Your parcel is coming."
PROMPT = Prompt("Reword.", "[1] Your parcel is on its way.", max_tokens=40, max_chars=200)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny Llama over bytes that has learned one answer by heart."""
    torch = pytest.importorskip("torch")
    transformers = pytest.importorskip("transformers")
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers

    torch.manual_seed(3)
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokenizer = Tokenizer(models.BPE({char: place for place, char in enumerate(alphabet)}, []))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    fast = transformers.PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token="<end>")
    sizes = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 1, "num_attention_heads": 2}
    model = transformers.LlamaForCausalLM(
        transformers.LlamaConfig(
            vocab_size=len(fast), max_position_embeddings=4096, eos_token_id=fast.eos_token_id, **sizes
        )
    )
    _learn(model, fast)
    path = tmp_path_factory.mktemp("model")
    model.save_pretrained(path)
    fast.save_pretrained(path)
    return path


def _learn(model: object, tokenizer: object) -> None:
    import torch

    asked = tokenizer(f"{PROMPT.instructions}\n\n{PROMPT.material}\n")["input_ids"]  # type: ignore[operator]
    answered = [*tokenizer(ANSWER)["input_ids"], tokenizer.eos_token_id]  # type: ignore[operator, attr-defined]
    ids = torch.tensor([asked + answered])
    labels = torch.tensor([[-100] * len(asked) + answered])
    steps = torch.optim.AdamW(model.parameters(), lr=0.01)  # type: ignore[attr-defined]
    for _ in range(150):
        loss = model(input_ids=ids, labels=labels).loss  # type: ignore[operator]
        loss.backward()
        steps.step()
        steps.zero_grad()
    assert loss.item() < 0.05


def test_a_local_model_answers_and_its_tokens_are_counted(folder: Path) -> None:
    written = TransformersGenerator(str(folder)).write(PROMPT)
    assert written.text == ANSWER
    assert written.completion_tokens == len(ANSWER) + 1
    assert written.prompt_tokens == len(f"{PROMPT.instructions}\n\n{PROMPT.material}\n")


def test_the_same_prompt_gives_the_same_text(folder: Path) -> None:
    generator = TransformersGenerator(str(folder))
    assert generator.write(PROMPT) == generator.write(PROMPT)


def test_a_local_model_is_broken_off_where_it_writes_too_much(folder: Path) -> None:
    with pytest.raises(TooMuch):
        TransformersGenerator(str(folder)).write(Prompt(PROMPT.instructions, PROMPT.material, 40, max_chars=5))


def test_a_prompt_longer_than_the_model_can_hold_is_told(folder: Path) -> None:
    with pytest.raises(TooMuch):
        TransformersGenerator(str(folder)).write(Prompt("x" * 5000, "y", 40, 200))


def test_a_local_model_is_stopped_by_the_clock(folder: Path) -> None:
    ticks = iter(range(10_000))
    with pytest.raises(TimedOut):
        TransformersGenerator(str(folder), timeout_s=8, clock=lambda: next(ticks)).write(PROMPT)


def test_a_local_models_babble_leaves_the_composers_text(folder: Path, app: "FastAPI", client: "TestClient") -> None:
    from app.rewording.step import Backends, Rewording
    from tests.conftest import ORDER

    body = {"text": "Where is my parcel?", "buyer": {"country": "US"}, "order": ORDER, "options": {"generator": "transformers"}}  # fmt: skip
    made = client.post("/v1/messages", json=body).json()["draft"]
    backends = Backends({"transformers": TransformersGenerator(str(folder))})
    Rewording(app.state.engine, app.state.serving.drafter, backends).reword(made["id"], 1)
    now = client.get(f"/v1/drafts/{made['id']}").json()
    assert now["text"] == made["text"] and now["generator"]["fallback_from"] == "transformers"
