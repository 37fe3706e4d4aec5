"""The services behind all doors and commands, put together."""

from dataclasses import dataclass
from datetime import timedelta

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
from app.db.database import Database, Options
from app.journal import retention as journal_retention
from app.journal.reading import Journal
from app.journal.recorder import Recorder
from app.manifest.applying import Manifests
from app.outbox.service import SubscriberService
from app.sources.service import ConfigurationService
from app.todos import claims, companies, in_use, retention
from app.todos.amendment import Amendments
from app.todos.listing import Listing
from app.todos.moving import References
from app.todos.operation import Operation
from app.todos.queries import Queries
from app.todos.removal import Removal
from app.todos.search import Search
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
    removal: Removal
    queries: Queries
    listing: Listing
    search: Search
    trials: Trials
    manifests: Manifests
    journal: Journal
    recorder: Recorder


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
        removal=Removal(database, configuration, subscribers, forget=(journal_retention.forget_todo,)),
        queries=Queries(database, configuration),
        listing=Listing(database, configuration),
        search=Search(database),
        trials=Trials(database, configuration),
        manifests=Manifests(database, directory, configuration, customers, users),
        journal=Journal(database),
        recorder=Recorder(database, keeps_lines=settings.request_retention_days > 0),
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
