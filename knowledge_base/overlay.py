"""Edits laid over the shipped content: a new Knowledge, the old one unchanged."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace

from knowledge_base.catalogue import Catalogue
from knowledge_base.edits import Edits, Reply
from knowledge_base.knowledge import Knowledge
from knowledge_base.proofread import Flaw, structural_flaws
from knowledge_base.replies import Replies
from knowledge_base.schema import Intent


def lay_over(shipped: Knowledge, edits: Edits) -> Knowledge:
    """The content with what was edited. An edit that no longer fits the files is left out: what was shipped is used (`unfit` tells which)."""
    fitting = tuple(reply for reply in edits.replies if not structural_flaws(reply, shipped))
    if not (fitting or edits.products or edits.removed):
        return shipped
    kept = replace(edits, replies=fitting)
    return replace(
        shipped,
        replies=_replies(shipped.replies, fitting),
        catalogue=_catalogue(shipped.catalogue, edits),
        version=edited_version(shipped.version, kept),
    )


def unfit(shipped: Knowledge, edits: Edits) -> Mapping[str, list[Flaw]]:
    """By reply, why an edit is left out; edits come to fit no longer when new content is shipped under them."""
    found = {reply.id: structural_flaws(reply, shipped) for reply in edits.replies}
    return {reply_id: flaws for reply_id, flaws in found.items() if flaws}


def edited_version(shipped: str, edits: Edits) -> str:
    """Sixteen hexadecimal digits over the shipped content's version and everything in the edits."""
    digest = hashlib.sha256(shipped.encode())
    for reply in sorted(edits.replies, key=lambda item: item.id):
        digest.update(b"\0" + _canonical(reply.model_dump(mode="json", by_alias=True)))
    for product in sorted(edits.products, key=lambda item: item.sku):
        digest.update(b"\0" + _canonical(product.model_dump(mode="json")))
    digest.update(b"\0" + _canonical(sorted(edits.removed)))
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
