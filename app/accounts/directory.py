"""Which account is behind a login or a secret, held in memory for as long as nobody changes an account."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from app import errors
from app.accounts import bearers, store
from app.accounts.bearers import Bearer
from app.accounts.identity import Way
from app.accounts.store import Account
from app.db.database import Database, Transaction

FRESH_SECONDS = 0.5
PATIENCE_SECONDS = 2.0
KEPT_AT_MOST = 10_000
IDLE = timedelta(hours=2)

_LONG_AGO = float("-inf")

T = TypeVar("T")
Check = Callable[[T | None], None]
"""Sees, in the transaction of a change, the thing as it is until then, and may refuse."""


def utc_now() -> datetime:
    """Give the present instant."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class _Known:
    """What has been read while the accounts were at this revision, or later."""

    revision: int
    logins: dict[str, Account] = field(default_factory=dict)
    bearers: dict[str, Bearer] = field(default_factory=dict)


class Directory:
    """Looks accounts up. Asks the database for the revision at most every half second, and at once after `forget`.

    What must count at once on every worker asks for the revision in the transaction it counts for (`Authentication`).
    """

    def __init__(
        self,
        database: Database,
        *,
        idle: timedelta = IDLE,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        """`idle` is how long a session lasts that nobody uses."""
        self._database = database
        self._idle = idle
        self._clock = clock
        self._now = now
        self._lock = threading.Lock()
        self._asked_at = _LONG_AGO
        self._known = _Known(revision=-1)

    def known_by_login(self, login_key: str) -> Account | None:
        """Give the account with this folded login where it is in memory."""
        return self._fresh().logins.get(login_key)

    def read_by_login(self, login_key: str) -> Account | None:
        """Find an account by its folded login in the database, and keep it in memory."""
        logins = self._fresh().logins
        with self._database.reading() as transaction:
            account = store.find_by_login(transaction, login_key)
        if account is not None:
            _keep(logins, login_key, account)
        return account

    def by_secret(self, way: Way, secret_hash: str) -> Bearer | None:
        """Find who bears a token, a key or a session id, unless it has ended; now and then, note that it is in use."""
        kept, now = self._fresh().bearers, self._now()
        bearer = kept.get(secret_hash)
        if bearer is None or not bearer.is_good(now):  # a session may have been used elsewhere meanwhile
            with self._database.reading() as transaction:
                bearer = self.find_in(transaction, way, secret_hash)
        if bearer is None:
            return None
        if bearer.is_to_be_touched(now):
            with self._database.transaction() as transaction:
                bearers.touch(transaction, bearer, now)
            bearer = self._touched(bearer, now)
        _keep(kept, secret_hash, bearer)
        return bearer

    def find_in(self, transaction: Transaction, way: Way, secret_hash: str) -> Bearer | None:
        """Find who bears a secret as one transaction sees it, unless it has ended."""
        bearer = bearers.find(transaction, way, secret_hash, self._idle)
        return bearer if bearer is not None and bearer.is_good(self._now()) else None

    @contextmanager
    def changing(self) -> Iterator[Transaction]:
        """Open a transaction that changes accounts or takes something away: it counts on every worker at its commit."""
        with self._database.transaction() as transaction:
            store.bump(transaction)  # first: whoever changes accounts too waits here
            yield transaction
        self.forget()

    def forget(self) -> None:
        """Ask for the revision before the next answer; to be called after a change was committed."""
        with self._lock:  # a question under way may have been answered before the change
            self._asked_at = _LONG_AGO

    def _touched(self, bearer: Bearer, now: datetime) -> Bearer:
        if bearer.credential.way is not Way.SESSION:
            return replace(bearer, used_at=now)
        with self._database.reading() as transaction:
            return self.find_in(transaction, Way.SESSION, bearer.credential.mark) or bearer

    def _fresh(self) -> _Known:
        if not self._is_fresh():
            self._ask()
        return self._known

    def _is_fresh(self) -> bool:
        return self._clock() - self._asked_at < FRESH_SECONDS

    def _ask(self) -> None:
        """Ask for the revision, one thread for all; nobody queues long behind a database that does not answer."""
        if not self._lock.acquire(timeout=PATIENCE_SECONDS):
            raise errors.DatabaseUnavailable
        try:
            if self._is_fresh():
                return
            asked_at = self._clock()
            with self._database.reading() as transaction:
                revision = store.revision(transaction)
            if revision != self._known.revision:
                self._known = _Known(revision)
            self._asked_at = asked_at
        finally:
            self._lock.release()


def _keep(kept: dict[str, T], key: str, value: T) -> None:
    if len(kept) >= KEPT_AT_MOST:
        kept.clear()
    kept[key] = value
