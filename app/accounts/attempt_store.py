"""The statements on counts of wrong passwords and on known addresses. Every function takes its transaction.

Whoever holds more than one of these rows takes the accounts' revision first, then the account, then the counts by
subject, or skips what is held: so none waits for another in a circle.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

import sqlalchemy as sa

from app.accounts.lockout import KNOWN_FOR, Failures, Kind
from app.accounts.models import account, known_address, sign_in_failure
from app.db import bulk, schema
from app.db.bulk import Call
from app.db.database import Transaction

LISTED_AT_MOST = 1000

_failed, _known = sign_in_failure.c, known_address.c
_NEVER = datetime.min.replace(tzinfo=UTC)
_HOLD = bulk.insert(
    sign_in_failure,
    ("subject", "kind", "account_id", "address", "failures", "last_failed_at"),
    # Rather than DO NOTHING, which would hold no row, so that another could delete it before it is read.
    "ON CONFLICT (subject) DO UPDATE SET account_id = excluded.account_id",
)
_KNOW = bulk.insert(
    known_address,
    ("account_id", "address", "seen_at"),
    "ON CONFLICT (account_id, address) DO UPDATE SET seen_at = excluded.seen_at",
)


class Subject(NamedTuple):
    """What wrong passwords are counted under. Stored is a hash: what is typed as a login may be a password."""

    hash: str
    kind: Kind
    user_id: int | None
    address: str | None


class Standing(NamedTuple):
    """An account that exists, and when it was last signed in from an address."""

    user_id: int
    seen_at: datetime | None

    def is_known(self, now: datetime) -> bool:
        """Say whether it was signed in from there not long ago."""
        return self.seen_at is not None and now - self.seen_at < KNOWN_FOR


@dataclass(frozen=True, slots=True, kw_only=True)
class Lockout:
    """Something that is locked, as an administrator sees it. Without a login and an address: a login nobody has."""

    kind: Kind
    login: str | None
    address: str | None
    failures: int
    locked_until: datetime


def of_account(login_key: str, user_id: int | None) -> Subject:
    """Name an account from an address it is not known by. An unknown login counts like a known one."""
    return Subject(_hash(Kind.ACCOUNT, login_key), Kind.ACCOUNT, user_id, None)


def of_pair(user_id: int, address: str) -> Subject:
    """Name an account from an address it is known by."""
    return Subject(_hash(Kind.PAIR, f"{user_id} {address}"), Kind.PAIR, user_id, address)


def of_address(address: str) -> Subject:
    """Name an address."""
    return Subject(_hash(Kind.ADDRESS, address), Kind.ADDRESS, None, address)


def standing(transaction: Transaction, user_id: int | None, address: str) -> Standing | None:
    """Find an account, and when it was last signed in from an address."""
    row = transaction.sql.execute(_standing(user_id, address)).first()
    return None if row is None else Standing(row.id, row.seen_at)


def hold_standing(transaction: Transaction, user_id: int | None, address: str) -> Standing | None:
    """Find an account, which stays until the transaction ends, and when it was last signed in from an address."""
    held = _standing(user_id, address).with_for_update(read=True, key_share=True, of=account)
    row = transaction.sql.execute(held).first()
    return None if row is None else Standing(row.id, row.seen_at)


def peek(transaction: Transaction, subject: Subject) -> Failures:
    """Read what counts against a subject, without holding it."""
    return _read(transaction, [subject]).get(subject, Failures())


def hold(transaction: Transaction, subjects: Sequence[Subject]) -> Mapping[Subject, Failures]:
    """Hold these subjects until the transaction ends, and read what counts against them."""
    rows = [
        {
            "subject": subject.hash,
            "kind": subject.kind.value,
            "account_id": subject.user_id,
            "address": subject.address,
            "failures": 0,
            "last_failed_at": schema.instant_text(_NEVER),
        }
        for subject in sorted(subjects)
    ]
    transaction.run(Call(_HOLD, rows))
    return _read(transaction, subjects)


def hold_found(transaction: Transaction, subjects: Sequence[Subject]) -> Mapping[Subject, Failures]:
    """Hold those of these subjects against which something counts, and read it."""
    hashes = [subject.hash for subject in subjects]
    rows = sa.select(_failed.subject).where(_failed.subject.in_(hashes)).order_by(_failed.subject)
    transaction.sql.execute(rows.with_for_update()).all()
    return _read(transaction, subjects)


def save(transaction: Transaction, subject: Subject, failures: Failures) -> None:
    """Write what counts by now against a subject that is held."""
    values = {
        "failures": failures.count,
        "last_failed_at": failures.last_at or _NEVER,
        "locked_until": failures.locked_until(subject.kind),
    }
    transaction.sql.execute(sa.update(sign_in_failure).where(_failed.subject == subject.hash).values(values))


def forget(transaction: Transaction, subject: Subject) -> None:
    """Forget what counts against a subject that is held."""
    transaction.sql.execute(sa.delete(sign_in_failure).where(_failed.subject == subject.hash))


def forget_all(transaction: Transaction, subject: Subject) -> int:
    """Forget what counts against a subject; an account's, from wherever it came. Gives how many counts."""
    named = _failed.subject == subject.hash
    of_it = named if subject.user_id is None else sa.or_(named, _failed.account_id == subject.user_id)
    found = sa.select(_failed.subject).where(of_it).order_by(_failed.subject).with_for_update()
    hashes = transaction.sql.execute(found).scalars().all()
    return transaction.sql.execute(sa.delete(sign_in_failure).where(_failed.subject.in_(hashes))).rowcount


