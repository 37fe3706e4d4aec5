"""The tables of the outbox: who is told, and what is still to be told."""

import sqlalchemy as sa

from app.db.schema import Json, Utc, metadata

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

subscriber = sa.Table(
    "subscriber",
    metadata,
    sa.Column("id", _ID, primary_key=True),
    sa.Column("name", sa.Text, nullable=False, unique=True),
    sa.Column("url", sa.Text, nullable=False),
    sa.Column("secret", sa.Text, nullable=False),
    sa.Column("active", sa.Boolean, nullable=False),
    sa.Column("created_at", Utc, nullable=False),
)

message = sa.Table(
    "message",
    metadata,
    sa.Column("id", _ID, primary_key=True),
    sa.Column("subscriber_id", _ID, sa.ForeignKey("subscriber.id"), nullable=False),
    sa.Column("event", sa.Text, nullable=False),
    sa.Column("payload", Json, nullable=False),
    sa.Column("created_at", Utc, nullable=False),
    # Null once it is settled: delivered, or given up. While somebody delivers it: when his lease on it ends.
    sa.Column("due_at", Utc),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("delivered_at", Utc),
    sa.Column("last_error", sa.Text),
)

_IS_WAITING = message.c.due_at.is_not(None)

sa.Index(None, message.c.due_at, message.c.id, postgresql_where=_IS_WAITING, sqlite_where=_IS_WAITING)
