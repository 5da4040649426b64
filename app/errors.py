"""Everything that the service refuses, and why.

CountersignError                    500  internal
├── InvalidInput                    422  invalid-input      a value that cannot be used, with pointers to the places
├── TooLarge                        413  too-large          more than the edge takes in
├── Unauthenticated                 401  unauthenticated    no key, no session, or a wrong password
├── Forbidden                       403  forbidden          known, but not allowed; also a missing CSRF token
├── NotFound                        404  not-found
├── Conflict                        409  conflict
│   ├── Stale                       409  stale              another revision has come since, or it was superseded
│   ├── Claimed                     409  claimed            another agent is at it
│   ├── Duplicate                   409  duplicate          the same key or external id with other content
│   └── WrongState                  409  wrong-state        what was asked does not fit the draft's status
├── Blocked                         422  blocked            a check forbids that this text goes out
├── TooManyRequests                 429  too-many-requests
└── NotReady                        503  not-ready          models, index or database cannot be used; says what to run
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pointer:
    """One place in the request (JSON pointer) and what is wrong there."""

    pointer: str
    detail: str


class CountersignError(Exception):
    """Base; `detail` is shown to the caller, so it holds no secret and no internal path."""

    status = 500
    code = "internal"
    title = "Something went wrong on our side"

    def __init__(self, detail: str, pointers: tuple[Pointer, ...] = ()) -> None:
        super().__init__(detail)
        self.detail = detail
        self.pointers = pointers


class InvalidInput(CountersignError):
    status, code, title = 422, "invalid-input", "The request holds something that cannot be used"


class TooLarge(CountersignError):
    status, code, title = 413, "too-large", "The request is too large"


class Unauthenticated(CountersignError):
    status, code, title = 401, "unauthenticated", "Sign in or send a key"


class Forbidden(CountersignError):
    status, code, title = 403, "forbidden", "This is not allowed with these rights"


class NotFound(CountersignError):
    status, code, title = 404, "not-found", "There is no such thing"


class Conflict(CountersignError):
    status, code, title = 409, "conflict", "This contradicts what is stored"


class Stale(Conflict):
    code, title = "stale", "It has changed since"


class Claimed(Conflict):
    code, title = "claimed", "Another agent has claimed the draft"


class Duplicate(Conflict):
    code, title = "duplicate", "The same key came with other content"


class WrongState(Conflict):
    code, title = "wrong-state", "The draft's status does not allow this"


class Blocked(CountersignError):
    status, code, title = 422, "blocked", "A check forbids that this text goes out"


class TooManyRequests(CountersignError):
    status, code, title = 429, "too-many-requests", "Too many requests"

    def __init__(self, detail: str, retry_after: int) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


class NotReady(CountersignError):
    status, code, title = 503, "not-ready", "The service cannot draft at the moment"
