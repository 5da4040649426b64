"""The phrases of a letter's frame: regret, thanks, an open door; for a reply that is written by hand."""

from typing import Annotated

from fastapi import APIRouter, Query

from app.api.depends import PrincipalOf, ServingOf
from app.api.responses import Json
from app.errors import InvalidInput, Pointer

router = APIRouter(prefix="/v1", tags=["knowledge"])
Code = Annotated[str, Query(pattern=r"^[a-z]{2,3}$")]


@router.get("/phrases/search")
def search(
    serving: ServingOf,
    principal: PrincipalOf,
    q: Annotated[str, Query(min_length=1, max_length=2000)],
    language: Code = "en",
    agent_language: Code | None = None,
    k: Annotated[int, Query(ge=1, le=50)] = 5,
) -> Json:
    """The wordings in `language` nearest in meaning to a text of any language, each with its gloss in the agent's language."""
    principal.need_scope("knowledge")
    if not q.strip():
        raise InvalidInput("there is nothing to search for", (Pointer("/query/q", "empty"),))
    phrases = serving.drafter().phrases
    reader = agent_language or principal.language.partition("-")[0]
    return {"items": [
        {"phrase_id": hit.phrase_id, "score": round(hit.score, 4), "language": language, "text": hit.text, "gloss": phrases.gloss(hit, reader)}
        for hit in phrases.nearest(q, language, k)
    ]}  # fmt: skip
