"""How often one may ask: by key, session, visitor, and by address for whoever brings nothing that is known."""

import hashlib
import math
import time
from collections.abc import Callable

from fastapi import Request
from limits import RateLimitItem, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api import errors
from app.api.depends import SESSION_COOKIE
from app.settings import Settings

FREE = ("/healthz", "/readyz")  # asked by machines that watch, often through one address
WIDGET = "/widget/"
ENTRANCE = "/widget/v1/session"  # reads no header, so a made-up one must not open a count of its own
# Files only: one page is ten to thirty of them, and an office, or all buyers of a mobile network, come through one address.
FILES = ("/console/", "/widget/static/", "/widget.js")


class RateLimit:
    """Counts in this process; refused requests are not counted. A wrong key counts on the address that brings it, so guessing gains nothing."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._key = RateLimitItemPerMinute(settings.rate_key_per_minute)
        self._visitor = RateLimitItemPerMinute(settings.rate_visitor_per_minute)
        self._address = RateLimitItemPerMinute(settings.rate_address_per_minute)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Streams count once, when they open."""
        if scope["type"] != "http" or scope["path"] in FREE or scope["path"].startswith(FILES):
            await self._app(scope, receive, send)
            return
        address = scope["client"][0] if scope["client"] else ""
        item, who = self._counted_on(scope, address)
        full = next((pair for pair in ((item, who), (self._address, f"refused {address}")) if not self._limiter.test(*pair)), None)  # fmt: skip
        if full is not None:
            await self._refuse(full, scope, receive, send)
            return
        self._limiter.hit(item, who)
        await self._app(scope, receive, _noticing(send, lambda: self._limiter.hit(self._address, f"refused {address}")))

    def _counted_on(self, scope: Scope, address: str) -> tuple[RateLimitItem, str]:
        """What is brought is named by its hash: the counters hold no secret."""
        request = Request(scope)
        brought = Headers(scope=scope).get("authorization") or request.cookies.get(SESSION_COOKIE)
        if brought is None or scope["path"] == ENTRANCE:
            return self._address, address
        known = hashlib.sha256(brought.encode("utf-8", "replace")).hexdigest()
        return (self._visitor if scope["path"].startswith(WIDGET) else self._key), known

    async def _refuse(self, full: tuple[RateLimitItem, str], scope: Scope, receive: Receive, send: Send) -> None:
        again = self._limiter.get_window_stats(*full).reset_time
        wait = max(1, math.ceil(again - time.time()))
        response = errors.problem(
            Request(scope), 429, "too-many-requests", "Too many requests", f"Wait {wait} seconds, then go on."
        )
        response.headers["Retry-After"] = str(wait)
        await response(scope, receive, send)


def _noticing(send: Send, refused: Callable[[], object]) -> Send:
    """Tells of an answer that says that what was brought is not known."""

    async def noticing(message: Message) -> None:
        if message["type"] == "http.response.start" and message["status"] == 401:
            refused()
        await send(message)

    return noticing