def know(transaction: Transaction, user_id: int, address: str, now: datetime) -> None:
    """Remember that an account, which is held, was signed in from this address."""
    row = {"account_id": user_id, "address": address, "seen_at": schema.instant_text(now)}
    transaction.run(Call(_KNOW, [row]))


def locked(transaction: Transaction, now: datetime) -> tuple[Lockout, ...]:
    """List what is locked: first what belongs to an account, then the longest wait."""
    query = (
        sa.select(sign_in_failure, account.c.login)
        .join(account, account.c.id == _failed.account_id, isouter=True)
        .where(_failed.locked_until > now)
        .order_by(account.c.login.is_(None), _failed.locked_until.desc(), _failed.subject)
        .limit(LISTED_AT_MOST)
    )
    return tuple(
        Lockout(
            kind=Kind(row.kind),
            login=row.login,
            address=row.address,
            failures=row.failures,
            locked_until=row.locked_until,
        )
        for row in transaction.sql.execute(query)
    )


def prune(transaction: Transaction, failed_before: datetime, seen_before: datetime, *, at_most: int) -> int:
    """Delete so many of each of what is too old to matter and not in use; gives how many."""
    failed = sa.select(_failed.subject).where(_failed.last_failed_at < failed_before).limit(at_most)
    hashes = transaction.sql.execute(failed.with_for_update(skip_locked=True)).scalars().all()
    forgotten = sa.delete(sign_in_failure).where(_failed.subject.in_(hashes))
    seen = sa.select(_known.account_id, _known.address).where(_known.seen_at < seen_before).limit(at_most)
    places = [tuple(row) for row in transaction.sql.execute(seen.with_for_update(skip_locked=True))]
    unknown = sa.delete(known_address).where(sa.tuple_(_known.account_id, _known.address).in_(places))
    return transaction.sql.execute(forgotten).rowcount + transaction.sql.execute(unknown).rowcount


def _standing(user_id: int | None, address: str) -> sa.Select[int, datetime]:
    here = sa.and_(_known.account_id == account.c.id, _known.address == address)
    query = sa.select(account.c.id, _known.seen_at).join(known_address, here, isouter=True)
    return query.where(account.c.id == user_id)


def _read(transaction: Transaction, subjects: Sequence[Subject]) -> Mapping[Subject, Failures]:
    query = sa.select(sign_in_failure).where(_failed.subject.in_([subject.hash for subject in subjects]))
    rows = {row.subject: row for row in transaction.sql.execute(query)}
    return {
        subject: Failures(row.failures, row.last_failed_at if row.failures else None)
        for subject in subjects
        if (row := rows.get(subject.hash)) is not None
    }


def _hash(kind: Kind, text: str) -> str:
    return hashlib.sha256(f"{kind}:{text}".encode("utf-8", "surrogatepass")).hexdigest()
