"""The formats in which replies come and go."""

from collections.abc import Callable, Iterable, Mapping

from knowledge_base.exchange import Format, Item, RowFault, read_jsonl, read_yaml, write_jsonl, write_yaml
from knowledge_base.spreadsheet import read_csv, write_csv

READERS: Mapping[Format, Callable[[str], tuple[list[Item], list[RowFault]]]] = {
    "yaml": read_yaml, "jsonl": read_jsonl, "csv": read_csv,
}  # fmt: skip
WRITERS: Mapping[Format, Callable[[Iterable[Mapping[str, object]]], str]] = {
    "yaml": write_yaml, "jsonl": write_jsonl, "csv": write_csv,
}  # fmt: skip
