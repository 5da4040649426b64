"""Generators keep their contract whatever the server behind them does; every fault is one the caller knows."""

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from pydantic import SecretStr

from models.generators import base
from models.generators.base import Prompt
from models.generators.openai import MAX_RAW_CHARS, OpenAIGenerator, Server
from models.generators.transformers import TransformersGenerator

PROMPT = Prompt("Reword.", "[1] Your parcel is on its way.", max_tokens=200, max_chars=200)
Answer = Callable[[BaseHTTPRequestHandler], None]


def events(*chunks: dict[str, object], done: bool = True) -> bytes:
    lines = [f"data: {json.dumps(chunk)}\n\n" for chunk in chunks]
    return "".join([*lines, "data: [DONE]\n\n" if done else ""]).encode()


def words(text: str, finish: str | None = None) -> dict[str, object]:
    return {"choices": [{"index": 0, "delta": {"content": text}, "finish_reason": finish}]}


def send(body: bytes, status: int = 200, kind: str = "text/event-stream", **headers: str) -> Answer:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(body)), **headers}.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(body)

    return answer


GOOD = send(events(words("[1] Your parcel "), words("is coming.", "stop"), {"choices": [], "usage": {"prompt_tokens": 12, "completion_tokens": 7}}))  # fmt: skip
WHOLE = send(json.dumps({"choices": [{"message": {"content": "[1] All at once."}, "finish_reason": "stop"}]}).encode(), kind="application/json")  # fmt: skip


