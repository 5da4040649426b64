"""Errors as application/problem+json (RFC 9457). No stack trace and no internal path leaves the process."""

import logging
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import DataError, InterfaceError, InternalError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionFree
from starlette.exceptions import HTTPException

from app.errors import CountersignError, InvalidInput, NotReady, Pointer, TooManyRequests

log = logging.getLogger("countersign.api")
TYPE = "https://countersign.example/problems/"


def problem(
    request: Request, status: int, code: str, title: str, detail: str, pointers: tuple[Pointer, ...] = ()
) -> JSONResponse:
    """One problem document; `instance` is the request's id, which the log holds too."""
    body: dict[str, object] = {
        "type": TYPE + code,
        "title": title,
        "status": status,
        "detail": detail,
        "instance": f"urn:request:{request.state.request_id}",
    }
    if pointers:
        body["errors"] = [{"pointer": item.pointer, "detail": item.detail} for item in pointers]
    return JSONResponse(body, status, media_type="application/problem+json")


def install(app: FastAPI) -> None:
    """Maps every error that can come up to its problem document."""
    app.add_exception_handler(CountersignError, _ours)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    for kind in (OperationalError, InternalError, InterfaceError, NoConnectionFree):
        app.add_exception_handler(kind, _database)
    app.add_exception_handler(DataError, _unstorable)
    app.add_exception_handler(Exception, _unforeseen)


def _ours(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, CountersignError)  # noqa: S101
    response = problem(request, error.status, error.code, error.title, error.detail, error.pointers)
    if isinstance(error, TooManyRequests):
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def _invalid(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101
    items = error.errors()
    if any(item["type"] == "json_invalid" for item in items):
        return problem(
            request, 400, "invalid-json", "The body is not JSON", "The body could not be read as JSON in UTF-8."
        )
    pointers = tuple(Pointer(_pointer(item["loc"]), str(item["msg"]).removeprefix("Value error, ")) for item in items)
    return problem(
        request,
        422,
        "invalid-input",
        "The request holds something that cannot be used",
        "; ".join(f"{item.pointer}: {item.detail}" for item in pointers[:5]),
        pointers,
    )


def _pointer(place: tuple[int | str, ...]) -> str:
    """FastAPI's place as a JSON pointer into the body, or into query or header."""
    parts = [str(part).replace("~", "~0").replace("/", "~1") for part in place]
    return "/" + "/".join(parts[1:] if parts and parts[0] == "body" else parts)


def _http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101
    title = HTTPStatus(error.status_code).phrase
    response = problem(request, error.status_code, title.lower().replace(" ", "-"), title, str(error.detail))
    response.headers.update(error.headers or {})
    return response


def _database(request: Request, error: Exception) -> JSONResponse:
    log.error(
        "the database failed: %s",
        type(error.__cause__ or error).__name__,
        extra={"request_id": request.state.request_id},
    )
    return problem(
        request,
        NotReady.status,
        NotReady.code,
        NotReady.title,
        "The database does not take the change at the moment; nothing was stored. Try again.",
    )


def _unstorable(request: Request, error: Exception) -> JSONResponse:
    """What no model refused and the database does: a text longer than its column, a number out of range (PostgreSQL)."""
    log.error(
        "the database refused a value: %s",
        type(error.__cause__ or error).__name__,
        extra={"request_id": request.state.request_id},
    )
    return problem(
        request,
        InvalidInput.status,
        InvalidInput.code,
        InvalidInput.title,
        "The database cannot keep one of the values.",
    )


def _unforeseen(request: Request, error: Exception) -> JSONResponse:
    log.exception("unforeseen error", exc_info=error, extra={"request_id": request.state.request_id})
    return problem(
        request, 500, CountersignError.code, CountersignError.title, "The error is in the log under this request's id."
    )
