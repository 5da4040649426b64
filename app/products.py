"""The verbs of the catalogue: put, take out, list. Products live in the database over the shipped file; drafts see them at once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Engine

from app.desk import Person
from app.errors import InvalidInput, Pointer
from app.store import ledger, products
from app.store.database import once_committed, reading, writing
from app.store.edits import begin_edit
from knowledge_base.catalogue import Product
from knowledge_base.exchange import RowFault
from knowledge_base.knowledge import Knowledge
from knowledge_base.proofread import Flaw


@dataclass(frozen=True, slots=True)
class HeldProduct:
    """A product as the shop holds it; `by` and `at` are None for one from the shipped file."""

    product: Product
    by: str | None = None
    at: datetime | None = None


class Products:
    """Built once; `changed` is called after each edit."""

    def __init__(
        self,
        engine: Engine,
        shipped: Knowledge,
        changed: Callable[[], None] = lambda: None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._engine, self._shipped, self._changed, self._clock = engine, shipped, changed, clock

    def list_products(self, limit: int, after: str | None) -> tuple[Sequence[HeldProduct], str | None]:
        """One page by sku, and the sku after which the next begins."""
        held = {product.sku: HeldProduct(product) for product in self._shipped.catalogue.products()}
        with reading(self._engine) as connection:
            for item in products.list_newest(connection):
                held.pop(item.sku, None)
                if item.product is not None:
                    held[item.sku] = HeldProduct(item.product, item.by, item.at)
        skus = [sku for sku in sorted(held) if sku > (after or "")]
        return [held[sku] for sku in skus[:limit]], skus[limit - 1] if len(skus) > limit else None

    def put_products(self, put: Sequence[Product], removed: Sequence[str], person: Person) -> None:
        """All of them or none: each takes the place of the product of its sku; those removed are sold no more."""
        flaws = self.flaws(put)
        if flaws:
            raise InvalidInput("a product cannot be used", tuple(Pointer(flaw.pointer, flaw.detail) for flaw in flaws))
        with writing(self._engine) as connection:
            begin_edit(connection)
            now = self._clock()
            products.add_products(connection, person.name, now, put)
            products.remove_products(connection, person.name, now, removed)
            ledger.record(connection, person.name, "products.put", "products", now, put=len(put), removed=list(removed))
            once_committed(self._changed)

    def bring(
        self, rows: Sequence[tuple[int, Product]], faults: Sequence[RowFault], person: Person, dry_run: bool = False
    ) -> tuple[RowFault, ...]:
        """A whole file, or, on any fault and on a dry run, nothing of it; returns the faults by their line."""
        put = [product for _, product in rows]
        own = [RowFault(rows[int(flaw.place[1])][0], Flaw(flaw.place[2:], flaw.detail), put[int(flaw.place[1])].sku) for flaw in self.flaws(put)]  # fmt: skip
        found = tuple(sorted((*faults, *own), key=lambda fault: fault.line))
        if not found and not dry_run:
            self.put_products(put, (), person)
        return found

    def flaws(self, put: Sequence[Product]) -> list[Flaw]:
        """Products that stand twice, and facts in languages that no letter is written in."""
        flaws, seen = [], set[str]()
        for place, product in enumerate(put):
            if product.sku in seen:
                flaws.append(Flaw(("products", place, "sku"), f"{product.sku!r} stands twice"))
            seen.add(product.sku)
            for number, fact in enumerate(product.facts):
                strange = [language for language in fact.sentences if not self._shipped.served(language)]
                flaws += [Flaw(("products", place, "facts", number, "sentences", language), "no letter is written in this language") for language in strange]  # fmt: skip
        return flaws
