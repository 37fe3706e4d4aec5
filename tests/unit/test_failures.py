"""What a driver's error means to us: run it again, try it later, or a defect."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
import sqlalchemy.exc

from app import errors
from app.db import failures

MEANINGS = [
    (psycopg.errors.SerializationFailure(), errors.Contention),
    (psycopg.errors.DeadlockDetected(), errors.Contention),
    (psycopg.errors.UniqueViolation(), errors.Contention),
    (psycopg.errors.LockNotAvailable(), errors.Unavailable),
    (psycopg.errors.QueryCanceled(), errors.Unavailable),
    (psycopg.errors.AdminShutdown(), errors.DatabaseUnavailable),
    (psycopg.errors.CannotConnectNow(), errors.DatabaseUnavailable),
    (psycopg.errors.TooManyConnections(), errors.DatabaseUnavailable),
    (psycopg.errors.DiskFull(), errors.DatabaseUnavailable),
    (psycopg.errors.ReadOnlySqlTransaction(), errors.DatabaseUnavailable),
    (psycopg.errors.IdleInTransactionSessionTimeout(), errors.DatabaseUnavailable),
    (psycopg.InterfaceError("connection already closed"), errors.DatabaseUnavailable),
    (sqlalchemy.exc.TimeoutError(), errors.DatabaseUnavailable),
    (sqlalchemy.exc.OperationalError("", None, psycopg.OperationalError()), errors.DatabaseUnavailable),
]
DEFECTS = [
    psycopg.errors.ForeignKeyViolation(),
    psycopg.errors.UndefinedTable(),
    psycopg.errors.StringDataRightTruncation(),
    sqlalchemy.exc.InvalidRequestError(),
]


@pytest.mark.parametrize(
    ("error", "meaning"), MEANINGS, ids=lambda value: getattr(value, "__name__", type(value).__name__)
)
def test_an_error_that_passes_means_that_it_passes(error: Exception, meaning: type[errors.RefgateError]) -> None:
    assert type(failures.translate(error)) is meaning


@pytest.mark.parametrize("error", DEFECTS, ids=lambda error: type(error).__name__)
def test_any_other_error_stays_the_defect_it_is(error: Exception) -> None:
    assert failures.translate(error) is error


def test_an_sqlite_database_locked_for_longer_than_the_time_out_is_unavailable(tmp_path: Path) -> None:
    file = tmp_path / "x.db"
    with closing(sqlite3.connect(file)) as one, closing(sqlite3.connect(file, timeout=0)) as other:
        one.execute("BEGIN IMMEDIATE")
        found = _error_of(lambda: other.execute("BEGIN IMMEDIATE"))
    assert type(failures.translate(found)) is errors.Unavailable


def test_an_sqlite_database_that_cannot_be_opened_is_away(tmp_path: Path) -> None:
    found = _error_of(lambda: sqlite3.connect(tmp_path / "nowhere" / "x.db"))
    assert type(failures.translate(found)) is errors.DatabaseUnavailable


def test_an_sqlite_database_without_room_is_away(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "x.db")) as connection:
        connection.execute("CREATE TABLE t (x)")
        connection.execute("PRAGMA max_page_count = 2")
        found = _error_of(lambda: connection.execute("INSERT INTO t VALUES (zeroblob(100000))"))
    assert type(failures.translate(found)) is errors.DatabaseUnavailable


def test_any_other_error_of_sqlite_stays_the_defect_it_is(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "x.db")) as connection:
        found = _error_of(lambda: connection.execute("SELECT * FROM nowhere"))
        assert failures.translate(found) is found
    found = _error_of(lambda: connection.execute("SELECT 1"))  # it is closed: an error without a result code
    assert failures.translate(found) is found


def _error_of(step: Callable[[], object]) -> Exception:
    with pytest.raises(sqlite3.Error) as raised:
        step()
    return raised.value
