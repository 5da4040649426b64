"""Products in files: JSON lines (one product a line), or CSV with a column for each fact and language."""

import csv
from collections.abc import Mapping

from pydantic import ValidationError

from knowledge_base.catalogue import Product
from knowledge_base.exchange import Item, RowFault, read_jsonl
from knowledge_base.proofread import Flaw
from knowledge_base.spreadsheet import table_of, unguarded

SINGLE = ("sku", "title", "in_stock", "restock_date", "url", "manual_url", "size_chart_url", "certificate", "alternative_sku")  # fmt: skip
BETWEEN = "|"  # stands between several values of one cell


def read_products(text: str, format: str) -> tuple[list[tuple[int, Product]], list[RowFault]]:
    """Products with their lines, and every fault; `format` is `jsonl` or `csv`."""
    items, faults = read_jsonl(text) if format == "jsonl" else _read_csv(text)
    products = []
    for item in items:
        try:
            products.append((item.line, Product.model_validate(item.data)))
        except ValidationError as error:
            sku = str(item.data.get("sku") or "") or None
            faults += [RowFault(item.line, Flaw(found["loc"], found["msg"]), sku) for found in error.errors()]
    return products, faults


def _read_csv(text: str) -> tuple[list[Item], list[RowFault]]:
    rows = table_of(text)
    items, faults = [], []
    try:
        strange = [name for name in rows.fieldnames or ("",) if not _known(name)]
        if strange:
            return [], [RowFault(1, Flaw((), f"the column {strange[0]!r} is none that a product has"))]
        for row in rows:
            cells = {name: unguarded(cell.strip()) for name, cell in row.items() if isinstance(cell, str) and cell.strip()}  # fmt: skip
            if cells:
                items.append(Item(rows.line_num, _product(cells)))
    except csv.Error as error:
        faults.append(RowFault(max(rows.line_num, 1), Flaw((), str(error))))
    return items, faults


def _known(name: str) -> bool:
    kind, *rest = name.split(".")
    return name in (*SINGLE, "aliases") or (kind == "title" and len(rest) == 1) or (kind in ("fact", "asked_by") and len(rest) == 2)  # fmt: skip


def _product(cells: Mapping[str, str]) -> dict[str, object]:
    titles: dict[str, str] = {}
    facts: dict[str, dict[str, dict[str, object]]] = {}
    for name, cell in cells.items():
        kind, *rest = name.split(".")
        if kind == "title" and rest:
            titles[rest[0]] = cell
        elif kind == "fact":
            facts.setdefault(rest[0], {}).setdefault("sentences", {})[rest[1]] = cell
        elif kind == "asked_by":
            facts.setdefault(rest[0], {}).setdefault("asked_by", {})[rest[1]] = _several(cell)
    single = {name: cells[name] for name in SINGLE if name in cells}
    return {**single, "titles": titles, "aliases": _several(cells.get("aliases", "")), "facts": [{"key": key, **fact} for key, fact in facts.items()]}  # fmt: skip


def _several(cell: str) -> list[str]:
    return [part.strip() for part in cell.split(BETWEEN) if part.strip()]
