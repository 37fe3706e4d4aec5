"""The statements on accounts that only their administration needs. Every function takes the transaction it runs in."""

from collections.abc import Sequence

import sqlalchemy as sa

from app.accounts import store
from app.accounts.models import account, sign_in_failure
from app.accounts.store import Account
from app.db.database import Transaction


def page(transaction: Transaction, *, limit: int, after: str | None) -> tuple[Sequence[Account], str | None]:
    """Read accounts by their folded login, those after one where it is given; and the one to go on after."""
    keys = sa.select(account.c.login_key).order_by(account.c.login_key).limit(limit + 1)
    if after is not None:
        keys = keys.where(account.c.login_key > after)
    found = list(transaction.sql.execute(keys).scalars())
    wanted = found[:limit]
    accounts = store.accounts_where(transaction, account.c.login_key.in_(wanted)) if wanted else []
    return accounts, wanted[-1] if len(found) > limit else None


def has_other_administrator(transaction: Transaction, user_id: int) -> bool:
    """Say whether there is an active administrator besides this one."""
    others = sa.select(account.c.id).where(account.c.admin, account.c.active, account.c.id != user_id)
    return transaction.sql.execute(others.limit(1)).first() is not None


def forget_failures(transaction: Transaction, user_id: int) -> None:
    """Forget which wrong passwords were tried on an account, and the locks that came of them."""
    transaction.sql.execute(sa.delete(sign_in_failure).where(sign_in_failure.c.account_id == user_id))


def delete(transaction: Transaction, user_id: int) -> None:
    """Delete an account with all that is only its own: permissions, tokens, sessions, failures."""
    transaction.sql.execute(sa.delete(account).where(account.c.id == user_id))
