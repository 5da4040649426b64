"""The edge: what every request passes before any route sees it, and every response on its way out."""

import logging
import re
import time
from collections.abc import Mapping
from uuid import uuid4

from fastapi import FastAPI, Request
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api import errors
from app.limiting import RateLimit
from app.metrics import Measured, Metrics
from app.settings import Settings

log = logging.getLogger("countersign.access")
BULK = ("/v1/replies/import", "/v1/products", "/v1/products/import")  # whole files come in here
PHOTOS = "/widget/v1/uploads"
FORM_BYTES = 2048  # what a form puts around a file
_REQUEST_ID = re.compile(r"^[A-Za-z0-9._-]{1,64}$")
_POLICY = "default-src 'self'; img-src 'self' data:; style-src 'self'; script-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
# The API's page starts itself with an inline script.
_DOCS_POLICY = "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; script-src 'self' 'unsafe-inline'; object-src 'none'; frame-ancestors 'none'"


def install(app: FastAPI, settings: Settings, metrics: Metrics) -> None:
    """The last one added is the first to see a request."""
    larger = {**dict.fromkeys(BULK, settings.max_import_bytes), PHOTOS: settings.max_photo_bytes + FORM_BYTES}
    app.add_middleware(SizeLimit, max_bytes=settings.max_body_bytes, larger=larger)
    app.add_middleware(RateLimit, settings=settings)
    app.add_middleware(Measured, metrics=metrics)
    app.add_middleware(Traced)


class Traced:
    """Every request has an id, every response tells it and forbids what the page does not need; the log holds no text of anybody."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Streams pass through as they come."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = Headers(scope=scope).get("x-request-id", "")
        request_id = given if _REQUEST_ID.match(given) else uuid4().hex
        scope.setdefault("state", {})["request_id"] = request_id
        started, status = time.perf_counter(), 500

        async def traced(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                _complete(MutableHeaders(scope=message), scope["path"], request_id)
            await send(message)

        try:
            await self._app(scope, receive, traced)
        finally:
            took = (time.perf_counter() - started) * 1000
            told = {"request_id": request_id, "method": scope["method"], "route": _route(scope), "status": status, "ms": round(took, 1)}  # fmt: skip
            log.info("request", extra=told)


def _route(scope: Scope) -> str:
    """The route's pattern: a path itself may name a buyer."""
    return str(getattr(scope.get("route"), "path", "-"))


def _complete(headers: MutableHeaders, path: str, request_id: str) -> None:
    headers["X-Request-Id"] = request_id
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    if path.startswith("/v1/"):
        headers.setdefault("Cache-Control", "no-store")
    headers.setdefault("Content-Security-Policy", _DOCS_POLICY if path in ("/docs", "/redoc") else _POLICY)


class SizeLimit:
    """Refuses a body that is too large before any of it is read into memory."""

    def __init__(self, app: ASGIApp, max_bytes: int, larger: Mapping[str, int]) -> None:
        self._app, self._max_bytes, self._larger = app, max_bytes, larger

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Counts what comes in; a false Content-Length does not help."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers, limit = dict(scope["headers"]), self._larger.get(scope["path"], self._max_bytes)
        declared = headers.get(b"content-length", b"0")
        if declared.isdigit() and int(declared) > limit:
            await self._refuse(scope, receive, send, limit)
            return
        body, more = bytearray(), True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
            if len(body) > limit:
                await self._refuse(scope, receive, send, limit)
                return
            if message["type"] == "http.disconnect":
                return
        await self._app(scope, _replay(bytes(body), receive), send)

    async def _refuse(self, scope: Scope, receive: Receive, send: Send, limit: int) -> None:
        response = errors.problem(
            Request(scope), 413, "too-large", "The request is too large", f"A body may have {limit} bytes."
        )
        await response(scope, receive, send)


def _replay(body: bytes, receive: Receive) -> Receive:
    """The body that was read, once; afterwards whatever the server says."""
    pending: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def again() -> Message:
        return pending.pop() if pending else await receive()

    return again
