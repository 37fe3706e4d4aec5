"""Rows of the configuration. Never leave this package."""

import sqlalchemy as sa

from app.db.schema import Json, metadata

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

revision = sa.Table(
    "revision",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
)

status = sa.Table(
    "status",
    metadata,
    sa.Column("id", _ID, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("key", sa.Text, nullable=False, unique=True),  # rules.status_key(name)
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("position", sa.Integer, nullable=False),
    sa.CheckConstraint("type IN ('new', 'open', 'pending', 'closed')", name="type"),
)

workspace = sa.Table(
    "workspace",
    metadata,
    sa.Column("id", _ID, primary_key=True),
    sa.Column("key", sa.Text, nullable=False, unique=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("customers_may_create", sa.Boolean, nullable=False),
)

source = sa.Table(
    "source",
    metadata,
    sa.Column("id", _ID, primary_key=True),
    sa.Column("name", sa.Text, nullable=False, unique=True),
    sa.Column("description", sa.Text, nullable=False),
    sa.Column("enabled", sa.Boolean, nullable=False),
    sa.Column("scope", sa.Text, nullable=False),
    sa.Column("rule", Json, nullable=False),
    sa.Column("rule_version", sa.Integer, nullable=False),
)

custom_field = sa.Table(
    "custom_field",
    metadata,
    sa.Column("id", _ID, primary_key=True),
    sa.Column("name", sa.Text, nullable=False, unique=True),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("choices", Json, nullable=False),
    sa.Column("label", sa.Text, nullable=False),
    sa.CheckConstraint("type IN ('text', 'number', 'date', 'choice')", name="type"),
)
