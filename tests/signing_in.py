"""Signing in by password as each process of a gateway does it, with clocks that are moved by hand."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from app import errors
from app.accounts.attempts import Attempt, Attempts
from app.accounts.authentication import Authentication
from app.accounts.directory import Directory
from app.accounts.identity import Kind
from app.accounts.passwords import Verifier
from app.accounts.users import Users
from app.db.database import Database

PASSWORD = "a long enough password"
WRONG = "not it, not at all"
HOME, ABROAD = "192.0.2.1", "198.51.100.9"


class Clock:
    """Both clocks of a process."""

    def __init__(self) -> None:
        self._now = datetime(2026, 11, 21, 10, tzinfo=UTC)

    def now(self) -> datetime:
        """Give the instant."""
        return self._now

    def seconds(self) -> float:
        """Give the time that passes."""
        return self._now.timestamp()

    def pass_by(self, time: timedelta) -> None:
        """Let time pass."""
        self._now += time


class CountingVerifier(Verifier):
    """Verifies as ever, and counts how often."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(at_once=4, waiting=60, clock=clock.seconds)
        self.listened_to = 0
        self.verified = 0

    def is_right(self, login: str, password: str, stored: str | None, address: str, *, known: bool = False) -> bool:
        """Count what is verified at all, and what is verified against a password somebody has."""
        self.verified += 1
        self.listened_to += stored is not None
        return super().is_right(login, password, stored, address, known=known)


@dataclass(frozen=True)
class Process:
    """The services as one process has them: same database, memory of its own."""

    database: Database
    attempts: Attempts
    authentication: Authentication
    users: Users
    verifier: CountingVerifier

    def sign_in(
        self, login: str = "ann", password: str = PASSWORD, address: str = HOME, kind: Kind | None = None
    ) -> str:
        """Say what becomes of one attempt."""
        try:
            self.authentication.identity_for_password(login, password, kind=kind, address=address)
        except errors.Unauthenticated:
            return "refused"
        except errors.LockedOut as error:
            return f"wait {error.retry_after_seconds}"
        return "in"

    def fail(self, times: int, login: str = "ann", address: str = ABROAD) -> None:
        """Count so many wrong passwords, without the time it takes to verify them."""
        for _ in range(times):
            self.begin(login, address)

    def begin(self, login: str = "ann", address: str = ABROAD) -> Attempt:
        """Begin an attempt."""
        found = self.authentication._directory.read_by_login(login)
        return self.attempts.begin(login, None if found is None else found.identity.user_id, address)


def process(database: Database, clock: Clock) -> Process:
    """Put the services of one process together."""
    directory = Directory(database, clock=clock.seconds, now=clock.now)
    attempts = Attempts(database, directory, now=clock.now)
    verifier = CountingVerifier(clock)
    authentication = Authentication(database, directory, attempts, verifier, now=clock.now)
    return Process(database, attempts, authentication, Users(database, directory, now=clock.now), verifier)
