"""Alive, and ready to draft."""

from datetime import UTC, datetime

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST

from app.api.depends import PrincipalOf
from app.api.responses import Json
from app.domain import BuyerMessage
from app.drafting.drafter import Drafter
from app.errors import NotReady
from app.serving import Serving
from app.store.database import ping

router = APIRouter(tags=["health"])


@router.get("/healthz")
def alive() -> Json:
    """The process answers."""
    return {"status": "alive"}


@router.get("/metrics", response_class=PlainTextResponse)
def metrics(request: Request, principal: PrincipalOf) -> Response:
    """For Prometheus; a key needs the scope `metrics`."""
    principal.need_scope("metrics")
    return Response(request.app.state.metrics.text(), media_type=CONTENT_TYPE_LATEST)


@router.get("/readyz")
def ready(request: Request) -> Json:
    """Models, index and database can be used."""
    state = request.app.state
    try:
        ping(state.engine)
    except Exception as error:
        raise NotReady("the database does not answer") from error
    drafter = _tried(state.serving)
    return {
        "status": "ready",
        "versions": {
            **drafter.models.versions,
            "knowledge": drafter.knowledge.version,
            "index": drafter.index.manifest.corpus,
        },
    }


def _tried(serving: Serving) -> Drafter:
    """The drafter that serves, after it has read and found something: some milliseconds."""
    try:
        drafter = serving.drafter()
        found = drafter.search("Where is my parcel?", None, 1)
        drafter.analyze(BuyerMessage(text="Where is my parcel?", received_at=datetime.now(UTC)))
    except Exception as error:
        raise NotReady("the models or the index do not answer; the log says why") from error
    if not found:
        raise NotReady("the index is empty; run: countersign knowledge index --force")
    return drafter
