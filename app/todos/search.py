"""Searching todos by what stands in them: the numbers of those that match everything asked for, and nothing else."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from app.accounts.identity import Identity
from app.db.database import Database, Transaction
from app.sources.configuration import CUSTOM
from app.sources.fields import FIELDS, LEVELS, LISTS, Value
from app.sources.rules import reference_key
from app.todos import models, visible
from app.todos.criteria import Criteria, Order, Pattern, References, Span

_todo, _claim, _tag = models.todo, models.claim, models.todo_tag
_before = models.todo.alias("before")
_MOST_HELD = 10_000
_ESCAPE = "\\"

Condition = sa.ColumnElement[bool]


class Search:
    """Searches todos as one caller may see them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def find(self, criteria: Criteria, identity: Identity) -> list[int]:
        """Find the numbers of the todos that match, in order, at most as many as the limit says."""
        with self._database.reading() as transaction:
            held = [_holders(transaction, sought) for sought in criteria.references]
            conditions = [*visible.todos(identity), *_conditions(criteria, transaction.dialect)]
            query = sa.select(_todo.c.id).where(*conditions, *(_todo.c.id.in_(ids) for ids in held))
            rows = transaction.sql.execute(query.order_by(*_order(criteria)).limit(criteria.limit)).scalars()
            return list(rows)


def _holders(transaction: Transaction, sought: References) -> list[int]:
    """Find who holds the references now, and of those before them the ones that held the same."""
    held = sa.select(_claim.c.todo_id).where(
        _claim.c.scope == sought.scope, _claim.c.reference_key.in_(sorted(sought.keys))
    )
    chain = sa.select(_todo.c.id, _todo.c.previous_id).where(_todo.c.id.in_(held)).cte("chain", recursive=True)
    chain = chain.union(sa.select(_before.c.id, _before.c.previous_id).join(chain, _before.c.id == chain.c.previous_id))
    query = sa.select(_todo.c.id, _todo.c.refs).where(_todo.c.id.in_(sa.select(chain.c.id)))
    rows = transaction.sql.execute(query.order_by(_todo.c.id.desc()).limit(_MOST_HELD))
    return [row.id for row in rows if _held(row.refs, sought)]


def _held(references: Iterable[tuple[str, str]], sought: References) -> bool:
    return any(
        scope == sought.scope and reference_key(sought.match, reference) in sought.keys
        for scope, reference in references
    )


def _conditions(criteria: Criteria, dialect: str) -> Iterator[Condition]:
    for sought in criteria.one_of:
        yield _todo.c[sought.by.value].in_(sorted(sought.values))
    if criteria.keys is not None:
        yield sa.or_(sa.false(), *(_has_key(*key) for key in sorted(criteria.keys)))
    if criteria.titles:
        yield sa.or_(*(_is_like(_todo.c.title, pattern) for pattern in criteria.titles))
    for field in criteria.fields:
        yield sa.or_(*(_holds(field.name, value, dialect) for value in field.values))
    for span in criteria.spans:
        yield from _within(span)


def _has_key(prefix: str, number: int) -> Condition:
    return sa.and_(_todo.c.id == number, _todo.c.key_prefix == prefix)


def _within(span: Span) -> Iterator[Condition]:
    column = _todo.c[span.moment.value]
    if span.since is not None:
        yield column >= span.since
    if span.until is not None:
        yield column <= span.until


def _is_like(column: sa.ColumnElement[Any], pattern: Pattern) -> Condition:
    return column.ilike("%".join(map(_literal, pattern.parts)), escape=_ESCAPE)


def _literal(text: str) -> str:
    """Write text so that nothing in it is a wildcard of SQL."""
    for special in (_ESCAPE, "%", "_"):
        text = text.replace(special, _ESCAPE + special)
    return text


def _holds(name: str, value: Value | Pattern, dialect: str) -> Condition:
    if name == "tags":
        tagged = sa.select(_tag.c.todo_id).where(_tag.c.tag == str(value).casefold())
        return _todo.c.id.in_(tagged)
    if name in LISTS:
        items = _ITEMS[dialect](_todo.c[FIELDS[name].column]).table_valued("value")
        return sa.exists().where(_equals(items.c.value, value))
    if name in FIELDS:
        return _equals(_todo.c[FIELDS[name].column], value)
    return _equals(_todo.c.custom[name.removeprefix(CUSTOM)].as_string(), value)


def _equals(column: sa.ColumnElement[Any], value: Value | Pattern) -> Condition:
    if isinstance(value, Pattern):
        return _is_like(column, value)
    # Amounts as text: SQLite keeps them so, and PostgreSQL reads them from it.
    return column == (sa.literal(str(value), column.type) if isinstance(value, Decimal) else value)


def _order(criteria: Criteria) -> list[sa.ColumnElement[Any]]:
    by: Mapping[Order, sa.ColumnElement[Any]] = {
        Order.CREATED: _todo.c.id,
        Order.CHANGED: _todo.c.updated_at,
        Order.TITLE: sa.func.lower(_todo.c.title),
        Order.PRIORITY: sa.case({level: -place for place, level in enumerate(LEVELS)}, value=_todo.c.priority),
    }
    columns = dict.fromkeys((by[criteria.order], _todo.c.id))
    return [column.asc() if criteria.ascending else column.desc() for column in columns]


_ITEMS: Mapping[str, Callable[..., Any]] = {
    "sqlite": sa.func.json_each,
    "postgresql": sa.func.jsonb_array_elements_text,
}
