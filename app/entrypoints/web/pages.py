"""Pages: Jinja's templates, filled in and sent with the headers that every page has."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

import orjson
from flask import Blueprint, Response, current_app, g, request
from jinja2 import Environment, PackageLoader, StrictUndefined
from werkzeug.urls import iri_to_uri

from app.accounts.identity import Identity, Kind, Way
from app.accounts.sessions import csrf_token
from app.entrypoints.cookies import CSRF_FIELD, SessionCookie
from app.entrypoints.links import todo_url
from app.entrypoints.problems import ProblemResponse, Told
from app.entrypoints.web import forms, navigation, notices, shown, texts
from app.entrypoints.web.assets import Assets
from app.entrypoints.web.destinations import SIGN_IN, root_of
from app.entrypoints.web.forms import Form
from app.entrypoints.web.notices import Notice

_EXTENSION = "refgate.pages"
_HTML = "text/html; charset=utf-8"
_BEARER = 'Bearer realm="refgate"'
# Pico has its icons as data: images in the style sheet.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
# Nothing is run but what the files say; what is told about a problem is shown in place, too; no page is kept.
_HTMX = orjson.dumps(
    {
        "allowEval": False,
        "allowScriptTags": False,
        "includeIndicatorStyles": False,
        "selfRequestsOnly": True,
        "historyCacheSize": 0,
        "refreshOnHistoryMiss": True,
        "responseHandling": [{"code": "204", "swap": False}, {"code": "...", "swap": True}],
    }
).decode()
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
    is_agent: bool
    admin: bool
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
        response = Response(self._filled(template, facts), status, _HEADERS, content_type=_HTML)
        if request.cookies.get(notices.COOKIE) is not None:
            response.delete_cookie(notices.COOKIE, path="/")
        return response

    def show_form(self, template: str, form: Form, facts: Mapping[str, object]) -> Response:
        """Send a page with a form, be it to be filled in or because something is wrong with it."""
        facts = {"form": form, **facts}
        return self.show(template, facts) if form.told is None else self.refuse(form.told, template, facts)

    def refuse(self, told: Told, template: str, facts: Mapping[str, object]) -> ProblemResponse:
        """Send a page that tells about a problem."""
        response = ProblemResponse(told, self._filled(template, {"told": told, **facts}), _HTML)
        response.headers.update(_HEADERS)
        if told.answer.status is HTTPStatus.UNAUTHORIZED:
            # Browsers ask for a login by themselves where Basic is offered; of Bearer they know nothing.
            response.headers["WWW-Authenticate"] = _BEARER
        return response

    def go(self, path: str, notice: Notice | None = None) -> Response:
        """Send the reader to another page of this site, which says what was done."""
        headers = {"Location": iri_to_uri(self._root + path), "Cache-Control": "no-store"}
        response = Response(status=HTTPStatus.SEE_OTHER, headers=headers)
        if notice is not None:
            lifetime = notices.LIFETIME_SECONDS
            response.set_cookie(notices.COOKIE, notice.name, lifetime, path="/", httponly=True, samesite="Lax")
        return response

    def _filled(self, template: str, facts: Mapping[str, object]) -> str:
        notice = notices.named(request.cookies.get(notices.COOKIE))
        return self._templates.get_template(template).render(
            {"reader": self._reader(), "here": request.path, "notice": notice and notice.value, "told": None, **facts}
        )

    def _reader(self) -> Reader | None:
        identity: Identity | None = g.get("identity")
        if identity is None:
            return None
        session_id = self._cookie.session_id()
        came_by_session = identity.credential is not None and identity.credential.way is Way.SESSION
        token = csrf_token(session_id) if session_id and came_by_session else None
        return Reader(identity.login, identity.kind is Kind.AGENT, identity.admin, token)

    def _environment(self) -> Environment:
        environment = Environment(
            loader=PackageLoader("app.entrypoints.web"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        environment.filters.update(linked=texts.linked, spelled=texts.spelled, stamp=shown.stamp, instant=shown.instant)
        environment.tests.update(moment=shown.is_moment, day=shown.is_day, listed=shown.is_listed)
        environment.globals.update(
            address=lambda path: self._root + path,
            todo_address=lambda key: todo_url(key, self._root),
            asset=lambda name: self._root + self._assets.path(name),
            htmx_config=_HTMX,
            csrf_field=CSRF_FIELD,
            seen_field=forms.SEEN,
            sign_in=SIGN_IN,
            places_for=navigation.places_for,
            is_within=navigation.is_within,
            admin_pages=navigation.ADMIN_PAGES,
            sessions_page=navigation.SESSIONS,
        )
        return environment


def of_this_app() -> Pages:
    """Give the pages of the application that answers this request."""
    pages: Pages = current_app.extensions[_EXTENSION]
    return pages
