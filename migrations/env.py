"""Run migrations on the connection that `app.db.migration` hands over, inside its transaction."""

from alembic import context
from sqlalchemy import Connection, text

import app.accounts.models
import app.audit.models
import app.journal.models
import app.outbox.models
import app.sources.models
import app.todos.models  # noqa: F401 - the tables belong to the metadata once they are imported
from app.db.schema import metadata

STATEMENT_TIMEOUT = "15min"

TURN = int.from_bytes(b"refgate")
"""The advisory lock by which upgrades that start at once take turns; it ends with the transaction."""


def run() -> None:
    """Run what is wanted of Alembic."""
    connection: Connection | None = context.config.attributes.get("connection")
    if connection is None:
        raise RuntimeError("Run migrations by `refgate migrate`.")
    if not connection.in_transaction():
        connection.begin()  # as SQLAlchemy sees it; or else Alembic would commit each migration by itself
    if connection.dialect.name == "postgresql":
        _prepare(connection, context.config.attributes["lock_timeout"])
    context.configure(connection=connection, target_metadata=metadata, transactional_ddl=False, compare_type=True)
    context.run_migrations()


def _prepare(connection: Connection, lock_timeout: float) -> None:
    """Wait a while for a table in use, then fail, to be run again, instead of stopping the traffic behind it."""
    connection.execute(text(f"SET LOCAL lock_timeout = {lock_timeout * 1000:.0f}"))
    connection.execute(text(f"SET LOCAL statement_timeout = '{STATEMENT_TIMEOUT}'"))
    connection.execute(text(f"SELECT pg_advisory_xact_lock({TURN})"))


run()
