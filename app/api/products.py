"""The catalogue that drafts draw facts from."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse

from app.api.depends import OnceOf, PrincipalOf, ProductsOf, TextOf, media_of
from app.api.paging import cursor_of, name_of
from app.api.requests import ProductsIn
from app.api.responses import Json, fault_json, product_json
from app.errors import InvalidInput, Pointer
from knowledge_base.catalogue_files import read_products

router = APIRouter(prefix="/v1", tags=["knowledge"])
_READ = {"application/jsonl": "jsonl", "application/x-ndjson": "jsonl", "application/x-jsonlines": "jsonl", "text/csv": "csv"}  # fmt: skip
_BODY = {
    "requestBody": {
        "required": True,
        "content": {media: {"schema": {"type": "string"}} for media in ("application/jsonl", "text/csv")},
    }
}


@router.get("/products")
def list_products(
    products: ProductsOf,
    principal: PrincipalOf,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: str | None = None,
) -> Json:
    """All products by sku: those that were put, over those of the shipped file."""
    principal.need_scope("products")
    page, following = products.list_products(limit, name_of(cursor))
    return {"items": [product_json(held) for held in page], "next_cursor": cursor_of(following)}


@router.put("/products")
def put_products(
    body: ProductsIn,
    once: OnceOf,
    products: ProductsOf,
    principal: PrincipalOf,
) -> JSONResponse:
    """Puts many at once, each in the place of the product of its sku; the next draft sees them."""
    principal.need_manager("products")

    def act() -> tuple[int, Json]:
        products.put_products(body.products, body.removed, principal.person)
        return 200, {"put": len(body.products), "removed": len(body.removed)}

    return once(act)


@router.post("/products/import", openapi_extra=_BODY)
def import_products(
    request: Request, once: OnceOf, principal: PrincipalOf, text: TextOf, products: ProductsOf, dry_run: bool = False
) -> JSONResponse:  # fmt: skip
    """The same from a file, CSV or JSON lines; a fault in any row keeps all of it out."""
    principal.need_manager("products")
    rows, faults = read_products(text, media_of(request, _READ))

    def act() -> tuple[int, Json]:
        found = products.bring(rows, faults, principal.person, dry_run)
        if found and not dry_run:
            raise InvalidInput(
                "the file holds faults; nothing of it was stored",
                tuple(Pointer(f"/rows/{fault.line}{fault.flaw.pointer}", fault.flaw.detail) for fault in found),
            )
        return 200, {"dry_run": dry_run, "put": len(rows), "errors": [fault_json(fault) for fault in found]}

    return once(act)
