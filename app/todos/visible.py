"""What somebody may see, as conditions of SQL: for todos they say what `sight.may_read` says of one."""

import sqlalchemy as sa

from app.accounts.identity import Identity, Kind, Permission
from app.todos import leading, models

_todo, _history = models.todo, models.history

Conditions = list[sa.ColumnElement[bool]]


def todos(identity: Identity) -> Conditions:
    """Keep to the todos that somebody may read: agents in their workspaces, customers those of their company."""
    if identity.kind is Kind.CUSTOMER:
        return [sa.false() if identity.customer is None else _todo.c.customer == identity.customer]
    workspaces = identity.workspaces_with(Permission.READ)
    return [] if workspaces is None else [leading.one_of(_todo.c.workspace_id, workspaces)]


def entries(identity: Identity) -> Conditions:
    """Keep internal entries of a history from customers."""
    return [_history.c.internal.is_(False)] if identity.kind is Kind.CUSTOMER else []
