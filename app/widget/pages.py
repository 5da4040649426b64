"""The loader, and the frame that it opens. All data comes over the API, so neither holds any rights of its own."""

import gzip
import json
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, FastAPI, Query, Request
from fastapi.responses import HTMLResponse, Response
from fastapi.staticfiles import StaticFiles
from jinja2 import Environment, FileSystemLoader, select_autoescape

from app.errors import NotFound
from app.settings import Settings
from app.sites import OpenSite, Sites
from app.widget.words import language_of, loader_words
from knowledge_base.chat_words import read_chat_words
from knowledge_base.knowledge import CONTENT, Knowledge

HERE = Path(__file__).parent
LOADER_KEPT_S = 300  # how long a browser keeps the loader: a shop's page follows an upgrade within minutes
router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Loader:
    """The script as it goes out, made once."""

    plain: bytes
    packed: bytes
    tag: str


class Widget:
    """What the pages are made of: the words of all languages, the templates, the loader."""

    def __init__(self, knowledge: Knowledge) -> None:
        self.words = read_chat_words(CONTENT)
        self.directions = {code: profile.direction for code, profile in knowledge.languages.items()}
        self.templates = Environment(
            loader=FileSystemLoader(HERE / "templates"), autoescape=select_autoescape(), trim_blocks=True
        )
        self.loader = self._make_loader()

    def _make_loader(self) -> Loader:
        words = json.dumps(loader_words(self.words, self.directions), ensure_ascii=False, separators=(",", ":"))
        plain = (HERE / "loader.js").read_text(encoding="utf-8").replace('"%WORDS%"', words).encode()
        return Loader(plain, gzip.compress(plain, mtime=0), f'"{sha256(plain).hexdigest()[:16]}"')

    def frame(self, door: OpenSite, language: str, settings: Settings) -> str:
        """The frame's page for one site, in one language."""
        words = self.words[language]
        shown = words.model_copy(update={"title": words.title.replace("{shop}", door.site.name)})
        return self.templates.get_template("frame.html").render(
            language=language,
            direction=self.directions[language],
            origins=json.dumps(door.origins),
            limit=settings.max_text_chars,
            photo_bytes=settings.max_photo_bytes,
            shop=door.site.name,
            words=shown,
        )


def mount(app: FastAPI, knowledge: Knowledge) -> None:
    """Makes the pages and mounts their files."""
    app.state.widget = Widget(knowledge)
    app.mount("/widget/static", StaticFiles(directory=HERE / "static"), name="widget")


@router.get("/widget.js")
def loader(request: Request) -> Response:
    """The script that a shop's page names; any page may load it, it opens nothing by itself."""
    script: Loader = request.app.state.widget.loader
    headers = {
        "ETag": script.tag, "Cache-Control": f"public, max-age={LOADER_KEPT_S}", "Vary": "Accept-Encoding",
        "Cross-Origin-Resource-Policy": "cross-origin",
    }  # fmt: skip
    if request.headers.get("if-none-match") == script.tag:
        return Response(status_code=304, headers=headers)
    packed = "gzip" in request.headers.get("accept-encoding", "")
    if packed:
        headers["Content-Encoding"] = "gzip"
    return Response(script.packed if packed else script.plain, media_type="text/javascript", headers=headers)


@router.get("/widget/frame")
def frame(request: Request, key: Annotated[str, Query()], language: Annotated[str, Query()] = "") -> HTMLResponse:
    """The chat itself. A browser shows it on pages of the site's exact origins only, and on our own."""
    widget: Widget = request.app.state.widget
    sites: Sites = request.app.state.sites
    door = sites.find_site_by_key(key)
    if door is None:
        raise NotFound("no site has this key")
    page = widget.frame(door, language_of(language, widget.words), request.app.state.settings)
    own_and_named = " ".join(("'self'", *door.origins))
    policy = (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
        f"base-uri 'none'; form-action 'none'; frame-ancestors {own_and_named}"
    )
    headers = {"Content-Security-Policy": policy, "Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
    return HTMLResponse(page, headers=headers)
