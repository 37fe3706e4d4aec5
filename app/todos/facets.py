"""What a list of todos may be narrowed to, as far as a caller may know of it."""

from dataclasses import dataclass

import sqlalchemy as sa

from app.accounts.identity import Identity, Kind, Permission
from app.db.database import Transaction
from app.sources.configuration import Configuration, Workspace
from app.sources.rules import Status
from app.todos import listing_order, models, visible

_todo = models.todo
_RECENT = 1000


@dataclass(frozen=True, slots=True)
class Facets:
    """What stands to choice."""

    statuses: list[Status]
    workspaces: list[Workspace]
    sources: list[str]
    assignees: list[str]
    """Those of the newest todos: whoever else is meant is typed in."""


def offered(transaction: Transaction, configuration: Configuration, identity: Identity) -> Facets:
    """Say what lists may be narrowed to; customers hear only of what their newest todos tell them anyway."""
    columns = (_todo.c.workspace_id, _todo.c.source, _todo.c.assignee)
    recent = sa.select(*columns).where(*visible.todos(identity)).order_by(_todo.c.id.desc()).limit(_RECENT)
    rows = transaction.sql.execute(recent.with_hint(_todo, listing_order.LISTED, "sqlite")).all()
    readable = identity.workspaces_with(Permission.READ)
    sources: set[str | None] = {source.name for source in configuration.sources}
    if identity.kind is Kind.CUSTOMER:
        readable, sources = frozenset(row.workspace_id for row in rows), {row.source for row in rows}
    return Facets(
        statuses=sorted(configuration.statuses, key=lambda status: (status.position, status.id)),
        workspaces=[place for place in configuration.workspaces if readable is None or place.id in readable],
        sources=sorted(name for name in sources if name),
        assignees=sorted({row.assignee for row in rows if row.assignee}),
    )
