"""Letting go of what has had its time, in small steps that hold up nobody."""

from datetime import datetime

import sqlalchemy as sa

from app.db.database import Database, Transaction
from app.todos import models

AT_ONCE = 1000


def forget_answers(database: Database, before: datetime, limit: int = AT_ONCE) -> int:
    """Delete answers kept under idempotency keys before an instant; give how many, `limit` at the most."""
    table = models.idempotency
    old = sa.select(table.c.caller, table.c.key).where(table.c.created_at < before).limit(limit)
    with database.transaction() as transaction:
        return transaction.sql.execute(sa.delete(table).where(sa.tuple_(table.c.caller, table.c.key).in_(old))).rowcount


def forget_caller(transaction: Transaction, user_id: int) -> None:
    """Delete the answers that were kept for a caller."""
    table = models.idempotency
    transaction.sql.execute(sa.delete(table).where(table.c.caller == str(user_id)))


def forget_history(database: Database, before: datetime, limit: int = AT_ONCE) -> int:
    """Delete history entries from before an instant; give how many, `limit` at the most. The todos stay."""
    return _forget_written(database, models.history, before, limit)


def forget_requests(database: Database, before: datetime, limit: int = AT_ONCE) -> int:
    """Delete what decisions before an instant were made from; give how many, `limit` at the most."""
    return _forget_written(database, models.remembered_request, before, limit)


def _forget_written(database: Database, table: sa.Table, before: datetime, limit: int) -> int:
    """Delete rows of a table that is written as time passes, so that it begins with the oldest.

    They are looked for before the transaction that writes: where there are none left, SQLite has read the whole table.
    """
    with database.reading() as transaction:
        old = transaction.sql.execute(sa.select(table.c.id).where(table.c.at < before).limit(limit)).scalars().all()
    if not old:
        return 0
    with database.transaction() as transaction:
        return transaction.sql.execute(sa.delete(table).where(table.c.id.in_(old))).rowcount
