"""Reading todos: one, its history, the chain behind a reference."""

from datetime import datetime
from itertools import count
from typing import Any

import sqlalchemy as sa

from app.accounts.identity import Identity
from app.db.database import Database, Transaction
from app.sources.service import ConfigurationService
from app.todos import cursors, models, permits, sight, visible
from app.todos.history import Entry
from app.todos.ledger import Place
from app.todos.rows import TODOS, entry_from, todos_from
from app.todos.todo import Todo, split_key

_todo, _claim, _history = models.todo, models.claim, models.history
_LONGEST_CHAIN = 200


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
