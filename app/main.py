"""create_app(settings): builds every part once and mounts the faces."""

import logging
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from uuid import uuid4

from fastapi import FastAPI, Request, Response
from fastapi_offline import FastAPIOffline
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app import samples
from app.access import Access, Bootstrapped
from app.api import drafts, errors, health, messages, products, replies, replies_files, session
from app.console import pages
from app.desk import Desk
from app.drafting.drafter import Drafter
from app.library import Library
from app.parts import Progress, build_drafter, load_models, open_registry
from app.products import Products
from app.serving import Promoted, Serving
from app.settings import Settings
from app.store.database import open_database

log = logging.getLogger("countersign.access")
BULK = ("/v1/replies/import", "/v1/products", "/v1/products/import")  # whole files come in here
_REQUEST_ID = re.compile(r"^[A-Za-z0-9._-]{1,64}$")
_POLICY = "default-src 'self'; img-src 'self' data:; style-src 'self'; script-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
# The API's page starts itself with an inline script.
_DOCS_POLICY = "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; script-src 'self' 'unsafe-inline'; object-src 'none'; frame-ancestors 'none'"
DESCRIPTION = (
    "Drafts replies to the buyers of cross-border shops, for a person to sign. Nothing reaches a buyer unsigned."
)


def create_app(
    settings: Settings,
    drafter: Drafter | None = None,
    progress: Progress = lambda text: None,
    announce: Callable[[Bootstrapped], None] = lambda secrets: None,
) -> FastAPI:
    """The application, ready to serve. `announce` is told the secrets of a first start, once."""
    app = FastAPIOffline(title="Countersign", version="1", description=DESCRIPTION)
    app.state.settings = settings
    app.state.engine = open_database(settings.database)
    shipped = drafter or build_drafter(settings, progress)
    followed = Promoted(open_registry(settings).serving, lambda: load_models(settings)) if drafter is None else None
    app.state.serving = serving = Serving(app.state.engine, shipped, followed)
    app.state.desk = Desk(app.state.engine, serving.drafter, settings)
    app.state.library = Library(app.state.engine, shipped.knowledge, serving.look_again)
    app.state.products = Products(app.state.engine, shipped.knowledge, serving.look_again)
    for reply_id, flaws in serving.unfit().items():
        progress(f"the edit of {reply_id} does not fit the shipped content any more and is left out: {flaws[0].detail}")
    app.state.access = Access(app.state.engine, settings)
    secrets = app.state.access.bootstrap()
    if secrets is not None:
        announce(secrets)
        if settings.sample_data:
            progress(f"{samples.fill(app.state.desk, datetime.now(UTC))} sample messages drafted")
    for router in (messages.router, drafts.router, replies_files.router, replies.router, products.router, session.router, health.router, pages.router):  # fmt: skip
        app.include_router(router)
    pages.mount(app)
    errors.install(app)
    app.add_middleware(
        _SizeLimit, max_bytes=settings.max_body_bytes, larger=dict.fromkeys(BULK, settings.max_import_bytes)
    )
    app.add_middleware(BaseHTTPMiddleware, dispatch=_around)
    return app


async def _around(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
    """Every request has an id, every response tells it; the log holds no text of anybody."""
    given = request.headers.get("x-request-id", "")
    request.state.request_id = given if _REQUEST_ID.match(given) else uuid4().hex
    started = time.perf_counter()
    response = await call_next(request)
    response.headers["X-Request-Id"] = request.state.request_id
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Referrer-Policy", "same-origin")
    policy = _DOCS_POLICY if request.url.path in ("/docs", "/redoc") else _POLICY
    response.headers.setdefault("Content-Security-Policy", policy)
    log.info(
        "%s %s %s %.1f ms",
        request.method,
        request.url.path,
        response.status_code,
        (time.perf_counter() - started) * 1000,
        extra={"request_id": request.state.request_id},
    )
    return response


class _SizeLimit:
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
