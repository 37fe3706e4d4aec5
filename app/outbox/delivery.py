"""Delivery of what is due: claim it, post it with no transaction open, mark it.

A claim is a lease: it moves the instant at which a message is due past the longest time that posting takes. Whoever
dies between claim and mark leaves messages that come due again, with the same `webhook-id`: at least once, and never
by two at the same time.
"""

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from app.db.database import Database, Transaction
from app.outbox import backoff, posting
from app.outbox.messages import Announcement, Message, Subscriber
from app.outbox.models import message, subscriber

LEASE = timedelta(minutes=1)
LIMIT = 32

_JITTER = random.SystemRandom()
_COLUMNS = (
    message.c.id,
    message.c.subscriber_id,
    subscriber.c.name,
    subscriber.c.url,
    subscriber.c.secret,
    subscriber.c.active,
    message.c.event,
    message.c.payload,
    message.c.created_at,
    message.c.attempts,
)


def deliver_due(database: Database, client: posting.Client, now: datetime, limit: int = LIMIT) -> int:
    """Deliver up to `limit` messages that are due and give how many were tried.

    Raises `Unavailable` where the database is away; what was posted but not marked is then posted again later.
    """
    if not _is_anything_due(database, now):
        return 0
    claimed = database.again(lambda transaction: _claim(transaction, now, limit))
    if claimed:
        results = client.post(claimed, now)
        database.again(lambda transaction: _mark(transaction, results, now))
    return len(claimed)


def _is_anything_due(database: Database, now: datetime) -> bool:
    """Look without the lock that a claim takes: on SQLite it would hold up every writer."""
    with database.reading() as transaction:
        return transaction.sql.scalar(_due(now, 1)) is not None


def _claim(transaction: Transaction, now: datetime, limit: int) -> list[Message]:
    rows = transaction.sql.execute(_due(now, limit).with_for_update(of=message, skip_locked=True)).all()
    if rows:
        leased = message.update().where(message.c.id.in_([row.id for row in rows]))
        transaction.sql.execute(leased.values(due_at=now + LEASE, attempts=message.c.attempts + 1))
    return [_message(row) for row in rows]


def _due(now: datetime, limit: int) -> sa.Select[Any]:
    due = sa.select(*_COLUMNS).join_from(message, subscriber).where(message.c.due_at <= now, subscriber.c.active)
    return due.order_by(message.c.due_at, message.c.id).limit(limit)


def _message(row: sa.Row[*tuple[Any, ...]]) -> Message:
    receiver = Subscriber(row.subscriber_id, row.name, row.url, row.secret, row.active)
    announcement = Announcement(row.event, row.payload)
    return Message(row.id, receiver, announcement, row.created_at, row.attempts + 1)


def _mark(transaction: Transaction, results: Sequence[posting.Result], now: datetime) -> None:
    """Write down what became of each, except where the lease was lost and another has claimed it since."""
    marked = message.update().where(
        message.c.id == sa.bindparam("claimed_id"), message.c.attempts == sa.bindparam("claimed_attempts")
    )
    transaction.sql.execute(marked, [_mark_of(result, now) for result in results])


def _mark_of(result: posting.Result, now: datetime) -> dict[str, object]:
    attempts = result.message.attempts
    failed = result.error is not None
    return {
        "claimed_id": result.message.id,
        "claimed_attempts": attempts,
        "delivered_at": None if failed else now,
        "due_at": backoff.next_attempt(attempts, now, _JITTER.random()) if failed else None,
        "last_error": result.error,
    }
