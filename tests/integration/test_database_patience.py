"""Waiting for a database that others keep busy: not for long, and whoever is sent away may come again."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager

import pytest

from app import errors
from app.db.database import Database, Options
from tests.conftest import DatabaseUrls

_PATIENCE_SECONDS = 0.05


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = Database(Options(url=database_url, pool_size=1, pool_timeout=_PATIENCE_SECONDS))
    yield opened
    opened.close()


def test_whoever_waits_too_long_for_a_connection_is_sent_away(database: Database) -> None:
    with ExitStack() as held:
        for _ in range(3):  # the one that is kept, and two more for look-ups
            held.enter_context(database.reading())
        with pytest.raises(errors.Overloaded), database.reading():
            pass
    with database.reading() as transaction:
        assert transaction.dialect == database.dialect


def test_on_sqlite_whoever_waits_too_long_for_the_turn_to_write_is_sent_away(fresh_databases: DatabaseUrls) -> None:
    database = Database(Options(url=fresh_databases("sqlite"), pool_timeout=_PATIENCE_SECONDS))
    with _writing(database), pytest.raises(errors.Overloaded), database.transaction():
        pass
    with database.transaction() as transaction:
        assert transaction.dialect == "sqlite"
    database.close()


@contextmanager
def _writing(database: Database) -> Iterator[None]:
    """Hold the turn to write in another thread."""
    began, may_end = threading.Event(), threading.Event()

    def write() -> None:
        with database.transaction():
            began.set()
            may_end.wait()

    with ThreadPoolExecutor(1) as threads:
        writing = threads.submit(write)
        began.wait()
        try:
            yield
        finally:
            may_end.set()
        writing.result()
