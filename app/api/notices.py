"""What was noticed without anybody asking."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from pydantic import JsonValue, TypeAdapter

from app.api.depends import PrincipalOf
from app.api.events import json_of
from app.api.responses import Json
from app.notices import Notices

router = APIRouter(prefix="/v1", tags=["insights"])
_PLAIN: TypeAdapter[JsonValue] = TypeAdapter(JsonValue)


def get_notices(request: Request) -> Notices:
    """The notices of this process."""
    notices: Notices = request.app.state.notices
    return notices


@router.get("/notices")
def list_notices(
    notices: Annotated[Notices, Depends(get_notices)],
    principal: PrincipalOf,
    days: Annotated[int, Query(ge=1, le=366)] = 30,
) -> Json:
    """Sudden rises and drifts that were told in the last days, newest first."""
    principal.need_ops()
    return {"items": [_PLAIN.validate_python(json_of(event)) for event in notices.list(days)]}
