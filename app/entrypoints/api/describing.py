"""The words in which OpenAPI is told of our API: headers, answers, problems."""

from typing import Any

from app.entrypoints.api import answers as shown

Json = dict[str, Any]

_TEXTS = {
    400: "Not JSON, nested too deep, a number too long, or not UTF-8.",
    401: "Nobody, or wrong credentials.",
    403: "The caller may not. It does not say whether a todo exists.",
    404: "No such thing, or hidden from the caller.",
    409: "Something else is in the way: a rule that refuses it, a key in flight, or what refers to it.",
    412: "The precondition does not hold.",
    413: "The body is too large.",
    415: "The body is not application/json.",
    422: "A field is wrong; nothing was stored. `errors` names each field.",
    428: "If-Match is missing.",
    429: "Too many wrong passwords came from this address. Send it again after `Retry-After`.",
    503: "The database is away; nothing was stored. Send it again after `Retry-After`.",
}
WITH_BODY = (400, 413, 415, 422)
_SCHEMAS = {409: shown.REJECTION}
_HEADERS = {401: "WWW-Authenticate", 409: "Retry-After", 429: "Retry-After", 503: "Retry-After"}
TEXT_HEADER = {"schema": {"type": "string"}}
ETAG = {"ETag": TEXT_HEADER}


def header(name: str, description: str, example: str) -> Json:
    """Describe a header of a request."""
    return {"in": "header", "name": name, "description": description, "schema": {"type": "string"}, "example": example}


def condition(name: str, description: str) -> Json:
    """Describe a conditional header that takes only `*`."""
    return {"in": "header", "name": name, "description": description, "schema": {"type": "string", "enum": ["*"]}}


def tags(name: str, description: str) -> Json:
    """Describe a conditional header that takes the ETags of a thing, or `*`."""
    return {"in": "header", "name": name, "description": description, "schema": {"type": "string"}}


def problems(*statuses: int) -> Json:
    """Describe the problems an operation tells of, with those that every operation has."""
    return {
        str(status): {
            "description": _TEXTS[status],
            "content": {"application/problem+json": {"schema": _SCHEMAS.get(status, shown.PROBLEM)}},
            **({"headers": {_HEADERS[status]: TEXT_HEADER}} if status in _HEADERS else {}),
        }
        for status in sorted({401, 429, 503, *statuses})
    }


def answers(schema: Any, description: str, status: int = 200, headers: Json | None = None) -> Json:
    """Describe an answer."""
    answer: Json = {"description": description, "content": {"application/json": {"schema": schema}}}
    return {str(status): {**answer, **({"headers": headers} if headers else {})}}


def nothing(description: str) -> Json:
    """Describe an answer without a body."""
    return {"204": {"description": description}}


IF_MATCH = tags("If-Match", "The ETag that was read; 412 where it is another by now.")
IF_NONE_MATCH = tags("If-None-Match", "`*`: create only; 412 where there is one already.")
