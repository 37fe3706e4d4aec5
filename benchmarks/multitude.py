"""A hundred times as many todos as there are, and a history for each: by statements over whole tables."""

from collections.abc import Callable, Mapping

import sqlalchemy as sa

from app.assembly import Services
from app.db.schema import Json
from app.todos import models
from benchmarks import stock

ENTRIES = 3
"""So many entries each todo has in its history."""

_REFERENCE = "'REF-' || (id + :after)"
_REFERENCES = f"""'[["' || source || '", "' || {_REFERENCE} || '"]]'"""
# Only the newest ones keep what is rare: a page that looks for it finds as much as before.
_DESCRIPTION = f"CASE WHEN :after = :last THEN description ELSE replace(description, '{stock.RARE}', '') END"
_ENTRY = {
    "todo_id": "id",
    "at": "updated_at",
    "actor": "'admin'",
    "source": "source",
    "rule_version": "1",
    "reference": "'REF-' || id",
    "outcome": "'updated'",
    "reason": "key_prefix || '-' || id || ' is open, which source ' || source || ' counts as open'",
    "changes": """'{"priority": ["LOW", "HIGH"]}'""",
    "internal": "false",
}


def remember(services: Services) -> None:
    """Give each todo a history."""
    for _ in range(ENTRIES):
        _run(services, models.history, models.todo, _ENTRY, {})


def multiply(services: Services, times: int, tell: Callable[[int], None]) -> None:
    """Make so many times as many todos as there are, and tell of each time."""
    with services.database.reading() as transaction:
        count = transaction.sql.execute(sa.select(sa.func.max(models.todo.c.id))).scalar_one()
    shifted = {"id": "id + :after", "todo_id": "todo_id + :after"}
    tables: Mapping[sa.Table, Mapping[str, str]] = {
        models.todo: {"refs": _REFERENCES, "description": _DESCRIPTION},
        models.claim: {"reference": "'REF-' || (todo_id + :after)", "reference_key": "'REF-' || (todo_id + :after)"},
        models.todo_tag: {},
        models.history: {"reference": "'REF-' || (todo_id + :after)"},
    }
    last = (times - 1) * count
    for number in range(1, times):
        for table, made in tables.items():
            kept = {
                column.name: column.name for column in table.c if table is not models.history or column.name != "id"
            }
            values = {**kept, **{name: text for name, text in shifted.items() if name in kept}, **made}
            _run(services, table, table, values, {"after": number * count, "count": count, "last": last})
        tell(number)
    stock.settle(services)


def _run(
    services: Services, into: sa.Table, source: sa.Table, values: Mapping[str, str], parameters: Mapping[str, int]
) -> None:
    is_strict = services.database.dialect == "postgresql"
    given = [
        f"CAST({text} AS JSONB)" if is_strict and into.c[name].type is Json else text for name, text in values.items()
    ]
    owner = "id" if source is models.todo else "todo_id"
    first = f"WHERE {owner} <= :count" if parameters else ""
    statement = f"INSERT INTO {into.name} ({', '.join(values)}) SELECT {', '.join(given)} FROM {source.name} {first}"
    with services.database.transaction() as transaction:
        transaction.sql.execute(sa.text(statement), parameters)
