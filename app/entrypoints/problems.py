"""What callers are told when something goes wrong: application/problem+json (RFC 9457).

`ANSWERS` is the one table from the classes of `app.errors` to our own dialect. The doors of other dialects `speak` for
their addresses: they are given what is `Told`, and write it in their own words.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from http import HTTPStatus
from types import MappingProxyType
from typing import Any, NamedTuple

import orjson
from flask import Flask, Response, current_app, g, request
from werkzeug.exceptions import HTTPException, default_exceptions

from app import errors, logs, metrics
from app.errors import Problem

MEDIA_TYPE = "application/problem+json"

_DIALECTS = "refgate.dialects"


class Answer(NamedTuple):
    """How a kind of problem is called: `slug` is for programs and never changes, `title` is for people."""

    status: HTTPStatus
    slug: str
    title: str


ANSWERS: Mapping[type[errors.RefgateError], Answer] = {
    errors.Invalid: Answer(HTTPStatus.UNPROCESSABLE_ENTITY, "invalid", "Not valid"),
    errors.Unauthenticated: Answer(HTTPStatus.UNAUTHORIZED, "unauthenticated", "Not authenticated"),
    errors.LockedOut: Answer(HTTPStatus.TOO_MANY_REQUESTS, "locked-out", "Locked out for a while"),
    errors.Forbidden: Answer(HTTPStatus.FORBIDDEN, "forbidden", "Not permitted"),
    errors.NotFound: Answer(HTTPStatus.NOT_FOUND, "not-found", "Not found"),
    errors.Conflict: Answer(HTTPStatus.CONFLICT, "conflict", "Conflict"),
    errors.InFlight: Answer(HTTPStatus.CONFLICT, "in-flight", "Still being worked on"),
    errors.PreconditionFailed: Answer(HTTPStatus.PRECONDITION_FAILED, "precondition-failed", "Precondition failed"),
    errors.PreconditionMissing: Answer(
        HTTPStatus.PRECONDITION_REQUIRED, "precondition-missing", "Precondition required"
    ),
    errors.Misconfigured: Answer(HTTPStatus.CONFLICT, "misconfigured", "Not configured for this"),
    errors.Unavailable: Answer(HTTPStatus.SERVICE_UNAVAILABLE, "unavailable", "Not available right now"),
    errors.Overloaded: Answer(HTTPStatus.SERVICE_UNAVAILABLE, "overloaded", "Too much at once"),
}
REJECTED = Answer(HTTPStatus.CONFLICT, "rejected", "Refused by the rule of the source")
"""Of a submission that the rule of its source refuses, which is no error of ours but an outcome."""
_DEFECT = Answer(HTTPStatus.INTERNAL_SERVER_ERROR, "defect", "Internal error")

_TEXTS = {
    HTTPStatus.BAD_REQUEST: "The request cannot be read.",
    HTTPStatus.NOT_FOUND: "There is nothing at this address.",
    HTTPStatus.METHOD_NOT_ALLOWED: "This address does not take this method; the Allow header lists those it takes.",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "The body is larger than this address takes.",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: (
        "The body must be JSON and say so. With curl, add: -H 'Content-Type: application/json'"
    ),
}
_LOCATIONS = frozenset({"json", "query", "querystring", "json_or_form", "form", "headers", "cookies", "files", "path"})
_BODIES = frozenset({"json", "json_or_form", "form"})
_ENTITY_HEADERS = frozenset({"content-type", "content-length"})


class Told(NamedTuple):
    """What is told about a problem, in no dialect yet: `entries` are its wrong values, each with pointer and detail."""

    answer: Answer
    detail: str
    entries: Sequence[Mapping[str, str]] = ()
    members: Mapping[str, object] = MappingProxyType({})


Writer = Callable[[Told], Response]


class ProblemResponse(Response):
    """A response that tells about a problem and knows which."""

    def __init__(self, told: Told, body: str | bytes, content_type: str) -> None:
        super().__init__(body, int(told.answer.status), content_type=content_type)
        self.told = told
        self.slug = told.answer.slug
        self.headers["Cache-Control"] = "no-store"

    @classmethod
    def of(cls, told: Told, document: Mapping[str, object], media_type: str = "application/json") -> "ProblemResponse":
        """Tell about a problem as a JSON document."""
        return cls(told, orjson.dumps(document), media_type)


def install(app: Flask) -> None:
    """Answer every error of the application with a problem. To be called after flask-smorest's `Api` is made.

    `Api` registers a handler of its own, which drops headers; of two handlers for one class the later counts.
    """
    app.register_error_handler(errors.RefgateError, _on_known_error)
    app.register_error_handler(HTTPException, _on_http_error)
    app.register_error_handler(Exception, _on_defect)


def answer_to(error: errors.RefgateError) -> Answer:
    """Find what a class of errors is called, or what the class it belongs to is called."""
    known = (ANSWERS[ancestor] for ancestor in type(error).__mro__ if ancestor in ANSWERS)
    return next(known, _DEFECT)


def retry_after(error: errors.RefgateError) -> Mapping[str, str]:
    """Give the header that says when to send the request again, where that may help."""
    if isinstance(error, errors.Unavailable | errors.LockedOut):
        return {"Retry-After": str(error.retry_after_seconds)}
    return {"Retry-After": "1"} if isinstance(error, errors.InFlight) else {}


def speak(app: Flask, prefixes: Sequence[str], writer: Writer) -> None:
    """Let a dialect tell in its own words what goes wrong at the addresses that begin so, known to it or not."""
    app.extensions.setdefault(_DIALECTS, []).append((tuple(prefixes), writer))


def problem(
    answer: Answer, detail: str, *, problems: Iterable[Problem] = (), members: Mapping[str, object] | None = None
) -> Response:
    """Make the response that tells about a problem. `members` are facts of this kind of problem (section 3.2)."""
    return _written(Told(answer, detail, [entry._asdict() for entry in problems], members or {}))


def flatten(messages: object, pointer: str = "") -> Iterator[Problem]:
    """Turn marshmallow's nested messages into one problem for each text, each with its JSON pointer (RFC 6901)."""
    if isinstance(messages, Mapping):
        for key, inner in messages.items():
            yield from flatten(inner, pointer if key == "_schema" else f"{pointer}/{_escape(str(key))}")
    elif isinstance(messages, list | tuple):
        for inner in messages:
            yield from flatten(inner, pointer)
    else:
        yield Problem(pointer, str(messages))


