"""How this door says no: HTTP 200 with a code of Znuny's for what an operation refuses, as its clients require.

What fails before an operation begins, or because something here is away or broken, keeps its own HTTP status: the
original answers 500 with plain text there, and its clients take any status but 200 as a failure.
"""

from collections.abc import Mapping
from http import HTTPStatus

from flask import Response, g

from app import errors, metrics
from app.entrypoints import problems
from app.entrypoints.problems import Answer, ProblemResponse, Told
from app.entrypoints.znuny import words
from app.entrypoints.znuny.parameters import EmptyRequest

PREFIXES = ("/otrs/nph-genericinterface.pl/", "/znuny/nph-genericinterface.pl/")
"""Where this door stands."""


class SessionInvalid(errors.Unauthenticated):
    """There is no session with this id; it may have ended."""


_MISSING, _INVALID, _DENIED, _NOBODY = "MissingParameter", "InvalidParameter", "AccessDenied", "AuthFail"
CODES: Mapping[type[errors.RefgateError], str] = {
    EmptyRequest: "EmptyRequest",
    SessionInvalid: "SessionInvalid",
    errors.Unauthenticated: _NOBODY,
    errors.LockedOut: _NOBODY,
    errors.Forbidden: _DENIED,
    errors.NotFound: _DENIED,
    errors.Misconfigured: _DENIED,
    errors.Invalid: _INVALID,
    errors.Conflict: _INVALID,
    errors.PreconditionFailed: _INVALID,
}
"""What a class of errors is called, and every class that belongs to it. Classes that are not here are no refusals."""

_SLUGS: Mapping[type[errors.RefgateError], str] = {EmptyRequest: "bad-request"}
_ABOUT_SESSIONS = frozenset({"SessionGet", "SessionRemove"})
_NO_SESSION = (errors.Unauthenticated, errors.Forbidden)
_NO_TICKET = "There is no such ticket, or you do not have the permission for this."


def answer(operation: str, error: errors.RefgateError) -> Response:
    """Say that an operation refuses a request. Raises the error again where it is not the request's fault."""
    if operation in _ABOUT_SESSIONS and type(error) in _NO_SESSION:
        error = SessionInvalid()
    code = _code_of(error)
    if code is None or isinstance(error, errors.InFlight):
        raise error
    if isinstance(error, errors.Unauthenticated | errors.LockedOut):
        metrics.AUTH_FAILURES.labels(g.get("way", "none")).inc()
    kind = problems.answer_to(error)
    told = Told(Answer(HTTPStatus.OK, _SLUGS.get(type(error), kind.slug), kind.title), _message(error))
    response = _written(told, f"{operation}.{code}")
    response.headers.update(problems.retry_after(error))
    return response


def write(told: Told) -> Response:
    """Tell what went wrong outside of any operation: no such address, a body that cannot be read, an outage."""
    return _written(told, f"Transport.{told.answer.slug.title().replace('-', '')}")


def _written(told: Told, code: str) -> Response:
    return ProblemResponse.of(told, {"Error": {"ErrorCode": code, "ErrorMessage": told.detail}})


def _code_of(error: errors.RefgateError) -> str | None:
    if isinstance(error, errors.Invalid) and all(isinstance(entry, errors.Missing) for entry in error.problems):
        return _MISSING
    return next((CODES[ancestor] for ancestor in type(error).__mro__ if ancestor in CODES), None)


def _message(error: errors.RefgateError) -> str:
    """Word the message: parameters by their names here, and one text for what is hidden and what is not there."""
    if isinstance(error, errors.Invalid):
        return "; ".join(f"{words.parameter(pointer)}: {detail}" for pointer, detail in error.problems)
    if isinstance(error, errors.NotFound) or error.message == errors.Forbidden.__doc__:
        return _NO_TICKET
    return error.message
