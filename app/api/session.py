"""Signing in and out."""

from fastapi import APIRouter, Request, Response

from app.api.depends import SESSION_COOKIE, AccessOf, PrincipalOf
from app.api.requests import SignIn
from app.api.responses import Json

router = APIRouter(prefix="/v1", tags=["session"])


@router.post("/session")
def sign_in(body: SignIn, request: Request, response: Response, access: AccessOf) -> Json:
    """Sets the session's cookie; the answer holds the CSRF token that writes must send back."""
    address = request.client.host if request.client else ""
    token, csrf, account = access.sign_in(body.name, body.password, address)
    settings = request.app.state.settings
    response.set_cookie(
        SESSION_COOKIE,
        token,
        max_age=settings.session_hours * 3600,
        httponly=True,
        samesite="strict",
        secure=settings.secure_cookies,
    )
    return {"name": account.name, "role": account.role, "language": account.language, "csrf_token": csrf}


@router.get("/session")
def who_am_i(principal: PrincipalOf) -> Json:
    """Who is signed in."""
    return {
        "name": principal.name,
        "role": principal.role,
        "language": principal.language,
        "csrf_token": principal.csrf,
    }


@router.delete("/session", status_code=204)
def sign_out(request: Request, response: Response, access: AccessOf, _: PrincipalOf) -> None:
    """Ends the session."""
    access.sign_out(request.cookies.get(SESSION_COOKIE, ""))
    response.delete_cookie(SESSION_COOKIE)
