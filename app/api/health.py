"""Alive, and ready to draft."""

from fastapi import APIRouter, Request

from app.api.responses import Json
from app.errors import NotReady
from app.store.database import ping

router = APIRouter(tags=["health"])


@router.get("/healthz")
def alive() -> Json:
    """The process answers."""
    return {"status": "alive"}


@router.get("/readyz")
def ready(request: Request) -> Json:
    """Models, index and database can be used."""
    state = request.app.state
    try:
        ping(state.engine)
    except Exception as error:
        raise NotReady("the database does not answer") from error
    drafter = state.serving.drafter()
    return {
        "status": "ready",
        "versions": {
            **drafter.models.versions,
            "knowledge": drafter.knowledge.version,
            "index": drafter.index.manifest.corpus,
        },
    }
