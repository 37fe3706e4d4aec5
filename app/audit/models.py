"""The table of the audit trail. Rows stay inside this package."""

import sqlalchemy as sa

from app.db import schema

audit = sa.Table(
    "audit",
    schema.metadata,
    sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True),
    sa.Column("at", schema.Utc, nullable=False),
    sa.Column("actor", sa.String(255), nullable=False),
    sa.Column("action", sa.String(32), nullable=False),
    sa.Column("kind", sa.String(32), nullable=False),
    sa.Column("name", sa.String(600), nullable=False),
    sa.Column("changes", schema.Json, nullable=False),
    *(sa.Index(f"ix_audit_{name}", name, "id") for name in ("kind", "name", "actor")),
)
