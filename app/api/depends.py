"""What every route draws on: the parts of the service, and who is asking."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Protocol, TypeVar

from fastapi import Depends, Header, Request, Security
from fastapi.responses import JSONResponse
from fastapi.security import HTTPBearer
from sqlalchemy.exc import IntegrityError

from app.access import Access, Principal
from app.api.responses import Json
from app.desk import Desk
from app.errors import Duplicate, Forbidden, InvalidInput, Pointer, Unauthenticated
from app.library import Library
from app.products import Products
from app.serving import Serving
from app.sites import Sites

F = TypeVar("F", bound=str)
SESSION_COOKIE = "countersign_session"
CSRF_HEADER = "x-csrf-token"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def get_desk(request: Request) -> Desk:
    """The desk of this process."""
    desk: Desk = request.app.state.desk
    return desk


def get_access(request: Request) -> Access:
    """The door of this process."""
    access: Access = request.app.state.access
    return access


KeyScheme = HTTPBearer(auto_error=False, description="An integration's or a person's key")


def get_principal(
    request: Request, access: Annotated[Access, Depends(get_access)], _: Annotated[object, Security(KeyScheme)] = None
) -> Principal:
    """By key or by session; a session's writes must carry its CSRF token."""
    authorization = request.headers.get("authorization", "")
    if authorization:
        scheme, _, secret = authorization.partition(" ")
        if scheme.lower() != "bearer" or not secret.strip():
            raise Unauthenticated("send the key as: Authorization: Bearer <key>")
        return access.by_key(secret.strip())
    token = request.cookies.get(SESSION_COOKIE)
    if token is None:
        raise Unauthenticated("send a key (Authorization: Bearer ...) or sign in (POST /v1/session)")
    principal = access.by_session(token)
    if request.method not in SAFE_METHODS and request.headers.get(CSRF_HEADER) != principal.csrf:
        raise Forbidden(f"a session's writes need its token in the header {CSRF_HEADER}")
    return principal


def get_serving(request: Request) -> Serving:
    """What serves in this process."""
    serving: Serving = request.app.state.serving
    return serving


def get_library(request: Request) -> Library:
    """The replies of this process."""
    library: Library = request.app.state.library
    return library


def get_products(request: Request) -> Products:
    """The products of this process."""
    products: Products = request.app.state.products
    return products


def get_sites(request: Request) -> Sites:
    """The sites of this process."""
    sites: Sites = request.app.state.sites
    return sites


async def get_text(request: Request) -> str:
    """A body that is a file; raises InvalidInput where it is not UTF-8."""
    body = await request.body()
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidInput("the body is not text in UTF-8", (Pointer("", f"byte {error.start}"),)) from error


DeskOf = Annotated[Desk, Depends(get_desk)]
ServingOf = Annotated[Serving, Depends(get_serving)]
TextOf = Annotated[str, Depends(get_text)]
LibraryOf = Annotated[Library, Depends(get_library)]
ProductsOf = Annotated[Products, Depends(get_products)]
SitesOf = Annotated[Sites, Depends(get_sites)]
AccessOf = Annotated[Access, Depends(get_access)]
PrincipalOf = Annotated[Principal, Depends(get_principal)]
IdempotencyKey = Annotated[
    str | None,
    Header(min_length=1, max_length=200, description="The same key and body within 24 h returns the first answer"),
]
IfMatch = Annotated[str | None, Header(description="The revision or version that the decision is about")]


def wanted_revision(if_match: str | None) -> int | None:
    """The revision named by If-Match, quoted or not."""
    if if_match is None:
        return None
    text = if_match.strip().removeprefix("W/").strip('"')
    if not text.isdigit():
        raise InvalidInput(
            "If-Match holds a revision or version, a number", (Pointer("/header/if-match", "not a number"),)
        )
    return int(text)


def media_of(request: Request, known: Mapping[str, F]) -> F:
    """What the body's content type stands for; raises InvalidInput where it is none of the known ones."""
    media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media not in known:
        raise InvalidInput(
            f"send the file as {' or '.join(known)}",
            (Pointer("/header/content-type", f"{media or 'nothing'} is not read"),),
        )
    return known[media]


class Named(Protocol):
    """Whoever writes: an answer is kept for that name."""

    @property
    def name(self) -> str: ...


class Once:
    """A write that is done once for an `Idempotency-Key`: the same key with the same request gets the first answer again.

    What a request is: method, path, query, `If-Match` and the body as it was sent.
    """

    def __init__(self, desk: Desk, key: str | None, who: str, place: str, body: bytes) -> None:
        self._desk, self._key, self._who, self._place, self._body = desk, key, who, place, body

    def __call__(
        self, act: Callable[[], tuple[int, Json]], forgets: Sequence[str] = (), of: str | None = None
    ) -> JSONResponse:
        """`forgets`: values that are told this once and not kept, null in a later answer; `of`: compared instead of the body."""
        if self._key is None:
            status, answer = act()
            return JSONResponse(answer, status)
        said = self._body if of is None else of.encode("utf-8", "replace")
        digest = hashlib.sha256(f"{self._place}\n".encode("utf-8", "replace") + said).hexdigest()
        known = self._desk.find_answer(self._key, self._who)
        if known is None:
            try:
                with self._desk.keeping_answer(self._key, self._who, digest) as keep:
                    known = self._desk.find_answer(self._key, self._who)  # again, now that nobody else can write
                    if known is None:
                        status, answer = act()
                        keep(status, {**answer, **{name: None for name in forgets if name in answer}})
                        return JSONResponse(answer, status)
            except IntegrityError:  # the same key came at the same time, and the other one was first (PostgreSQL)
                known = self._desk.find_answer(self._key, self._who)
                if known is None:
                    raise
        if known["request_hash"] != digest:
            raise Duplicate(
                "this Idempotency-Key came before with another request",
                (Pointer("/header/idempotency-key", "already used"),),
            )
        return JSONResponse(known["body"], int(str(known["status"])))


async def once_of(request: Request, desk: Desk, who: Named, key: str | None) -> Once:
    """For whoever writes; the body is read only where there is something to compare."""
    place = f"{request.method} {request.url.path}?{request.url.query} {request.headers.get('if-match', '')}"
    return Once(desk, key, who.name, place, await request.body() if key is not None else b"")


async def get_once(
    request: Request, desk: DeskOf, principal: PrincipalOf, idempotency_key: IdempotencyKey = None
) -> Once:
    """For a person or an integration."""
    return await once_of(request, desk, principal, idempotency_key)


OnceOf = Annotated[Once, Depends(get_once)]
