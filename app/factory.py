"""Everything that is wired, in order."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import orjson
from flask import Flask, Response
from flask.json.provider import JSONProvider
from flask_smorest import Api

from app import logs
from app.accounts.service import AccountService
from app.config import Settings
from app.db import migration
from app.db.database import Database, Options
from app.entrypoints import guards, oauth, ops, problems
from app.entrypoints.api import openapi, submissions, todos
from app.outbox.service import SubscriberService
from app.sources.service import ConfigurationService
from app.todos import claims
from app.todos.amendment import Amendments
from app.todos.operation import Operation
from app.todos.queries import Queries


@dataclass(frozen=True, slots=True)
class Services:
    """What the doors and the commands call."""

    settings: Settings
    database: Database
    configuration: ConfigurationService
    accounts: AccountService
    subscribers: SubscriberService
    operation: Operation
    amendments: Amendments
    queries: Queries


def assemble(settings: Settings) -> Services:
    """Put the services together. Nothing is connected to yet."""
    database = Database(
        Options(
            url=settings.database_url,
            # A leader and a few readers work at once; the other threads wait for the leader, without a connection.
            pool_size=min(settings.threads, _CONNECTIONS),
            statement_timeout=settings.statement_timeout,
            lock_timeout=settings.lock_timeout,
            transaction_pooler=settings.transaction_pooler,
        )
    )
    configuration = ConfigurationService(database, examine=claims.keep_found)
    subscribers = SubscriberService(database)
    return Services(
        settings=settings,
        database=database,
        configuration=configuration,
        accounts=AccountService(database),
        subscribers=subscribers,
        operation=Operation(
            database,
            configuration,
            subscribers,
            gather_limit=settings.gather_limit,
            idempotency_lifetime=timedelta(seconds=settings.idempotency_lifetime),
        ),
        amendments=Amendments(database, configuration, subscribers),
        queries=Queries(database, configuration),
    )


def create_app(settings: Settings) -> Flask:
    """Make the WSGI application."""
    logs.configure(settings.log_level)
    services = assemble(settings)
    app = Flask("app", static_folder=None)
    app.json = _OrjsonProvider(app)
    app.config.update(MAX_CONTENT_LENGTH=settings.max_body_bytes, **openapi.CONFIG)
    app.extensions["refgate"] = services
    api = Api(app)
    openapi.describe(api)
    doors = (
        submissions.blueprint(services.operation, services.queries, services.configuration, settings.public_url),
        todos.blueprint(services.queries, services.amendments, services.configuration, settings.public_url),
    )
    for door in doors:
        guards.protect(door, services.accounts)
        api.register_blueprint(door)
    app.register_blueprint(oauth.blueprint(services.accounts, settings))
    ops.install(app, lambda: migration.is_current(services.database))
    problems.install(app)
    return app


_CONNECTIONS = 8


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
