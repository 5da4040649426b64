"""The catalogue that drafts draw facts from."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse

from app.api.depends import IdempotencyKey, PrincipalOf, ProductsOf, once
from app.api.paging import cursor_of, name_of
from app.api.requests import ProductsIn
from app.api.responses import Json, product_json

router = APIRouter(prefix="/v1", tags=["knowledge"])


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
    request: Request,
    products: ProductsOf,
    principal: PrincipalOf,
    idempotency_key: IdempotencyKey = None,
) -> JSONResponse:
    """Puts many at once, each in the place of the product of its sku; the next draft sees them."""
    principal.need_manager("products")

    def act() -> tuple[int, Json]:
        products.put_products(body.products, body.removed, principal.person)
        return 200, {"put": len(body.products), "removed": len(body.removed)}

    return once(request, body.model_dump_json(), idempotency_key, principal, act)
