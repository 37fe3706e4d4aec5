"""What a page says once, after something was done: kept in a cookie for as long as it takes to be led there. Pure.

The cookie names one of these sentences and holds none, so that nobody can put words into the mouth of a page.
"""

from enum import Enum

COOKIE = "refgate_notice"
LIFETIME_SECONDS = 60


class Notice(Enum):
    """Something that was done."""

    SAVED = "Saved."
    CREATED = "Created."
    DELETED = "Deleted."
    UNCHANGED = "Nothing was different, so nothing was changed."
    NOTED = "The note was added."
    ENDED = "The session was ended."
    OTHERS_ENDED = "All your other sessions were ended."
    LIFTED = "The lockout was lifted."


def named(name: str | None) -> Notice | None:
    """Find the notice that a cookie names."""
    return Notice.__members__.get(name) if name else None
