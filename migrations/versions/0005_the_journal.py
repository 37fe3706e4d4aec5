"""The journal: what came in and what was answered, counts by the hour, and when each todo was seen."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_UTC = sa.DateTime(timezone=True).with_variant(sa.String(32), "sqlite")


def upgrade() -> None:
    """Add the tables; they fill from now on."""
    op.create_table(
        "request_log",
        sa.Column("id", _ID, nullable=False),
        sa.Column("at", _UTC, nullable=False),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("door", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("todo_key", sa.Text(), nullable=True),
        sa.Column("duration", sa.BigInteger(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("too_long", sa.Boolean(), nullable=False),
        sa.Column("sent", sa.Text(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_request_log")),
    )
    op.create_index(op.f("ix_request_log_source"), "request_log", ["source", "id"])
    op.create_index(op.f("ix_request_log_source_outcome"), "request_log", ["source", "outcome", "id"])
    op.create_index(op.f("ix_request_log_at"), "request_log", ["at"])
    op.create_table(
        "activity",
        sa.Column("hour", _UTC, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("duration", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("hour", "source", "outcome", name=op.f("pk_activity")),
    )
    op.create_table(
        "sighting",
        sa.Column("todo_id", _ID, autoincrement=False, nullable=False),
        sa.Column("hour", _UTC, nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("todo_id", "hour", name=op.f("pk_sighting")),
    )
    op.create_index(op.f("ix_sighting_hour"), "sighting", ["hour"])


def downgrade() -> None:
    """Drop the tables, and with them what they told."""
    op.drop_table("sighting")
    op.drop_table("activity")
    op.drop_table("request_log")
