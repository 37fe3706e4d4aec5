"""Run migrations on the connection that `app.db.migration` hands over, inside its transaction."""

from alembic import context
from sqlalchemy import Connection, text

import app.accounts.models
import app.outbox.models
import app.sources.models
import app.todos.models  # noqa: F401 - the tables belong to the metadata once they are imported
from app.db.schema import metadata

LOCK_TIMEOUT = "10s"
"""How long a migration waits for a table in use; it then fails, to be run again, instead of stopping the traffic."""

STATEMENT_TIMEOUT = "15min"


def run() -> None:
    """Run what is wanted of Alembic."""
    connection: Connection | None = context.config.attributes.get("connection")
    if connection is None:
        raise RuntimeError("Run migrations by `refgate migrate`.")
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'"))
        connection.execute(text(f"SET LOCAL statement_timeout = '{STATEMENT_TIMEOUT}'"))
    context.configure(connection=connection, target_metadata=metadata, transactional_ddl=False, compare_type=True)
    context.run_migrations()


run()
