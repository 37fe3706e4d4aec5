"""Rows of the todos. Never leave this package."""

import sqlalchemy as sa

from app.db.schema import Json, Money, Utc, metadata

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

# What lists for people are narrowed to and go by: they are found in an index alone, without a look at the todos.
_LISTED = ("workspace_id", "status_id", "todo_type", "source", "assignee", "customer", "priority", "due_date")


def _by_age(name: str) -> sa.Index:
    """Give what leads PostgreSQL to rows that have had their time; SQLite finds them where it begins to read.

    A block range index (PostgreSQL's documentation, chapter 65.5) costs a row nothing that is written as time passes.
    """
    return sa.Index(name, "at", postgresql_using="brin").ddl_if(dialect="postgresql")


todo = sa.Table(
    "todo",
    metadata,
    sa.Column("id", _ID, primary_key=True),
    sa.Column("key_prefix", sa.Text, nullable=False),  # of the workspace it was created in: links outlive a move
    sa.Column("todo_type", sa.Text, nullable=False),
    sa.Column("workspace_id", _ID, sa.ForeignKey("workspace.id"), nullable=False),
    sa.Column("status_id", _ID, sa.ForeignKey("status.id"), nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("description", sa.Text),
    sa.Column("result", sa.Text),
    sa.Column("financial_impact", Money),
    sa.Column("impact", sa.Text),
    sa.Column("likelihood", sa.Text),
    sa.Column("priority", sa.Text),
    sa.Column("assignee", sa.Text),
    sa.Column("reporter", sa.Text),
    sa.Column("category", Json, nullable=False),
    sa.Column("sub_category", Json, nullable=False),
    sa.Column("lrn", sa.Text),
    sa.Column("order_ids", Json, nullable=False),
    sa.Column("tags", Json, nullable=False),  # [[text, owner]]: the source that set it, "" for a person
    sa.Column("custom", Json, nullable=False),
    sa.Column("reminder_date", sa.Date),
    sa.Column("due_date", sa.Date),
    sa.Column("customer", sa.Text),
    sa.Column("source", sa.Text),  # the source that created it
    sa.Column("refs", Json, nullable=False),  # [[scope, reference]]: all it ever held; who holds one now is in claim
    sa.Column("touched", Json, nullable=False),
    sa.Column("occurrences", sa.BigInteger, nullable=False),
    sa.Column("first_seen_at", Utc, nullable=False),
    sa.Column("last_seen_at", Utc, nullable=False),
    sa.Column("created_at", Utc, nullable=False),
    sa.Column("updated_at", Utc, nullable=False),
    sa.Column("closed_at", Utc),
    sa.Column("occurred_at", Utc),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("previous_id", _ID, sa.ForeignKey("todo.id")),
    sa.Column("echo", sa.Text),  # what was last said of it in a batch, with the version it has had since
    sa.Index("ix_todo_workspace_id", "workspace_id", "id"),
    sa.Index("ix_todo_status_id", "status_id", "id"),
    sa.Index("ix_todo_assignee", "assignee", "id"),
    sa.Index("ix_todo_source", "source", "id"),
    sa.Index("ix_todo_updated_at", "updated_at", "id", *_LISTED),
    sa.Index("ix_todo_previous_id", "previous_id"),
    sa.Index("ix_todo_customer", "customer", "id"),
    sa.Index("ix_todo_listed", "id", "updated_at", *_LISTED),
)

removed_todo = sa.Table(
    "removed_todo",  # numbers that were given once, so that their keys never lead to another todo
    metadata,
    sa.Column("id", _ID, primary_key=True, autoincrement=False),
)

claim = sa.Table(
    "claim",
    metadata,
    sa.Column("scope", sa.Text, primary_key=True),
    sa.Column("reference_key", sa.Text, primary_key=True),
    sa.Column("reference", sa.Text, nullable=False),
    sa.Column("todo_id", _ID, sa.ForeignKey("todo.id")),  # null only inside the transaction that makes the claim
    sa.Index("ix_claim_todo_id", "todo_id"),
)

todo_tag = sa.Table(
    "todo_tag",  # the tags people see, folded: an index for the list, written with the todo
    metadata,
    sa.Column("tag", sa.Text, primary_key=True),
    sa.Column("todo_id", _ID, sa.ForeignKey("todo.id"), primary_key=True),
    sa.Index("ix_todo_tag_todo_id", "todo_id"),
)

history = sa.Table(
    "history",
    metadata,
    sa.Column("id", _ID, primary_key=True),
    sa.Column(
        "todo_id", _ID, sa.ForeignKey("todo.id")
    ),  # null where there was no todo: an ignored or rejected submission
    sa.Column("at", Utc, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("source", sa.Text),
    sa.Column("rule_version", sa.Integer),
    sa.Column("reference", sa.Text),
    sa.Column("outcome", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("changes", Json, nullable=False),
    sa.Column("comment", sa.Text),
    sa.Column("internal", sa.Boolean, nullable=False),
    sa.Index("ix_history_todo_id", "todo_id", "id"),
    _by_age("ix_history_at"),
)

idempotency = sa.Table(
    "idempotency",
    metadata,
    sa.Column("caller", sa.Text, primary_key=True),
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("fingerprint", sa.Text, nullable=False),
    sa.Column("answer", sa.Text, nullable=False),
    sa.Column("created_at", Utc, nullable=False),
    sa.Index("ix_idempotency_created_at", "created_at"),
)

remembered_request = sa.Table(
    "remembered_request",  # what each decision was made from, for as long as rules are tried on it
    metadata,
    sa.Column("id", _ID, primary_key=True),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("at", Utc, nullable=False),
    sa.Column("rule_version", sa.Integer, nullable=False),
    sa.Column("outcome", sa.Text, nullable=False),
    sa.Column("todo_id", _ID),
    sa.Column("reference", sa.Text),
    sa.Column("met_id", _ID),  # the todo that held the reference, as it stood before
    sa.Column("met_status_id", _ID),
    sa.Column("met_status_type", sa.Text),
    sa.Column("met_created_at", Utc),
    sa.Column("met_closed_at", Utc),
    sa.Column("met_occurred_at", Utc),
    sa.Column("status_word", sa.Text),  # the sender's own, and what it meant
    sa.Column("status_id", _ID),
    sa.Column("status_type", sa.Text),
    sa.Column("occurred_at", Utc),
    sa.Index("ix_remembered_request_source", "source", "id"),
    _by_age("ix_remembered_request_at"),
)
