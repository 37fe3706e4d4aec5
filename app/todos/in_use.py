"""What todos and credentials hold of the configuration: nothing goes that one of them refers to."""

from typing import assert_never

import sqlalchemy as sa

from app.accounts import references
from app.db.database import Transaction
from app.errors import Conflict
from app.sources.configuration import Configuration, CustomField, Source, Workspace
from app.sources.removing import Thing
from app.sources.rules import Status, StatusType
from app.todos import claims, models
from app.todos.todo import key_of

_todo, _claim = models.todo, models.claim
_NAMED_AT_MOST = 5


def keep(transaction: Transaction, thing: Thing) -> None:
    """Refuse to take away what is in use; if it is not, nothing can begin to use it until the transaction ends.

    Raises `Conflict` naming what refers to it.
    """
    claims.hold_all(transaction)
    match thing:
        case Status():
            _refuse(f"status {thing.name}", _todos(transaction, _todo.c.status_id == thing.id))
        case Workspace():
            _refuse(f"workspace {thing.key}", _todos(transaction, _todo.c.workspace_id == thing.id))
            _refuse(f"workspace {thing.key}", references.permissions_in(transaction, thing.id))
        case CustomField():
            holds = _todo.c.custom[thing.name].as_string().is_not(None)
            _refuse(f"field {thing.name}", _todos(transaction, holds))
        case Source():
            _refuse(f"source {thing.name}", references.keys_of_source(transaction, thing.name))
            _refuse(f"source {thing.name}", _todos(transaction, _todo.c.source == thing.name))
        case unknown:
            assert_never(unknown)


def keep_meanings(transaction: Transaction, before: Configuration, after: Configuration) -> None:
    """Refuse to let a field hold something else, or to open or close todos by another type of their status.

    Raises `Conflict` naming the todos.
    """
    for old in before.fields:
        field = after.field_named(old.name)
        if field is not None and field.type is not old.type:
            keep(transaction, old)
    types = {status.id: status.type for status in after.statuses}
    for status in before.statuses:
        if (
            StatusType.CLOSED in (status.type, types.get(status.id))
            and types.get(status.id, status.type) != status.type
        ):
            keep(transaction, status)


def _todos(transaction: Transaction, condition: sa.ColumnElement[bool]) -> list[str]:
    """Name some of the todos for which this is true."""
    query = sa.select(_todo.c.key_prefix, _todo.c.id).where(condition).order_by(_todo.c.id).limit(_NAMED_AT_MOST + 1)
    return [key_of(prefix, number) for prefix, number in transaction.sql.execute(query)]


def _refuse(what: str, users: list[str]) -> None:
    if users:
        more = " and others" if len(users) > _NAMED_AT_MOST else ""
        raise Conflict(f"The {what} is in use by {', '.join(users[:_NAMED_AT_MOST])}{more}.")
