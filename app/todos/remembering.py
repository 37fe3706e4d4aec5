"""Remembered decisions as rows: written with the transaction that took them, read back in steps, the newest first.

A repeat that changes nothing only counts, and there may be thousands of them a second: of those a burst is remembered,
and then one a second from each source, so that the last ones show more than the last moment.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa

from app.db import bulk
from app.db.bulk import Call
from app.db.database import Database, Transaction
from app.journal.allowance import Allowance
from app.sources.rules import StatusType
from app.todos import models
from app.todos.outcome import OutcomeKind
from app.todos.remembered import Decided, Met, Remembered, Said, remembered
from app.todos.todo import key_of

AT_ONCE = 1000

_Row = sa.Row[*tuple[Any, ...]]

_table = models.remembered_request
_todo, _met = models.todo.alias("shown"), models.todo.alias("met")
_INSERT = bulk.insert(_table, tuple(str(column.name) for column in _table.c if column is not _table.c.id))
_ROWS = sa.select(
    *_table.c, _todo.c.key_prefix.label("todo_prefix"), _met.c.key_prefix.label("met_prefix")
).select_from(_table.outerjoin(_todo, _todo.c.id == _table.c.todo_id).outerjoin(_met, _met.c.id == _table.c.met_id))


class Memory:
    """What one process remembers of its decisions."""

    def __init__(self) -> None:
        self._allowance = Allowance()

    def keep(self, transaction: Transaction, decided: Sequence[Decided]) -> None:
        """Keep what the decisions of this transaction were made from; the statement travels with the commit."""
        rows = [_row_of(remembered(each)) for each in decided if self._is_to_be_kept(each)]
        if rows:
            transaction.later(Call(_INSERT, rows))

    def _is_to_be_kept(self, decided: Decided) -> bool:
        kind = decided.outcome.kind
        return kind is not OutcomeKind.UNCHANGED or self._allowance.grant((decided.outcome.source, kind), decided.at)


def newest(database: Database, source: str, last: int, step: int) -> Iterator[Sequence[Remembered]]:
    """Read the last decisions of a source, the newest first, in steps that each end their transaction."""
    before: int | None = None
    while last > 0:
        query = _ROWS.where(_table.c.source == source, *([] if before is None else [_table.c.id < before]))
        with database.reading() as transaction:
            rows = transaction.sql.execute(query.order_by(_table.c.id.desc()).limit(min(step, last))).all()
        if not rows:
            return
        yield [_remembered_from(row) for row in rows]
        before, last = rows[-1].id, last - len(rows)


def _row_of(past: Remembered) -> dict[str, object]:
    met, said = past.met, past.said
    return {
        "source": past.source,
        "at": past.at,
        "rule_version": past.rule_version,
        "outcome": past.outcome,
        "todo_id": past.todo_id,
        "reference": past.reference,
        "met_id": met and met.todo_id,
        "met_status_id": met and met.status_id,
        "met_status_type": met and met.status_type,
        "met_created_at": met and met.created_at,
        "met_closed_at": met and met.closed_at,
        "met_occurred_at": met and met.occurred_at,
        "status_word": said and said.word,
        "status_id": said and said.status_id,
        "status_type": said and said.status_type,
        "occurred_at": past.occurred_at,
    }


def _remembered_from(row: _Row) -> Remembered:
    return Remembered(
        source=row.source,
        at=row.at,
        rule_version=row.rule_version,
        outcome=OutcomeKind(row.outcome),
        todo_id=row.todo_id,
        todo_key=_key(row.todo_prefix, row.todo_id),
        reference=row.reference,
        met=None if row.met_id is None else _met_from(row),
        said=None if row.status_id is None else Said(row.status_word, row.status_id, StatusType(row.status_type)),
        occurred_at=row.occurred_at,
    )


def _met_from(row: _Row) -> Met:
    return Met(
        todo_id=row.met_id,
        key=_key(row.met_prefix, row.met_id),
        status_id=row.met_status_id,
        status_type=StatusType(row.met_status_type),
        created_at=row.met_created_at,
        closed_at=row.met_closed_at,
        occurred_at=row.met_occurred_at,
    )


def _key(prefix: str | None, number: int) -> str | None:
    """Give a todo's key, or nothing where the todo is gone: nothing keeps it for the sake of these rows."""
    return None if prefix is None else key_of(prefix, number)
