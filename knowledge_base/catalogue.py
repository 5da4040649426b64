"""A site's products: what may be said of them, in stock or not, and where their papers are."""

import json
from collections.abc import Iterable
from datetime import date
from pathlib import Path

from pydantic import Field, HttpUrl

from knowledge_base.files import Reader
from knowledge_base.schema import Table


class Fact(Table):
    """One thing known of a product, as a whole sentence per language, with the words that buyers ask for it by."""

    key: str
    sentences: dict[str, str] = Field(min_length=1)
    asked_by: dict[str, tuple[str, ...]] = {}


class Product(Table):
    """One product of the catalogue; all but sku and title may be unknown."""

    sku: str = Field(min_length=1, max_length=100)
    title: str = Field(min_length=1, max_length=300)
    titles: dict[str, str] = {}
    aliases: tuple[str, ...] = ()
    facts: tuple[Fact, ...] = ()
    in_stock: bool | None = None
    restock_date: date | None = None
    url: HttpUrl | None = None
    manual_url: HttpUrl | None = None
    size_chart_url: HttpUrl | None = None
    certificate: str | None = None
    alternative_sku: str | None = None

    def title_in(self, language: str) -> str:
        """The title in that language, else as the shop gives it."""
        return self.titles.get(language, self.title)


class Catalogue:
    """Products by sku; built once, never changed (an edit builds a new one)."""

    def __init__(self, products: Iterable[Product] = ()) -> None:
        self._products = {product.sku: product for product in products}
        self._names = {
            name.casefold(): product
            for product in self._products.values()
            for name in (product.title, *product.titles.values(), *product.aliases)
        }

    def __len__(self) -> int:
        return len(self._products)

    def products(self) -> Iterable[Product]:
        """All of them, in the order in which they came."""
        return self._products.values()

    def find(self, sku: str | None, title: str | None = None) -> Product | None:
        """By sku, else by exact title or alias (case folded)."""
        return self._products.get(sku or "") or self._names.get((title or "").casefold())

    def find_named(self, text: str) -> Product | None:
        """The product whose title or alias stands in the text; None where none or several different ones do."""
        folded = text.casefold()
        found = {product.sku: product for name, product in self._names.items() if len(name) > 2 and name in folded}
        return next(iter(found.values())) if len(found) == 1 else None


def read_catalogue(path: Path, reader: Reader) -> Catalogue:
    """One product a line (JSONL); a faulty line is named by its number. A missing file is an empty catalogue."""
    products = []
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            data = json.loads(line)
        except json.JSONDecodeError as error:
            reader.fault(path, f"line {number}", str(error))
            continue
        product = reader.table(Product, data, path, f"line {number}")
        if product is not None:
            products.append(product)
    return Catalogue(products)
