"""Ids of API keys that are never given twice: on SQLite the last one, once deleted, came back with the next key."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Let SQLite number the keys as PostgreSQL does. No table refers to this one, so it can be copied."""
    _numbered(for_good=True)


def downgrade() -> None:
    """Let SQLite number them by the greatest that is there."""
    _numbered(for_good=False)


def _numbered(*, for_good: bool) -> None:
    if op.get_bind().dialect.name != "sqlite":
        return
    with op.batch_alter_table("api_key", recreate="always", table_kwargs={"sqlite_autoincrement": for_good}):
        pass
