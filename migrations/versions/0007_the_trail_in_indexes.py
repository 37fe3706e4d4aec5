"""Indexes in which the audit trail is found by what it is about and by who made the change."""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_FOUND_BY = ("kind", "name", "actor")


def upgrade() -> None:
    """Add the indexes: the trail grows with what administrators do, so they are small."""
    for name in _FOUND_BY:
        op.create_index(f"ix_audit_{name}", "audit", [name, "id"])


def downgrade() -> None:
    """Drop them."""
    for name in _FOUND_BY:
        op.drop_index(f"ix_audit_{name}", table_name="audit")
