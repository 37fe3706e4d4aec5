"""What each decision was made from, so that an edited rule can be tried on it."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_UTC = sa.DateTime(timezone=True).with_variant(sa.String(32), "sqlite")


def upgrade() -> None:
    """Add the table; it fills from now on."""
    op.create_table(
        "remembered_request",
        sa.Column("id", _ID, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("at", _UTC, nullable=False),
        sa.Column("rule_version", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("todo_id", _ID, nullable=True),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("met_id", _ID, nullable=True),
        sa.Column("met_status_id", _ID, nullable=True),
        sa.Column("met_status_type", sa.Text(), nullable=True),
        sa.Column("met_created_at", _UTC, nullable=True),
        sa.Column("met_closed_at", _UTC, nullable=True),
        sa.Column("met_occurred_at", _UTC, nullable=True),
        sa.Column("status_word", sa.Text(), nullable=True),
        sa.Column("status_id", _ID, nullable=True),
        sa.Column("status_type", sa.Text(), nullable=True),
        sa.Column("occurred_at", _UTC, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_remembered_request")),
    )
    op.create_index(op.f("ix_remembered_request_source"), "remembered_request", ["source", "id"])
    op.create_index(op.f("ix_remembered_request_at"), "remembered_request", ["at"])


def downgrade() -> None:
    """Drop the table, and with it what was remembered."""
    op.drop_table("remembered_request")
