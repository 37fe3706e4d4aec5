"""Letting go of what the journal has kept long enough, in small steps that hold up nobody."""

from datetime import datetime

import sqlalchemy as sa

from app.db.database import Database, Transaction
from app.journal import models

AT_ONCE = 1000


def forget_lines(database: Database, before: datetime, limit: int = AT_ONCE) -> int:
    """Delete lines from before an instant; give how many, `limit` at the most."""
    table = models.request_log
    old = sa.select(table.c.id).where(table.c.at < before).limit(limit)
    with database.transaction() as transaction:
        return transaction.sql.execute(sa.delete(table).where(table.c.id.in_(old))).rowcount


def forget_activity(database: Database, before: datetime, limit: int = AT_ONCE) -> int:
    """Delete counts of hours before an instant; give how many, `limit` at the most."""
    table = models.activity
    key = sa.tuple_(table.c.hour, table.c.source, table.c.outcome)
    old = sa.select(*table.primary_key).where(table.c.hour < before).limit(limit)
    with database.transaction() as transaction:
        return transaction.sql.execute(sa.delete(table).where(key.in_(old))).rowcount


def forget_sightings(database: Database, before: datetime, limit: int = AT_ONCE) -> int:
    """Delete when todos were seen in hours before an instant; give how many hours of todos, `limit` at the most."""
    table = models.sighting
    key = sa.tuple_(table.c.todo_id, table.c.hour)
    old = sa.select(*table.primary_key).where(table.c.hour < before).limit(limit)
    with database.transaction() as transaction:
        return transaction.sql.execute(sa.delete(table).where(key.in_(old))).rowcount


def forget_todo(transaction: Transaction, todo_id: int) -> None:
    """Delete when a todo was seen."""
    table = models.sighting
    transaction.sql.execute(sa.delete(table).where(table.c.todo_id == todo_id))
