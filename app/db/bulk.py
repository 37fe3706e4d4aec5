"""Set-based statements: whatever the number of rows, one statement with one JSON parameter, on either database.

PostgreSQL unfolds the parameter with `json_to_recordset`, SQLite with `json_each`. The texts are static, so both
databases prepare them once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import orjson
from sqlalchemy import Column, Dialect, Table
from sqlalchemy.dialects import postgresql, sqlite

from app.db.schema import Json, instant_text

Rows = Sequence[Mapping[str, object]]

POSTGRESQL: Dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
SQLITE: Dialect = sqlite.dialect()


@dataclass(frozen=True)
class Statement:
    """One SQL statement in both dialects; takes its rows, if any, as its one parameter."""

    postgresql: str
    sqlite: str
    takes_rows: bool = True
    returns: bool = False


@dataclass(frozen=True)
class Call:
    """A statement with the rows it is run for."""

    statement: Statement
    rows: Rows = ()

    @property
    def parameters(self) -> tuple[str, ...]:
        if not self.statement.takes_rows:
            return ()
        return (orjson.dumps(self.rows, default=_text, option=orjson.OPT_PASSTHROUGH_DATETIME).decode(),)


def plain(sql: str, *, sqlite: str | None = None, returns: bool = False) -> Statement:
    """A statement without parameters."""
    return Statement(sql, sqlite or sql, takes_rows=False, returns=returns)


def select(template: str, columns: Sequence[Column[Any]], lock: str = "") -> Statement:
    """A query over the rows it is given, which stand in the template as `{rows}` under the alias `r`.

    `{lock}` becomes the given lock clause on PostgreSQL and nothing on SQLite, where the transaction holds the lock.
    """
    return Statement(
        template.format(rows=_recordset(columns), lock=lock),
        template.format(rows=_each(columns), lock=""),
        returns=True,
    )


def extend(statement: Statement, template: str, columns: Sequence[Column[Any]], lock: str = "") -> Statement:
    """A query that exists in both dialects, continued as in `select`."""
    end = select(template, columns, lock)
    return Statement(f"{statement.postgresql} {end.postgresql}", f"{statement.sqlite} {end.sqlite}", returns=True)


@cache
def insert(table: Table, names: tuple[str, ...], suffix: str = "") -> Statement:
    """Insert rows in the order they are given."""
    columns = [table.c[name] for name in names]
    into, values = ", ".join(names), ", ".join(f"r.{name}" for name in names)
    text = f"INSERT INTO {_quoted(table.name)} ({into}) SELECT {values} FROM {{}} {suffix}"
    # Without the WHERE, SQLite reads ON CONFLICT as a join condition (sqlite.org/lang_upsert.html, section 2.2).
    return Statement(text.format(_recordset(columns)), text.format(f"{_each(columns)} WHERE true"))


@cache
def update(table: Table, key: tuple[str, ...], names: tuple[str, ...], added: tuple[str, ...] = ()) -> Statement:
    """Set the named columns of the rows with these keys; columns in `added` grow by the value given."""
    columns = [table.c[name] for name in (*key, *names, *added)]
    name = _quoted(table.name)
    sets = [f"{n} = r.{n}" for n in names] + [f"{n} = {name}.{n} + r.{n}" for n in added]
    same = " AND ".join(f"{name}.{n} = r.{n}" for n in key)
    text = f"UPDATE {name} SET {', '.join(sets)} FROM {{}} WHERE {same}"
    return Statement(text.format(_recordset(columns)), text.format(_each(columns)))


@cache
def delete(table: Table, names: tuple[str, ...]) -> Statement:
    """Delete the rows that equal one of the given in the named columns."""
    columns = [table.c[name] for name in names]
    key = ", ".join(names)
    text = f"DELETE FROM {_quoted(table.name)} WHERE ({key}) IN (SELECT {', '.join(f'r.{n}' for n in names)} FROM {{}})"
    return Statement(text.format(_recordset(columns)), text.format(_each(columns)))


def _recordset(columns: Sequence[Column[Any]]) -> str:
    types = ", ".join(f"{column.name} {column.type.compile(dialect=POSTGRESQL)}" for column in columns)
    return f"json_to_recordset(%s::json) AS r({types})"


def _each(columns: Sequence[Column[Any]]) -> str:
    values = ", ".join(f"value {_arrow(column)} '$.{column.name}' AS {column.name}" for column in columns)
    return f"(SELECT {values} FROM json_each(?)) AS r"


def _arrow(column: Column[Any]) -> str:
    return "->" if column.type is Json else "->>"


def _quoted(name: str) -> str:
    return POSTGRESQL.identifier_preparer.quote(name)


def _text(value: object) -> str:
    """Write what JSON has no word for; instants in one length, so that on SQLite their order and equality are right."""
    return instant_text(value) if isinstance(value, datetime) else str(value)
