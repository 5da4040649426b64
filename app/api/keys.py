"""Keys of integrations, and of persons who would rather not sign in. A secret is told once: a later answer to the same Idempotency-Key has null there."""

from datetime import timedelta
from typing import Annotated, Literal, Self

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import ConfigDict, Field, StringConstraints, model_validator

from app.access import Access, Principal
from app.api.depends import AccessOf, OnceOf, PrincipalOf
from app.api.responses import Json
from app.domain import Value
from app.errors import Forbidden, InvalidInput, NotFound, Pointer
from app.store.accounts import StoredKey

router = APIRouter(prefix="/v1", tags=["people"])
Scope = Literal["messages", "analyze", "drafts", "products", "order_events", "knowledge", "metrics"]


class KeyIn(Value):
    """A key by role and scopes (ops), or with `personal` one's own, with the rights of one's account."""

    model_config = ConfigDict(json_schema_extra={"example": {"name": "shop back office", "role": "integration", "scopes": ["messages", "drafts"]}})  # fmt: skip

    name: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    personal: bool = False
    role: Literal["integration", "agent", "ops"] = "integration"
    scopes: Annotated[tuple[Scope, ...], Field(max_length=7)] = ()

    @model_validator(mode="after")
    def _scopes_of_integrations(self) -> Self:
        if self.scopes and (self.personal or self.role != "integration"):
            raise ValueError("only an integration's key has scopes")
        return self


class RotateIn(Value):
    """For how long the old secret still opens, so that callers can be changed over."""

    model_config = ConfigDict(json_schema_extra={"example": {"grace_hours": 24}})

    grace_hours: Annotated[int, Field(ge=0, le=168)] = 0


@router.get("/keys")
def list_keys(access: AccessOf, principal: PrincipalOf) -> Json:
    """All keys with their last use, for ops; one's own for agents."""
    principal.need_agent()
    found = access.list_keys() if principal.role == "ops" else access.list_keys(_own_account(principal))
    return {"items": [_key_json(key) for key in found], "next_cursor": None}


@router.post("/keys", status_code=201)
def create_key(body: KeyIn, access: AccessOf, principal: PrincipalOf, once: OnceOf) -> JSONResponse:
    """The new key; its secret is shown this once."""
    principal.need_agent()
    if not body.personal:
        principal.need_ops()
    owner = _own_account(principal) if body.personal else None
    role = principal.role if body.personal else body.role
    return once(
        lambda: (201, _secret_json(access, access.create_key(body.name, role, body.scopes, principal.name, owner))),
        forgets=("secret",),
    )


@router.post("/keys/{key_id}/rotate", status_code=201)
def rotate_key(key_id: str, body: RotateIn, access: AccessOf, principal: PrincipalOf, once: OnceOf) -> JSONResponse:
    """Another key with the same rights in its place."""
    _may_manage(access, principal, key_id)
    return once(
        lambda: (
            201,
            _secret_json(access, access.rotate_key(key_id, principal.name, timedelta(hours=body.grace_hours))),
        ),
        forgets=("secret",),
    )


@router.delete("/keys/{key_id}", status_code=204)
def revoke_key(key_id: str, access: AccessOf, principal: PrincipalOf) -> None:
    """Ends a key at once."""
    _may_manage(access, principal, key_id)
    if not access.revoke_key(key_id, principal.name):
        raise NotFound("no key in force has that id")


def _own_account(principal: Principal) -> str:
    if principal.account_id is None:
        raise InvalidInput("a personal key belongs to an account; sign in", (Pointer("/personal", "no account"),))
    return principal.account_id


def _may_manage(access: Access, principal: Principal, key_id: str) -> None:
    principal.need_agent()
    if principal.role != "ops" and access.get_key(key_id).account_id != _own_account(principal):
        raise Forbidden("this key is not yours; it needs the role ops")


def _secret_json(access: Access, made: tuple[str, str]) -> Json:
    return {**_key_json(access.get_key(made[0])), "secret": made[1]}


def _key_json(key: StoredKey) -> Json:
    return {
        "id": key.id, "name": key.name, "prefix": key.prefix, "role": key.role, "scopes": list(key.scopes), "account_id": key.account_id,
        "created_at": key.created_at.isoformat(), "last_used_at": key.last_used_at.isoformat() if key.last_used_at else None,
        "revoked_at": key.revoked_at.isoformat() if key.revoked_at else None,
    }  # fmt: skip
