"""Todos and history entries as rows, there and back, on either database."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import orjson
import sqlalchemy as sa

from app.db.schema import instant
from app.sources.configuration import CUSTOM, Vocabulary
from app.sources.fields import FIELDS, LISTS, Value, plain
from app.sources.service import ConfigurationService
from app.todos import models
from app.todos.history import Entry
from app.todos.todo import Change, Link, Reference, Tag, Todo, key_of

_todo = models.todo
_previous, _next = models.todo.alias("p"), models.todo.alias("n")
_successor = models.todo.alias("s")
_LINK = ("id", "key_prefix", "status_id", "workspace_id", "customer")
_READ_APART = {"workspace", "status", "tags", "financialImpact"}
_DATES = tuple((name, FIELDS[name].column) for name in ("reminderDate", "dueDate"))
_OF_LISTS = tuple((name, FIELDS[name].column) for name in sorted(LISTS - _READ_APART))
_PLAIN = tuple(
    (name, field.column)
    for name, field in FIELDS.items()
    if name not in _READ_APART and (name, field.column) not in (*_DATES, *_OF_LISTS)
)

# Not simply the greatest number: where PostgreSQL has not looked at the table yet, it would go through all todos from
# the newest on until one of them follows, for every todo that is read; and a prepared statement would go on doing so.
_LAST_SUCCESSOR = sa.select(sa.func.max(_successor.c.id + sa.literal_column("0"))).where(
    _successor.c.previous_id == _todo.c.id
)

TODOS = sa.select(
    *_todo.c,
    *(_previous.c[name].label(f"previous_{name}_") for name in _LINK),
    *(_next.c[name].label(f"next_{name}_") for name in _LINK),
).select_from(
    _todo.outerjoin(_previous, _previous.c.id == _todo.c.previous_id).outerjoin(
        _next, _next.c.id == _LAST_SUCCESSOR.scalar_subquery()
    )
)
"""Every column of a todo, with what links to its predecessor and successor need."""

_NAMES = tuple(TODOS.selected_columns.keys())
COLUMNS = tuple(str(column.name) for column in _todo.c)
COUNTED = ("occurrences", "version")
"""Columns that grow in SQL and are never read, changed and written back."""

_OF_FACTS = tuple((name, field.column) for name, field in FIELDS.items() if name not in {"workspace", "status", "tags"})
_APART: tuple[tuple[str, str, Callable[[Any], object]], ...] = (
    ("status", "status_id", lambda status: status.id),
    ("workspace", "workspace_id", lambda workspace: workspace.id),
    ("tags", "tags", lambda tags: [[*tag] for tag in tags]),
    ("references", "refs", lambda references: [[*reference] for reference in references]),
    ("touched", "touched", sorted),
    *(
        (name, name, lambda value: value)
        for name in ("last_seen_at", "updated_at", "closed_at", "occurred_at", "previous_id", "echo")
    ),
)
"""What changes of a todo beside its facts: the attribute, its column, and how it is written."""

ENTRY_COLUMNS = tuple(str(column.name) for column in models.history.c if column is not models.history.c.id)


def todos_from(rows: Iterable[Sequence[Any]], configuration: ConfigurationService) -> list[Todo]:
    """Read todos; a status or workspace that is newer than the snapshot of the configuration renews it."""
    rows = list(rows)
    try:
        return [_todo_from(row, configuration.current()) for row in rows]
    except KeyError:
        newer = configuration.reload()
        return [_todo_from(row, newer) for row in rows]


def row_of(todo: Todo) -> dict[str, object]:
    """Write a todo as its row, in values that JSON knows."""
    row: dict[str, object] = {field.column: plain(todo.facts.get(name)) for name, field in FIELDS.items()}
    for name in LISTS:
        row[FIELDS[name].column] = todo.facts.get(name) or ()
    return row | {
        "id": todo.id,
        "key_prefix": todo.key.rpartition("-")[0],
        "workspace_id": todo.workspace.id,
        "status_id": todo.status.id,
        "tags": [[*tag] for tag in todo.tags],
        "custom": _custom(todo),
        "source": todo.source,
        "refs": [[*reference] for reference in todo.references],
        "touched": sorted(todo.touched),
        "occurrences": todo.occurrences,
        "first_seen_at": todo.first_seen_at,
        "last_seen_at": todo.last_seen_at,
        "created_at": todo.created_at,
        "updated_at": todo.updated_at,
        "closed_at": todo.closed_at,
        "occurred_at": todo.occurred_at,
        "version": todo.version,
        "previous_id": todo.previous_id,
        "echo": todo.echo,
    }


def difference(before: Todo, after: Todo) -> dict[str, object]:
    """Write the columns in which a todo differs from its earlier state, but those that are counted."""
    found = {} if after.facts is before.facts else _facts_difference(before, after)
    for name, column, write in _APART:
        old, new = getattr(before, name), getattr(after, name)
        if new is not old and new != old:
            found[column] = write(new)
    return found


def row_of_entry(entry: Entry) -> dict[str, object]:
    """Write a history entry as its row."""
    return {
        "todo_id": entry.todo_id,
        "at": entry.at,
        "actor": entry.actor,
        "source": entry.source,
        "rule_version": entry.rule_version,
        "reference": entry.reference,
        "outcome": entry.outcome,
        "reason": entry.reason,
        "changes": {name: [plain(change.before), plain(change.after)] for name, change in entry.changes.items()},
        "comment": entry.comment,
        "internal": entry.internal,
    }


def entry_from(row: sa.Row[Any]) -> Entry:
    """Read a history entry."""
    kept = row._mapping  # noqa: SLF001 - SQLAlchemy's public name for a row as a mapping
    changes = {name: Change(_seen(before), _seen(after)) for name, (before, after) in kept["changes"].items()}
    return Entry(**{**kept, "changes": changes})


def _todo_from(values: Sequence[Any], vocabulary: Vocabulary) -> Todo:
    row = dict(zip(_NAMES, values, strict=True))
    status, workspace = vocabulary.status_by_id(row["status_id"]), vocabulary.workspace_by_id(row["workspace_id"])
    return Todo(
        id=row["id"],
        key=key_of(row["key_prefix"], row["id"]),
        facts=_facts(row, workspace.key, status.name),
        tags=tuple(Tag(*pair) for pair in _json(row["tags"])),
        status=status,
        workspace=workspace,
        source=row["source"],
        references=tuple(Reference(*pair) for pair in _json(row["refs"])),
        touched=frozenset(_json(row["touched"])),
        occurrences=row["occurrences"],
        first_seen_at=instant(row["first_seen_at"]),
        last_seen_at=instant(row["last_seen_at"]),
        created_at=instant(row["created_at"]),
        updated_at=instant(row["updated_at"]),
        closed_at=_instant_or_none(row["closed_at"]),
        occurred_at=_instant_or_none(row["occurred_at"]),
        version=row["version"],
        previous_id=row["previous_id"],
        echo=row["echo"],
        previous=_link(row, "previous", vocabulary),
        next=_link(row, "next", vocabulary),
    )


def _facts_difference(before: Todo, after: Todo) -> dict[str, object]:
    old, new = before.facts, after.facts
    differing = {name for name, value in new.items() if value != old.get(name)}
    differing |= {name for name in old.keys() - new.keys() if old[name] is not None}
    found: dict[str, object] = {
        column: (new.get(name) or ()) if name in LISTS else plain(new.get(name))
        for name, column in _OF_FACTS
        if name in differing and (old.get(name) or new.get(name) or name not in LISTS)
    }
    if not differing <= FIELDS.keys():
        found["custom"] = _custom(after)
    return found


def _custom(todo: Todo) -> dict[str, object]:
    return {
        name.removeprefix(CUSTOM): plain(value)
        for name, value in todo.facts.items()
        if name not in FIELDS and value is not None
    }


def _facts(row: Mapping[str, Any], workspace: str, status: str) -> dict[str, Value]:
    facts: dict[str, Value] = {name: row[column] for name, column in _PLAIN}
    for name, column in _OF_LISTS:
        facts[name] = tuple(_json(row[column]))
    for name, column in _DATES:
        value = row[column]
        facts[name] = date.fromisoformat(value) if isinstance(value, str) else value
    money = row["financial_impact"]
    facts["financialImpact"] = None if money is None else Decimal(money)
    facts["workspace"], facts["status"] = workspace, status
    custom = _json(row["custom"])
    return facts | {CUSTOM + name: value for name, value in custom.items()} if custom else facts


def _link(row: Mapping[str, Any], which: str, vocabulary: Vocabulary) -> Link | None:
    number = row[f"{which}_id_"]
    if number is None:
        return None
    status = vocabulary.status_by_id(row[f"{which}_status_id_"])
    key = key_of(row[f"{which}_key_prefix_"], number)
    return Link(key, status.name, row[f"{which}_workspace_id_"], row[f"{which}_customer_"])


def _seen(value: object) -> Value:
    return tuple(value) if isinstance(value, list) else None if value is None else str(value)


def _json(value: Any) -> Any:
    return orjson.loads(value) if isinstance(value, str) else value


def _instant_or_none(value: Any) -> datetime | None:
    return None if value is None else instant(value)
