"""The numbers of todos that were removed: their keys are in links everywhere and must never lead to another todo."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table, which SQLite looks up the next number in; PostgreSQL has its sequence."""
    op.create_table(
        "removed_todo",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_removed_todo")),
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("removed_todo")
