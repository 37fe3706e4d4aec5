"""Driver errors told apart: run it again, try it later, or a defect."""

import sqlite3

import psycopg
import sqlalchemy.exc

from app import errors

_AGAIN = (psycopg.errors.SerializationFailure, psycopg.errors.DeadlockDetected)
_GAVE_UP = (psycopg.errors.LockNotAvailable, psycopg.errors.QueryCanceled)
_AWAY = (psycopg.OperationalError, psycopg.InterfaceError)
DRIVER_ERRORS = (psycopg.Error, sqlite3.Error, sqlalchemy.exc.SQLAlchemyError)


def translate(error: Exception) -> Exception:
    """Give the error of ours that a driver's error means, or the error itself where it means a defect.

    SQLSTATE 40001 and 40P01 become `Contention`; time-outs and lost connections become `Unavailable`.
    """
    cause = getattr(error, "orig", None) or error
    if isinstance(cause, _AGAIN) or (isinstance(cause, sqlite3.OperationalError) and "locked" in str(cause)):
        return errors.Contention()
    if isinstance(cause, _GAVE_UP):
        return errors.Unavailable("The database took too long; nothing was stored.")
    if isinstance(cause, (*_AWAY, sqlalchemy.exc.TimeoutError)):
        return errors.DatabaseUnavailable()
    if isinstance(cause, sqlite3.OperationalError) and "unable to open" in str(cause):
        return errors.DatabaseUnavailable()
    return error
