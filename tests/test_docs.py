"""Docs are held to the code: every setting, error, check and command stands in them."""

import re
from pathlib import Path

import pytest
import typer.main

from app import errors
from app.api.requests import ProductsIn, ReplyIn
from app.cli import app as cli
from app.drafting.checks.run import CHECK_IDS
from app.settings import Settings
from knowledge_base.exchange import merged, read_yaml
from knowledge_base.knowledge import Knowledge
from knowledge_base.proofread import proofread
from knowledge_base.schema import PREDICATES

DOCS = Path(__file__).parent.parent / "docs" / "reference"


def commands(group: object, prefix: str = "countersign") -> list[str]:
    found = []
    for name, command in group.commands.items():  # type: ignore[attr-defined]
        found += commands(command, f"{prefix} {name}") if hasattr(command, "commands") else [f"{prefix} {name}"]
    return found


def subclasses(kind: type) -> list[type]:
    return [kind, *(found for child in kind.__subclasses__() for found in subclasses(child))]


@pytest.mark.parametrize("name", sorted(Settings.model_fields))
def test_every_setting_is_told(name: str) -> None:
    assert f"`COUNTERSIGN_{name.upper()}`" in (DOCS / "settings.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("kind", subclasses(errors.CountersignError), ids=lambda kind: kind.__name__)
def test_every_error_is_told_with_its_status(kind: type[errors.CountersignError]) -> None:
    assert f"| `{kind.code}` | {kind.status} |" in (DOCS / "errors.md").read_text(encoding="utf-8")
    assert kind.__name__ in str(errors.__doc__)


@pytest.mark.parametrize("check", CHECK_IDS)
def test_every_check_is_told(check: str) -> None:
    assert f"| `{check}` |" in (DOCS / "checks.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("command", commands(typer.main.get_command(cli)))
def test_every_command_is_told(command: str) -> None:
    text = (DOCS / "commands.md").read_text(encoding="utf-8")
    assert f"`{command}" in text


def test_every_body_has_an_example(app: object) -> None:
    schemas = app.openapi()["components"]["schemas"]  # type: ignore[attr-defined]
    bodies = [name for name in schemas if name.endswith("In")]
    assert bodies and all("example" in schemas[name] for name in bodies)


GUIDE = (DOCS.parent / "guides" / "knowledge.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", sorted(PREDICATES))
def test_every_condition_is_told_to_the_owner(name: str) -> None:
    assert f"`{name}" in GUIDE


def test_the_guides_new_reply_can_be_imported(knowledge: Knowledge) -> None:
    block = GUIDE.partition("```yaml\n")[2].partition("```")[0]
    items, faults = read_yaml(block)
    written = merged(items[0].data, None)
    assert faults == [] and not isinstance(written, list) and proofread(written, knowledge) == []


def test_the_api_example_of_a_reply_and_of_products_can_be_used(knowledge: Knowledge) -> None:
    reply = ReplyIn.model_validate(ReplyIn.model_config["json_schema_extra"]["example"])  # type: ignore[index, call-overload]
    assert proofread(reply.to_domain(), knowledge) == []
    ProductsIn.model_validate(ProductsIn.model_config["json_schema_extra"]["example"])  # type: ignore[index, call-overload]


def test_every_route_of_the_knowledge_is_in_the_published_schema(app: object) -> None:
    paths = app.openapi()["paths"]  # type: ignore[attr-defined]
    assert {"/v1/replies", "/v1/replies/{reply_id}", "/v1/replies/{reply_id}/vet", "/v1/replies/{reply_id}/restore", "/v1/replies/{reply_id}/versions",
            "/v1/replies/search", "/v1/replies/import", "/v1/replies/export", "/v1/products", "/v1/products/import"} <= paths.keys()  # fmt: skip


ROOT = DOCS.parent.parent
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    assert [name for name in targets if "://" not in name and not (page.parent / name).exists()] == []


@pytest.mark.parametrize("page", [page for page in PAGES if page.parent.name in ("guides", "operations", "reference", "results")], ids=lambda page: page.name)  # fmt: skip
def test_every_page_is_led_to(page: Path) -> None:
    others = "\n".join(other.read_text(encoding="utf-8") for other in PAGES if other != page)
    assert f"{page.name})" in others or f"{page.name}#" in others
