"""The claims of whole scopes as rows: read in pages, moved to other places many at once."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import islice
from typing import NamedTuple, TypeVar

import orjson
import sqlalchemy as sa

from app.db import bulk
from app.db.bulk import Call
from app.db.database import Transaction
from app.todos import models, statements
from app.todos.ledger import Place
from app.todos.todo import key_of

T = TypeVar("T")

_claim, _todo = models.claim, models.todo
_PAGE = 5000
_TODOS_AT_ONCE = 20_000
"""Few enough for the time one statement may take."""
_INSERT = bulk.insert(_claim, ("scope", "reference_key", "reference", "todo_id"))
# Not worth an index: a scope gets another name once in its life, and this reads a million todos in seconds.
_RENAME = {
    "postgresql": sa.text("""
        UPDATE todo SET version = version + 1, refs = (
            SELECT jsonb_agg(
                jsonb_build_array(coalesce(CAST(:targets AS jsonb) ->> (pair ->> 0), pair ->> 0), pair ->> 1)
                ORDER BY place)
            FROM jsonb_array_elements(todo.refs) WITH ORDINALITY AS e(pair, place))
        WHERE id BETWEEN :first AND :last AND EXISTS (SELECT 1 FROM jsonb_array_elements(todo.refs) AS e(pair)
                      WHERE jsonb_exists(CAST(:targets AS jsonb), pair ->> 0))"""),
    "sqlite": sa.text("""
        UPDATE todo SET version = version + 1, refs = (
            SELECT json_group_array(json_array(coalesce(target, scope), reference)) FROM (
                SELECT e.value ->> 0 AS scope, e.value ->> 1 AS reference, t.value ->> 1 AS target
                FROM json_each(todo.refs) e LEFT JOIN json_each(:targets) t ON t.value ->> 0 = e.value ->> 0
                ORDER BY e.key))
        WHERE id BETWEEN :first AND :last AND EXISTS (SELECT 1 FROM json_each(todo.refs) e JOIN json_each(:targets) t
                      ON t.value ->> 0 = e.value ->> 0)"""),
}


class Claim(NamedTuple):
    """A claim as it stands: its place, the reference as it was first sent, the todo that holds it."""

    place: Place
    reference: str
    todo_id: int


def are_in(transaction: Transaction, scope: str) -> bool:
    """Say whether anything is claimed in a scope."""
    claims = sa.select(sa.exists().where(_claim.c.scope == scope))
    return bool(transaction.sql.execute(claims).scalar_one())


def count_in(transaction: Transaction, scope: str) -> int:
    """Count what is claimed in a scope."""
    return int(transaction.sql.execute(sa.select(sa.func.count()).where(_claim.c.scope == scope)).scalar_one())


def pages(transaction: Transaction, scope: str) -> Iterator[list[Claim]]:
    """Read the claims of a scope page by page; those that are being made are not among them."""
    columns = (_claim.c.reference_key, _claim.c.reference, _claim.c.todo_id)
    query = sa.select(*columns).where(_claim.c.scope == scope, _claim.c.todo_id.is_not(None))
    query = query.order_by(_claim.c.reference_key).limit(_PAGE)
    last: sa.ColumnElement[bool] = sa.true()
    while rows := transaction.sql.execute(query.where(last)).all():
        yield [Claim(Place(scope, key), reference, todo_id) for key, reference, todo_id in rows]
        last = _claim.c.reference_key > rows[-1].reference_key


def rewrite(transaction: Transaction, gone: Sequence[Claim], new: Mapping[Place, Claim]) -> None:
    """Replace claims by others. What goes goes first: a place may be left by one claim and taken by another."""
    for some in _steps(gone):
        transaction.run(Call(statements.DROP_CLAIM, [claim.place._asdict() for claim in some]))
    for taken in _steps(list(new.items())):
        rows = [{**place._asdict(), "reference": claim.reference, "todo_id": claim.todo_id} for place, claim in taken]
        transaction.run(Call(_INSERT, rows))


def rename(transaction: Transaction, scope: str, target: str) -> None:
    """Give a scope the name of one in which nothing is claimed."""
    transaction.sql.execute(sa.update(_claim).where(_claim.c.scope == scope).values(scope=target))


def rename_in_todos(transaction: Transaction, targets: Mapping[str, str]) -> None:
    """Let the references that todos tell of have the new names of their scopes; each such todo gets a new version."""
    if not targets:
        return
    written = orjson.dumps(list(targets.items()) if transaction.dialect == "sqlite" else dict(targets)).decode()
    newest = transaction.sql.execute(sa.select(sa.func.coalesce(sa.func.max(_todo.c.id), 0))).scalar_one()
    for first in range(0, newest + 1, _TODOS_AT_ONCE):
        some = {"targets": written, "first": first, "last": first + _TODOS_AT_ONCE - 1}
        transaction.sql.execute(_RENAME[transaction.dialect], some)


def todo_keys(transaction: Transaction, ids: Collection[int]) -> dict[int, str]:
    """Give the keys of todos by their numbers."""
    found: dict[int, str] = {}
    for some in _steps(sorted(ids)):
        query = sa.select(_todo.c.id, _todo.c.key_prefix).where(_todo.c.id.in_(some))
        found |= {number: key_of(prefix, number) for number, prefix in transaction.sql.execute(query)}
    return found


def _steps(rows: Sequence[T]) -> Iterator[list[T]]:
    remaining = iter(rows)
    while some := list(islice(remaining, _PAGE)):
        yield some
