"""Attempts to sign in with a password: counted before they are verified, taken back when they were right.

So however many guess at the same instant, no more are verified than the policy of `lockout` lets through. All ways that
take a password share these counts, in the database, so that all workers agree.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from app import errors
from app.accounts import attempt_store, lockout, logins, store
from app.accounts.attempt_store import Lockout, Standing, Subject
from app.accounts.directory import Directory, utc_now
from app.accounts.lockout import Failures, Kind
from app.audit import trail
from app.db.database import Database, Transaction

PRUNED_AT_ONCE = 1000

_KEPT = timedelta(days=1)
_NOTED_AGAIN_AFTER = timedelta(days=1)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Count:
    """What an attempt was counted under: what counted before, and with it."""

    subject: Subject
    before: Failures
    after: Failures


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt under way."""

    standing: Standing | None
    """None where nobody has this login."""
    address: str
    counts: tuple[Count, ...]
    may_succeed: bool
    """False where the account is locked: a password is verified all the same, so that it takes as long."""

    @property
    def is_known(self) -> bool:
        """Whether the account was signed in from this address not long ago."""
        return any(count.subject.kind is Kind.PAIR for count in self.counts)


class Attempts:
    """Counts wrong passwords by account and by address, and says which of them are not to be listened to."""

    def __init__(self, database: Database, directory: Directory, *, now: Callable[[], datetime] = utc_now) -> None:
        self._database = database
        self._directory = directory
        self._now = now

    def begin(self, login_key: str, user_id: int | None, address: str) -> Attempt:
        """Count an attempt as failed until it succeeds. Raises `LockedOut` where the address has to wait."""

        def weigh(transaction: Transaction) -> Attempt:
            return self._weigh(transaction, login_key, user_id, address)

        with self._database.reading() as transaction:  # so that who is locked out keeps nobody from writing
            self._check_address(transaction, attempt_store.standing(transaction, user_id, address), address)
        attempt = self._database.again(lambda transaction: _count_unless_it_locks(transaction, weigh(transaction)))
        return attempt or self._announcing(lambda transaction: _count(transaction, weigh(transaction)))

    def succeed(self, attempt: Attempt) -> None:
        """Take an attempt back that was right, and know the address from now on."""
        if not self._database.again(lambda transaction: self._take_back_unless_it_unlocks(transaction, attempt)):
            self._announcing(lambda transaction: self._take_back(transaction, attempt))

    def locked(self) -> tuple[Lockout, ...]:
        """List what is locked now."""
        with self._database.reading() as transaction:
            return attempt_store.locked(transaction, self._now())

    def unlock(self, *, login: str | None = None, address: str | None = None, actor: str = trail.GATEWAY) -> int:
        """Forget the wrong passwords of an account, from wherever they came, or of an address; gives how many counts.

        Raises `NotFound` for a login that nobody has and against which nothing counts.
        """
        forgotten = 0
        if login is not None:
            with self._directory.changing() as transaction:
                forgotten += _unlock_account(transaction, login, actor)
        if address is not None:
            with self._directory.changing() as transaction:
                forgotten += _unlock_address(transaction, lockout.address_key(address), actor)
        return forgotten

    def prune(self) -> int:
        """Delete some of the counts and known addresses that are too old to matter; gives how many."""
        now = self._now()
        with self._database.transaction() as transaction:
            return attempt_store.prune(transaction, now - _KEPT, now - lockout.KNOWN_FOR, at_most=PRUNED_AT_ONCE)

    def _weigh(self, transaction: Transaction, login_key: str, user_id: int | None, address: str) -> Attempt:
        standing, now = attempt_store.hold_standing(transaction, user_id, address), self._now()
        found = attempt_store.hold(transaction, _subjects(login_key, standing, address, now))
        _check_not_locked(found, now)
        listened = {subject: before for subject, before in found.items() if not before.is_locked(subject.kind, now)}
        counts = tuple(Count(subject, before, before.with_one_more(now)) for subject, before in listened.items())
        return Attempt(standing, address, counts, may_succeed=len(listened) == len(found))

    def _check_address(self, transaction: Transaction, standing: Standing | None, address: str) -> None:
        now = self._now()
        if standing is None or not standing.is_known(now):
            subject = attempt_store.of_address(address)
            _check_not_locked({subject: attempt_store.peek(transaction, subject)}, now)

    def _take_back_unless_it_unlocks(self, transaction: Transaction, attempt: Attempt) -> bool:
        standing, found = _held(transaction, attempt)
        if any(failures.locked_until(Kind.PAIR) for subject, failures in found.items() if subject.kind is Kind.PAIR):
            return False
        self._settle(transaction, attempt, standing, found)
        return True

    def _take_back(self, transaction: Transaction, attempt: Attempt) -> None:
        standing, found = _held(transaction, attempt)
        self._settle(transaction, attempt, standing, found)

    def _settle(
        self, transaction: Transaction, attempt: Attempt, standing: Standing | None, found: Mapping[Subject, Failures]
    ) -> None:
        for count in attempt.counts:
            failures = found.get(count.subject)
            if failures is not None:  # or it was unlocked meanwhile
                _take_back_from(transaction, count, failures)
        if standing is not None and _is_to_be_noted(standing, self._now()):
            attempt_store.know(transaction, standing.user_id, attempt.address, self._now())

    def _announcing(self, step: Callable[[Transaction], T]) -> T:
        """Run a step that changes where an account is let in: that counts on every worker at its commit.

        Rare, since it empties what all workers remember of the accounts. Lockouts of accounts from addresses they are
        not known by, and of addresses, need none: nobody there has a password that is remembered as right.
        """

        def announced(transaction: Transaction) -> T:
            store.bump(transaction)  # first, as whoever changes accounts
            return step(transaction)

        result = self._database.again(announced)
        self._directory.forget()
        return result


