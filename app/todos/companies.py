"""What todos hold of customers (companies): whoever deletes a company must not leave todos that name it."""

import sqlalchemy as sa

from app.accounts import customer_lookup
from app.db.database import Transaction
from app.errors import Conflict
from app.todos import models


def has_todos_of(transaction: Transaction, customer_id: str) -> bool:
    """Say whether any todo belongs to a company; if not, none can begin to until the transaction ends."""
    customer_lookup.hold(transaction, customer_id)
    todos = sa.select(sa.exists().where(models.todo.c.customer == customer_id))
    return bool(transaction.sql.execute(todos).scalar_one())


def keep_referred(transaction: Transaction, customer_id: str) -> None:
    """Refuse that a company goes to which todos belong. Raises `Conflict`."""
    if has_todos_of(transaction, customer_id):
        raise Conflict(f"Todos belong to customer {customer_id}.")
