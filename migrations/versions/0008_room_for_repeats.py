"""Repeats at less cost: what is known to change nothing is kept, and a todo has room to be counted in where it stands.

An update that changes no indexed column stays within its page where that has room for it, and is written into no index
(HOT, PostgreSQL's documentation, section 66.7). Pages get that room as they are written from now on.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column, which is empty at first and rewrites nothing, and leave a quarter of each page free."""
    op.add_column("todo", sa.Column("echo", sa.Text))
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE todo SET (fillfactor = 75)")


def downgrade() -> None:
    """Drop it, and fill pages to the brim again."""
    op.drop_column("todo", "echo")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE todo RESET (fillfactor)")