def _subjects(login_key: str, standing: Standing | None, address: str, now: datetime) -> Sequence[Subject]:
    if standing is not None and standing.is_known(now):
        return (attempt_store.of_pair(standing.user_id, address),)
    user_id = None if standing is None else standing.user_id
    return (attempt_store.of_account(login_key, user_id), attempt_store.of_address(address))


def _check_not_locked(found: Mapping[Subject, Failures], now: datetime) -> None:
    """Raise `LockedOut` for an address that has to wait."""
    for subject, failures in found.items():
        until = failures.locked_until(subject.kind)
        if subject.kind is Kind.ADDRESS and until is not None and now < until:
            raise errors.LockedOut(math.ceil((until - now).total_seconds()))


def _count_unless_it_locks(transaction: Transaction, attempt: Attempt) -> Attempt | None:
    if any(count.after.locked_until(Kind.PAIR) for count in attempt.counts if count.subject.kind is Kind.PAIR):
        return None
    return _count(transaction, attempt)


def _count(transaction: Transaction, attempt: Attempt) -> Attempt:
    for count in attempt.counts:
        attempt_store.save(transaction, count.subject, count.after)
    return attempt


def _held(transaction: Transaction, attempt: Attempt) -> tuple[Standing | None, Mapping[Subject, Failures]]:
    user_id = None if attempt.standing is None else attempt.standing.user_id
    standing = attempt_store.hold_standing(transaction, user_id, attempt.address)
    return standing, attempt_store.hold_found(transaction, [count.subject for count in attempt.counts])


def _take_back_from(transaction: Transaction, count: Count, failures: Failures) -> None:
    """Forget an account's wrong passwords; an address keeps all but this, or a good account could wash it clean."""
    left = failures.without(count.after, count.before)
    if left.count and count.subject.kind is Kind.ADDRESS:
        attempt_store.save(transaction, count.subject, left)
    else:
        attempt_store.forget(transaction, count.subject)


def _is_to_be_noted(standing: Standing, now: datetime) -> bool:
    return standing.seen_at is None or now - standing.seen_at >= _NOTED_AGAIN_AFTER


def _unlock_account(transaction: Transaction, login: str, actor: str) -> int:
    key = logins.login_key(login)
    account = store.find_by_login(transaction, key) if logins.is_login(login) else None
    subject = attempt_store.of_account(key, None if account is None else account.identity.user_id)
    forgotten = attempt_store.forget_all(transaction, subject)
    if account is None and not (forgotten and logins.is_login(login)):
        raise errors.NotFound("There is no such user, and nothing counts against this login.")
    _remember(transaction, login if account is None else account.identity.login, forgotten, actor)
    return forgotten


def _unlock_address(transaction: Transaction, address: str, actor: str) -> int:
    forgotten = attempt_store.forget_all(transaction, attempt_store.of_address(address))
    _remember(transaction, address, forgotten, actor)
    return forgotten


def _remember(transaction: Transaction, name: str, forgotten: int, actor: str) -> None:
    if forgotten:
        trail.remember(transaction, trail.Change(actor, "unlocked", "lockout", name, {}))
