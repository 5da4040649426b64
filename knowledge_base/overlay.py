"""Edits laid over the shipped content: a new Knowledge, the old one unchanged."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace

from knowledge_base.catalogue import Catalogue
from knowledge_base.edits import Edits, Reply
from knowledge_base.knowledge import Knowledge
from knowledge_base.policies import Policies, misplaced
from knowledge_base.proofread import Flaw, structural_flaws
from knowledge_base.replies import Replies
from knowledge_base.schema import Intent
from knowledge_base.sites import Site


def lay_over(shipped: Knowledge, edits: Edits) -> Knowledge:
    """The content with what was edited. An edit that no longer fits the files is left out: what was shipped is used (`unfit` tells which)."""
    fitting = tuple(reply for reply in edits.replies if not structural_flaws(reply, shipped))
    sites = {name: site for name, site in edits.sites.items() if not site_flaws(name, site, shipped)}
    if not (fitting or edits.products or edits.removed or sites):
        return shipped
    kept = replace(edits, replies=fitting, sites=sites)
    return replace(
        shipped,
        replies=_replies(shipped.replies, fitting),
        catalogue=_catalogue(shipped.catalogue, edits),
        sites={**shipped.sites, **sites},
        policies=_policies(shipped.policies, sites),
        version=edited_version(shipped.version, kept),
    )


def unfit(shipped: Knowledge, edits: Edits) -> Mapping[str, list[Flaw]]:
    """By reply or site, why an edit is left out; edits come to fit no longer when new content is shipped under them."""
    found = {reply.id: structural_flaws(reply, shipped) for reply in edits.replies}
    found |= {f"site {name}": site_flaws(name, site, shipped) for name, site in edits.sites.items()}
    return {reply_id: flaws for reply_id, flaws in found.items() if flaws}


def site_flaws(name: str, site: Site, shipped: Knowledge) -> list[Flaw]:
    """All that keeps a site from being used: policy values that are none, and a language that explains nothing."""
    strays = [(place, "is a table of policy values") for place in misplaced(site.policy)]
    faults = strays or list(shipped.policies.with_site(name, site.policy).faults(name))
    flaws = [Flaw(("policy", *place.split(".")), detail) for place, detail in faults]
    if not shipped.served(site.agent_language.partition("-")[0]):
        flaws.append(Flaw(("agent_language",), "no draft can be explained in this language"))
    return flaws


def _policies(shipped: Policies, sites: Mapping[str, Site]) -> Policies:
    for name, site in sites.items():
        shipped = shipped.with_site(name, site.policy)
    return shipped


def edited_version(shipped: str, edits: Edits) -> str:
    """Sixteen hexadecimal digits over the shipped content's version and everything in the edits."""
    digest = hashlib.sha256(shipped.encode())
    for reply in sorted(edits.replies, key=lambda item: item.id):
        digest.update(b"\0" + _canonical(reply.model_dump(mode="json", by_alias=True)))
    for product in sorted(edits.products, key=lambda item: item.sku):
        digest.update(b"\0" + _canonical(product.model_dump(mode="json")))
    digest.update(b"\0" + _canonical(sorted(edits.removed)))
    for name, site in sorted(edits.sites.items()):
        digest.update(b"\0" + _canonical([name, site.model_dump(mode="json")]))
    return digest.hexdigest()[:16]


def _canonical(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def _replies(shipped: Replies, edited: tuple[Reply, ...]) -> Replies:
    ids = {reply.id for reply in edited}
    intents = dict(shipped.intents)
    for reply in edited:
        intents[reply.intent] = _with_situation(intents[reply.intent], reply)
    variants = {key: variant for key, variant in shipped.variants.items() if key[0] not in ids}
    for reply in edited:
        if not reply.retired:
            variants |= {(reply.id, variant.language): variant for variant in reply.variants()}
    return Replies(intents, variants)


def _with_situation(intent: Intent, reply: Reply) -> Intent:
    """In its place where it was there, else last; the intent itself stays as it is."""
    own = () if reply.retired else (reply.situation,)
    place = next((number for number, item in enumerate(intent.situation) if item.id == reply.id), len(intent.situation))
    return intent.model_copy(update={"situation": (*intent.situation[:place], *own, *intent.situation[place + 1 :])})


def _catalogue(shipped: Catalogue, edits: Edits) -> Catalogue:
    products = {product.sku: product for product in shipped.products() if product.sku not in edits.removed}
    return Catalogue((products | {product.sku: product for product in edits.products}).values())
