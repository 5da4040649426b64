"""Webhooks that come in: verified, taken in at once, worked on afterwards. Whoever signs needs no key."""

from datetime import UTC, datetime
from typing import Annotated, TypeVar

from fastapi import APIRouter, Depends, Header, Path, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, SecretStr, ValidationError
from standardwebhooks import Webhook, WebhookVerificationError

from app.api.requests import MessageIn
from app.chatwoot import Chatwoot, MessageCreated
from app.errors import InvalidInput, NotFound, Pointer, Unauthenticated
from app.intake import Intake
from app.settings import Settings

router = APIRouter(prefix="/v1/hooks", tags=["webhooks"])
B = TypeVar("B", bound=BaseModel)
Name = Annotated[str, Path(max_length=60)]
LANGUAGE = "en"  # of explanations, where the message names none


async def get_body(request: Request) -> bytes:
    """The bytes that were signed."""
    return await request.body()


def get_intake(request: Request) -> Intake:
    """Where messages are taken in."""
    intake: Intake = request.app.state.intake
    return intake


def get_chatwoot(request: Request) -> Chatwoot:
    """The Chatwoot of this process."""
    chatwoot: Chatwoot = request.app.state.chatwoot
    return chatwoot


Body = Annotated[bytes, Depends(get_body)]


@router.post("/{source}", status_code=202)
def message(
    source: Name,
    request: Request,
    body: Body,
    intake: Annotated[Intake, Depends(get_intake)],
    webhook_id: Annotated[str | None, Header(max_length=100)] = None,
) -> JSONResponse:
    """A message as `POST /v1/messages` takes it, signed as Standard Webhooks. The answer names the job that drafts."""
    settings: Settings = request.app.state.settings
    verify(settings.hook_secrets.get(source), request, body)
    wanted = parsed(MessageIn, body)
    if wanted.options is not None and wanted.options.dry_run:
        raise InvalidInput("a hook stores what it takes", (Pointer("/options/dry_run", "not here"),))
    taken = wanted.to_domain(LANGUAGE)
    job_id = intake.push(source, str(webhook_id), taken, wanted.conversation_id, wanted.external_id)
    return JSONResponse({"job": job_id}, 202)


@router.post("/chatwoot/{site}", status_code=202)
def from_chatwoot(
    site: Name,
    body: Body,
    chatwoot: Annotated[Chatwoot, Depends(get_chatwoot)],
    x_chatwoot_signature: Annotated[str, Header(max_length=200)] = "",
    x_chatwoot_timestamp: Annotated[str, Header(max_length=20)] = "",
) -> JSONResponse:
    """Chatwoot's webhook as it sends it; events other than `message_created` are taken and left."""
    chatwoot.verify(site, x_chatwoot_timestamp, x_chatwoot_signature, body, datetime.now(UTC))
    if parsed(_Event, body).event != "message_created":
        return JSONResponse({"job": None}, 202)
    return JSONResponse({"job": chatwoot.take(site, parsed(MessageCreated, body))}, 202)


class _Event(BaseModel):
    event: str


def verify(secret: SecretStr | None, request: Request, body: bytes) -> None:
    """Raises NotFound for an unknown source, Unauthenticated unless its secret signed these bytes within five minutes."""
    if secret is None:
        raise NotFound("there is no such source")
    try:
        Webhook(secret.get_secret_value()).verify(body, dict(request.headers), json_parse=False)
    except (WebhookVerificationError, ValueError) as error:  # ValueError: headers that are no signature at all
        raise Unauthenticated("the signature does not fit the request, or it is older than five minutes") from error


def parsed(kind: type[B], body: bytes) -> B:
    """The body as that kind, with the places at fault where it is none."""
    try:
        return kind.model_validate_json(body)
    except ValidationError as error:
        raise RequestValidationError([{**item, "loc": ("body", *item["loc"])} for item in error.errors()]) from error
