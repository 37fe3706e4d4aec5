"""Who is calling, on every door: the Authorization header, else credentials in the JSON body, else the cookie.

The first way that is present decides; a bad one is a 401 and nothing falls through to the next. Every view is guarded
unless it is marked as public, so no door can forget it.
"""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, NamedTuple, TypeVar

from flask import Blueprint, Flask, Response, current_app, g, request

from app import errors, logs
from app.accounts import lockout
from app.accounts.authentication import Authentication
from app.accounts.identity import Identity, Kind
from app.entrypoints import bodies
from app.entrypoints.cookies import SessionCookie
from app.entrypoints.present import the_notes, the_request

View = TypeVar("View", bound=Callable[..., Any])

_WITH_BODY = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_PUBLIC, _CONFIRMING, _BY_HEADER = "is_public", "confirms_its_caller", "takes_no_credentials_in_its_body"
_FORM_DOORS = "refgate.form_doors"

_SCHEMES = frozenset({"bearer", "basic"})
_BEARER = 'Bearer realm="refgate"'
_BEARER_WRONG = 'Bearer realm="refgate", error="invalid_token"'
_BASIC = 'Basic realm="refgate", charset="UTF-8"'


class _Marks(NamedTuple):
    """How a view is marked. The methods of requests that find a view are those it has: there are only so many."""

    public: bool
    confirming: bool


class Guard:
    """Finds out who is calling."""

    def __init__(self, authentication: Authentication, cookie: SessionCookie) -> None:
        self._authentication = authentication
        self._cookie = cookie
        self._marks: dict[tuple[str | None, str], _Marks] = {}

    def install(self, app: Flask) -> None:
        """Let only authenticated callers into the views of an application, except those marked as public."""
        app.before_request(self._authenticate)
        app.after_request(_challenge)

    def identify(self) -> Identity:
        """Say who is calling; to be asked by views that are open to anybody.

        Raises `Unauthenticated`, `LockedOut`, `Unavailable`, and what reading the body raises.
        """
        caller = self._identify()
        logs.note(login=caller.login)
        return caller

    def identify_by(self, credentials: Mapping[str, object]) -> Identity:
        """Say who is calling a door that finds credentials in places of its own; never by the cookie.

        A header that authenticates still comes first. Raises what `identify` raises.
        """
        header = request.headers.get("Authorization")
        if header is None and not credentials:
            raise errors.Unauthenticated
        g.identity = caller = self._by_credentials(credentials) if header is None else self._by_header(header)
        return caller

    def identify_by_form(self, login: str, password: str) -> Identity:
        """Say who fills in a form, which asks nobody whether they are an agent or a customer.

        Raises what `identify` raises.
        """
        g.way = "form"
        g.identity = caller = self._by_password(login, password, None)
        return caller

    def confirmed(self, caller: Identity) -> Identity:
        """Say who a caller is at this very moment. Raises `Unauthenticated`."""
        g.identity = confirmed = self._authentication.confirm_now(caller)
        return confirmed

    def _authenticate(self) -> None:
        asked = the_request()
        if asked.url_rule is None:
            return
        called = (asked.endpoint, asked.method)
        marks = self._marks.get(called)
        if marks is None:
            marks = self._marks[called] = _Marks(_is_marked(_PUBLIC), _is_marked(_CONFIRMING))
        if not marks.public:
            caller = self.identify()
            the_notes().identity = caller if marks.confirming else self.confirmed(caller)

    def _identify(self) -> Identity:
        header = the_request().environ.get("HTTP_AUTHORIZATION")
        if header is not None:
            return self._by_header(header)
        session_id = self._cookie.session_id()
        if _may_have_credentials(session_id) and bodies.credentials():
            return self._by_credentials(bodies.credentials())
        if session_id is None:
            raise errors.Unauthenticated
        g.way = "cookie"
        caller = self._authentication.identity_for_session(session_id)
        self._cookie.check_not_forged(session_id)
        return caller

    def _by_header(self, header: str) -> Identity:
        scheme, _, rest = header.partition(" ")
        the_notes().way = way = scheme.lower() if scheme.lower() in _SCHEMES else "other"
        if way == "bearer":
            return self._authentication.identity_for_token(rest.strip())
        basic = request.authorization
        if way == "basic" and basic is not None:
            return self._by_password(basic.username or "", basic.password or "", Kind.AGENT)
        raise errors.Unauthenticated

    def _by_credentials(self, credentials: Mapping[str, object]) -> Identity:
        g.way = "body"
        if "SessionID" in credentials:
            session_id = credentials["SessionID"]
            return self._authentication.identity_for_session(session_id if isinstance(session_id, str) else "")
        kind = Kind.AGENT if bodies.LOGINS[Kind.AGENT] in credentials else Kind.CUSTOMER
        return self._by_password(credentials.get(bodies.LOGINS[kind]), credentials.get("Password"), kind)

    def _by_password(self, login: object, password: object, kind: Kind | None) -> Identity:
        if not isinstance(login, str) or not isinstance(password, str):
            raise errors.Unauthenticated
        return self._authentication.identity_for_password(login, password, kind=kind, address=address())


