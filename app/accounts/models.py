"""The tables of the accounts. Rows stay inside this package. Secrets are here only as hashes."""

import sqlalchemy as sa

from app.db import schema

_Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _account(*, nullable: bool = False, index: bool = True) -> sa.Column[int]:
    return sa.Column("account_id", sa.ForeignKey("account.id", ondelete="CASCADE"), nullable=nullable, index=index)


customer = sa.Table(
    "customer",
    schema.metadata,
    sa.Column("id", sa.String(100), primary_key=True),
    sa.Column("name", sa.String(250), nullable=False),
    sa.Column("created_at", schema.Utc, nullable=False),
)

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
    sa.Column("password_set_at", schema.Utc),
    sa.Column("customer", sa.String(100), index=True),  # checked when written; declared it would need a copy on SQLite
    sa.CheckConstraint("kind IN ('agent', 'customer')", name="kind"),
)

permission = sa.Table(
    "permission",
    schema.metadata,
    sa.Column("account_id", sa.ForeignKey("account.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("workspace_id", sa.ForeignKey("workspace.id", ondelete="CASCADE"), primary_key=True, index=True),
    sa.Column("permissions", schema.Json, nullable=False),
)

account_revision = sa.Table(
    "account_revision",
    schema.metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.CheckConstraint("id = 1", name="one_row"),
)

oauth_client = sa.Table(
    "oauth_client",
    schema.metadata,
    sa.Column("id", sa.String(100), primary_key=True),
    sa.Column("name", sa.String(250), nullable=False),
    _account(nullable=True),
    sa.Column("secret_hash", sa.String(64)),  # none: a public client (RFC 6749 section 2.1)
    sa.Column("grant_types", schema.Json, nullable=False),
    sa.Column("created_at", schema.Utc, nullable=False),
)

token_family = sa.Table(
    "token_family",
    schema.metadata,
    sa.Column("id", _Id, primary_key=True),
    _account(),
    sa.Column("client_id", sa.ForeignKey("oauth_client.id", ondelete="CASCADE"), index=True),  # none: the built-in one
    sa.Column("created_at", schema.Utc, nullable=False),
    sa.Column("ends_at", schema.Utc, nullable=False, index=True),
)

access_token = sa.Table(
    "access_token",
    schema.metadata,
    sa.Column("id", _Id, primary_key=True),
    sa.Column("token_hash", sa.String(64), nullable=False, unique=True),
    sa.Column("jti", sa.String(36), nullable=False, unique=True),
    _account(),
    sa.Column("client_id", sa.String(255), nullable=False),
    sa.Column("scope", sa.String(255), nullable=False),
    sa.Column("created_at", schema.Utc, nullable=False),
    sa.Column("expires_at", schema.Utc, nullable=False, index=True),
    sa.Column("family_id", _Id, index=True),  # no declared reference, as above; none: issued before there were families
)

refresh_token = sa.Table(
    "refresh_token",
    schema.metadata,
    sa.Column("id", _Id, primary_key=True),
    sa.Column("token_hash", sa.String(64), nullable=False, unique=True),
    sa.Column("family_id", sa.ForeignKey("token_family.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("created_at", schema.Utc, nullable=False),
    sa.Column("expires_at", schema.Utc, nullable=False),
    sa.Column("used_at", schema.Utc),
)

api_key = sa.Table(
    "api_key",
    schema.metadata,
    sa.Column("id", _Id, primary_key=True),
    sa.Column("key_hash", sa.String(64), nullable=False, unique=True),
    sa.Column("name", sa.String(250), nullable=False),
    _account(),
    sa.Column("source", sa.String(100)),
    sa.Column("created_at", schema.Utc, nullable=False),
    sa.Column("created_by", sa.String(255), nullable=False),
    sa.Column("expires_at", schema.Utc),
    sa.Column("last_used_at", schema.Utc),
    sqlite_autoincrement=True,  # the trail of a deleted key must not become that of the next one
)

login_session = sa.Table(
    "login_session",
    schema.metadata,
    sa.Column("id", _Id, primary_key=True),
    sa.Column("session_hash", sa.String(64), nullable=False, unique=True),
    _account(),
    sa.Column("created_at", schema.Utc, nullable=False),
    sa.Column("last_seen_at", schema.Utc, nullable=False),
    sa.Column("ends_at", schema.Utc, nullable=False, index=True),
    sa.Column("address", sa.String(64), nullable=False),
    sa.Column("user_agent", sa.String(250), nullable=False),
)

sign_in_failure = sa.Table(
    "sign_in_failure",
    schema.metadata,
    sa.Column("subject", sa.String(64), primary_key=True),  # a hash: what is typed as a login may be a password
    sa.Column("kind", sa.String(16), nullable=False),
    _account(nullable=True),
    sa.Column("address", sa.String(64)),
    sa.Column("failures", sa.Integer, nullable=False),
    sa.Column("last_failed_at", schema.Utc, nullable=False, index=True),
    sa.Column("locked_until", schema.Utc),
    sa.CheckConstraint("kind IN ('account', 'address', 'pair')", name="kind"),
)

known_address = sa.Table(
    "known_address",
    schema.metadata,
    sa.Column("account_id", sa.ForeignKey("account.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("address", sa.String(64), primary_key=True),
    sa.Column("seen_at", schema.Utc, nullable=False, index=True),
)
