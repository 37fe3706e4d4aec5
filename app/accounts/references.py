"""What refers to a user or a customer, and so stands in the way of taking it away."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from app.accounts.models import account, api_key, oauth_client, permission
from app.db.database import Transaction

_NAMED_AT_MOST = 5


def keys_and_clients(transaction: Transaction, user_id: int) -> list[str]:
    """Name what acts for a user, such as `API key monitor`."""
    keys = _names(transaction, sa.select(api_key.c.name).where(api_key.c.account_id == user_id).order_by(api_key.c.id))
    mine = sa.select(oauth_client.c.name).where(oauth_client.c.account_id == user_id)
    clients = _names(transaction, mine.order_by(oauth_client.c.id))
    return [*(f"API key {name}" for name in keys), *(f"client {name}" for name in clients)]


def users_of(transaction: Transaction, customer_id: str) -> list[str]:
    """Name the users that belong to a customer."""
    mine = sa.select(account.c.login).where(account.c.customer == customer_id)
    return _names(transaction, mine.order_by(account.c.login_key))


def keys_of_source(transaction: Transaction, source: str) -> list[str]:
    """Name the API keys that are bound to a source."""
    mine = sa.select(api_key.c.name).where(api_key.c.source == source).order_by(api_key.c.id)
    return [f"API key {name}" for name in _names(transaction, mine)]


def permissions_in(transaction: Transaction, workspace_id: int) -> list[str]:
    """Name those who have permissions in a workspace."""
    given = sa.select(account.c.login).join(permission, permission.c.account_id == account.c.id)
    found = _names(transaction, given.where(permission.c.workspace_id == workspace_id).order_by(account.c.login_key))
    return [f"permissions of {login}" for login in found]


def spoken(names: Sequence[str]) -> str:
    """Write names for a message, the first few of many."""
    more = len(names) - _NAMED_AT_MOST
    return ", ".join(names[:_NAMED_AT_MOST]) + (f" and {more} more" if more > 0 else "")


def _names(transaction: Transaction, query: sa.Select[Any]) -> list[str]:
    return [row[0] for row in transaction.sql.execute(query)]
