"""Driver errors told apart: run it again, try it later, or a defect."""

import sqlite3

import psycopg
import sqlalchemy.exc

from app import errors

_AGAIN = (
    psycopg.errors.SerializationFailure,
    psycopg.errors.DeadlockDetected,
    psycopg.errors.UniqueViolation,  # somebody stored the same at the same instant: run again, it is found
)
_GAVE_UP = (psycopg.errors.LockNotAvailable, psycopg.errors.QueryCanceled)
_AWAY = (
    psycopg.OperationalError,
    psycopg.InterfaceError,
    psycopg.errors.ReadOnlySqlTransaction,  # another server has become the one that writes
    psycopg.errors.IdleInTransactionSessionTimeout,  # this process stood still, and the server let go of it
)
_SQLITE_AWAY = (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR)
DRIVER_ERRORS = (psycopg.Error, sqlite3.Error, sqlalchemy.exc.SQLAlchemyError)


def translate(error: Exception) -> Exception:
    """Give the error of ours that a driver's error means, or the error itself where it means a defect.

    SQLSTATE 40001, 40P01 and 23505 become `Contention`; time-outs and lost connections become `Unavailable`.
    """
    cause = getattr(error, "orig", None) or error
    if isinstance(cause, sqlite3.Error):
        return _translate_sqlite(cause) or error
    if isinstance(cause, _AGAIN):
        return errors.Contention()
    if isinstance(cause, _GAVE_UP):
        return errors.Unavailable("The database took too long; nothing was stored.")
    if isinstance(cause, (*_AWAY, sqlalchemy.exc.TimeoutError)):
        return errors.DatabaseUnavailable()
    return error


def _translate_sqlite(error: sqlite3.Error) -> Exception | None:
    """Tell by the result code, whose low byte is the kind (sqlite.org/rescode.html). Busy means: waited in vain."""
    kind = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if kind == sqlite3.SQLITE_BUSY:
        return errors.Unavailable("The database took too long; nothing was stored.")
    return errors.DatabaseUnavailable() if kind in _SQLITE_AWAY else None
