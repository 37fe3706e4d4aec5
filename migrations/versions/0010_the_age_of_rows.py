"""What only tells `refgate prune` of the age of rows costs a submission nothing any more.

PostgreSQL gets block range indexes. SQLite has no such thing and needs none: a table begins with its oldest rows.
"""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_TABLES = ("history", "remembered_request")


def upgrade() -> None:
    """Take the indexes away, and on PostgreSQL make the small ones."""
    for table in _TABLES:
        op.drop_index(f"ix_{table}_at", table)
        if op.get_bind().dialect.name == "postgresql":
            op.create_index(f"ix_{table}_at", table, ["at"], postgresql_using="brin")


def downgrade() -> None:
    """Make the indexes of all rows again."""
    for table in _TABLES:
        op.drop_index(f"ix_{table}_at", table, if_exists=True)
        op.create_index(f"ix_{table}_at", table, ["at"])
