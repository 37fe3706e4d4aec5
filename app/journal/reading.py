"""The journal as the pages read it: lines in pages, counts by the hour, what comes most often, when a todo was seen."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from app import errors
from app.db.database import Database
from app.journal import models
from app.journal.lines import Activity, Entry, Exchange, Line, Repeated, Tally

_log, _activity, _sighting = models.request_log, models.activity, models.sighting

_Row = sa.Row[*tuple[Any, ...]]


class Journal:
    """Reads what the recorders of all processes have written."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def requests(
        self, source: str, *, limit: int, outcome: str | None = None, before: int | None = None
    ) -> tuple[Sequence[Entry], int | None]:
        """Give the newest requests through a source, those before an id where one is given, and the id to go on before.

        Only those that ended so where an outcome is given.
        """
        query = sa.select(_log).where(_log.c.source == source).order_by(_log.c.id.desc()).limit(limit + 1)
        if outcome is not None:
            query = query.where(_log.c.outcome == outcome)
        if before is not None:
            query = query.where(_log.c.id < before)
        with self._database.reading() as transaction:
            rows = transaction.sql.execute(query).all()
        return [_entry(row) for row in rows[:limit]], rows[limit - 1].id if len(rows) > limit else None

    def get_request(self, entry_id: int) -> Entry:
        """Get one request. Raises `NotFound`, also where it was deleted by now."""
        with self._database.reading() as transaction:
            row = transaction.sql.execute(sa.select(_log).where(_log.c.id == entry_id)).one_or_none()
        if row is None:
            raise errors.NotFound("There is no such request in the journal; it may have had its time.")
        return _entry(row)

    def activity(self, since: datetime, until: datetime) -> list[Activity]:
        """Give the counts of the hours that begin within a time, the earliest first."""
        within = _activity.c.hour >= since, _activity.c.hour < until
        query = sa.select(*_activity.c).where(*within).order_by(*_activity.primary_key)
        with self._database.reading() as transaction:
            return [_counted(*row) for row in transaction.sql.execute(query)]

    def repeating(self, *, last: int = 10_000, limit: int = 10) -> list[Repeated]:
        """Give the references that came most often among the last requests, the most frequent first."""
        with self._database.reading() as transaction:
            return [Repeated(*row) for row in transaction.sql.execute(_most_frequent(last, limit))]

    def sightings(self, todo_id: int, since: datetime) -> list[tuple[datetime, int]]:
        """Say in which hours from an instant on a todo was seen, and how often, the earliest first."""
        query = sa.select(_sighting.c.hour, _sighting.c["count"]).where(_sighting.c.todo_id == todo_id)
        query = query.where(_sighting.c.hour >= since).order_by(_sighting.c.hour)
        with self._database.reading() as transaction:
            return [(row[0], row[1]) for row in transaction.sql.execute(query)]


def _most_frequent(last: int, limit: int) -> sa.Select[Any]:
    newest = sa.select(_log.c.id, _log.c.source, _log.c.reference, _log.c.todo_key)
    recent = newest.order_by(_log.c.id.desc()).limit(last).subquery()
    told = sa.case((recent.c.todo_key.is_not(None), recent.c.id))
    often = (
        sa.select(recent.c.source, recent.c.reference, sa.func.count().label("times"), sa.func.max(told).label("last"))
        .where(recent.c.reference.is_not(None))
        .group_by(recent.c.source, recent.c.reference)
        .order_by(sa.desc("times"), recent.c.reference)
        .limit(limit)
        .subquery()
    )
    columns = often.c.source, often.c.reference, _log.c.todo_key, often.c.times
    joined = sa.select(*columns).select_from(often.outerjoin(_log, _log.c.id == often.c.last))
    return joined.order_by(often.c.times.desc(), often.c.reference)


def _entry(row: _Row) -> Entry:
    line = Line(
        at=row.at,
        source=row.source,
        door=row.door,
        actor=row.actor,
        outcome=row.outcome,
        status=row.status,
        reason=row.reason,
        duration=timedelta(microseconds=row.duration),
        reference=row.reference,
        todo_key=row.todo_key,
    )
    exchange = Exchange(method=row.method, path=row.path, sent=row.sent, too_long=row.too_long, answer=row.answer)
    return Entry(row.id, line, exchange)


def _counted(hour: datetime, source: str, outcome: str, count: int, duration: int) -> Activity:
    return Activity(hour, source or None, outcome, Tally(count, timedelta(microseconds=duration)))
