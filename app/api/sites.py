"""The sites: what a shop is called, its clock, its policy, its channels, and the keys of its pages. For ops."""

from typing import Annotated

from fastapi import APIRouter, Path
from fastapi.responses import JSONResponse
from pydantic import ConfigDict, JsonValue, model_validator

from app.api.depends import IfMatch, OnceOf, PrincipalOf, SitesOf, wanted_revision
from app.api.responses import Json
from app.domain import Country
from app.sites import HeldSite, Sites
from knowledge_base.policies import Granted
from knowledge_base.sites import Site

router = APIRouter(prefix="/v1", tags=["sites"])
SiteName = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]
_READ_ONLY = ("id", "version", "source", "publishable_key", "has_identity_secret", "updated_by", "updated_at")
_EXAMPLE: dict[str, JsonValue] = {
    "name": "Luma Home", "signature": "Luma Home Support", "timezone": "Asia/Shanghai", "country": "CN", "weekend": [5, 6],
    "working_hours": {"opens": "09:00", "closes": "18:00"}, "agent_language": "zh", "undo_seconds": 10, "channels": ["widget", "email"],
    "widget_origins": ["https://shop.example.com"], "order_source": "https://shop.example.com/orders",
    "policy": {"return_days": 30, "by_market": {"BR": {"return_days": 45}}},
}  # fmt: skip


class SiteIn(Site):
    """A whole site. What an answer holds besides may be sent back and is not read."""

    model_config = ConfigDict(frozen=True, extra="forbid", json_schema_extra={"example": _EXAMPLE})

    @model_validator(mode="before")
    @classmethod
    def _without_read_only(cls, data: object) -> object:
        return {key: value for key, value in data.items() if key not in _READ_ONLY} if isinstance(data, dict) else data

    def to_domain(self) -> Site:
        """As the sites take it."""
        return Site.model_construct(**{name: getattr(self, name) for name in Site.model_fields})


@router.get("/sites")
def list_sites(sites: SitesOf, principal: PrincipalOf) -> Json:
    """All sites, shipped and edited."""
    principal.need_ops()
    return {"items": [_site_json(held, sites) for held in sites.list_sites()], "next_cursor": None}


@router.get("/sites/{site}")
def get_site(site: SiteName, sites: SitesOf, principal: PrincipalOf) -> Json:
    """One site as it is in force."""
    principal.need_ops()
    return _site_json(sites.get_site(site), sites)


@router.put("/sites/{site}")
def put_site(
    site: SiteName,
    body: SiteIn,
    once: OnceOf,
    sites: SitesOf,
    principal: PrincipalOf,
    if_match: IfMatch = None,
) -> JSONResponse:
    """A new version, or a new site; the next draft follows it."""
    principal.need_ops()
    version = wanted_revision(if_match)

    def act() -> tuple[int, Json]:
        return 200, _site_json(sites.put_site(site, body.to_domain(), principal.person, version), sites)

    return once(act)


@router.get("/sites/{site}/versions")
def list_versions(site: SiteName, sites: SitesOf, principal: PrincipalOf) -> Json:
    """Every version with who put it, newest first; any of them may be put again."""
    principal.need_ops()
    return {"items": [_version_json(held) for held in sites.list_versions(site)], "next_cursor": None}


@router.get("/sites/{site}/policy")
def explain_policy(site: SiteName, sites: SitesOf, principal: PrincipalOf, market: Country | None = None) -> Json:
    """What is granted to buyers (of one market, where one is named): each value with the layer or the law that it comes from."""
    principal.need_ops()
    return {"items": [_granted_json(value) for value in sites.explain_policy(site, market)], "next_cursor": None}


@router.post("/sites/{site}/publishable-key")
def turn_publishable_key(site: SiteName, sites: SitesOf, principal: PrincipalOf, once: OnceOf) -> JSONResponse:
    """Another key for the shop's pages; the old one stops at once."""
    principal.need_ops()
    return once(lambda: (200, {"publishable_key": sites.turn_publishable_key(site, principal.person).publishable}))


@router.post("/sites/{site}/identity-secret")
def turn_identity_secret(site: SiteName, sites: SitesOf, principal: PrincipalOf, once: OnceOf) -> JSONResponse:
    """Another secret with which the shop's server vouches for signed-in buyers (HMAC-SHA256 of the buyer's id); shown this once."""
    principal.need_ops()
    return once(
        lambda: (200, {"identity_secret": sites.turn_identity_secret(site, principal.person).identity_secret}),
        forgets=("identity_secret",),
    )


def _site_json(held: HeldSite, sites: Sites) -> Json:
    keys = sites.get_keys(held.name)
    return {
        **_version_json(held), "publishable_key": keys.publishable, "has_identity_secret": keys.identity_secret is not None,
    }  # fmt: skip


def _granted_json(value: Granted) -> Json:
    shown = value.model_dump(mode="json", include={"name", "value", "layer"})
    return {**shown, "source": value.fact.source if value.fact else None}


def _version_json(held: HeldSite) -> Json:
    return {
        "id": held.name, "version": held.version, "source": "edited" if held.by else "shipped", **held.site.model_dump(mode="json"),
        "updated_by": held.by, "updated_at": held.at.isoformat() if held.at else None,
    }  # fmt: skip
