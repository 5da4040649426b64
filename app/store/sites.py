"""Sites that lie over the shipped files, append-only, and the keys by which their pages are known."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, RowMapping, func, insert, select, update

from app.store.tables import site_edits, site_keys
from knowledge_base.sites import Site


@dataclass(frozen=True, slots=True)
class StoredSite:
    """One version of a site."""

    name: str
    version: int
    by: str
    at: datetime
    site: Site


@dataclass(frozen=True, slots=True)
class SiteKeys:
    """By what a site's pages are known, and with what its own server vouches for a buyer."""

    site: str
    publishable: str
    identity_secret: str | None


def add_version(connection: Connection, stored: StoredSite) -> None:
    connection.execute(
        insert(site_edits).values(
            site=stored.name, version=stored.version, by=stored.by, at=stored.at, document=stored.site.model_dump(mode="json")
        )
    )  # fmt: skip


def list_newest(connection: Connection) -> Sequence[StoredSite]:
    """The newest version of every edited site, by name."""
    newest = select(func.max(site_edits.c.edit)).group_by(site_edits.c.site)
    query = select(site_edits).where(site_edits.c.edit.in_(newest)).order_by(site_edits.c.site)
    return [_stored(row) for row in connection.execute(query).mappings()]


def list_versions(connection: Connection, name: str) -> Sequence[StoredSite]:
    """Newest first."""
    query = select(site_edits).where(site_edits.c.site == name).order_by(site_edits.c.version.desc())
    return [_stored(row) for row in connection.execute(query).mappings()]


def list_keys(connection: Connection) -> Sequence[SiteKeys]:
    return [_keys(row) for row in connection.execute(select(site_keys)).mappings()]


def find_keys(connection: Connection, name: str) -> SiteKeys | None:
    row = connection.execute(select(site_keys).where(site_keys.c.site == name)).mappings().first()
    return _keys(row) if row else None


def find_by_publishable(connection: Connection, publishable: str) -> SiteKeys | None:
    row = connection.execute(select(site_keys).where(site_keys.c.publishable == publishable)).mappings().first()
    return _keys(row) if row else None


def put_keys(connection: Connection, keys: SiteKeys) -> None:
    """In the place of those that the site had."""
    values = {"publishable": keys.publishable, "identity_secret": keys.identity_secret}
    changed = connection.execute(update(site_keys).where(site_keys.c.site == keys.site).values(values))
    if not changed.rowcount:
        connection.execute(insert(site_keys).values(site=keys.site, **values))


def _stored(row: RowMapping) -> StoredSite:
    return StoredSite(
        str(row["site"]), int(row["version"]), str(row["by"]), row["at"], Site.model_validate(row["document"])
    )


def _keys(row: RowMapping) -> SiteKeys:
    return SiteKeys(str(row["site"]), str(row["publishable"]), row["identity_secret"])
