"""Lists of todos: narrowed, put in order and turned page by page, each page as fast as the first.

Words are looked for in a bounded number of todos at a time: an index of them would cost a submission with a long text
more than all else that is written of it. A page says how far it has looked, and its cursor goes on from there.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import Any

import sqlalchemy as sa

from app.accounts.identity import Identity
from app.db import bulk, hints
from app.db.bulk import Call
from app.db.database import Database, Transaction
from app.sources.configuration import Configuration
from app.sources.rules import Match, reference_key
from app.sources.service import ConfigurationService
from app.todos import facets, leading, listing_order, models, narrowing, sight, statements, visible
from app.todos.facets import Facets
from app.todos.leading import Numbers
from app.todos.ledger import Place
from app.todos.listing_order import ORDERS, Sort
from app.todos.narrowing import NOT_CLOSED, Wanted
from app.todos.rows import TODOS, todos_from
from app.todos.todo import Todo

_todo = models.todo
_COUNTED = 1000
_LOOKED_THROUGH = 1500
_MOST_HOLDERS = 20
# What is asked for differs from one reader to the next, and so does the best way to find it.
_PLAN_EACH = Call(bulk.plain("SET LOCAL plan_cache_mode = force_custom_plan", sqlite="SELECT 1"))


@dataclass(frozen=True, slots=True)
class ListPage:
    """One page of todos, and the cursor of the next one where there is one.

    `looked_through` says in how many todos words were looked for, where there are more in which to go on.
    """

    todos: list[Todo]
    next_cursor: str | None
    looked_through: int | None = None


@dataclass(frozen=True, slots=True)
class Count:
    """How many todos there are, or the least that there are where there are more than anybody counts."""

    number: int
    is_more: bool


@dataclass(frozen=True, slots=True)
class _Looked:
    """What was found among the first todos in order: their numbers and what the order goes by."""

    found: Sequence[sa.Row[*tuple[Any, ...]]]
    last: sa.Row[*tuple[Any, ...]] | None
    """The last one that was looked at, where there are more."""


class Listing:
    """Lists todos as one caller may see them."""

    def __init__(
        self, database: Database, configuration: ConfigurationService, *, looked_through: int = _LOOKED_THROUGH
    ) -> None:
        hints.heed(database.engine)
        self._database = database
        self._configuration = configuration
        self._looked_through = looked_through

    def page(
        self, wanted: Wanted, identity: Identity, *, sort: Sort = Sort.NEWEST, limit: int, cursor: str | None = None
    ) -> ListPage:
        """Give a page. Raises `Invalid` for a bad cursor, an unknown status or workspace, or too long a text."""
        with self._database.reading() as transaction:
            first = self._first(transaction, wanted, identity, sort, cursor)
            if wanted.words:
                looked = self._look(transaction, first, wanted, sort)
                return self._searched_page(transaction, looked, identity, sort, limit)
            rows = transaction.sql.execute(_whole(sort).where(_todo.c.id.in_(first.limit(limit + 1)))).all()
            todos = self._as_seen([row[:-1] for row in rows[:limit]], identity)
        return ListPage(todos, _cursor(sort, rows[limit - 1]) if len(rows) > limit else None)

    def count(self, wanted: Wanted, identity: Identity) -> Count:
        """Count todos, as far as it makes sense to. Raises `Invalid`."""
        with self._database.reading() as transaction:
            first = self._first(transaction, wanted, identity, Sort.NEWEST, None)
            if wanted.words:
                looked = self._look(transaction, first, wanted, Sort.NEWEST)
                return Count(len(looked.found), looked.last is not None)
            counted = first.limit(_COUNTED + 1).subquery()
            number = transaction.sql.execute(sa.select(sa.func.count()).select_from(counted)).scalar_one()
        return Count(min(number, _COUNTED), number > _COUNTED)

    def by_reference(self, text: str, identity: Identity) -> list[Todo]:
        """List the todos that hold a reference, in whatever scope, as each source compares them; the newest first."""
        places = [place._asdict() for place in _places(text, self._configuration.current())]
        with self._database.reading() as transaction:
            (held,) = transaction.run(Call(statements.LOOKING.holders, places))
            seen = sa.select(_todo.c.id).where(_todo.c.id.in_({row[-1] for row in held}), *visible.todos(identity))
            ids = transaction.sql.execute(seen.order_by(_todo.c.id.desc()).limit(_MOST_HOLDERS)).scalars()
            return self._read(transaction, list(ids), identity)

    def oldest_open(self, identity: Identity, limit: int = 10) -> list[Todo]:
        """List the oldest todos that are not closed."""
        return self.page(Wanted(types=NOT_CLOSED), identity, sort=Sort.OLDEST, limit=limit).todos

    def facets(self, identity: Identity) -> Facets:
        """Say what the caller may narrow lists to."""
        with self._database.reading() as transaction:
            transaction.later(_PLAN_EACH)
            return facets.offered(transaction, self._configuration.current(), identity)

    def _first(
        self, transaction: Transaction, wanted: Wanted, identity: Identity, sort: Sort, cursor: str | None
    ) -> Numbers:
        """Say which todos come first, of those behind the cursor."""
        place = None if cursor is None else listing_order.place_at(sort, cursor)
        if place is not None:
            wanted = _wanted_behind(wanted, sort, place[0])
        narrowed = self._configuration.resolve(partial(narrowing.conditions, wanted, identity))
        transaction.later(_PLAN_EACH)
        return leading.first(narrowed, sort, transaction.dialect, place)

    def _look(self, transaction: Transaction, first: Numbers, wanted: Wanted, sort: Sort) -> _Looked:
        """Look for words in the first todos."""
        reach = self._looked_through
        hit = narrowing.holds(wanted.words, transaction.dialect)
        rows = transaction.sql.execute(_searched(first.limit(reach + 1), sort, hit)).all()
        return _Looked([row for row in rows[:reach] if row.hit], rows[reach - 1] if len(rows) > reach else None)

    def _searched_page(
        self, transaction: Transaction, looked: _Looked, identity: Identity, sort: Sort, limit: int
    ) -> ListPage:
        shown = looked.found[:limit]
        todos = self._read(transaction, [row.id for row in shown], identity)
        if len(looked.found) > limit:
            return ListPage(todos, _cursor(sort, shown[-1]))
        if looked.last is None:
            return ListPage(todos, None)
        return ListPage(todos, _cursor(sort, looked.last), self._looked_through)

    def _read(self, transaction: Transaction, ids: list[int], identity: Identity) -> list[Todo]:
        rows = transaction.sql.execute(TODOS.where(_todo.c.id.in_(ids))).all()
        todos = {todo.id: todo for todo in self._as_seen(rows, identity)}
        return [todos[number] for number in ids]

    def _as_seen(self, rows: Iterable[Sequence[Any]], identity: Identity) -> list[Todo]:
        return [sight.as_seen_by(identity, todo) for todo in todos_from(rows, self._configuration)]


def _cursor(sort: Sort, end: sa.Row[*tuple[Any, ...]]) -> str:
    return listing_order.cursor_at(sort, end.key, end.id)


def _wanted_behind(wanted: Wanted, sort: Sort, key: Any) -> Wanted:
    """Leave out a moment that the page is past: of two beginnings a database may choose the earlier one."""
    if sort is Sort.UNCHANGED and wanted.updated_since is not None and key >= wanted.updated_since:
        return replace(wanted, updated_since=None)
    return wanted


@cache
def _whole(sort: Sort) -> sa.Select[Any]:
    """Give the whole of todos in order, and what the order goes by."""
    order = ORDERS[sort]
    return TODOS.add_columns(order.key.label("key")).order_by(*order.sorting(order.key, _todo.c.id))


def _searched(first: Numbers, sort: Sort, hit: sa.ColumnElement[bool]) -> sa.Select[Any]:
    """Say of the first todos which of them hold what is looked for."""
    order = ORDERS[sort]
    near = first.add_columns(order.key.label("key")).subquery("near")
    rows = sa.select(near.c.id, near.c.key, hit.label("hit")).join_from(near, _todo, _todo.c.id == near.c.id)
    return rows.order_by(*order.sorting(near.c.key, near.c.id))


def _places(text: str, configuration: Configuration) -> set[Place]:
    """Say where a reference may be claimed: references are often pasted with blanks around them."""
    return {
        Place(source.scope, reference_key(Match.EXACT if source.rule is None else source.rule.match, spelling))
        for source in configuration.sources
        for spelling in (text, text.strip())
    }