def _written(told: Told) -> Response:
    """Tell about a problem in the dialect of the address, or else in ours."""
    dialects: list[tuple[tuple[str, ...], Writer]] = current_app.extensions.get(_DIALECTS, [])
    writer = next((writer for prefixes, writer in dialects if request.path.startswith(prefixes)), _in_our_words)
    return writer(told)


def _in_our_words(told: Told) -> Response:
    answer = told.answer
    kind = {"type": f"urn:refgate:problem:{answer.slug}", "title": answer.title, "status": int(answer.status)}
    request_id = logs.request_id()
    instance = {"instance": f"urn:refgate:request:{request_id}"} if request_id else {}
    entries = {"errors": told.entries} if told.entries else {}
    document = {**kind, "detail": told.detail, **told.members, **instance, **entries}
    return ProblemResponse.of(told, document, MEDIA_TYPE)


def _on_known_error(error: errors.RefgateError) -> Response:
    answer = answer_to(error)
    if answer is _DEFECT:
        return _on_defect(error)
    if isinstance(error, errors.Invalid):
        return problem(answer, _summary(len(error.problems)), problems=error.problems)
    response = problem(answer, error.message)
    response.headers.update(retry_after(error))
    if isinstance(error, errors.Unauthenticated | errors.LockedOut):
        metrics.AUTH_FAILURES.labels(g.get("way", "none")).inc()
    return response


def _on_http_error(error: HTTPException) -> Response:
    """Answer an error of HTTP itself. Redirects, and responses that are raised, Flask hands out without asking."""
    data: Mapping[str, Any] = getattr(error, "data", None) or {}
    entries = list(_entries(data.get("errors") or data.get("messages") or {}))
    detail = _detail_of(error, data.get("message"), [entry["detail"] for entry in entries])
    response = _written(Told(_answer_to_http(error), detail, entries))
    _copy_headers(error, data.get("headers") or {}, response)
    return response


def _on_defect(error: Exception) -> Response:
    logs.failure("defect", error)
    return problem(_DEFECT, "This is a defect of the service. Its log tells more under the id of this request.")


def _answer_to_http(error: HTTPException) -> Answer:
    status = HTTPStatus(error.code or HTTPStatus.INTERNAL_SERVER_ERROR)
    if status is HTTPStatus.UNPROCESSABLE_ENTITY:
        return ANSWERS[errors.Invalid]
    return Answer(status, error.name.lower().replace(" ", "-").replace("'", ""), error.name)


def _detail_of(error: HTTPException, message: object, found: Sequence[str]) -> str:
    if message:
        return str(message)
    if found and error.code == HTTPStatus.UNPROCESSABLE_ENTITY:
        return _summary(len(found))
    if found:
        return " ".join(found)
    status = HTTPStatus(error.code or HTTPStatus.INTERNAL_SERVER_ERROR)
    is_stock = error.description == default_exceptions.get(status, HTTPException).description
    return _TEXTS[status] if is_stock and status in _TEXTS else error.description or error.name


def _entries(messages: Mapping[str, object]) -> Iterator[Mapping[str, str]]:
    """Write out webargs' messages, which stand under the part of the request they are about."""
    if not _LOCATIONS.issuperset(messages):
        messages = {"json": messages}
    for location, inner in messages.items():
        for found in flatten(inner):
            yield found._asdict() if location in _BODIES else {**found._asdict(), "in": location}


def _copy_headers(error: HTTPException, more: Mapping[str, str], response: Response) -> None:
    """Keep what the error says in headers: Allow, WWW-Authenticate, Retry-After and the like."""
    for name, value in error.get_response().headers.items():
        if name.lower() not in _ENTITY_HEADERS:
            response.headers.add(name, value)
    response.headers.update(more)


def _summary(count: int) -> str:
    return f"{'One value is' if count == 1 else f'{count} values are'} not valid; nothing was stored."


def _escape(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")
