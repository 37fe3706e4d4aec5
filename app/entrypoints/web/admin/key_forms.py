"""What the form of an API key holds, and what it means."""

from collections.abc import Collection
from datetime import UTC, date, datetime, timedelta

from app import errors
from app.accounts.keys import Key
from app.entrypoints.web.forms import Form
from app.errors import Problem

BLANK = {"login": "", "name": "", "source": "", "expiresAt": ""}

_DAY = timedelta(days=1)
_INSTANT = timedelta(microseconds=1)


def values_of(key: Key) -> dict[str, str]:
    """Give what the form of a key shows."""
    return {"name": key.name, "source": key.source or "", "expiresAt": _last_day(key.expires_at)}


def expiry(form: Form) -> datetime | None:
    """Read when a key ends: with the day that is typed, in UTC. Raises `Invalid`."""
    text = form.optional("expiresAt")
    try:
        return None if text is None else _midnight(date.fromisoformat(text) + _DAY)
    except (ValueError, OverflowError):
        raise errors.Invalid([Problem("/expiresAt", "must be a day such as 2027-12-31, or blank")]) from None


def source(form: Form, known: Collection[str], kept: str | None) -> str | None:
    """Read the one source that a key is for; what it is for already may stay. Raises `Invalid`."""
    name = form.value("source") or None
    if name is not None and name not in known and name != kept:
        raise errors.Invalid([Problem("/source", "must be the name of a source")])
    return name


def trial(public_url: str) -> str:
    """Write commands that say whether a key is right."""
    return (
        "REFGATE_KEY='paste the key here'\n"
        f"curl -s -H \"Authorization: Bearer $REFGATE_KEY\" '{public_url}/api/v1/todos?limit=1'"
    )


def _last_day(ends: datetime | None) -> str:
    return "" if ends is None else (ends.astimezone(UTC) - _INSTANT).date().isoformat()


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
