"""The console's pages and their files. All data comes over the API, so a page holds no rights of its own."""

import json
from pathlib import Path

from fastapi import APIRouter, FastAPI
from fastapi.responses import FileResponse
from fastapi.staticfiles import StaticFiles

HERE = Path(__file__).parent
router = APIRouter(include_in_schema=False)


@router.get("/")
def page() -> FileResponse:
    """Sign-in and desk."""
    return FileResponse(HERE / "templates" / "desk.html", media_type="text/html; charset=utf-8")


@router.get("/insights")
def insights() -> FileResponse:
    """How the work went."""
    return FileResponse(HERE / "templates" / "insights.html", media_type="text/html; charset=utf-8")


@router.get("/settings/sites")
@router.get("/settings/people")
@router.get("/settings/keys")
@router.get("/settings/webhooks")
@router.get("/settings/generators")
@router.get("/learning/corrections")
@router.get("/learning/models")
@router.get("/learning/drift")
@router.get("/knowledge/replies")
@router.get("/knowledge/hits")
@router.get("/knowledge/files")
@router.get("/cases/disputes")
def nouns() -> FileResponse:
    """One page a noun; the script takes group and noun from the address."""
    return FileResponse(HERE / "templates" / "nouns.html", media_type="text/html; charset=utf-8")


@router.get("/console-languages")
def languages() -> dict[str, str]:
    """The console's languages by code, each named in itself: one for every word list."""
    lists = sorted((HERE / "static" / "words").glob("*.json"))
    return {path.stem: json.loads(path.read_text(encoding="utf-8"))["language_name"] for path in lists}


def mount(app: FastAPI) -> None:
    """Style sheet, scripts and word lists."""
    app.mount("/console", StaticFiles(directory=HERE / "static"), name="console")
