"""Everything that is wired, in order."""

from typing import Any

import orjson
from flask import Flask, Response
from flask.json.provider import JSONProvider
from flask_smorest import Api
from werkzeug.middleware.proxy_fix import ProxyFix

from app import logs
from app.assembly import Services, assemble
from app.config import Settings
from app.db import migration
from app.entrypoints import journal, ops, problems
from app.entrypoints.admission import Admission
from app.entrypoints.api import (
    audit,
    batches,
    clients,
    customers,
    fields,
    keys,
    lockouts,
    openapi,
    permissions,
    references,
    removals,
    sessions,
    sources,
    statuses,
    submissions,
    todos,
    trials,
    users,
    workspaces,
)
from app.entrypoints.api.blueprints import ApiBlueprint
from app.entrypoints.bzctrl import door as bzctrl
from app.entrypoints.bzctrl import refusals as bzctrl_refusals
from app.entrypoints.cookies import SessionCookie
from app.entrypoints.guards import Guard
from app.entrypoints.oauth import door as oauth
from app.entrypoints.web import door as web
from app.entrypoints.web import refusals as web_refusals
from app.entrypoints.web.services import Services as WebServices
from app.entrypoints.znuny import door as znuny
from app.entrypoints.znuny import refusals as znuny_refusals
from app.entrypoints.znuny.services import Services as ZnunyServices


def create_app(settings: Settings) -> Flask:
    """Make the WSGI application."""
    logs.configure(settings.log_level)
    services = assemble(settings)
    app = _Flask("app", static_folder=None)
    app.json = _OrjsonProvider(app)
    most = settings.max_body_bytes
    app.config.update(MAX_CONTENT_LENGTH=most, MAX_FORM_MEMORY_SIZE=most, **openapi.CONFIG)
    app.extensions["refgate"] = services
    ops.install(app, lambda: migration.is_current(services.database))
    cookie = SessionCookie(settings.public_url)
    guard = Guard(services.authentication, cookie)
    guard.install(app)
    journal.install(app, services.recorder, services.configuration)
    api = Api(app)
    openapi.describe(api)
    openapi.publish(app)
    for door in _doors(services, guard, cookie):
        api.register_blueprint(door)
    app.register_blueprint(oauth.blueprint(services.grants, services.clients, services.authentication, settings))
    problems.install(app)
    _open_to_dialects(app, services, guard)
    _open_to_browsers(app, services, guard, cookie)
    # Who is calling from where is told by the proxies in front, by as many as the operator says there are.
    app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.proxies, x_proto=0, x_host=0)  # type: ignore[method-assign]
    app.wsgi_app = Admission(app.wsgi_app, at_once=settings.threads, waiting=settings.waiting)  # type: ignore[method-assign]
    return app


def _doors(services: Services, guard: Guard, cookie: SessionCookie) -> tuple[ApiBlueprint, ...]:
    configuration, public_url = services.configuration, services.settings.public_url
    return (
        submissions.blueprint(services.operation, services.queries, configuration, public_url),
        batches.blueprint(services.operation, configuration, services.recorder, public_url),
        todos.blueprint(services.listing, services.queries, services.amendments, configuration, public_url),
        references.blueprint(services.references, configuration, public_url),
        removals.blueprint(services.removal),
        sessions.blueprint(services.sessions, guard, cookie),
        users.blueprint(services.users),
        customers.blueprint(services.customers),
        permissions.blueprint(services.users, configuration),
        keys.blueprint(services.keys, configuration, public_url),
        clients.blueprint(services.clients, public_url),
        lockouts.blueprint(services.attempts),
        workspaces.blueprint(configuration),
        statuses.blueprint(configuration),
        fields.blueprint(configuration),
        sources.blueprint(configuration),
        trials.blueprint(services.trials, public_url),
        audit.blueprint(services.trail),
    )


def _open_to_dialects(app: Flask, services: Services, guard: Guard) -> None:
    operation, configuration, settings = services.operation, services.configuration, services.settings
    app.register_blueprint(
        bzctrl.blueprint(operation, configuration, services.grants, services.authentication, settings)
    )
    problems.speak(app, bzctrl_refusals.PREFIXES, bzctrl_refusals.write)
    called = ZnunyServices(
        operation=operation,
        amendments=services.amendments,
        queries=services.queries,
        search=services.search,
        sessions=services.sessions,
        configuration=configuration,
        guard=guard,
        public_url=settings.public_url,
    )
    app.register_blueprint(znuny.blueprint(called))
    problems.speak(app, znuny_refusals.PREFIXES, znuny_refusals.write)


def _open_to_browsers(app: Flask, services: Services, guard: Guard, cookie: SessionCookie) -> None:
    behind = WebServices(
        guard=guard,
        cookie=cookie,
        sessions=services.sessions,
        configuration=services.configuration,
        queries=services.queries,
        listing=services.listing,
        amendments=services.amendments,
        references=services.references,
        trials=services.trials,
        users=services.users,
        customers=services.customers,
        keys=services.keys,
        clients=services.clients,
        attempts=services.attempts,
        trail=services.trail,
        journal=services.journal,
        public_url=services.settings.public_url,
    )
    for door in web.blueprints(behind):
        app.register_blueprint(door)
    problems.speak(app, web_refusals.PREFIXES, web_refusals.write)


class _Flask(Flask):
    """Flask for views that are plain functions, so that it need not ask of each, at each request, whether it is one."""

    def ensure_sync(self, func: Any) -> Any:
        """Give the function as it is."""
        return func


class _OrjsonProvider(JSONProvider):
    """JSON by orjson: strict, and never a RecursionError."""

    def dumps(self, obj: Any, **_kwargs: Any) -> str:
        """Write a value."""
        return orjson.dumps(obj).decode()

    def loads(self, s: str | bytes, **_kwargs: Any) -> Any:
        """Read a value; raises ValueError."""
        return orjson.loads(s)

    def response(self, *args: Any, **kwargs: Any) -> Response:
        """Make a response of a value."""
        return Response(orjson.dumps(self._prepare_response_obj(args, kwargs)), content_type="application/json")
