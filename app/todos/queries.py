"""Reading todos: one, a page of many, a history, the chain behind a reference."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import count
from typing import Any

import sqlalchemy as sa

from app import errors
from app.accounts.identity import Identity
from app.db.database import Database, Transaction
from app.db.schema import instant_text
from app.errors import Problem
from app.sources.configuration import Configuration
from app.sources.rules import StatusType
from app.sources.service import ConfigurationService
from app.todos import cursors, models, permits, sight, visible
from app.todos.history import Entry
from app.todos.ledger import Place
from app.todos.rows import TODOS, entry_from, todos_from
from app.todos.todo import Todo, split_key

_todo, _claim, _history = models.todo, models.claim, models.history
_LONGEST_CHAIN = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What a list is narrowed to. Everything given must hold."""

    status: str | None = None
    status_type: StatusType | None = None
    todo_type: str | None = None
    workspace: str | None = None
    assignee: str | None = None
    source: str | None = None
    tag: str | None = None
    q: str | None = None
    updated_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """One page of todos, and the cursor of the next one where there is one."""

    todos: list[Todo]
    next_cursor: str | None


class Queries:
    """Reads todos as one caller may see them."""

    def __init__(self, database: Database, configuration: ConfigurationService) -> None:
        self._database = database
        self._configuration = configuration

    def get_todo(self, key: str, identity: Identity) -> Todo:
        """Get one todo. Raises `NotFound`, alike for one that is hidden."""
        return sight.as_seen_by(identity, self._get(key, identity))

    def get_numbered(self, number: int, identity: Identity) -> Todo:
        """Get the todo with this number, the last part of its key. Raises `NotFound`, alike for one that is hidden."""
        with self._database.reading() as transaction:
            found = self._read(transaction, TODOS.where(_todo.c.id == number)) if number <= cursors.LAST_NUMBER else []
        return sight.as_seen_by(identity, permits.check_read(identity, found[0] if found else None))

    def find_note(self, todo_id: int, at: datetime, actor: str, text: str) -> int | None:
        """Find the id of the history entry by which somebody wrote this to a todo at this instant."""
        said = sa.and_(_history.c.at == at, _history.c.actor == actor, _history.c.comment == text)
        query = sa.select(sa.func.max(_history.c.id)).where(_history.c.todo_id == todo_id, said)
        with self._database.reading() as transaction:
            found: int | None = transaction.sql.execute(query).scalar()
        return found

    def list_todos(self, filters: Filters, identity: Identity, *, limit: int, cursor: str | None) -> Page:
        """List todos, the newest first; with `updated_since`, by their last change, the oldest first.

        A page costs the same wherever it stands: it starts where the cursor says. Raises `Invalid` for a bad cursor or
        an unknown status or workspace.
        """
        by_change = filters.updated_since is not None
        order = (_todo.c.updated_at, _todo.c.id) if by_change else (_todo.c.id.desc(),)
        narrowed = self._configuration.resolve(partial(conditions, filters))
        query = TODOS.where(*narrowed, *visible.todos(identity), *_after(cursor, by_change=by_change))
        with self._database.reading() as transaction:
            todos = self._read(transaction, query.order_by(*order).limit(limit + 1))
        more = len(todos) > limit
        page = [sight.as_seen_by(identity, todo) for todo in todos[:limit]]
        return Page(page, _cursor(page[-1], by_change=by_change) if more else None)

    def get_history(
        self, key: str, identity: Identity, *, limit: int, cursor: str | None
    ) -> tuple[list[Entry], str | None]:
        """Get the history of a todo, the newest first. Raises `NotFound`."""
        todo = self._get(key, identity)
        query = sa.select(_history).where(_history.c.todo_id == todo.id, *visible.entries(identity))
        if cursor is not None:
            (last,) = cursors.read(cursor, int)
            query = query.where(_history.c.id < last)
        with self._database.reading() as transaction:
            rows = transaction.sql.execute(query.order_by(_history.c.id.desc()).limit(limit + 1)).all()
        entries = [sight.entry_as_seen_by(identity, todo, entry_from(row)) for row in rows]
        return entries[:limit], cursors.written([entries[limit - 1].id]) if len(entries) > limit else None

    def list_notes(self, todo: Todo, identity: Identity, *, limit: int, newest_first: bool) -> list[tuple[int, Entry]]:
        """List what was written to a todo that the caller has read, each with its place: the first is number 1."""
        written = (_history.c.todo_id == todo.id, _history.c.comment.is_not(None), *visible.entries(identity))
        order = _history.c.id.desc() if newest_first else _history.c.id
        with self._database.reading() as transaction:
            rows = transaction.sql.execute(sa.select(_history).where(*written).order_by(order).limit(limit)).all()
            total = transaction.sql.execute(sa.select(sa.func.count()).select_from(_history).where(*written)).scalar()
        places = count(total or 0, -1) if newest_first else count(1)
        return [
            (place, sight.entry_as_seen_by(identity, todo, entry_from(row)))
            for place, row in zip(places, rows, strict=False)
        ]

    def get_chain(self, place: Place, identity: Identity) -> list[Todo]:
        """Get the todo that holds a reference now, and all its predecessors. Raises `NotFound`."""
        held = sa.select(_claim.c.todo_id).where(
            _claim.c.scope == place.scope, _claim.c.reference_key == place.reference_key
        )
        with self._database.reading() as transaction:
            chain = self._read(transaction, TODOS.where(_todo.c.id == held.scalar_subquery()))
            permits.check_read(identity, chain[0] if chain else None)
            while chain[-1].previous_id is not None and len(chain) < _LONGEST_CHAIN:
                chain += self._read(transaction, TODOS.where(_todo.c.id == chain[-1].previous_id))
        return [sight.as_seen_by(identity, todo) for todo in chain if sight.may_read(identity, todo.link)]

    def _get(self, key: str, identity: Identity) -> Todo:
        prefix, number = split_key(key)
        with self._database.reading() as transaction:
            found = self._read(transaction, TODOS.where(_todo.c.id == number, _todo.c.key_prefix == prefix))
        return permits.check_read(identity, found[0] if found else None)

    def _read(self, transaction: Transaction, query: sa.Select[Any]) -> list[Todo]:
        return todos_from(transaction.sql.execute(query).all(), self._configuration)


