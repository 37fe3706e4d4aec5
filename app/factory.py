"""Everything that is wired, in order."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import orjson
from flask import Flask, Response
from flask.json.provider import JSONProvider
from flask_smorest import Api
from werkzeug.middleware.proxy_fix import ProxyFix

from app import logs
from app.accounts.attempts import Attempts
from app.accounts.authentication import Authentication
from app.accounts.clients import Clients
from app.accounts.customers import Customers
from app.accounts.directory import Directory
from app.accounts.grants import Grants, Lifetimes
from app.accounts.keys import Keys
from app.accounts.passwords import Verifier
from app.accounts.sessions import Sessions
from app.accounts.users import Users
from app.audit.trail import Trail
from app.config import Settings
from app.db import migration
from app.db.database import Database, Options
from app.entrypoints import ops, problems
from app.entrypoints.api import (
    audit,
    clients,
    customers,
    fields,
    keys,
    lockouts,
    openapi,
    permissions,
    references,
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
from app.entrypoints.cookies import SessionCookie
from app.entrypoints.guards import Guard
from app.entrypoints.oauth import door as oauth
from app.manifest.applying import Manifests
from app.outbox.service import SubscriberService
from app.sources.service import ConfigurationService
from app.todos import claims, companies, in_use, retention
from app.todos.amendment import Amendments
from app.todos.moving import References
from app.todos.operation import Operation
from app.todos.queries import Queries
from app.todos.trials import Trials

_CONNECTIONS = 8
_WAITING = 8
"""Passwords that wait for their turn; of few threads only some, or none would be left to those with a token."""


@dataclass(frozen=True, slots=True)
class Services:
    """What the doors and the commands call."""

    settings: Settings
    database: Database
    configuration: ConfigurationService
    directory: Directory
    attempts: Attempts
    authentication: Authentication
    users: Users
    customers: Customers
    keys: Keys
    clients: Clients
    grants: Grants
    sessions: Sessions
    trail: Trail
    subscribers: SubscriberService
    operation: Operation
    amendments: Amendments
    references: References
    queries: Queries
    trials: Trials
    manifests: Manifests


def assemble(settings: Settings) -> Services:
    """Put the services together. Nothing is connected to yet."""
    database = Database(_options(settings))
    configuration = _configuration(database)
    subscribers = SubscriberService(database)
    directory = Directory(database, idle=timedelta(seconds=settings.session_idle))
    attempts = Attempts(database, directory)
    verifier = Verifier(waiting=min(_WAITING, settings.threads // 4), processes=settings.workers)
    authentication = Authentication(database, directory, attempts, verifier)
    users = Users(database, directory, forget=retention.forget_caller)
    customers = Customers(database, directory, examine=companies.keep_referred)
    return Services(
        settings=settings,
        database=database,
        configuration=configuration,
        directory=directory,
        attempts=attempts,
        authentication=authentication,
        users=users,
        customers=customers,
        keys=Keys(database, directory),
        clients=Clients(database, directory),
        grants=Grants(database, directory, authentication, lifetimes=_lifetimes(settings)),
        sessions=_sessions(settings, database, directory, authentication),
        trail=Trail(database),
        subscribers=subscribers,
        operation=_operation(settings, database, configuration, subscribers, authentication),
        amendments=Amendments(database, configuration, subscribers),
        references=References(database, configuration, subscribers),
        queries=Queries(database, configuration),
        trials=Trials(database, configuration),
        manifests=Manifests(database, directory, configuration, customers, users),
    )


def create_app(settings: Settings) -> Flask:
    """Make the WSGI application."""
    logs.configure(settings.log_level)
    services = assemble(settings)
    app = Flask("app", static_folder=None)
    app.json = _OrjsonProvider(app)
    app.config.update(MAX_CONTENT_LENGTH=settings.max_body_bytes, **openapi.CONFIG)
    app.extensions["refgate"] = services
    ops.install(app, lambda: migration.is_current(services.database))
    cookie = SessionCookie(settings.public_url)
    guard = Guard(services.authentication, cookie)
    guard.install(app)
    api = Api(app)
    openapi.describe(api)
    openapi.publish(app)
    for door in _doors(services, guard, cookie):
        api.register_blueprint(door)
    app.register_blueprint(oauth.blueprint(services.grants, services.clients, services.authentication, settings))
    problems.install(app)
    # Who is calling from where is told by the proxies in front, by as many as the operator says there are.
    app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.proxies, x_proto=0, x_host=0)  # type: ignore[method-assign]
    return app


def _doors(services: Services, guard: Guard, cookie: SessionCookie) -> tuple[ApiBlueprint, ...]:
    configuration, public_url = services.configuration, services.settings.public_url
    return (
        submissions.blueprint(services.operation, services.queries, configuration, public_url),
        todos.blueprint(services.queries, services.amendments, configuration, public_url),
        references.blueprint(services.references, configuration, public_url),
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


def _options(settings: Settings) -> Options:
    return Options(
        url=settings.database_url,
        # A leader and a few readers work at once; the other threads wait for the leader, without a connection.
        pool_size=min(settings.threads, _CONNECTIONS),
        statement_timeout=settings.statement_timeout,
        lock_timeout=settings.lock_timeout,
        transaction_pooler=settings.transaction_pooler,
    )


def _lifetimes(settings: Settings) -> Lifetimes:
    return Lifetimes(
        access=timedelta(seconds=settings.token_lifetime),
        refresh=timedelta(seconds=settings.refresh_lifetime),
        grant=timedelta(seconds=settings.grant_lifetime),
    )


def _configuration(database: Database) -> ConfigurationService:
    examine = (claims.follow, in_use.keep_meanings, companies.check_given)
    return ConfigurationService(database, examine=examine, keep=(in_use.keep,))


def _operation(
    settings: Settings,
    database: Database,
    configuration: ConfigurationService,
    subscribers: SubscriberService,
    authentication: Authentication,
) -> Operation:
    return Operation(
        database,
        configuration,
        subscribers,
        authentication,
        gather_limit=settings.gather_limit,
        idempotency_lifetime=timedelta(seconds=settings.idempotency_lifetime),
        remembers=settings.request_retention_days > 0,
    )


def _sessions(settings: Settings, database: Database, directory: Directory, authentication: Authentication) -> Sessions:
    return Sessions(
        database,
        directory,
        authentication,
        lifetime=timedelta(seconds=settings.session_lifetime),
        idle=timedelta(seconds=settings.session_idle),
    )


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
