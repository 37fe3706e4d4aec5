"""Pages: Jinja's templates, filled in and sent with the headers that every page has."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

from flask import Blueprint, Response, current_app, g
from jinja2 import Environment, PackageLoader, StrictUndefined
from werkzeug.urls import iri_to_uri

from app.accounts.identity import Identity, Way
from app.accounts.sessions import csrf_token
from app.entrypoints.cookies import CSRF_FIELD, SessionCookie
from app.entrypoints.links import todo_url
from app.entrypoints.problems import ProblemResponse, Told
from app.entrypoints.web import shown, texts
from app.entrypoints.web.assets import Assets
from app.entrypoints.web.destinations import SIGN_IN, root_of

_EXTENSION = "refgate.pages"
_HTML = "text/html; charset=utf-8"
_BEARER = 'Bearer realm="refgate"'
# Pico has its icons as data: images in the style sheet.
_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": _POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
}


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads the page; the token proves a form of theirs, where they came by the cookie of a session."""

    login: str
    csrf_token: str | None


class Pages:
    """The pages of this gateway, whose addresses all begin as its public one says."""

    def __init__(self, cookie: SessionCookie, assets: Assets, public_url: str) -> None:
        self._cookie = cookie
        self._assets = assets
        self._root = root_of(public_url)
        self._templates = self._environment()

    def install(self, door: Blueprint) -> None:
        """Let `of_this_app` find these pages wherever the door is registered."""
        door.record_once(lambda state: state.app.extensions.update({_EXTENSION: self}))

    def show(self, template: str, facts: Mapping[str, object], status: HTTPStatus = HTTPStatus.OK) -> Response:
        """Send a page."""
        return Response(self._filled(template, facts), status, _HEADERS, content_type=_HTML)

    def refuse(self, told: Told, template: str, facts: Mapping[str, object]) -> ProblemResponse:
        """Send a page that tells about a problem."""
        response = ProblemResponse(told, self._filled(template, {"told": told, **facts}), _HTML)
        response.headers.update(_HEADERS)
        if told.answer.status is HTTPStatus.UNAUTHORIZED:
            # Browsers ask for a login by themselves where Basic is offered; of Bearer they know nothing.
            response.headers["WWW-Authenticate"] = _BEARER
        return response

    def go(self, path: str) -> Response:
        """Send the reader to another page of this site."""
        headers = {"Location": iri_to_uri(self._root + path), "Cache-Control": "no-store"}
        return Response(status=HTTPStatus.SEE_OTHER, headers=headers)

    def _filled(self, template: str, facts: Mapping[str, object]) -> str:
        return self._templates.get_template(template).render(reader=self._reader(), **facts)

    def _reader(self) -> Reader | None:
        identity: Identity | None = g.get("identity")
        if identity is None:
            return None
        session_id = self._cookie.session_id()
        came_by_session = identity.credential is not None and identity.credential.way is Way.SESSION
        return Reader(identity.login, csrf_token(session_id) if session_id and came_by_session else None)

    def _environment(self) -> Environment:
        environment = Environment(
            loader=PackageLoader("app.entrypoints.web"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        environment.filters.update(linked=texts.linked, stamp=shown.stamp, instant=shown.instant)
        environment.tests.update(moment=shown.is_moment, day=shown.is_day, listed=shown.is_listed)
        environment.globals.update(
            address=lambda path: self._root + path,
            todo_address=lambda key: todo_url(key, self._root),
            asset=lambda name: self._root + self._assets.path(name),
            csrf_field=CSRF_FIELD,
            sign_in=SIGN_IN,
        )
        return environment


def of_this_app() -> Pages:
    """Give the pages of the application that answers this request."""
    pages: Pages = current_app.extensions[_EXTENSION]
    return pages
