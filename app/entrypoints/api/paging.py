"""Where the next page of an administrator's list begins, as callers hand it back: one text nobody need understand."""

import base64
import binascii

import orjson

from app import errors
from app.errors import Problem

_LAST_NUMBER = 2**63 - 1


def written(place: str | int | None) -> str | None:
    """Write where the next page begins; None where there is none."""
    if place is None:
        return None
    return base64.urlsafe_b64encode(orjson.dumps(place)).decode().rstrip("=")


def name_in(cursor: str | None) -> str | None:
    """Read the name to go on after. Raises `Invalid` for a cursor that no list has given."""
    place = _read(cursor)
    if place is None or (isinstance(place, str) and place.isprintable()):
        return place
    raise _unknown()


def number_in(cursor: str | None) -> int | None:
    """Read the number to go on before. Raises `Invalid` for a cursor that no list has given."""
    place = _read(cursor)
    if place is None or (type(place) is int and 0 < place <= _LAST_NUMBER):
        return place
    raise _unknown()


def _read(cursor: str | None) -> object:
    if cursor is None:
        return None
    try:
        place: object = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError):
        raise _unknown() from None
    if place is None:
        raise _unknown()
    return place


def _unknown() -> errors.Invalid:
    return errors.Invalid([Problem("/cursor", "is not a cursor this list has given")])
