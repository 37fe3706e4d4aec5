"""Where a page of a list ended, as text that only the list itself reads. Pure."""

import base64
import binascii
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import orjson

from app import errors
from app.errors import Problem

LAST_NUMBER = 2**63 - 1
"""The greatest that both databases can hold."""


def written(place: Sequence[object]) -> str:
    """Write a place down."""
    return base64.urlsafe_b64encode(orjson.dumps(place)).decode().rstrip("=")


def read(cursor: str, *types: type) -> list[Any]:
    """Read a place whose parts have these types. Raises `Invalid` for what no list has given."""
    try:
        place = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError):
        place = None
    if not isinstance(place, list) or [type(part) for part in place] != list(types):
        raise unknown()
    if any(isinstance(part, int) and part > LAST_NUMBER for part in place):
        raise unknown()
    return place


def moment(text: str) -> datetime:
    """Read an instant that is part of a place. Raises `Invalid`."""
    try:
        read_moment = datetime.fromisoformat(text)
    except ValueError:
        raise unknown() from None
    if read_moment.utcoffset() != timedelta(0):
        raise unknown()
    return read_moment


def unknown() -> errors.Invalid:
    """Say that this is no cursor."""
    return errors.Invalid([Problem("/cursor", "is not a cursor this list has given")])
