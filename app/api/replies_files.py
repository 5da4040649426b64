"""Replies as whole files: exported with the edits merged, imported with a dry run."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse

from app.api.depends import LibraryOf, OnceOf, PrincipalOf, TextOf, media_of
from app.api.replies import LanguageCode
from app.api.responses import Json, brought_json
from app.errors import InvalidInput, Pointer
from app.library import ReplyFilter
from knowledge_base.exchange import Format, exported
from knowledge_base.formats import READERS, WRITERS

router = APIRouter(prefix="/v1", tags=["knowledge"])
MEDIA: dict[Format, str] = {"yaml": "application/yaml", "jsonl": "application/jsonl", "csv": "text/csv"}
_READ: dict[str, Format] = {
    "application/yaml": "yaml", "application/x-yaml": "yaml", "text/yaml": "yaml", "text/x-yaml": "yaml",
    "application/jsonl": "jsonl", "application/x-ndjson": "jsonl", "application/x-jsonlines": "jsonl", "text/csv": "csv",
}  # fmt: skip
_BODY = {
    "requestBody": {"required": True, "content": {media: {"schema": {"type": "string"}} for media in MEDIA.values()}}
}
FormatOf = Annotated[Format | None, Query(description="Instead of the content type")]


@router.get(
    "/replies/export", response_class=Response, responses={200: {"content": {media: {} for media in MEDIA.values()}}}
)
def export_replies(
    library: LibraryOf, principal: PrincipalOf, format: Format = "yaml", language: LanguageCode = None
) -> Response:  # fmt: skip
    """All replies, shipped and edited, in their newest version; with `language` the words of this one only."""
    principal.need_scope("knowledge")
    page, _ = library.list_replies(ReplyFilter(language=language))
    text = WRITERS[format](exported(held.document, held.version, language) for held in page)
    headers = {"Content-Disposition": f'attachment; filename="replies.{format}"'}
    return Response(text, media_type=f"{MEDIA[format]}; charset=utf-8", headers=headers)


@router.post("/replies/import", openapi_extra=_BODY)
def import_replies(
    request: Request, once: OnceOf, principal: PrincipalOf, text: TextOf, library: LibraryOf, format: FormatOf = None,
    dry_run: bool = False, vet: bool = False,
) -> JSONResponse:  # fmt: skip
    """What a file of replies changes, or would change. A fault in any row keeps all of it out; words are stored unvetted unless ops says `vet`."""
    principal.need_manager("knowledge")
    if vet:
        principal.need_ops()
    items, faults = READERS[format or media_of(request, _READ)](text)

    def act() -> tuple[int, Json]:
        brought = library.bring(items, faults, principal.person, dry_run, vet)
        if brought.faults and not dry_run:
            raise InvalidInput(
                "the file holds faults; nothing of it was stored",
                tuple(
                    Pointer(f"/rows/{fault.line}{fault.flaw.pointer}", fault.flaw.detail) for fault in brought.faults
                ),
            )
        return 200, brought_json(brought, dry_run)

    return once(act)
