"""The first todos in an order, by their numbers, and what leads a database to them.

PostgreSQL knows how many todos there are of what, and finds its way; SQLite is told the index. On both a tag is joined,
since the numbers of its todos stand with it in order. The statements are put together once, as far as they can be.
"""

from collections.abc import Collection, Sequence
from functools import cache
from typing import Any, TypeGuard

import sqlalchemy as sa
from sqlalchemy.sql import operators

from app.todos import listing_order, models
from app.todos.listing_order import ORDERS, Sort

_todo = models.todo
_front = _todo.alias("front")
_tagged = models.todo_tag.alias("tagged")
_TAG = _tagged.c.tag.name
# Those first that few todos have in common. Each has an index, in which the todos of a value stand by their numbers.
_LEADING = ("assignee", "customer", _TAG, "source", "workspace_id", "status_id")

Numbers = sa.Select[tuple[int]]


def first(
    narrowed: Sequence[sa.ColumnElement[bool]], sort: Sort, dialect: str, place: tuple[Any, int] | None = None
) -> Numbers:
    """Give the numbers of the todos that these conditions let through, in order, of those behind a place."""
    order = ORDERS[sort]
    values = {each.left.name: each.right for each in narrowed if _is_of_one_value(each)}
    leader = next((name for name in _LEADING if name in values), None) if dialect == "sqlite" else None
    numbers, number = _ordered(sort), _todo.c.id
    if leader is not None and leader != _TAG and order.key is _todo.c.id:
        numbers = _led(sort, leader, tagged=_TAG in values).where(_front.c[leader] == values[leader])
    elif _TAG in values:
        numbers, number = _tagged_ones(sort), _tagged.c.todo_id
    behind = [] if place is None else [order.after(*place, number)]
    return numbers.where(*narrowed, *behind)


def has_tag(folded: str) -> sa.ColumnElement[bool]:
    """Keep to the todos that have a tag."""
    return _tagged.c.tag == folded


def one_of(column: sa.ColumnElement[int], values: Collection[int]) -> sa.ColumnElement[bool]:
    """Keep to some values, in words that show where it is one, which then may lead, or none."""
    if not values:
        return sa.false()
    return column == min(values) if len(values) == 1 else column.in_(sorted(values))


def _is_of_one_value(condition: sa.ColumnElement[bool]) -> TypeGuard[sa.BinaryExpression[bool]]:
    return isinstance(condition, sa.BinaryExpression) and condition.operator is operators.eq


@cache
def _led(sort: Sort, name: str, *, tagged: bool) -> Numbers:
    """Go by the index of one value, and look the rest up in that of all lists: never in the todos themselves."""
    numbers = _ordered(sort).join(_front, _front.c.id == _todo.c.id)
    numbers = numbers.with_hint(_front, f"INDEXED BY ix_todo_{name}", "sqlite").order_by(None)
    if tagged:
        numbers = numbers.join(_tagged, _tagged.c.todo_id == _front.c.id)
    return numbers.order_by(*ORDERS[sort].sorting(_front.c.id, _front.c.id))


@cache
def _tagged_ones(sort: Sort) -> Numbers:
    """Go by the numbers that stand with a tag, and look the rest up in the index of all lists."""
    order = ORDERS[sort]
    numbers = sa.select(_todo.c.id).select_from(_tagged).join(_todo, _todo.c.id == _tagged.c.todo_id).correlate(None)
    numbers = numbers.with_hint(_todo, listing_order.LISTED, "sqlite")
    key = _tagged.c.todo_id if order.key is _todo.c.id else order.key
    return numbers.order_by(*order.sorting(key, _tagged.c.todo_id))


@cache
def _ordered(sort: Sort) -> Numbers:
    order = ORDERS[sort]
    numbers = sa.select(_todo.c.id).order_by(*order.sorting(order.key, _todo.c.id))
    return numbers.with_hint(_todo, order.hint, "sqlite").correlate(None)