def conditions(filters: Filters, configuration: Configuration) -> list[sa.ColumnElement[bool]]:
    """Keep to the todos that the filters let through. Raises `Invalid` for an unknown status or workspace."""
    narrowed: list[sa.ColumnElement[bool]] = []
    if filters.status is not None:
        status = configuration.status_named(filters.status)
        narrowed.append(_todo.c.status_id == _known(status, "/status", "is no status").id)
    if filters.status_type is not None:
        ids = [status.id for status in configuration.statuses if status.type is filters.status_type]
        narrowed.append(_todo.c.status_id.in_(ids))
    if filters.workspace is not None:
        workspace = configuration.workspace_named(filters.workspace)
        narrowed.append(_todo.c.workspace_id == _known(workspace, "/workspace", "is no workspace").id)
    return narrowed + _plain_conditions(filters)


def _plain_conditions(filters: Filters) -> list[sa.ColumnElement[bool]]:
    narrowed: list[sa.ColumnElement[bool]] = []
    for column, value in (("todo_type", filters.todo_type), ("assignee", filters.assignee), ("source", filters.source)):
        if value is not None:
            narrowed.append(_todo.c[column] == value)
    if filters.tag is not None:
        tagged = sa.select(models.todo_tag.c.todo_id).where(models.todo_tag.c.tag == filters.tag.casefold())
        narrowed.append(_todo.c.id.in_(tagged))
    if filters.q is not None:
        narrowed.append(
            sa.or_(*(_todo.c[name].icontains(filters.q, autoescape=True) for name in ("title", "description")))
        )
    if filters.updated_since is not None:
        narrowed.append(_todo.c.updated_at >= filters.updated_since)
    return narrowed


def _after(cursor: str | None, *, by_change: bool) -> list[sa.ColumnElement[bool]]:
    if cursor is None:
        return []
    if by_change:
        moment, number = cursors.read(cursor, str, int)
        place = sa.tuple_(sa.literal(cursors.moment(moment), _todo.c.updated_at.type), sa.literal(number))
        return [sa.tuple_(_todo.c.updated_at, _todo.c.id) > place]
    (number,) = cursors.read(cursor, int)
    return [_todo.c.id < number]


def _cursor(todo: Todo, *, by_change: bool) -> str:
    return cursors.written([instant_text(todo.updated_at), todo.id] if by_change else [todo.id])


def _known(found: Any, pointer: str, problem: str) -> Any:
    if found is None:
        raise errors.Invalid([Problem(pointer, problem)])
    return found
