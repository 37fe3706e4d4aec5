"""The parameters of one request: what its body says, above that its query, above that its path; and who calls.

Znuny's transport lays the address over the body. Credentials stand in the body, in the address where they are the id
of a session, or, behind proxies that set them, in headers of their own.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from flask import request

from app import errors
from app.accounts.identity import Kind
from app.entrypoints import bodies
from app.entrypoints.bodies import MalformedBody

EMPTY_VALUES = (None, "", "0", 0)
"""What is false where it was written."""

_SESSION, _TOKEN = "SessionID", "AccessToken"
_NEVER_IN_ADDRESSES = frozenset({*bodies.LOGINS.values(), "Password"})
_CREDENTIALS = frozenset({_SESSION, _TOKEN}) | _NEVER_IN_ADDRESSES
_HEADER = "X-OTRS-Header-"
_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})
_SEARCHING = "TicketSearch"

Values = Mapping[str, object]


class EmptyRequest(errors.RefgateError):
    """The request says nothing: send at least one parameter."""


class CredentialsInAddress(errors.Unauthenticated):
    """Send logins and passwords in the body, or as X-OTRS-Header-UserLogin and X-OTRS-Header-Password: not in URLs."""


@dataclass(frozen=True, slots=True)
class Parameters:
    """What one request asks for: which operation, through which source, with which values."""

    operation: str
    source: str
    values: Values
    credentials: Values = field(default_factory=dict, repr=False)

    def is_on(self, name: str) -> bool:
        """Say whether a switch is set: anything but 0, "0", "" and nothing sets it."""
        return self.values.get(name) not in EMPTY_VALUES


def read(operation: str, path_values: Mapping[str, str]) -> Parameters:
    """Read the parameters of the present request.

    Raises `EmptyRequest`, `CredentialsInAddress`, and what reading the body raises.
    """
    body, credentials = _body()
    query, path = _query(), {name: value for name, value in path_values.items() if name != "source"}
    said = {**body, **credentials, **query, **path}
    if not said and request.method in _WITH_BODY and operation != _SEARCHING:
        raise EmptyRequest
    sent = _credentials(said) or _credentials(_headers())
    searched = _searched(operation, sent)
    if (_NEVER_IN_ADDRESSES & query.keys()) - searched:
        raise CredentialsInAddress
    values = {name: value for name, value in said.items() if name not in _CREDENTIALS - searched}
    return Parameters(operation, path_values["source"], values, {name: sent[name] for name in sent.keys() - searched})


def _body() -> tuple[Values, Values]:
    if not request.get_data():
        if request.method in _WITH_BODY:
            raise MalformedBody("The body is empty. It must be a JSON object.")
        return {}, {}
    document, credentials = bodies.document(), bodies.credentials()
    if not isinstance(document, dict):
        raise MalformedBody("The body must be a JSON object.")
    return document, credentials


def _query() -> dict[str, object]:
    return {name: values[0] if len(values) == 1 else values for name, values in request.args.lists()}


def _headers() -> dict[str, object]:
    sent = {name: request.headers.get(_HEADER + name) for name in sorted(_CREDENTIALS)}
    return {name: value for name, value in sent.items() if value is not None}


def _credentials(values: Values) -> dict[str, object]:
    """Pick the credentials out. An access token is what newer clients of this dialect call the id of a session."""
    found = {name: value for name, value in values.items() if name in _CREDENTIALS and value is not None}
    token = found.pop(_TOKEN, None)
    return found if token is None else {_SESSION: token, **found}


def _searched(operation: str, sent: Values) -> frozenset[str]:
    """Say which login is not the caller's but what is searched for: a customer's, beside what the caller came with."""
    is_known = "Authorization" in request.headers or sent.keys() & {_SESSION, bodies.LOGINS[Kind.AGENT]}
    return frozenset({bodies.LOGINS[Kind.CUSTOMER]}) if operation == _SEARCHING and is_known else frozenset()