def public(view: View) -> View:
    """Mark a view, or a method of a class of views, as open to anybody."""
    setattr(view, _PUBLIC, True)
    return view


def confirming(view: View) -> View:
    """Mark a view whose transaction asks itself whether the caller is still who it was, so that the guard need not."""
    setattr(view, _CONFIRMING, True)
    return view


def by_header(view: View) -> View:
    """Mark a view whose callers say who they are by a header or the cookie: its body is left for it to read."""
    setattr(view, _BY_HEADER, True)
    return view


def admins(door: Blueprint) -> None:
    """Let only administrators into the views of a door."""
    door.before_request(_check_admin)


def take_forms(door: Blueprint) -> None:
    """Leave the bodies of requests to a door's own views, which read forms: there are no credentials in them."""
    door.record_once(lambda state: state.app.extensions.setdefault(_FORM_DOORS, set()).add(door.name))


def identity() -> Identity:
    """Give the caller of this request. Raises `Unauthenticated` where nobody was asked who they are."""
    caller: Identity | None = the_notes().get("identity")
    if caller is None:
        raise errors.Unauthenticated
    return caller


def address() -> str:
    """Give where this request comes from, as lockouts tell addresses apart."""
    return lockout.address_key(request.remote_addr or "")


def _may_have_credentials(session_id: str | None) -> bool:
    """Say whether to look into the body: forms are for the pages to read."""
    if request.method not in _WITH_BODY or _is_marked(_BY_HEADER) or not request.get_data():
        return False
    may_be_a_form = session_id is not None or request.blueprint in current_app.extensions.get(_FORM_DOORS, ())
    return not may_be_a_form or bodies.is_json()


def _is_marked(mark: str) -> bool:
    if request.method == "OPTIONS" and getattr(request.url_rule, "provide_automatic_options", False):
        return True
    view: Any = current_app.view_functions[request.endpoint or ""]
    methods = getattr(view, "view_class", None)
    if methods is not None and not hasattr(view, mark):
        name = request.method.lower()
        view = getattr(methods, name, None) or getattr(methods, "get", None)
    return bool(getattr(view, mark, False))


def _check_admin() -> None:
    if not identity().admin:
        raise errors.Forbidden("Only an administrator may do this.")


def _challenge(response: Response) -> Response:
    """Say on every 401 how to authenticate (RFC 9110 section 11.6.1, RFC 6750 section 3, RFC 7617 section 2.1)."""
    if response.status_code == HTTPStatus.UNAUTHORIZED and "WWW-Authenticate" not in response.headers:
        bearer = request.headers.get("Authorization", "").lower().startswith("bearer")
        response.headers.setlist("WWW-Authenticate", [_BEARER_WRONG if bearer else _BEARER, _BASIC])
    return response