class FakeServer:
    """Answers each request with the next of its answers, and the last one for ever after."""

    def __init__(self) -> None:
        self.answers: list[Answer] = [GOOD]
        self.bodies: list[dict[str, object]] = []
        self.keys: list[str | None] = []
        self.ended = threading.Event()
        fake = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                fake.bodies.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                fake.keys.append(self.headers["Authorization"])
                answer = fake.answers.pop(0) if len(fake.answers) > 1 else fake.answers[0]
                try:
                    answer(self)
                except (BrokenPipeError, ConnectionResetError):  # the generator has hung up, as it should
                    self.close_connection = True

            def log_message(self, *_: object) -> None:
                """Says nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/v1"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,))
        self.thread.start()

    def close(self) -> None:
        self.ended.set()
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def server() -> Iterator[FakeServer]:
    fake = FakeServer()
    yield fake
    fake.close()


def generator(server: FakeServer, pauses: list[float] | None = None, **changes: object) -> OpenAIGenerator:
    values: dict[str, object] = {"url": server.url, "model": "m", "timeout_s": 5.0, "retries": 2}
    return OpenAIGenerator(Server(**values | changes), pause=(pauses if pauses is not None else []).append)  # type: ignore[arg-type]


def test_a_streamed_answer_comes_whole_with_its_token_counts(server: FakeServer) -> None:
    written = generator(server).write(PROMPT)
    assert written == base.Written("[1] Your parcel is coming.", 12, 7)


def test_a_server_that_does_not_stream_is_understood(server: FakeServer) -> None:
    server.answers = [WHOLE]
    assert generator(server).write(PROMPT).text == "[1] All at once."


def test_instructions_and_material_go_as_different_roles_and_the_key_as_a_header(server: FakeServer) -> None:
    generator(server, key=SecretStr("sk-secret")).write(PROMPT)
    assert [turn["role"] for turn in server.bodies[0]["messages"]] == ["system", "user"]  # type: ignore[attr-defined]
    assert server.bodies[0]["messages"][1]["content"] == PROMPT.material  # type: ignore[index]
    assert server.keys == ["Bearer sk-secret"] and "sk-secret" not in json.dumps(server.bodies)


@pytest.mark.parametrize("status", [429, 500, 503])
def test_what_may_pass_is_tried_again(server: FakeServer, status: int) -> None:
    server.answers = [send(b"busy", status), GOOD]
    assert generator(server).write(PROMPT).text.startswith("[1]") and len(server.bodies) == 2


def test_a_server_may_say_how_long_to_wait(server: FakeServer) -> None:
    server.answers = [send(b"busy", 429, Retry_After="3"), GOOD]
    pauses: list[float] = []
    generator(server, pauses).write(PROMPT)
    assert pauses == [pytest.approx(3.0)]


def test_tries_come_to_an_end(server: FakeServer) -> None:
    server.answers = [send(b"down", 503)]
    with pytest.raises(base.Unreachable):
        generator(server).write(PROMPT)
    assert len(server.bodies) == 3


@pytest.mark.parametrize("status", [400, 401, 404, 302])
def test_a_refusal_is_not_repeated(server: FakeServer, status: int) -> None:
    server.answers = [send(b"{}", status)]
    with pytest.raises(base.Refused):
        generator(server).write(PROMPT)
    assert len(server.bodies) == 1


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (send(b"data: <html>\n\n"), base.Garbled),
        (send(b'data: {"choices": "none"}\n\n'), base.Garbled),
        (send(b"<html>no", kind="application/json"), base.Garbled),
        (send(events(words("half a"), done=False)), base.Unreachable),
        (send(b""), base.Unreachable),
        (send(b'data: {"error": {"message": "out of memory"}}\n\n'), base.Unreachable),
        (send(events(words("on and on", "length"))), base.TooMuch),
        (send(events(*[words("word " * 20)] * 10)), base.TooMuch),
        (send(b": ping\n\n" * (MAX_RAW_CHARS // 8 + 1)), base.TooMuch),
    ],
    ids=["no JSON", "other JSON", "page", "half a stream", "nothing", "error inside", "no end", "huge", "flood"],
)
def test_a_bad_answer_is_told_for_what_it_is(
    server: FakeServer, answer: Answer, error: type[base.GeneratorError]
) -> None:
    server.answers = [answer]
    with pytest.raises(error):
        generator(server, retries=0).write(PROMPT)


def _silent(server: FakeServer) -> Answer:
    return lambda handler: (handler.close_connection, server.ended.wait(5))[0]  # type: ignore[return-value]


def _trickling(server: FakeServer) -> Answer:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", "text/event-stream")
        handler.end_headers()
        while not server.ended.wait(0.02):
            handler.wfile.write(b": ping\n\n")
            handler.wfile.flush()

    return answer


@pytest.mark.parametrize("slow", [_silent, _trickling])
def test_a_slow_server_is_not_waited_for(server: FakeServer, slow: Callable[[FakeServer], Answer]) -> None:
    server.answers = [slow(server)]
    with pytest.raises(base.TimedOut):
        generator(server, timeout_s=0.3).write(PROMPT)


def test_a_dead_server_is_left_alone_after_some_failures(server: FakeServer) -> None:
    server.answers = [send(b"down", 500)]
    resting = generator(server, retries=0)
    for _ in range(5):
        with pytest.raises(base.Unreachable):
            resting.write(PROMPT)
    assert len(server.bodies) == 3


def test_a_server_that_has_come_back_is_used_again(server: FakeServer) -> None:
    server.answers = [send(b"down", 500)] * 3 + [GOOD]
    resting = generator(server, retries=0, rest_s=0.0)
    for _ in range(3):
        with pytest.raises(base.Unreachable):
            resting.write(PROMPT)
    assert resting.write(PROMPT).text.startswith("[1]")


def test_nothing_listens_there() -> None:
    with pytest.raises(base.Unreachable):
        OpenAIGenerator(Server("http://127.0.0.1:9/v1", "m", retries=0)).write(PROMPT)


def test_an_error_tells_nothing_of_the_prompt_or_the_answer(server: FakeServer) -> None:
    server.answers = [send(b"Your parcel", 400)]
    with pytest.raises(base.Refused) as caught:
        generator(server).write(PROMPT)
    assert "parcel" not in str(caught.value)


def test_a_model_that_is_not_there_says_so(tmp_path: object) -> None:
    with pytest.raises(base.Unset):
        TransformersGenerator(f"{tmp_path}/none").write(PROMPT)
