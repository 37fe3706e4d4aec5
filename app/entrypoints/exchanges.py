"""What went over the wire, as it may be written down: cut to a length, and with no secret in it.

`bodies` has split off the credentials it knows. What is left may still hold secrets where they do not belong, under
a name that says so, or in a form that only ours have.
"""

import re
from urllib.parse import parse_qsl, quote, urlencode

import orjson
from flask import Response, request
from werkzeug.exceptions import HTTPException

from app.accounts import tokens
from app.entrypoints import bodies
from app.journal.lines import LONGEST_ANSWER, Exchange

_LONGEST_BODY = 16 * 1024
_MASK = "..."
_SECRET_NAME = re.compile(
    r"password|passwd|pwd|(client_?)?secret|((access|refresh)_?)?token|api_?key|session_?id|authorization",
    re.IGNORECASE,
)
_SIGNS = ("passw", "pwd", "secret", "token", "api", "session", "authorization", *tokens.Prefix)
"""Each text that has something to mask has one of these in it, in small letters."""


def of(response: Response) -> Exchange:
    """Give what was sent with the present request, and what is answered."""
    length = _length()
    return Exchange(
        method=request.method,
        path=_path(),
        sent=None if length > _LONGEST_BODY else _sent(),
        too_long=length > _LONGEST_BODY,
        answer=masked(response.get_data(as_text=True))[:LONGEST_ANSWER],
    )


def masked(text: str) -> str:
    """Give the text of a JSON document with its secrets masked; of any other text, what has the form of ours."""
    lowered = text.lower()
    if not any(sign in lowered for sign in _SIGNS):  # a glance, which is all that most texts need
        return text
    try:
        return orjson.dumps(_masked_value(orjson.loads(text))).decode()
    except (RecursionError, orjson.JSONDecodeError, orjson.JSONEncodeError):
        return tokens.masked(text)


def _length() -> int:
    try:
        return len(request.get_data())
    except HTTPException:  # longer than any body may be
        return request.content_length or _LONGEST_BODY + 1


def _sent() -> str | None:
    try:
        return masked(orjson.dumps(bodies.document()).decode())
    except (HTTPException, orjson.JSONEncodeError):
        return None


def _path() -> str:
    path = quote(tokens.masked(request.path))
    pairs = parse_qsl(request.query_string.decode("latin-1"), keep_blank_values=True)
    query = urlencode([(name, _masked_member(name, value)) for name, value in pairs])
    return f"{path}?{query}" if query else path


def _masked_value(value: object) -> object:
    if isinstance(value, dict):
        return {tokens.masked(name): _masked_member(name, inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_masked_value(each) for each in value]
    return tokens.masked(value) if isinstance(value, str) else value


def _masked_member(name: str, value: object) -> object:
    return _MASK if _SECRET_NAME.fullmatch(name) else _masked_value(value)
