"""Everything that issues and knows tokens, as one process has it, on a clock moved by hand."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from app import errors
from app.accounts import store
from app.accounts.attempts import Attempts
from app.accounts.authentication import Authentication
from app.accounts.clients import Clients
from app.accounts.directory import Directory
from app.accounts.grants import Grants, IssuedTokens, Lifetimes
from app.accounts.identity import Identity
from app.accounts.keys import Keys
from app.accounts.logins import login_key
from app.accounts.passwords import Verifier
from app.accounts.users import Users
from app.audit.trail import Entry, Trail
from app.db.database import Database, Options

ACCESS, REFRESH, GRANT = timedelta(hours=1), timedelta(days=14), timedelta(days=90)


class Clock:
    """Both clocks of a process, moved by hand."""

    def __init__(self) -> None:
        self.instant = datetime(2026, 11, 21, 10, tzinfo=UTC)

    def now(self) -> datetime:
        """Give the instant."""
        return self.instant

    def seconds(self) -> float:
        """Give the instant as a number."""
        return self.instant.timestamp()

    def passes(self, span: timedelta) -> None:
        """Let time pass."""
        self.instant += span


@dataclass(frozen=True)
class Issuer:
    """The services of one process: a memory of its own."""

    database: Database
    directory: Directory
    authentication: Authentication
    grants: Grants
    clients: Clients
    keys: Keys
    users: Users
    clock: Clock = field(default_factory=Clock)

    def caller(self, login: str = "ann") -> Identity:
        """Say who this is, as of now."""
        with self.database.reading() as transaction:
            account = store.find_by_login(transaction, login_key(login))
        assert account is not None
        return account.identity

    def lets_in(self, token: str) -> bool:
        """Say what a request that comes with a token or a key is told."""
        try:
            self.authentication.confirm_now(self.authentication.identity_for_token(token))
        except errors.Unauthenticated:
            return False
        return True

    def refreshes(self, refresh_token: str, client_id: str | None = None) -> bool:
        """Say whether a refresh token is redeemed."""
        try:
            self.grants.refresh(refresh_token, client_id)
        except errors.Unauthenticated:
            return False
        return True

    def count(self, table: sa.Table) -> int:
        """Count the rows of a table."""
        with self.database.reading() as transaction:
            return transaction.sql.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()

    def everything_stored(self) -> str:
        """Give every value of every table as one text."""
        with self.database.reading() as transaction:
            tables = sa.inspect(transaction.sql).get_table_names()
            return "\n".join(str(transaction.sql.execute(sa.text(f'SELECT * FROM "{name}"')).all()) for name in tables)

    def remembered(self) -> list[Entry]:
        """Give what the audit trail tells, the newest first."""
        return list(Trail(self.database).page(limit=100)[0])


def issuer(database: Database, clock: Clock | None = None) -> Issuer:
    """Put the services of one process together."""
    clock = clock or Clock()
    directory = Directory(database, clock=clock.seconds, now=clock.now)
    attempts = Attempts(database, directory)
    authentication = Authentication(database, directory, attempts, Verifier(), now=clock.now)
    lifetimes = Lifetimes(access=ACCESS, refresh=REFRESH, grant=GRANT)
    return Issuer(
        database=database,
        directory=directory,
        authentication=authentication,
        grants=Grants(database, directory, authentication, lifetimes=lifetimes, now=clock.now),
        clients=Clients(database, directory, now=clock.now),
        keys=Keys(database, directory, now=clock.now),
        users=Users(database, directory, now=clock.now),
        clock=clock,
    )


@contextmanager
def processes(url: str, clock: Clock) -> Iterator[list[Issuer]]:
    """Give four processes on one database: each with connections and a memory of its own."""
    with ExitStack() as stack:
        databases = [Database(Options(url=url)) for _ in range(4)]
        for each in databases:
            stack.callback(each.close)
        yield [issuer(each, clock) for each in databases]


def issued(here: Issuer, login: str = "ann", client_id: str | None = None) -> tuple[IssuedTokens, str]:
    """Issue two tokens."""
    made = here.grants.issue(here.caller(login), client_id, refreshable=True)
    assert made.refresh_token is not None
    return made, made.refresh_token


def refreshed(here: Issuer, token: str, client_id: str | None = None) -> tuple[IssuedTokens, str]:
    """Redeem a refresh token for two tokens."""
    made = here.grants.refresh(token, client_id)
    assert made.refresh_token is not None
    return made, made.refresh_token
