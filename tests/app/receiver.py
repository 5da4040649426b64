"""A receiver of webhooks on a port of this machine: keeps what came, answers what it is told to."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Came:
    """One request as it was on the wire."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    def json(self) -> dict:
        return json.loads(self.body)


@dataclass
class Answer:
    """What to answer; `slow_s`: how long before, `drip`: byte by byte for ever."""

    status: int = 204
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    slow_s: float = 0
    drip: bool = False


class Receiver:
    """Answers what is in `answers`, first come first served, then 204 (or what `answer` makes of the request)."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.came: list[Came] = []
        self.answers: list[Answer] = []

    def answer(self, came: Came) -> Answer:  # noqa: ARG002 - for those who look at it
        return self.answers.pop(0) if self.answers else Answer()


@contextmanager
def receiving(kind: type[Receiver] = Receiver) -> Iterator[Receiver]:
    class Handler(BaseHTTPRequestHandler):
        def _do(self) -> None:
            length = int(self.headers.get("content-length", 0))
            came = Came(
                self.command,
                self.path,
                {name.lower(): value for name, value in self.headers.items()},
                self.rfile.read(length),
            )
            receiver.came.append(came)
            answer = receiver.answer(came)
            time.sleep(answer.slow_s)
            try:
                self._tell(answer)
            except (BrokenPipeError, ConnectionResetError):  # the other side did not wait
                self.close_connection = True

        def _tell(self, answer: Answer) -> None:
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(10_000 if answer.drip else len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)
            for _ in range(100 if answer.drip else 0):
                self.wfile.write(b".")
                self.wfile.flush()
                time.sleep(0.1)

        do_POST = do_GET = _do  # noqa: N815 - the names that http.server asks for

        def log_message(self, *_: object) -> None:
            """Nothing: a test's output stays a test's output."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    receiver = kind(server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    yield receiver
    server.shutdown()
    server.server_close()
    thread.join(timeout=5)
