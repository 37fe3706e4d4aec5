"""Who is calling: customers, clients, families of tokens, keys, sessions, lockouts, and the audit trail."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_UTC = sa.DateTime(timezone=True).with_variant(sa.String(32), "sqlite")
_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    """Add the tables; what is there stays as it is, and tokens that are out go on to be good."""
    _add_customers()
    _add_clients()
    _add_tokens()
    _add_keys_and_sessions()
    _add_failures()
    _add_audit()


def downgrade() -> None:
    """Drop the tables again, and with them all sessions, keys and clients."""
    op.drop_index(op.f("ix_todo_customer"), "todo")
    op.drop_index(op.f("ix_access_token_family_id"), "access_token")
    op.drop_index(op.f("ix_account_customer"), "account")
    op.execute("DELETE FROM access_token WHERE family_id IS NOT NULL")
    op.drop_column("access_token", "family_id")
    op.drop_column("account", "customer")
    op.drop_column("account", "password_set_at")
    for table in (
        "audit",
        "known_address",
        "sign_in_failure",
        "login_session",
        "api_key",
        "refresh_token",
        "token_family",
        "oauth_client",
        "customer",
    ):
        op.drop_table(table)


def _add_customers() -> None:
    op.create_table(
        "customer",
        sa.Column("id", sa.String(length=100), nullable=False),
        sa.Column("name", sa.String(length=250), nullable=False),
        sa.Column("created_at", _UTC, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer")),
    )
    # Not declared as a reference: on SQLite that takes a copy of the table, and dropping the old one takes what refers
    # to it.
    op.add_column("account", sa.Column("password_set_at", _UTC, nullable=True))
    op.add_column("account", sa.Column("customer", sa.String(length=100), nullable=True))
    op.create_index(op.f("ix_account_customer"), "account", ["customer"])
    op.create_index(op.f("ix_todo_customer"), "todo", ["customer", "id"])


def _add_clients() -> None:
    op.create_table(
        "oauth_client",
        sa.Column("id", sa.String(length=100), nullable=False),
        sa.Column("name", sa.String(length=250), nullable=False),
        sa.Column("account_id", _ID, nullable=True),
        sa.Column("secret_hash", sa.String(length=64), nullable=True),
        sa.Column("grant_types", _JSON, nullable=False),
        sa.Column("created_at", _UTC, nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_oauth_client_account_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oauth_client")),
    )
    op.create_index(op.f("ix_oauth_client_account_id"), "oauth_client", ["account_id"])


def _add_tokens() -> None:
    op.create_table(
        "token_family",
        sa.Column("id", _ID, nullable=False),
        sa.Column("account_id", _ID, nullable=False),
        sa.Column("client_id", sa.String(length=100), nullable=True),
        sa.Column("created_at", _UTC, nullable=False),
        sa.Column("ends_at", _UTC, nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_token_family_account_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["client_id"], ["oauth_client.id"], name=op.f("fk_token_family_client_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_token_family")),
    )
    for column in ("account_id", "client_id", "ends_at"):
        op.create_index(op.f(f"ix_token_family_{column}"), "token_family", [column])
    op.add_column("access_token", sa.Column("family_id", _ID, nullable=True))
    op.create_index(op.f("ix_access_token_family_id"), "access_token", ["family_id"])
    op.create_table(
        "refresh_token",
        sa.Column("id", _ID, nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("family_id", _ID, nullable=False),
        sa.Column("created_at", _UTC, nullable=False),
        sa.Column("expires_at", _UTC, nullable=False),
        sa.Column("used_at", _UTC, nullable=True),
        sa.ForeignKeyConstraint(
            ["family_id"], ["token_family.id"], name=op.f("fk_refresh_token_family_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refresh_token")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_refresh_token_token_hash")),
    )
    op.create_index(op.f("ix_refresh_token_family_id"), "refresh_token", ["family_id"])


def _add_keys_and_sessions() -> None:
    op.create_table(
        "api_key",
        sa.Column("id", _ID, nullable=False),
        sa.Column("key_hash", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=250), nullable=False),
        sa.Column("account_id", _ID, nullable=False),
        sa.Column("source", sa.String(length=100), nullable=True),
        sa.Column("created_at", _UTC, nullable=False),
        sa.Column("created_by", sa.String(length=255), nullable=False),
        sa.Column("expires_at", _UTC, nullable=True),
        sa.Column("last_used_at", _UTC, nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_api_key_account_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_key")),
        sa.UniqueConstraint("key_hash", name=op.f("uq_api_key_key_hash")),
    )
    op.create_index(op.f("ix_api_key_account_id"), "api_key", ["account_id"])
    op.create_table(
        "login_session",
        sa.Column("id", _ID, nullable=False),
        sa.Column("session_hash", sa.String(length=64), nullable=False),
        sa.Column("account_id", _ID, nullable=False),
        sa.Column("created_at", _UTC, nullable=False),
        sa.Column("last_seen_at", _UTC, nullable=False),
        sa.Column("ends_at", _UTC, nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("user_agent", sa.String(length=250), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_login_session_account_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_login_session")),
        sa.UniqueConstraint("session_hash", name=op.f("uq_login_session_session_hash")),
    )
    for column in ("account_id", "ends_at"):
        op.create_index(op.f(f"ix_login_session_{column}"), "login_session", [column])


def _add_failures() -> None:
    op.create_table(
        "sign_in_failure",
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("account_id", _ID, nullable=True),
        sa.Column("address", sa.String(length=64), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_failed_at", _UTC, nullable=False),
        sa.Column("locked_until", _UTC, nullable=True),
        sa.CheckConstraint("kind IN ('account', 'address', 'pair')", name=op.f("ck_sign_in_failure_kind")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_sign_in_failure_account_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_sign_in_failure")),
    )
    for column in ("account_id", "last_failed_at"):
        op.create_index(op.f(f"ix_sign_in_failure_{column}"), "sign_in_failure", [column])
    op.create_table(
        "known_address",
        sa.Column("account_id", _ID, nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("seen_at", _UTC, nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_known_address_account_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("account_id", "address", name=op.f("pk_known_address")),
    )
    op.create_index(op.f("ix_known_address_seen_at"), "known_address", ["seen_at"])


def _add_audit() -> None:
    op.create_table(
        "audit",
        sa.Column("id", _ID, nullable=False),
        sa.Column("at", _UTC, nullable=False),
        sa.Column("actor", sa.String(length=255), nullable=False),
        sa.Column("action", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=600), nullable=False),
        sa.Column("changes", _JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
