"""Bringing a database to the newest schema, and asking whether it is there."""

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from app.db.database import Database

_DIRECTORY = Path(__file__).parents[2] / "migrations"


def upgrade(database: Database) -> None:
    """Bring the database to the newest schema in one transaction.

    Of two that start at once, the second waits and finds nothing left to do: on SQLite since the transaction holds the
    whole file, on PostgreSQL by a lock that the environment of the migrations takes.
    Raises `Unavailable`, having changed nothing, where a lock is not to be had within the database's lock time-out.
    """
    config = _config()
    config.attributes["lock_timeout"] = database.options.lock_timeout
    with database.transaction() as transaction:
        config.attributes["connection"] = transaction.sql
        command.upgrade(config, "head")


def is_current(database: Database) -> bool:
    """Say whether the schema of the database is the newest this code knows."""
    with database.reading() as transaction:
        return set(MigrationContext.configure(transaction.sql).get_current_heads()) == _heads()


@cache
def _heads() -> frozenset[str]:
    return frozenset(ScriptDirectory.from_config(_config()).get_heads())


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_DIRECTORY).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config
