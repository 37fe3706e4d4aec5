"""Which account is behind a login or a token, held in memory for as long as nobody changes an account."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TypeVar

from app import errors
from app.accounts import store
from app.accounts.store import Account
from app.db.database import Database

FRESH_SECONDS = 0.5
PATIENCE_SECONDS = 2.0
KEPT_AT_MOST = 10_000

_LONG_AGO = float("-inf")

T = TypeVar("T")


def utc_now() -> datetime:
    """Give the present instant."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class _Known:
    """What has been read while the accounts were at this revision, or later."""

    revision: int
    logins: dict[str, Account] = field(default_factory=dict)
    tokens: dict[str, tuple[Account, datetime]] = field(default_factory=dict)


class Directory:
    """Looks accounts up. Asks the database for the revision at most every half second, and at once after `forget`."""

    def __init__(
        self,
        database: Database,
        *,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._database = database
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

    def by_token(self, token_hash: str) -> Account | None:
        """Find the account that a token acts for, unless the token has ended."""
        tokens = self._fresh().tokens
        held = tokens.get(token_hash)
        if held is None:
            with self._database.reading() as transaction:
                held = store.find_by_token(transaction, token_hash, self._now())
            if held is not None:
                _keep(tokens, token_hash, held)
        return held[0] if held is not None and held[1] > self._now() else None

    def forget(self) -> None:
        """Ask for the revision before the next answer; to be called after a change was committed."""
        with self._lock:  # a question under way may have been answered before the change
            self._asked_at = _LONG_AGO

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
