"""The verbs of the sites: look, put, turn keys. A site in the database lies over the shipped file; drafts see it at once."""

import hashlib
import hmac
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from sqlalchemy import Connection, Engine

from app.desk import Person
from app.domain import countries
from app.errors import InvalidInput, NotFound, Pointer, Stale
from app.store import ledger, sites
from app.store.database import once_committed, reading, writing
from app.store.edits import begin_edit
from app.store.sites import SiteKeys, StoredSite
from knowledge_base.knowledge import Knowledge
from knowledge_base.overlay import site_flaws
from knowledge_base.policies import Granted
from knowledge_base.proofread import Flaw
from knowledge_base.sites import Site


@dataclass(frozen=True, slots=True)
class HeldSite:
    """A site as it is in force; `by` and `at` are None for one from the shipped file."""

    name: str
    version: int
    site: Site
    by: str | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class OpenSite:
    """What a publishable key opens: a site's widget, for pages of these exact origins only."""

    name: str
    site: Site
    origins: tuple[str, ...]


class Sites:
    """Built once; `changed` is called after each edit."""

    def __init__(
        self,
        engine: Engine,
        shipped: Knowledge,
        changed: Callable[[], None] = lambda: None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._engine, self._shipped, self._changed, self._clock = engine, shipped, changed, clock

    # --- looking -----------------------------------------------------------------------------------------------------

    def list_sites(self) -> Sequence[HeldSite]:
        """All of them by name."""
        with reading(self._engine) as connection:
            held = self._all(connection)
        return [held[name] for name in sorted(held)]

    def get_site(self, name: str) -> HeldSite:
        """The newest version; raises NotFound."""
        with reading(self._engine) as connection:
            return self._get(connection, name)

    def list_versions(self, name: str) -> Sequence[HeldSite]:
        """Newest first, the shipped one last."""
        with reading(self._engine) as connection:
            found = [_held(stored) for stored in sites.list_versions(connection, name)]
        shipped = self._shipped.sites.get(name)
        found += [HeldSite(name, 1, shipped)] if shipped else []
        if not found:
            raise NotFound("there is no such site")
        return found

    def get_keys(self, name: str) -> SiteKeys:
        """Raises NotFound where there is no such site."""
        with reading(self._engine) as connection:
            found = sites.find_keys(connection, name)
        if found is None:
            raise NotFound("there is no such site")
        return found

    def explain_policy(self, name: str, market: str | None) -> Sequence[Granted]:
        """What the site grants a buyer of that market, value by value, with the layer that it comes from. Raises NotFound."""
        held = self.get_site(name)
        return self._shipped.policies.with_site(name, held.site.policy).explained(name, market)

    # --- for the widget ----------------------------------------------------------------------------------------------

    def find_site_by_key(self, publishable: str) -> OpenSite | None:
        """What that key opens; None where no site has it."""
        with reading(self._engine) as connection:
            keys = sites.find_by_publishable(connection, publishable)
            held = self._all(connection).get(keys.site) if keys else None
        return OpenSite(held.name, held.site, held.site.widget_origins) if held else None

    def is_vouched_for(self, name: str, buyer_id: str, signature: str) -> bool:
        """Whether the shop's own server signed this buyer's id: HMAC-SHA256 with the identity secret, in hexadecimal."""
        secret = self.get_keys(name).identity_secret
        if secret is None:
            return False
        expected = hmac.new(secret.encode(), buyer_id.encode(), hashlib.sha256).hexdigest()
        return hmac.compare_digest(expected.encode(), signature.encode("utf-8", "replace"))

    # --- changing ----------------------------------------------------------------------------------------------------

    def put_site(self, name: str, site: Site, person: Person, version: int | None = None) -> HeldSite:
        """A new version, in force at once; `version` is the one that it was made from (raises Stale where a newer one has come)."""
        flaws = self.flaws(name, site)
        if flaws:
            raise InvalidInput("the site cannot be used", tuple(Pointer(flaw.pointer, flaw.detail) for flaw in flaws))
        with writing(self._engine) as connection:
            begin_edit(connection)
            known = self._all(connection).get(name)
            if version is not None and version != (known.version if known else 0):
                raise Stale(f"the site is at version {known.version if known else 0} by now")
            if known and known.site == site:
                return known
            stored = StoredSite(name, known.version + 1 if known else 1, person.name, self._clock(), site)
            sites.add_version(connection, stored)
            self._make_keys(connection, name)
            ledger.record(connection, person.name, "site.put", name, stored.at, version=stored.version)
            once_committed(self._changed)
            return _held(stored)

    def flaws(self, name: str, site: Site) -> list[Flaw]:
        """All that keeps a site from being stored."""
        markets = site.policy.get("by_market")
        named: list[tuple[tuple[str, ...], str]] = [(("country",), site.country)]
        named += [(("policy", "by_market", code), code) for code in markets] if isinstance(markets, dict) else []
        wrong = [Flaw(place, f"{code!r} is not an ISO 3166-1 alpha-2 country") for place, code in named if code not in countries()]  # fmt: skip
        return [*site_flaws(name, site, self._shipped), *wrong]

    def ensure_keys(self) -> None:
        """Every site has a publishable key; called once at start."""
        with reading(self._engine) as connection:
            missing = self._all(connection).keys() - {keys.site for keys in sites.list_keys(connection)}
        if missing:
            with writing(self._engine) as connection:
                begin_edit(connection)  # so that processes that start together wait for each other
                for name in sorted(missing):
                    self._make_keys(connection, name)

    def turn_publishable_key(self, name: str, person: Person) -> SiteKeys:
        """Another publishable key; the old one opens nothing from now on."""
        return self._turn(name, person, "site.key_turned", lambda keys: replace(keys, publishable=_publishable()))

    def turn_identity_secret(self, name: str, person: Person) -> SiteKeys:
        """Another secret for vouching; signatures by the old one count no more."""
        return self._turn(name, person, "site.secret_turned", lambda keys: replace(keys, identity_secret=f"is_{secrets.token_urlsafe(32)}"))  # fmt: skip

    def _turn(self, name: str, person: Person, action: str, turned: Callable[[SiteKeys], SiteKeys]) -> SiteKeys:
        with writing(self._engine) as connection:
            keys = sites.find_keys(connection, name)
            if keys is None:
                raise NotFound("there is no such site")
            newer = turned(keys)
            sites.put_keys(connection, newer)
            ledger.record(connection, person.name, action, name, self._clock())
            return newer

    # --- shared ------------------------------------------------------------------------------------------------------

    def _make_keys(self, connection: Connection, name: str) -> None:
        if sites.find_keys(connection, name) is None:
            sites.put_keys(connection, SiteKeys(name, _publishable(), None))

    def _all(self, connection: Connection) -> dict[str, HeldSite]:
        held = {name: HeldSite(name, 1, site) for name, site in self._shipped.sites.items()}
        return held | {stored.name: _held(stored) for stored in sites.list_newest(connection)}

    def _get(self, connection: Connection, name: str) -> HeldSite:
        held = self._all(connection).get(name)
        if held is None:
            raise NotFound("there is no such site")
        return held


def _held(stored: StoredSite) -> HeldSite:
    return HeldSite(stored.name, stored.version, stored.site, stored.by, stored.at)


def _publishable() -> str:
    return f"pk_{secrets.token_urlsafe(24)}"
