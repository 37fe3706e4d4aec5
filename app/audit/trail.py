"""The audit trail: written in the transaction of the change it tells of, read in pages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from app import errors
from app.audit.models import audit
from app.db.database import Database, Transaction

_REPEATED = (
    "You have made one since this form was opened, so nothing was made this time. It is in the list; a secret is shown "
    "only once. Send the form again if you want another one."
)
GATEWAY = "refgate"
"""The actor of what nobody asked for, such as the first administrator."""


@dataclass(frozen=True, slots=True)
class Change:
    """A change somebody made to one thing: which fields, from what, to what. Never a secret."""

    actor: str
    action: str
    kind: str
    name: str
    changes: Mapping[str, tuple[object, object]]

    @classmethod
    def between(
        cls, actor: str, kind: str, name: str, was: Mapping[str, object], is_: Mapping[str, object]
    ) -> "Change":
        """Say what became of a thing: of one that comes or goes all its facts, of another those that differ."""
        action = "change" if was and is_ else "create" if is_ else "delete"
        names = [each for each in was or is_ if action != "change" or was[each] != is_[each]]
        return cls(actor, action, kind, name, {each: (was.get(each), is_.get(each)) for each in names})


@dataclass(frozen=True, slots=True)
class Entry:
    """A change as it was remembered."""

    id: int
    at: datetime
    change: Change


def remember(transaction: Transaction, change: Change) -> None:
    """Write a change down, to be stored or lost with the change itself."""
    changes = {name: {"from": before, "to": after} for name, (before, after) in change.changes.items()}
    row = {"actor": change.actor, "action": change.action, "kind": change.kind, "name": change.name}
    transaction.sql.execute(sa.insert(audit).values(at=datetime.now(UTC), changes=changes, **row))


def newest(transaction: Transaction) -> int:
    """Give the id of the newest entry, 0 where there is none."""
    return int(transaction.sql.execute(sa.select(sa.func.max(audit.c.id))).scalar() or 0)


def since(transaction: Transaction, entry_id: int) -> list[Change]:
    """Read what was remembered after an entry, the oldest first."""
    rows = transaction.sql.execute(sa.select(audit).where(audit.c.id > entry_id).order_by(audit.c.id))
    return [_change(row) for row in rows]


def last_made(transaction: Transaction, *, kind: str, actor: str) -> int:
    """Give the id of the newest entry by which somebody made such a thing, 0 where there is none."""
    made = sa.and_(audit.c.kind == kind, audit.c.actor == actor, audit.c.action == "create")
    return int(transaction.sql.execute(sa.select(sa.func.max(audit.c.id)).where(made)).scalar() or 0)


def check_none_made_since(transaction: Transaction, last: int | None, *, kind: str, actor: str) -> None:
    """Check that somebody has made no such thing after that entry, where one is given. Raises `Conflict`."""
    if last is not None and last_made(transaction, kind=kind, actor=actor) != last:
        raise errors.Conflict(_REPEATED)


class Trail:
    """Reads what was remembered."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def page(
        self,
        *,
        limit: int,
        before: int | None = None,
        kind: str | None = None,
        name: str | None = None,
        actor: str | None = None,
    ) -> tuple[Sequence[Entry], int | None]:
        """Give the newest entries, those before an id where one is given, and the id to go on before.

        Only those of this kind of thing, of the thing of this name, and by this actor, where they are given.
        """
        query = sa.select(audit).order_by(audit.c.id.desc()).limit(limit + 1)
        if before is not None:
            query = query.where(audit.c.id < before)
        for column, wanted in ((audit.c.kind, kind), (audit.c.name, name), (audit.c.actor, actor)):
            if wanted is not None and not wanted.isprintable():
                return (), None  # whatever was written down is, and PostgreSQL takes no NUL
            if wanted is not None:
                query = query.where(column == wanted)
        with self._database.reading() as transaction:
            rows = transaction.sql.execute(query).all()
        entries = [Entry(row.id, row.at, _change(row)) for row in rows[:limit]]
        return entries, entries[-1].id if len(rows) > limit else None

    def last_made(self, *, kind: str, actor: str) -> int:
        """Give the id of the newest entry by which somebody made such a thing, 0 where there is none."""
        with self._database.reading() as transaction:
            return last_made(transaction, kind=kind, actor=actor)


def _change(row: sa.Row[Any]) -> Change:
    changes = {name: (each["from"], each["to"]) for name, each in row.changes.items()}
    return Change(row.actor, row.action, row.kind, row.name, changes)
