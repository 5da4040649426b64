"""Which generator words the drafts, as the settings of this process say. For ops, read only: it is set at the start."""

from fastapi import APIRouter, Request

from app.api.depends import PrincipalOf
from app.api.responses import Json
from app.settings import Settings

router = APIRouter(prefix="/v1", tags=["generators"])


@router.get("/generators")
def list_generators(request: Request, principal: PrincipalOf) -> Json:
    """All of them, which one serves, and what bounds those that take their time. No address holds more than its host."""
    principal.need_ops()
    settings: Settings = request.app.state.settings
    return {
        "items": [_composer(settings), _transformers(settings), _openai(settings)],
        "timeout_seconds": settings.generator_timeout_seconds,
        "retries": settings.generator_retries,
        "quotes_message": settings.generator_quotes_message,
    }


def _composer(settings: Settings) -> Json:
    return {"name": "composer", "serves": settings.generator == "composer", "set_up": True, "model": None}


def _transformers(settings: Settings) -> Json:
    model = settings.transformers_model or None
    return {"name": "transformers", "serves": settings.generator == "transformers", "set_up": model is not None, "model": model}  # fmt: skip


def _openai(settings: Settings) -> Json:
    model, url = settings.openai_model or None, settings.openai_url
    return {
        "name": "openai", "serves": settings.generator == "openai", "set_up": bool(model and url), "model": model, "host": url.host if url else None,
        "price_sent": _price(settings, str(settings.generator_price_sent)), "price_written": _price(settings, str(settings.generator_price_written)),
    }  # fmt: skip


def _price(settings: Settings, amount: str) -> Json:
    """Of a thousand tokens."""
    return {"amount": amount, "currency": settings.generator_currency}
