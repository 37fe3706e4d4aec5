"""The first todos in an order, by their numbers, and the index that leads SQLite to them.

PostgreSQL knows how many todos there are of what, and finds its way. The statements are put together once, as far as
they can be.
"""

from collections.abc import Collection, Sequence
from functools import cache
from typing import TypeGuard

import sqlalchemy as sa
from sqlalchemy.sql import operators

from app.todos import models
from app.todos.listing_order import ORDERS, Sort

_todo = models.todo
_front = _todo.alias("front")
# Those first that few todos have in common. Each has an index, in which the todos of a value stand by their numbers.
_LEADING = ("assignee", "customer", "source", "workspace_id", "status_id")

Numbers = sa.Select[tuple[int]]


def first(narrowed: Sequence[sa.ColumnElement[bool]], sort: Sort, dialect: str) -> Numbers:
    """Give the numbers of the todos that these conditions let through, in order."""
    if dialect == "sqlite" and ORDERS[sort].key is _todo.c.id:
        values = {each.left.name: each.right for each in narrowed if _is_of_one_value(each)}
        name = next((name for name in _LEADING if name in values), None)
        if name is not None:
            return _led(sort, name).where(_front.c[name] == values[name], *narrowed)
    return _ordered(sort).where(*narrowed)


def one_of(column: sa.ColumnElement[int], values: Collection[int]) -> sa.ColumnElement[bool]:
    """Keep to some values, in words that show where it is one, which then may lead, or none."""
    if not values:
        return sa.false()
    return column == min(values) if len(values) == 1 else column.in_(sorted(values))


def _is_of_one_value(condition: sa.ColumnElement[bool]) -> TypeGuard[sa.BinaryExpression[bool]]:
    return isinstance(condition, sa.BinaryExpression) and condition.operator is operators.eq


@cache
def _led(sort: Sort, name: str) -> Numbers:
    """Go by the index of one value, and look the rest up in that of all lists: never in the todos themselves."""
    numbers = _ordered(sort).join(_front, _front.c.id == _todo.c.id)
    numbers = numbers.with_hint(_front, f"INDEXED BY ix_todo_{name}", "sqlite").order_by(None)
    return numbers.order_by(*ORDERS[sort].sorting(_front.c.id, _front.c.id))


@cache
def _ordered(sort: Sort) -> Numbers:
    order = ORDERS[sort]
    numbers = sa.select(_todo.c.id).order_by(*order.sorting(order.key, _todo.c.id))
    return numbers.with_hint(_todo, order.hint, "sqlite").correlate(None)
