"""Any server that speaks OpenAI's chat completions: vLLM, Ollama, llama.cpp, `transformers serve`, a hosted service.

The answer is read as it streams, so that one without end is broken off. What may pass by itself is tried again within the
same time limit; a server that fails several times in a row is left alone for a while (circuit breaker).
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from time import monotonic, sleep

import httpx2
from pybreaker import CircuitBreaker, CircuitBreakerError
from pydantic import BaseModel, SecretStr, ValidationError
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from models.generators.base import Budget, Garbled, Prompt, Refused, TimedOut, TooMuch, Unreachable, Written

MAX_RAW_CHARS = 4_000_000
"""Of the whole stream, with its wrapping: a server that sends more is no language model."""
FAILURES_TO_REST = 3
REST_S = 60.0
LONGEST_PAUSE_S = 10.0
PASSING = frozenset({408, 409, 425, 429, 500, 502, 503, 504})
"""Statuses after which the same request may be sent again."""


@dataclass(frozen=True, slots=True)
class Server:
    """Where the server is (`url` with its version, such as http://127.0.0.1:8000/v1) and how patient one is with it."""

    url: str
    model: str
    key: SecretStr | None = None
    timeout_s: float = 60.0  # for one answer, all tries together
    retries: int = 2
    rest_s: float = REST_S


class _Words(BaseModel):
    content: str | None = None


class _Choice(BaseModel):
    delta: _Words = _Words()
    message: _Words = _Words()
    finish_reason: str | None = None


class _Usage(BaseModel):
    prompt_tokens: int | None = None
    completion_tokens: int | None = None


class _Chunk(BaseModel):
    choices: list[_Choice] = []
    usage: _Usage | None = None


@dataclass(slots=True)
class _Answer:
    """What one try has brought so far."""

    usage: _Usage = field(default_factory=_Usage)
    finished: bool = False

    def take(self, data: str) -> str:
        """The words of one chunk; raises Garbled or TooMuch."""
        try:
            chunk = _Chunk.model_validate_json(data)
        except ValidationError as error:
            raise Garbled("the server's answer is not a chat completion") from error
        self.usage = chunk.usage or self.usage
        if not chunk.choices:
            return ""
        choice = chunk.choices[0]
        if choice.finish_reason == "length":
            raise TooMuch("the model did not come to an end")
        self.finished = self.finished or choice.finish_reason is not None
        return choice.delta.content or choice.message.content or ""


class OpenAIGenerator:
    """Built once a process; the breaker is shared by all threads."""

    name = "openai"

    def __init__(
        self, server: Server, clock: Callable[[], float] = monotonic, pause: Callable[[float], None] = sleep
    ) -> None:
        self._server, self._clock, self._pause = server, clock, pause
        self.model = server.model
        key = server.key.get_secret_value() if server.key else ""
        self._client = httpx2.Client(headers={"Authorization": f"Bearer {key}"} if key else {})
        self._breaker = CircuitBreaker(
            fail_max=FAILURES_TO_REST,
            reset_timeout=server.rest_s,
            exclude=[TooMuch, Garbled],
            throw_new_error_on_trip=False,
        )

    def write(self, prompt: Prompt) -> Written:
        """See Generator.write."""
        budget = Budget(self._clock() + self._server.timeout_s, prompt.max_chars, self._clock)
        try:
            return self._breaker.call(self._persist, prompt, budget)
        except CircuitBreakerError as error:
            raise Unreachable("the server failed several times and is left alone for a while") from error

    def _persist(self, prompt: Prompt, budget: Budget) -> Written:
        tries = Retrying(
            stop=stop_after_attempt(self._server.retries + 1),
            wait=_pause_of,
            sleep=lambda seconds: self._pause(min(seconds, budget.left_s)),
            retry=retry_if_exception_type(Unreachable),
            reraise=True,
        )
        return tries(self._once, prompt, budget)

    def _once(self, prompt: Prompt, budget: Budget) -> Written:
        answer = _Answer()
        body = {
            "model": self.model,
            "messages": [
                {"role": "system", "content": prompt.instructions},
                {"role": "user", "content": prompt.material},
            ],
            "max_tokens": prompt.max_tokens,
            "temperature": 0,
            "stream": True,
            "stream_options": {"include_usage": True},
        }
        url = f"{self._server.url.rstrip('/')}/chat/completions"
        try:
            with self._client.stream("POST", url, json=body, timeout=budget.left_s) as response:
                _look_at(response)
                text = budget.collect(_pieces(response, answer, budget))
        except httpx2.TimeoutException as error:
            raise TimedOut("the server did not answer in time") from error
        except httpx2.HTTPError as error:
            raise Unreachable(f"the server cannot be reached: {type(error).__name__}") from error
        if not answer.finished:
            raise Unreachable("the answer broke off")
        return Written(text, answer.usage.prompt_tokens, answer.usage.completion_tokens)


_grown = wait_random_exponential(multiplier=0.5, max=LONGEST_PAUSE_S)


def _pause_of(state: RetryCallState) -> float:
    """Grows with the tries; never shorter than the server asked for, within reason."""
    error = state.outcome.exception() if state.outcome else None
    asked = error.after_s if isinstance(error, Unreachable) else 0.0
    return max(_grown(state), min(asked, LONGEST_PAUSE_S))


def _look_at(response: httpx2.Response) -> None:
    if response.status_code in PASSING:
        raise Unreachable(f"the server answered {response.status_code}", _seconds(response.headers.get("retry-after")))
    if response.status_code != httpx2.codes.OK:
        raise Refused(f"the server answered {response.status_code}")


def _seconds(header: str | None) -> float:
    """A Retry-After in seconds; its form as a date is not heeded."""
    return float(header) if header is not None and header.isdecimal() else 0.0


def _pieces(response: httpx2.Response, answer: _Answer, budget: Budget) -> Iterator[str]:
    """The words as they come: server-sent events, or one JSON object from a server that does not stream."""
    if response.headers.get("content-type", "").startswith("application/json"):
        yield answer.take("".join(_limited(response, budget)))
        return
    for line in _lines(_limited(response, budget)):
        data = line.removeprefix("data:").strip() if line.startswith("data:") else ""
        if data == "[DONE]":
            answer.finished = True
            return
        if data:
            _raise_fault(data)
            yield answer.take(data)


def _raise_fault(data: str) -> None:
    """Some servers report trouble inside a stream that began well."""
    if data.startswith('{"error"') or data.startswith('{"object": "error"'):
        raise Unreachable("the server reported an error within its answer")
    try:
        json.loads(data)
    except json.JSONDecodeError as error:
        raise Garbled("the server's answer is not JSON") from error


def _limited(response: httpx2.Response, budget: Budget) -> Iterator[str]:
    total = 0
    for chunk in response.iter_text():
        total += len(chunk)
        if total > MAX_RAW_CHARS:
            raise TooMuch("the server sends without end")
        _ = budget.left_s
        yield chunk


def _lines(chunks: Iterator[str]) -> Iterator[str]:
    rest = ""
    for chunk in chunks:
        *whole, rest = (rest + chunk).split("\n")
        yield from (line.rstrip("\r") for line in whole)
    if rest:
        yield rest
