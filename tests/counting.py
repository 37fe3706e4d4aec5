"""What a database is asked, as its driver sees it: statements, round trips, and the rows that were written."""

import re
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from psycopg import pq

from app.db.database import Database

_ENDED = re.compile(r'^B\t\d+\tCommandComplete\t "(\w+)(?: 0)?(?: (\d+))?"', re.MULTILINE)
_SENT = re.compile(r"^F\t\d+\t(?:Sync|Query)\b", re.MULTILINE)
_WRITING = frozenset({"INSERT", "UPDATE", "DELETE"})


@dataclass
class Cost:
    """What was counted: `written` says of each statement that wrote rows what it did and to how many."""

    statements: int = 0
    round_trips: int = 0
    transactions: int = 0
    written: list[str] = field(default_factory=list)

    def add(self, verb: str, rows: int) -> None:
        """Count a statement."""
        self.statements += 1
        self.transactions += verb == "COMMIT"
        if verb in _WRITING and rows:
            self.written.append(f"{verb} {rows}")


@contextmanager
def counted(database: Database) -> Iterator[Cost]:
    """Count all that connections of a database, taken within the block, are asked until its end."""
    cost = Cost()
    watch = _watch_postgresql if database.dialect == "postgresql" else _watch_sqlite
    with ExitStack() as watched:

        def on_checkout(connection: Any, *_: object) -> None:
            watched.callback(watch(connection, cost))

        sa.event.listen(database.engine, "checkout", on_checkout)
        try:
            yield cost
        finally:
            sa.event.remove(database.engine, "checkout", on_checkout)


def _watch_postgresql(connection: Any, cost: Cost) -> Callable[[], None]:
    """Let libpq write down every message of the protocol (PQtrace): each Sync waits for the server once."""
    trace = tempfile.TemporaryFile()  # noqa: SIM115 - read and closed at the end
    connection.pgconn.trace(trace.fileno())
    connection.pgconn.set_trace_flags(pq.Trace.SUPPRESS_TIMESTAMPS)

    def end() -> None:
        connection.pgconn.untrace()
        with trace:
            trace.seek(0)
            text = trace.read().decode(errors="replace")
        cost.round_trips += len(_SENT.findall(text))
        for verb, rows in _ENDED.findall(text):
            cost.add(verb, int(rows or 0))

    return end


def _watch_sqlite(connection: sqlite3.Connection, cost: Cost) -> Callable[[], None]:
    """Let SQLite tell of each statement before it runs (sqlite3_trace); what changed until the next one, it wrote."""
    seen: list[tuple[str, int]] = []
    connection.set_trace_callback(lambda sql: seen.append((sql.split(maxsplit=1)[0], connection.total_changes)))

    def end() -> None:
        connection.set_trace_callback(None)
        changes = [*(before for _, before in seen[1:]), connection.total_changes]
        for (verb, before), after in zip(seen, changes, strict=True):
            cost.add(verb, after - before)

    return end
