"""The JSON body of a request: read once and strictly, its credentials taken out before anybody else looks."""

from typing import NamedTuple

import orjson
from werkzeug.exceptions import BadRequest
from werkzeug.exceptions import UnsupportedMediaType as WerkzeugUnsupportedMediaType

from app.accounts.identity import Kind
from app.entrypoints.present import the_notes, the_request

NDJSON = "application/x-ndjson"
_JSON = "application/json"
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
    asked = the_request()
    if asked.content_type == _JSON:
        return True
    return asked.mimetype == _JSON or asked.mimetype.endswith("+json")


def is_ndjson() -> bool:
    """Say whether this request says that its body is JSON line by line."""
    return the_request().mimetype == NDJSON


def content() -> bytes:
    """Give the body of this request as it came. Raises werkzeug's `RequestEntityTooLarge`."""
    return the_request().get_data().removeprefix(_BOM)


def parsed(text: bytes | memoryview) -> object:
    """Read the text of a JSON document. Raises `MalformedBody`."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise MalformedBody(f"The body is not JSON that can be read: {error}.") from error


def credentials() -> dict[str, object]:
    """Give the credentials in the body of this request, if there are any. Raises what `document` raises."""
    return _read().credentials


class _Body(NamedTuple):
    document: object
    credentials: dict[str, object]


def _read() -> _Body:
    notes = the_notes()
    known: _Body | None = notes.get("json_body")
    if known is None:
        known = notes.json_body = _split(_parse())
    return known


def _parse() -> object:
    if not is_json():
        raise UnsupportedMediaType
    return parsed(content())


def _split(parsed: object) -> _Body:
    if not isinstance(parsed, dict) or _CREDENTIALS.isdisjoint(parsed):
        return _Body(parsed, {})
    found = {key: value for key, value in parsed.items() if key in _CREDENTIALS and value is not None}
    return _Body({key: value for key, value in parsed.items() if key not in _CREDENTIALS}, found)
