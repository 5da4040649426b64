"""Any causal language model that transformers can load, from a folder or by its hub name, in this process.

Loaded at the first text and not before, because weights take seconds and memory. Greedy, so that the same prompt gives
the same text. Needs the extra `transformers`.
"""

from collections.abc import Callable, Mapping
from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING

from models.generators.base import Budget, GeneratorError, Prompt, TimedOut, TooMuch, Unset, Written

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel, PreTrainedTokenizerBase


class TransformersGenerator:
    """Built cheaply; one text at a time, since they would only share the same processor."""

    name = "transformers"

    def __init__(self, model: str, timeout_s: float = 60.0, clock: Callable[[], float] = monotonic) -> None:
        self.model = model
        self._timeout_s, self._clock = timeout_s, clock
        self._lock = Lock()
        self._loaded: tuple[PreTrainedModel, PreTrainedTokenizerBase] | None = None

    def write(self, prompt: Prompt) -> Written:
        """See Generator.write."""
        with self._lock:
            model, tokenizer = self._loaded or self._load()
            budget = Budget(self._clock() + self._timeout_s, prompt.max_chars, self._clock)
            return _generate(model, tokenizer, prompt, budget)

    def _load(self) -> "tuple[PreTrainedModel, PreTrainedTokenizerBase]":
        try:
            from transformers import AutoModelForCausalLM, AutoTokenizer
        except ImportError as error:
            raise Unset("the generator needs the extra `transformers`") from error
        try:
            tokenizer = AutoTokenizer.from_pretrained(self.model)
            model = AutoModelForCausalLM.from_pretrained(self.model)
        except (OSError, ValueError) as error:
            raise Unset(f"the model {self.model!r} cannot be loaded") from error
        self._loaded = model.eval(), tokenizer
        return self._loaded


def _generate(
    model: "PreTrainedModel", tokenizer: "PreTrainedTokenizerBase", prompt: Prompt, budget: Budget
) -> Written:
    """Streams into the budget: the model stops at the next token once a limit is passed."""
    import torch
    from transformers import StoppingCriteria, StoppingCriteriaList, TextStreamer

    class Stream(TextStreamer):
        """Collects what is decoded, and remembers the limit that was passed."""

        text = ""
        passed: GeneratorError | None = None

        def on_finalized_text(self, text: str, stream_end: bool = False) -> None:  # noqa: ARG002
            try:
                self.text = budget.collect((self.text, text))
            except (TooMuch, TimedOut) as error:
                self.passed = error

    class Stop(StoppingCriteria):
        """Looked at after each token."""

        def __call__(self, input_ids: torch.Tensor, scores: object, **_: object) -> torch.Tensor:  # noqa: ARG002
            over = stream.passed is not None or budget.is_over
            return torch.full((input_ids.shape[0],), over, dtype=torch.bool, device=input_ids.device)

    stream = Stream(tokenizer, skip_prompt=True, skip_special_tokens=True)
    given = _encoded(tokenizer, prompt)
    length = int(given["input_ids"].shape[1])
    room = _room(model, length, prompt.max_tokens)
    try:
        ids = model.generate(  # type: ignore[operator, unused-ignore]  # the extra tells no type for it
            **given,
            max_new_tokens=room,
            do_sample=False,
            num_beams=1,
            streamer=stream,
            pad_token_id=tokenizer.pad_token_id if tokenizer.pad_token_id is not None else tokenizer.eos_token_id,
            stopping_criteria=StoppingCriteriaList([Stop()]),
        )
    except (RuntimeError, IndexError, ValueError) as error:  # out of memory, or a prompt that the model cannot hold
        raise GeneratorError(f"the model failed: {type(error).__name__}") from error
    if stream.passed is not None:
        raise stream.passed
    _ = budget.left_s  # stopped by the clock
    return Written(stream.text, length, int(ids.shape[1]) - length)


def _encoded(tokenizer: "PreTrainedTokenizerBase", prompt: Prompt) -> "Mapping[str, torch.Tensor]":
    """In the form that the model was trained on, where its tokenizer tells one; else as plain text."""
    if getattr(tokenizer, "chat_template", None):
        turns = [
            {"role": "system", "content": prompt.instructions},
            {"role": "user", "content": prompt.material},
        ]
        return tokenizer.apply_chat_template(turns, add_generation_prompt=True, return_tensors="pt", return_dict=True)  # type: ignore[return-value, unused-ignore]
    return tokenizer(f"{prompt.instructions}\n\n{prompt.material}\n", return_tensors="pt")


def _room(model: "PreTrainedModel", length: int, wanted: int) -> int:
    """How many tokens may be written; TooMuch where the prompt alone fills what the model can hold."""
    room = getattr(model.config, "max_position_embeddings", length + wanted) - length
    if room <= 0:
        raise TooMuch("the prompt is longer than the model can hold")
    return int(min(wanted, room))
