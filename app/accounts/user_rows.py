"""The statements on accounts that only their administration needs. Every function takes the transaction it runs in."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from app.accounts import store
from app.accounts.logins import login_key
from app.accounts.models import account, sign_in_failure
from app.accounts.store import Account
from app.db.database import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Whom somebody looks for: by a part of the login or the e-mail address, by kind, by company; blank is anybody."""

    text: str = ""
    kind: str = ""
    customer: str = ""

    @property
    def is_possible(self) -> bool:
        """Whether anybody can be like that: what is stored is printable, and PostgreSQL takes no NUL."""
        return all(map(str.isprintable, (self.text, self.kind, self.customer)))


ANYBODY = Wanted()


def page(
    transaction: Transaction, *, limit: int, after: str | None, wanted: Wanted = ANYBODY
) -> tuple[Sequence[Account], str | None]:
    """Read accounts by their folded login, those after one where it is given; and the one to go on after."""
    if not wanted.is_possible:
        return [], None
    keys = sa.select(account.c.login_key).where(*_like(wanted)).order_by(account.c.login_key).limit(limit + 1)
    if after is not None:
        keys = keys.where(account.c.login_key > after)
    found = list(transaction.sql.execute(keys).scalars())
    here = found[:limit]
    accounts = store.accounts_where(transaction, account.c.login_key.in_(here)) if here else []
    return accounts, here[-1] if len(found) > limit else None


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


def _like(wanted: Wanted) -> list[sa.ColumnElement[bool]]:
    part = login_key(wanted.text.strip())
    by_text = account.c.login_key.contains(part, autoescape=True) | sa.func.lower(account.c.email).contains(
        part, autoescape=True
    )
    asked = ((part, by_text), (wanted.kind, account.c.kind == wanted.kind))
    conditions = [condition for value, condition in asked if value]
    return [*conditions, account.c.customer == wanted.customer] if wanted.customer else conditions
