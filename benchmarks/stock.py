"""A gateway with many todos, always the same: written in bulk, not submitted one by one."""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from app.assembly import Services
from app.db import bulk
from app.db.bulk import Call
from app.db.database import Transaction
from app.db.migration import upgrade
from app.sources.configuration import Workspace
from app.sources.fields import FIELDS, INCIDENT, LEVELS, TASK, Value
from app.sources.rules import Status
from app.todos import models, statements
from app.todos.creation import Draft, todo_from
from app.todos.rows import row_of
from app.todos.todo import Reference, Todo

TODOS = 100_000
WORKSPACES, SOURCES, ASSIGNEES, COMPANIES, TAGS = 20, 10, 100, 50, 200
RARE = "zwetschgendatschi"
"""A word that stands in the descriptions of three todos."""
_END = datetime(2026, 11, 21, 10, tzinfo=UTC)
_LIFE = timedelta(days=730)
_STATUSES = (("Done", 70), ("In Progress", 15), ("To do", 10), ("Expired", 5))
_AT_ONCE = 2000
_CLAIM = bulk.insert(models.claim, ("scope", "reference_key", "reference", "todo_id"))


def fill(services: Services, count: int = TODOS) -> None:
    """Fill an empty database with so many todos, a multiple of 2,000."""
    upgrade(services.database)
    services.configuration.ensure_defaults()
    for number in range(WORKSPACES):
        services.configuration.put_workspace(f"EXA-CON-BUS-W{number:02}", name=f"Workspace {number}")
    for number in range(SOURCES):
        services.configuration.put_source(f"source-{number}")
    todos = _todos(services, count)
    for _ in range(0, count, _AT_ONCE):
        some = [next(todos) for _ in range(_AT_ONCE)]
        with services.database.transaction() as transaction:
            _write(transaction, some)
    settle(services)


def settle(services: Services) -> None:
    """Let the database learn what is there, as it does by itself within a minute or so."""
    ways = {"postgresql": ("VACUUM ANALYZE", "SELECT setval('todo_id_seq', (SELECT max(id) FROM todo))"), "sqlite": ()}
    with services.database.engine.connect() as connection:
        for statement in ways[services.database.dialect]:
            connection.execute(sa.text(statement))


def _write(transaction: Transaction, todos: Sequence[Todo]) -> None:
    transaction.run(Call(statements.INSERT_TODO, [row_of(todo) for todo in todos]))
    claims: list[Mapping[str, object]] = [
        {"scope": held.scope, "reference_key": held.reference, "reference": held.reference, "todo_id": todo.id}
        for todo in todos
        for held in todo.references
    ]
    transaction.run(Call(_CLAIM, claims))
    tags = [{"tag": tag.casefold(), "todo_id": todo.id} for todo in todos for tag in todo.shown_tags]
    transaction.run(Call(statements.TAG, tags))


def _todos(services: Services, count: int) -> Iterator[Todo]:
    chance = random.Random(6)
    words = ["".join(chance.choices("abcdefghijklmnopqrstuvwxyz", k=chance.randint(3, 10))) for _ in range(5000)]
    known = services.configuration.current()
    statuses = [known.status_named(name) for name, _ in _STATUSES]
    for number in range(1, count + 1):
        (status,) = chance.choices(statuses, [weight for _, weight in _STATUSES])
        assert status is not None
        (workspace,) = chance.choices(known.workspaces, range(1, WORKSPACES + 1))
        facts = _facts(number, count, chance, words)
        created = _END - _LIFE * (1 - number / count)
        yield _todo(number, created, chance, facts, status, workspace)


def _todo(
    number: int,
    created: datetime,
    chance: random.Random,
    facts: Mapping[str, Value],
    status: Status,
    workspace: Workspace,
) -> Todo:
    changed = min(_END, created + timedelta(hours=chance.expovariate(1 / 48)))
    source = f"source-{_often_a_low_one(chance, SOURCES)}"
    tags = {f"tag {_often_a_low_one(chance, TAGS)}" for _ in range(chance.randint(0, 3))}
    todo = todo_from(Draft({**facts, "tags": tuple(sorted(tags))}, status, workspace), number, source, None, created)
    due = facts["dueDate"] or todo.facts["dueDate"]
    return replace(
        todo,
        facts={**todo.facts, "dueDate": due},
        references=(Reference(source, f"REF-{number}"),),
        updated_at=changed,
        last_seen_at=changed,
        closed_at=changed if todo.is_closed else None,
    )


def _facts(number: int, count: int, chance: random.Random, words: Sequence[str]) -> dict[str, Value]:
    text = chance.choices(words, k=int(chance.triangular(5, 600, 60)))
    if number in {count // 10, count // 2, count - 10}:
        text.append(RARE)
    due = (_END + timedelta(days=chance.randint(-700, 60))).date()
    return {
        **dict.fromkeys(FIELDS.keys() - {"tags"}),
        "todoType": chance.choice((INCIDENT, INCIDENT, TASK)),
        "title": " ".join(chance.choices(words, k=chance.randint(2, 9))).capitalize(),
        "description": " ".join(text),
        "priority": chance.choice((*LEVELS, None)),
        "assignee": chance.choice((None, *(f"agent{_often_a_low_one(chance, ASSIGNEES)}@example.com",) * 4)),
        "customer": chance.choice((None, None, f"C{_often_a_low_one(chance, COMPANIES):02}")),
        "dueDate": chance.choice((None, due)),
    }


def _often_a_low_one(chance: random.Random, below: int) -> int:
    return int(chance.triangular(0, below, 0))
