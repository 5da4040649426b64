"""Identifiers: a letter that tells the kind, and 80 random bits."""

import secrets


def new_id(kind: str) -> str:
    """Such as `d_3f9c...`; unguessable, unique for any number that one shop writes."""
    return f"{kind}_{secrets.token_hex(10)}"
