"""The JSON body of a request: read once and strictly, its credentials taken out before anybody else looks."""

from typing import NamedTuple

import orjson
from flask import g, request
from werkzeug.exceptions import BadRequest
from werkzeug.exceptions import UnsupportedMediaType as WerkzeugUnsupportedMediaType

from app.accounts.identity import Kind

LOGINS = {Kind.AGENT: "UserLogin", Kind.CUSTOMER: "CustomerUserLogin"}

_CREDENTIALS = frozenset({"SessionID", *LOGINS.values(), "Password"})
_BOM = b"\xef\xbb\xbf"  # RFC 8259 section 8.1: senders must not, readers may overlook it


class UnsupportedMediaType(WerkzeugUnsupportedMediaType):
    """The body does not say that it is JSON."""

    description = "The body must be JSON and say so. With curl, add: -H 'Content-Type: application/json'"


class MalformedBody(BadRequest):
    """The body is not JSON that can be read."""


def document() -> object:
    """Give the JSON body of this request without the credentials in it; parsed once.

    Raises `UnsupportedMediaType`, `MalformedBody`, or werkzeug's `RequestEntityTooLarge`.
    """
    return _read().document


def is_json() -> bool:
    """Say whether this request says that its body is JSON."""
    return request.mimetype == "application/json" or request.mimetype.endswith("+json")


def credentials() -> dict[str, object]:
    """Give the credentials in the body of this request, if there are any. Raises what `document` raises."""
    return _read().credentials


class _Body(NamedTuple):
    document: object
    credentials: dict[str, object]


def _read() -> _Body:
    known: _Body | None = g.get("json_body")
    if known is None:
        known = g.json_body = _split(_parse())
    return known


def _parse() -> object:
    if not is_json():
        raise UnsupportedMediaType
    try:
        return orjson.loads(request.get_data().removeprefix(_BOM))
    except orjson.JSONDecodeError as error:
        raise MalformedBody(f"The body is not JSON that can be read: {error}.") from error


def _split(parsed: object) -> _Body:
    if not isinstance(parsed, dict) or _CREDENTIALS.isdisjoint(parsed):
        return _Body(parsed, {})
    found = {key: value for key, value in parsed.items() if key in _CREDENTIALS and value is not None}
    return _Body({key: value for key, value in parsed.items() if key not in _CREDENTIALS}, found)
