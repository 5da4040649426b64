"""Products that lie over the shipped catalogue: append-only, the newest row of a sku counts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, insert, select

from app.store.tables import product_edits
from knowledge_base.catalogue import Product


@dataclass(frozen=True, slots=True)
class StoredProduct:
    """One product as it was put; None where it was taken out."""

    sku: str
    by: str
    at: datetime
    product: Product | None


def add_products(connection: Connection, by: str, now: datetime, products: Sequence[Product]) -> None:
    """Puts all of them."""
    if products:
        rows = [{"sku": item.sku, "by": by, "at": now, "document": item.model_dump(mode="json")} for item in products]
        connection.execute(insert(product_edits), rows)


def remove_products(connection: Connection, by: str, now: datetime, skus: Sequence[str]) -> None:
    """Takes them out, shipped ones too."""
    if skus:
        rows = [{"sku": sku, "by": by, "at": now, "document": None} for sku in skus]
        connection.execute(insert(product_edits), rows)


def list_newest(connection: Connection) -> Sequence[StoredProduct]:
    """The newest row of every edited product, by sku."""
    newest = select(func.max(product_edits.c.edit)).group_by(product_edits.c.sku)
    query = select(product_edits).where(product_edits.c.edit.in_(newest)).order_by(product_edits.c.sku)
    return [
        StoredProduct(
            str(row["sku"]), str(row["by"]), row["at"], Product.model_validate(row["document"]) if row["document"] else None
        )
        for row in connection.execute(query).mappings()
    ]  # fmt: skip
