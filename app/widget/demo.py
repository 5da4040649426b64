"""A small shop with the sample catalogue and the chat: the whole circle can be tried on one machine."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from app.errors import NotFound
from app.serving import Serving
from app.settings import Settings
from app.sites import Sites
from app.widget.pages import Widget
from app.widget.words import language_of
from knowledge_base.catalogue import Product

SITE = "default"  # whose catalogue the samples are
PICTURES = frozenset(path.stem for path in (Path(__file__).parent / "static" / "demo").glob("*.svg"))
router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Shown:
    """A product as the shop's page shows it."""

    sku: str
    title: str
    lines: tuple[str, ...]
    in_stock: bool
    picture: str


@router.get("/demo")
def shop(request: Request, language: Annotated[str, Query()] = "") -> HTMLResponse:
    """The shop's page; the chat on it is the real one."""
    settings: Settings = request.app.state.settings
    if not settings.shows_demo:
        raise NotFound("the demo shop is switched off (COUNTERSIGN_DEMO)")
    sites: Sites = request.app.state.sites
    serving: Serving = request.app.state.serving
    widget: Widget = request.app.state.widget
    knowledge = serving.drafter().knowledge
    code = language_of(language, widget.words)
    page = widget.templates.get_template("demo.html").render(
        shop=knowledge.site(SITE).name,
        key=sites.get_keys(SITE).publishable,
        language=code,
        languages=[(other, knowledge.languages[other].name) for other in widget.words],
        products=[_shown(product, code) for product in knowledge.catalogue.products()],
    )
    return HTMLResponse(page, headers={"Cache-Control": "no-store"})


def _shown(product: Product, language: str) -> Shown:
    """In the chosen language where the catalogue has it, else in English."""
    lines = tuple(fact.sentences.get(language, fact.sentences.get("en", "")) for fact in product.facts)
    picture = product.sku if product.sku in PICTURES else "any"
    return Shown(product.sku, product.title_in(language), lines, product.in_stock is not False, picture)
