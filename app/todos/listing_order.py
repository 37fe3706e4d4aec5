"""The orders in which people list todos: what each goes by, and where in it a page ends."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from app.db.schema import instant_text
from app.sources.fields import LEVELS
from app.todos import cursors, models

_todo = models.todo
LISTED, _CHANGED = "INDEXED BY ix_todo_listed", "INDEXED BY ix_todo_updated_at"


class Sort(StrEnum):
    """What todos are put in order by."""

    NEWEST = "-created"
    OLDEST = "created"
    CHANGED = "-updated"
    UNCHANGED = "updated"
    DUE = "due"
    """The earliest first; what is not due at all comes last. Of those due on one day the newest comes first."""
    PRIORITY = "priority"
    """The highest first; what has none comes last. Of those with the same the newest comes first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """An order: what it goes by, and of equal ones by their number, all rising or all falling."""

    key: sa.ColumnElement[Any]
    falling: bool = False
    newest_first: bool = False
    """Where the key rises and the numbers fall."""
    kind: type
    """What the key is in a cursor."""
    read: Callable[[Any], Any]
    write: Callable[[Any], object]
    hint: str = LISTED
    """For SQLite, which would rather read whole todos than the index in which all stands that lists go by."""

    def sorting(self, key: sa.ColumnElement[Any], number: sa.ColumnElement[int]) -> list[sa.ColumnElement[Any]]:
        """Give the order as SQL has it, over these columns."""
        return [column.desc() if self.falling else column.asc() for column in self._columns(key, number)]

    def after(self, key: object, number: int, column: sa.ColumnElement[int]) -> sa.ColumnElement[bool]:
        """Keep to what comes after this place; the column holds the numbers of the todos."""
        here = sa.tuple_(*self._columns(self.key, column))
        place = sa.tuple_(*self._columns(sa.literal(key, self.key.type), sa.literal(number, _todo.c.id.type)))
        return here < place if self.falling else here > place

    def _columns(self, key: sa.ColumnElement[Any], number: sa.ColumnElement[int]) -> Iterable[sa.ColumnElement[Any]]:
        if self.key is _todo.c.id:
            return (number,)
        return (key, -number if self.newest_first else number)


def cursor_at(sort: Sort, key: object, number: int) -> str:
    """Write down that a page in this order ended at this place."""
    return cursors.written([sort.value, ORDERS[sort].write(key), number])


def place_at(sort: Sort, cursor: str) -> tuple[Any, int]:
    """Read where a page in this order ended. Raises `Invalid` for a cursor that the order has not given."""
    order = ORDERS[sort]
    name, key, number = cursors.read(cursor, str, order.kind, int)
    if name != sort.value or number <= 0:
        raise cursors.unknown()
    return order.read(key), number


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise cursors.unknown() from None


def _by_number(*, falling: bool) -> Order:
    return Order(key=_todo.c.id, falling=falling, kind=int, read=int, write=int)


def _by_change(*, falling: bool) -> Order:
    return Order(
        key=_todo.c.updated_at, falling=falling, kind=str, read=cursors.moment, write=instant_text, hint=_CHANGED
    )


_DUE = sa.func.coalesce(_todo.c.due_date, sa.literal(date.max, sa.Date()))
_RANK = sa.case({level: place for place, level in enumerate(LEVELS)}, value=_todo.c.priority, else_=len(LEVELS))
ORDERS: Mapping[Sort, Order] = {
    Sort.NEWEST: _by_number(falling=True),
    Sort.OLDEST: _by_number(falling=False),
    Sort.CHANGED: _by_change(falling=True),
    Sort.UNCHANGED: _by_change(falling=False),
    Sort.DUE: Order(key=_DUE, newest_first=True, kind=str, read=_day, write=date.isoformat),
    Sort.PRIORITY: Order(key=_RANK, newest_first=True, kind=int, read=int, write=int),
}
