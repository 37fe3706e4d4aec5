"""The very statements that a request has the gateway write to its database with, taken down at the driver."""

import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg
from sqlalchemy import Engine, event
from werkzeug.test import Client

from app.config import Settings
from app.factory import create_app

Trip = list[tuple[str, tuple[Any, ...]]]
"""Statements with their parameters that are sent together and answered together."""


_BEGINS = ("BEGIN", "BEGIN IMMEDIATE")
"""How transactions that write begin, on PostgreSQL and on SQLite; those that read begin otherwise, where they can."""


@dataclass
class _Tape:
    """The transactions that the thread that records has committed, and those that are open, each on its connection."""

    thread: int
    trips: list[Trip] = field(default_factory=list)
    open: dict[int, list[Trip]] = field(default_factory=dict)
    together: set[int] = field(default_factory=set)

    def take(self, connection: int, sql: object, parameters: Any) -> None:
        if threading.get_ident() != self.thread:
            return
        if sql in _BEGINS:
            self.open[connection] = [[]]
        elif connection not in self.open:
            return
        elif connection not in self.together:
            self.open[connection].append([])
        self.open[connection][-1].append((str(sql), tuple(parameters or ())))
        if sql == "COMMIT":
            self.trips += [trip for trip in self.open.pop(connection) if trip]

    @contextmanager
    def one_trip(self, connection: int) -> Iterator[None]:
        if connection in self.open:
            self.open[connection].append([])
        self.together.add(connection)
        try:
            yield
        finally:
            self.together.discard(connection)


_tape = _Tape(thread=0)


def capture(url: str, path: str, headers: Mapping[str, str], bodies: Sequence[bytes]) -> list[list[Trip]]:
    """Post bodies to a gateway in this process and give each one's round trips. Raises `RuntimeError` for a refusal.

    The first should be of a kind that does not count: it pays for what is looked up once.
    """
    with _recording():
        app = create_app(Settings(database_url=url, log_level="WARNING"))
        try:
            return [_captured(Client(app), path, headers, body) for body in bodies]
        finally:
            app.extensions["refgate"].database.close()


def _captured(client: Client, path: str, headers: Mapping[str, str], body: bytes) -> list[Trip]:
    _tape.thread, _tape.trips, _tape.open = threading.get_ident(), [], {}
    response = client.post(path, data=body, headers=dict(headers))
    answer = response.get_data(as_text=True)
    _tape.thread = 0
    if response.status_code >= 300:
        raise RuntimeError(f"{response.status_code} {answer}")
    return _tape.trips


@contextmanager
def _recording() -> Iterator[None]:
    event.listen(Engine, "do_connect", _connect)
    try:
        yield
    finally:
        event.remove(Engine, "do_connect", _connect)


def _connect(dialect: Any, _record: Any, arguments: Sequence[Any], options: Mapping[str, Any]) -> Any:
    if dialect.name == "sqlite":
        return sqlite3.connect(*arguments, **options, factory=_Sqlite)
    return _Postgresql.connect(*arguments, **options)


class _Sqlite(sqlite3.Connection):
    def execute(self, sql: str, parameters: Any = (), /) -> sqlite3.Cursor:
        _tape.take(id(self), sql, parameters)
        return super().execute(sql, parameters)


class _Postgresql(psycopg.Connection[Any]):
    def execute(self, query: Any, params: Any = None, **options: Any) -> psycopg.Cursor[Any]:
        _tape.take(id(self), query, params)
        return super().execute(query, params, **options)

    @contextmanager
    def pipeline(self) -> Iterator[psycopg.Pipeline]:
        with _tape.one_trip(id(self)), super().pipeline() as pipeline:
            yield pipeline
