"""Removing a todo with all that hangs on it: by administrators alone, and never one that another todo has succeeded."""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

import sqlalchemy as sa

from app import errors
from app.accounts.identity import Identity
from app.audit import trail
from app.audit.trail import Change
from app.db.database import Database, Transaction
from app.outbox import messages
from app.outbox.messages import Announcement, Subscriber
from app.outbox.service import SubscriberService
from app.sources.service import ConfigurationService
from app.todos import by_hand, claims, models
from app.todos.store import Wanted
from app.todos.todo import Todo

Forget = Callable[[Transaction, int], None]
"""Lets go of what else is kept of the todo with this number."""

_AT_ONCE = 5000
_EVENT, _REASON = "todo.removed", "removed by hand"


class Removal:
    """Removes todos, whose keys are never given again."""

    def __init__(
        self,
        database: Database,
        configuration: ConfigurationService,
        subscribers: SubscriberService,
        *,
        forget: Sequence[Forget] = (),
    ) -> None:
        """`forget` is asked in the transaction of each removal: it knows what this package does not."""
        self._database = database
        self._configuration = configuration
        self._subscribers = subscribers
        self._forget = forget

    def remove(self, key: str, identity: Identity, now: datetime, *, versions: frozenset[int] | None) -> None:
        """Remove a todo, which must be at one of these versions; None where any will do. Its references are free then.

        Raises `Forbidden` to all but administrators, `NotFound`, `PreconditionFailed` where its version has moved on,
        and `Conflict` naming the todo that has succeeded it.
        """
        if not identity.admin:
            raise errors.Forbidden("Only an administrator may do this.")
        subscribers = self._subscribers.active()
        removed = self._database.again(
            partial(self._transact, key=key, identity=identity, now=now, versions=versions, subscribers=subscribers)
        )
        _forget_decisions(self._database, removed)

    def _transact(
        self,
        transaction: Transaction,
        key: str,
        identity: Identity,
        now: datetime,
        versions: frozenset[int] | None,
        subscribers: Sequence[Subscriber],
    ) -> Todo:
        # Whoever waited for a claim that then went would go on without one, so nobody may be waiting for it.
        claims.hold_all(transaction)
        _, todo = by_hand.held(transaction, self._configuration, key, identity, Wanted())
        by_hand.check_version(todo, versions)
        if todo.next is not None:
            raise errors.Conflict(f"{todo.key} cannot be removed: {todo.next.key} has succeeded it.")
        _delete(transaction, todo.id)
        for forget in self._forget:
            forget(transaction, todo.id)
        trail.remember(transaction, Change.between(identity.login, "todo", todo.key, _told(todo), {}))
        for call in messages.calls([_announcement(todo)], subscribers, now):
            transaction.later(call)
        return todo


def _delete(transaction: Transaction, number: int) -> None:
    for column in (models.history.c.todo_id, models.todo_tag.c.todo_id, models.claim.c.todo_id, models.todo.c.id):
        transaction.sql.execute(sa.delete(column.table).where(column == number))
    transaction.sql.execute(sa.insert(models.removed_todo).values(id=number))


def _forget_decisions(database: Database, todo: Todo) -> None:
    """Delete what decisions about a todo were made from, back to when it was made.

    They are not found by their todo, so this goes through all of that time, in small steps that hold up nobody. Where
    it breaks off, the rest goes when it has had its time.
    """
    table = models.remembered_request
    about = sa.or_(table.c.todo_id == todo.id, table.c.met_id == todo.id)
    with database.reading() as transaction:
        last = transaction.sql.execute(sa.select(sa.func.coalesce(sa.func.max(table.c.id), 0))).scalar_one()
    for first in range(last, 0, -_AT_ONCE):
        some = table.c.id.between(first - _AT_ONCE + 1, first)
        with database.transaction() as transaction:
            oldest = transaction.sql.execute(sa.select(sa.func.min(table.c.at)).where(some)).scalar_one()
            transaction.sql.execute(sa.delete(table).where(some, about))
        if oldest is None or oldest < todo.created_at:
            return


def _told(todo: Todo) -> dict[str, object]:
    """Give what the audit trail keeps of a todo."""
    references = [f"{each.scope}: {each.reference}" for each in todo.references]
    return {
        "title": todo.facts["title"],
        "workspace": todo.workspace.key,
        "status": todo.status.name,
        "externalReferences": references,
    }


def _announcement(todo: Todo) -> Announcement:
    payload: dict[str, object] = {
        "key": todo.key,
        "todoType": todo.type,
        "title": todo.facts["title"],
        "status": todo.status.name,
        "reason": _REASON,
        "source": "",
        "externalReference": None,
        "changes": {},
        "version": todo.version,
    }
    return Announcement(_EVENT, payload)
