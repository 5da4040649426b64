"""Cursors of lists that are ordered by one name."""

import base64
import binascii

from app.errors import InvalidInput, Pointer


def cursor_of(name: str | None) -> str | None:
    """An opaque cursor; None where there is no next page."""
    return None if name is None else base64.urlsafe_b64encode(name.encode()).decode()


def name_of(cursor: str | None) -> str | None:
    """The name after which the page begins; raises InvalidInput for a cursor that is not ours."""
    if cursor is None:
        return None
    try:
        return base64.b64decode(cursor.encode(), altchars=b"-_", validate=True).decode()
    except (binascii.Error, UnicodeError) as error:
        raise InvalidInput("the cursor is not one of ours", (Pointer("/query/cursor", "unreadable"),)) from error
