"""People who sign in. For ops. A password does not count where requests of one Idempotency-Key are compared: nothing of it is kept but its hash."""

from typing import Annotated, Literal

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import ConfigDict, StringConstraints

from app.access import AccountChange
from app.api.depends import AccessOf, OnceOf, PrincipalOf
from app.api.responses import Json
from app.domain import Value
from app.store.accounts import Account

router = APIRouter(prefix="/v1", tags=["people"])
Name = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=r"^\S(.*\S)?$")]
Password = Annotated[str, StringConstraints(min_length=8, max_length=200)]
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$", max_length=20)]


class AccountIn(Value):
    """A new account."""

    model_config = ConfigDict(json_schema_extra={"example": {"name": "li", "password": "eight or more", "role": "agent", "language": "zh"}})  # fmt: skip

    name: Name
    password: Password
    role: Literal["agent", "ops"] = "agent"
    language: Language = "en"


class AccountChangeIn(Value):
    """What changes; the rest stays."""

    model_config = ConfigDict(json_schema_extra={"example": {"role": "ops", "disabled": False}})

    role: Literal["agent", "ops"] | None = None
    language: Language | None = None
    password: Password | None = None
    disabled: bool | None = None


@router.get("/accounts")
def list_accounts(access: AccessOf, principal: PrincipalOf) -> Json:
    """All of them by name."""
    principal.need_ops()
    return {"items": [_account_json(account) for account in access.list_accounts()], "next_cursor": None}


@router.post("/accounts", status_code=201)
def create_account(body: AccountIn, access: AccessOf, principal: PrincipalOf, once: OnceOf) -> JSONResponse:
    """A new account; a name that is taken is 409."""
    principal.need_ops()

    def act() -> tuple[int, Json]:
        account_id = access.create_account(body.name, body.password, body.role, body.language, principal.name)
        return 201, _account_json(access.get_account(account_id))

    return once(act, of=body.model_dump_json(exclude={"password"}))


@router.get("/accounts/{account_id}")
def get_account(account_id: str, access: AccessOf, principal: PrincipalOf) -> Json:
    """One account."""
    principal.need_ops()
    return _account_json(access.get_account(account_id))


@router.patch("/accounts/{account_id}")
def change_account(
    account_id: str, body: AccountChangeIn, access: AccessOf, principal: PrincipalOf, once: OnceOf
) -> JSONResponse:
    """Role, language, password; a disabled account's sessions and keys open nothing. The last ops stays."""
    principal.need_ops()
    change = AccountChange(body.role, body.language, body.password, body.disabled)
    return once(
        lambda: (200, _account_json(access.change_account(account_id, change, principal.name))),
        of=body.model_dump_json(exclude={"password"}),
    )


def _account_json(account: Account) -> Json:
    return {
        "id": account.id, "name": account.name, "role": account.role, "language": account.language,
        "disabled_at": account.disabled_at.isoformat() if account.disabled_at else None,
    }  # fmt: skip
