"""The tables of the accounts. Rows stay inside this package."""

import sqlalchemy as sa

from app.db import schema

_Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

account = sa.Table(
    "account",
    schema.metadata,
    sa.Column("id", _Id, primary_key=True),
    sa.Column("login", sa.String(255), nullable=False),
    sa.Column("login_key", sa.String(768), nullable=False, unique=True),  # casefolding can make three letters of one
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("email", sa.String(320)),
    sa.Column("password_hash", sa.String(255)),
    sa.Column("admin", sa.Boolean(create_constraint=False), nullable=False),
    sa.Column("active", sa.Boolean(create_constraint=False), nullable=False),
    sa.Column("created_at", schema.Utc, nullable=False),
    sa.CheckConstraint("kind IN ('agent', 'customer')", name="kind"),
)

permission = sa.Table(
    "permission",
    schema.metadata,
    sa.Column("account_id", sa.ForeignKey("account.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("workspace_id", sa.ForeignKey("workspace.id", ondelete="CASCADE"), primary_key=True, index=True),
    sa.Column("permissions", schema.Json, nullable=False),
)

access_token = sa.Table(
    "access_token",
    schema.metadata,
    sa.Column("id", _Id, primary_key=True),
    sa.Column("token_hash", sa.String(64), nullable=False, unique=True),
    sa.Column("jti", sa.String(36), nullable=False, unique=True),
    sa.Column("account_id", sa.ForeignKey("account.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("client_id", sa.String(255), nullable=False),
    sa.Column("scope", sa.String(255), nullable=False),
    sa.Column("created_at", schema.Utc, nullable=False),
    sa.Column("expires_at", schema.Utc, nullable=False, index=True),
)

account_revision = sa.Table(
    "account_revision",
    schema.metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.CheckConstraint("id = 1", name="one_row"),
)
