"""Who is calling, on every door: the Authorization header, else credentials in the JSON body.

The first way that is present decides; a bad one is a 401 and nothing falls through to the next.
"""

from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from typing import Any, NamedTuple, TypeVar

import orjson
from flask import Blueprint, Response, current_app, g, request
from werkzeug.exceptions import BadRequest
from werkzeug.exceptions import UnsupportedMediaType as WerkzeugUnsupportedMediaType

from app import errors, logs
from app.accounts.identity import Identity
from app.accounts.service import AccountService

View = TypeVar("View", bound=Callable[..., Any])

_CREDENTIALS = frozenset({"SessionID", "UserLogin", "CustomerUserLogin", "Password"})
_WITH_BODY = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_PUBLIC = "is_public"
_BOM = b"\xef\xbb\xbf"  # RFC 8259 section 8.1: senders must not, readers may overlook it

_BEARER = 'Bearer realm="refgate"'
_BEARER_WRONG = 'Bearer realm="refgate", error="invalid_token"'
_BASIC = 'Basic realm="refgate", charset="UTF-8"'


class UnsupportedMediaType(WerkzeugUnsupportedMediaType):
    """The body does not say that it is JSON."""

    description = "The body must be JSON and say so. With curl, add: -H 'Content-Type: application/json'"


class MalformedBody(BadRequest):
    """The body is not JSON that can be read."""


def protect(blueprint: Blueprint, accounts: AccountService) -> None:
    """Let only authenticated callers into the views of a blueprint, except those marked as public."""
    blueprint.before_request(partial(_authenticate, accounts))
    blueprint.after_request(_challenge)


def public(view: View) -> View:
    """Mark a view, or a method of a class of views, as open to anybody."""
    setattr(view, _PUBLIC, True)
    return view


def identity() -> Identity:
    """Give the caller of this request. Raises `Unauthenticated` where nobody was asked who they are."""
    caller: Identity | None = g.get("identity")
    if caller is None:
        raise errors.Unauthenticated
    return caller


def body() -> object:
    """Give the JSON body of this request without the credentials in it; parsed once.

    Raises `UnsupportedMediaType`, `MalformedBody`, or werkzeug's `RequestEntityTooLarge`.
    """
    return _read().document


class _Body(NamedTuple):
    document: object
    credentials: dict[str, object]


def _authenticate(accounts: AccountService) -> None:
    if not _is_public():
        g.identity = _identify(accounts)
        logs.note(login=g.identity.login)


def _is_public() -> bool:
    if request.method == "OPTIONS" and getattr(request.url_rule, "provide_automatic_options", False):
        return True
    view: Any = current_app.view_functions[request.endpoint or ""]
    methods = getattr(view, "view_class", None)
    if methods is not None and not hasattr(view, _PUBLIC):
        name = request.method.lower()
        view = getattr(methods, name, None) or getattr(methods, "get", None)
    return bool(getattr(view, _PUBLIC, False))


def _identify(accounts: AccountService) -> Identity:
    header = request.headers.get("Authorization")
    if header is not None:
        return _by_header(accounts, header)
    if request.method in _WITH_BODY and request.get_data():
        return _by_body(accounts, _read().credentials)
    raise errors.Unauthenticated


def _by_header(accounts: AccountService, header: str) -> Identity:
    scheme, _, rest = header.partition(" ")
    if scheme.lower() == "bearer":
        return accounts.identity_for_token(rest.strip())
    basic = request.authorization
    if scheme.lower() == "basic" and basic is not None:
        return accounts.identity_for_password(basic.username or "", basic.password or "")
    raise errors.Unauthenticated


def _by_body(accounts: AccountService, credentials: dict[str, object]) -> Identity:
    login, password = credentials.get("UserLogin"), credentials.get("Password")
    if "SessionID" not in credentials and isinstance(login, str) and isinstance(password, str):
        return accounts.identity_for_password(login, password)
    raise errors.Unauthenticated


def _challenge(response: Response) -> Response:
    """Say on every 401 how to authenticate (RFC 9110 section 11.6.1, RFC 6750 section 3, RFC 7617 section 2.1)."""
    if response.status_code == HTTPStatus.UNAUTHORIZED:
        bearer = request.headers.get("Authorization", "").lower().startswith("bearer")
        response.headers.setlist("WWW-Authenticate", [_BEARER_WRONG if bearer else _BEARER, _BASIC])
    return response


def _read() -> _Body:
    known: _Body | None = g.get("json_body")
    if known is None:
        known = g.json_body = _split(_parse())
    return known


def _parse() -> object:
    if request.mimetype != "application/json" and not request.mimetype.endswith("+json"):
        raise UnsupportedMediaType
    try:
        return orjson.loads(request.get_data().removeprefix(_BOM))
    except orjson.JSONDecodeError as error:
        raise MalformedBody(f"The body is not JSON that can be read: {error}.") from error


def _split(document: object) -> _Body:
    if not isinstance(document, dict) or _CREDENTIALS.isdisjoint(document):
        return _Body(document, {})
    credentials = {key: value for key, value in document.items() if key in _CREDENTIALS and value is not None}
    return _Body({key: value for key, value in document.items() if key not in _CREDENTIALS}, credentials)
