"""The tables of the journal. Rows stay inside this package."""

import sqlalchemy as sa

from app.db.schema import Utc, metadata

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

request_log = sa.Table(
    "request_log",
    metadata,
    sa.Column("id", _ID, primary_key=True),
    sa.Column("at", Utc, nullable=False),
    sa.Column("source", sa.Text),
    sa.Column("door", sa.Text, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("outcome", sa.Text, nullable=False),
    sa.Column("status", sa.Integer, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("reference", sa.Text),
    sa.Column("todo_key", sa.Text),
    sa.Column("duration", sa.BigInteger, nullable=False),  # microseconds
    sa.Column("method", sa.Text, nullable=False),
    sa.Column("path", sa.Text, nullable=False),
    sa.Column("too_long", sa.Boolean, nullable=False),
    sa.Column("sent", sa.Text),
    sa.Column("answer", sa.Text, nullable=False),
    sa.Index("ix_request_log_source", "source", "id"),
    sa.Index("ix_request_log_source_outcome", "source", "outcome", "id"),
    sa.Index("ix_request_log_at", "at"),
)

activity = sa.Table(
    "activity",
    metadata,
    sa.Column("hour", Utc, primary_key=True),
    sa.Column("source", sa.Text, primary_key=True),  # empty where there was none
    sa.Column("outcome", sa.Text, primary_key=True),
    sa.Column("count", sa.BigInteger, nullable=False),
    sa.Column("duration", sa.BigInteger, nullable=False),  # microseconds of all together
)

sighting = sa.Table(
    "sighting",
    metadata,
    # Without a foreign key, whose check would hold up those who change the todo.
    sa.Column("todo_id", _ID, primary_key=True, autoincrement=False),
    sa.Column("hour", Utc, primary_key=True),
    sa.Column("count", sa.BigInteger, nullable=False),
    sa.Index("ix_sighting_hour", "hour"),
)
