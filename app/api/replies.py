"""The vetted replies: looked at and suggested by agents, vetted and retired by ops."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse

from app.api.depends import IfMatch, LibraryOf, OnceOf, PrincipalOf, ServingOf, wanted_revision
from app.api.paging import cursor_of, name_of
from app.api.requests import ReplyIn, RestoreIn, VetIn
from app.api.responses import Json, reply_json, step_json
from app.errors import InvalidInput, Pointer
from app.library import Held, ReplyFilter

router = APIRouter(prefix="/v1", tags=["knowledge"])
LanguageCode = Annotated[str | None, Query(pattern=r"^[a-z]{2,3}$", description="A bare language code")]


@router.get("/replies")
def list_replies(
    library: LibraryOf, principal: PrincipalOf, intent: str | None = None, language: LanguageCode = None, state: Literal["vetted", "suggested", "retired"] | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50, cursor: str | None = None,
) -> Json:  # fmt: skip
    """All replies by id, shipped and edited; with `language` only those worded in it, and only these words."""
    principal.need_scope("knowledge")
    page, following = library.list_replies(ReplyFilter(intent, language, state), limit, name_of(cursor))
    return {"items": [reply_json(held, language) for held in page], "next_cursor": cursor_of(following)}


@router.get("/replies/search")
def search(
    serving: ServingOf,
    principal: PrincipalOf,
    q: Annotated[str, Query(min_length=1, max_length=2000)],
    language: LanguageCode = None,
    k: Annotated[int, Query(ge=1, le=50)] = 5,
) -> Json:
    """The vetted replies nearest in meaning to a question of any language; `language` asks for replies worded in it."""
    principal.need_scope("knowledge")
    if not q.strip():
        raise InvalidInput("there is nothing to search for", (Pointer("/query/q", "empty"),))
    return {"items": [
        {
            "reply_id": hit.reply_id, "intent": hit.reply_id.partition(".")[0], "score": round(hit.score, 4), "language": hit.entry.language,
            "version": version, "kind": hit.entry.kind, "text": hit.entry.text,
        }
        for hit, version in serving.drafter().search(q, language, k)
    ]}  # fmt: skip


@router.post("/replies", status_code=201)
def add_reply(body: ReplyIn, once: OnceOf, library: LibraryOf, principal: PrincipalOf) -> JSONResponse:
    """A new reply of an intent that there is. It is a suggestion until ops vets it."""
    principal.need_scope("knowledge")
    written = body.to_domain()
    answer = once(
        lambda: (201, reply_json(library.add_reply(written, principal.person))),
    )
    answer.headers["Location"] = f"/v1/replies/{body.id}"
    return answer


@router.get("/replies/{reply_id}")
def get_reply(
    reply_id: str,
    library: LibraryOf,
    principal: PrincipalOf,
    language: LanguageCode = None,
    version: Annotated[int | None, Query(ge=1)] = None,
) -> JSONResponse:
    """The newest version, vetted or not, or an earlier one; `in_use` tells which words drafts use."""
    principal.need_scope("knowledge")
    return _tagged(library.get_reply(reply_id, version), language)


@router.get("/replies/{reply_id}/versions")
def list_versions(reply_id: str, library: LibraryOf, principal: PrincipalOf) -> Json:
    """What was done to a reply, newest first."""
    principal.need_scope("knowledge")
    return {"items": [step_json(action, held) for action, held in library.list_versions(reply_id)], "next_cursor": None}


@router.put("/replies/{reply_id}")
def put_reply(
    reply_id: str, body: ReplyIn, once: OnceOf, library: LibraryOf, principal: PrincipalOf, if_match: IfMatch = None
) -> JSONResponse:  # fmt: skip
    """A new version of the whole reply; the vetted words before it are used until ops vets the new ones."""
    principal.need_scope("knowledge")
    if body.id != reply_id:
        raise InvalidInput("the body is another reply", (Pointer("/id", f"is not {reply_id}"),))
    written, version = body.to_domain(), wanted_revision(if_match)
    return once(
        lambda: (200, reply_json(library.save_reply(written, principal.person, version))),
    )


@router.delete("/replies/{reply_id}")
def retire_reply(
    reply_id: str, once: OnceOf, library: LibraryOf, principal: PrincipalOf, if_match: IfMatch = None
) -> JSONResponse:  # fmt: skip
    """The reply is used no more, at once; its versions are kept and can be restored."""
    principal.need_ops()
    version = wanted_revision(if_match)
    return once(
        lambda: (200, reply_json(library.retire(reply_id, principal.person, version))),
    )


@router.post("/replies/{reply_id}/vet")
def vet_reply(
    reply_id: str, once: OnceOf, library: LibraryOf, principal: PrincipalOf, body: VetIn | None = None, if_match: IfMatch = None
) -> JSONResponse:  # fmt: skip
    """A person of ops vouches for the newest version; the next draft uses it."""
    principal.need_ops()
    wanted, version = body or VetIn(), wanted_revision(if_match)
    return once(
        lambda: (200, reply_json(library.vet(reply_id, principal.person, version, wanted.languages, wanted.review))),
    )


@router.post("/replies/{reply_id}/restore")
def restore_reply(
    reply_id: str, body: RestoreIn, once: OnceOf, library: LibraryOf, principal: PrincipalOf, if_match: IfMatch = None
) -> JSONResponse:  # fmt: skip
    """An earlier version comes back as the newest; what was vetted of it is used at once."""
    principal.need_ops()
    version = wanted_revision(if_match)
    return once(
        lambda: (200, reply_json(library.restore(reply_id, body.version, principal.person, version))),
    )


def _tagged(held: Held, language: str | None = None) -> JSONResponse:
    return JSONResponse(reply_json(held, language), headers={"ETag": f'"{held.version}"'})
