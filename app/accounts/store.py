"""The statements on the tables of the accounts. Every function takes the transaction it runs in."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from app import errors
from app.accounts.identity import Identity, Kind, Permission
from app.accounts.models import access_token, account, permission
from app.db import bulk
from app.db.database import Transaction

_BUMP = bulk.plain(
    "INSERT INTO account_revision (id, version) VALUES (1, 1)"
    " ON CONFLICT (id) DO UPDATE SET version = account_revision.version + 1"
)
_REVISION = bulk.plain("SELECT version FROM account_revision", returns=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """An account as it is stored; `identity` is what its owner acts as."""

    identity: Identity
    password_hash: str | None = field(repr=False)
    active: bool
    created_at: datetime


def revision(transaction: Transaction) -> int:
    """Read the number that grows with every change of the accounts."""
    rows = transaction.run(bulk.Call(_REVISION))[0]
    return int(rows[0][0]) if rows else 0


def bump(transaction: Transaction) -> None:
    """Count a change of the accounts. Also queues those who change them, up to the end of the transaction."""
    transaction.run(bulk.Call(_BUMP))


def is_empty(transaction: Transaction) -> bool:
    """Say whether there is no account at all."""
    return transaction.sql.execute(sa.select(account.c.id).limit(1)).first() is None


def find_by_login(transaction: Transaction, login_key: str) -> Account | None:
    """Find an account by its folded login."""
    found = _accounts(transaction, account.c.login_key == login_key)
    return found[0] if found else None


def find_by_token(transaction: Transaction, token_hash: str, now: datetime) -> tuple[Account, datetime] | None:
    """Find the account a token acts for and when the token ends, unless it has ended."""
    valid = sa.and_(access_token.c.token_hash == token_hash, access_token.c.expires_at > now)
    row = transaction.sql.execute(sa.select(access_token.c.account_id, access_token.c.expires_at).where(valid)).first()
    if row is None:
        return None
    return _accounts(transaction, account.c.id == row.account_id)[0], row.expires_at


def all_accounts(transaction: Transaction) -> list[Account]:
    """Read all accounts, by login."""
    return _accounts(transaction, sa.true())


def insert(transaction: Transaction, values: Mapping[str, object]) -> None:
    """Insert an account."""
    transaction.sql.execute(sa.insert(account).values(values))


def update(transaction: Transaction, user_id: int, values: Mapping[str, object]) -> None:
    """Change columns of an account."""
    transaction.sql.execute(sa.update(account).where(account.c.id == user_id).values(values))


def replace_hash(transaction: Transaction, user_id: int, *, old: str, new: str) -> None:
    """Store a newer hash of the same password, unless the password has changed in the meantime."""
    same = sa.and_(account.c.id == user_id, account.c.password_hash == old)
    transaction.sql.execute(sa.update(account).where(same).values(password_hash=new))


def replace_permissions(
    transaction: Transaction, user_id: int, workspace_id: int, permissions: Iterable[Permission]
) -> None:
    """Give an account exactly these permissions in a workspace. Raises `NotFound` where there is no such workspace."""
    here = sa.and_(permission.c.account_id == user_id, permission.c.workspace_id == workspace_id)
    transaction.sql.execute(sa.delete(permission).where(here))
    names = sorted(permissions)
    if not names:
        return
    row = {"account_id": user_id, "workspace_id": workspace_id, "permissions": names}
    try:
        transaction.sql.execute(sa.insert(permission).values(row))
    except sa.exc.IntegrityError as error:
        raise errors.NotFound("There is no such workspace.") from error


def insert_token(transaction: Transaction, values: Mapping[str, object]) -> None:
    """Insert an access token."""
    transaction.sql.execute(sa.insert(access_token).values(values))


def delete_tokens(transaction: Transaction, user_id: int) -> None:
    """Delete all access tokens of an account."""
    transaction.sql.execute(sa.delete(access_token).where(access_token.c.account_id == user_id))


def delete_ended_tokens(transaction: Transaction, now: datetime, *, at_most: int) -> int:
    """Delete access tokens that have ended; gives how many."""
    ended = sa.select(access_token.c.id).where(access_token.c.expires_at <= now).limit(at_most)
    return transaction.sql.execute(sa.delete(access_token).where(access_token.c.id.in_(ended))).rowcount


def _accounts(transaction: Transaction, condition: sa.ColumnElement[bool]) -> list[Account]:
    version = revision(transaction)
    rows = transaction.sql.execute(sa.select(account).where(condition).order_by(account.c.login_key)).all()
    given = _permissions(transaction, condition)
    return [_account(row, given.get(row.id, {}), version) for row in rows]


def _permissions(
    transaction: Transaction, condition: sa.ColumnElement[bool]
) -> dict[int, dict[int, frozenset[Permission]]]:
    given: dict[int, dict[int, frozenset[Permission]]] = {}
    of_accounts = sa.select(permission).join(account, account.c.id == permission.c.account_id)
    for row in transaction.sql.execute(of_accounts.where(condition)):
        names = frozenset(Permission(name) for name in row.permissions)
        given.setdefault(row.account_id, {})[row.workspace_id] = names
    return given


def _account(row: sa.Row[Any], permissions: dict[int, frozenset[Permission]], version: int) -> Account:
    who = Identity(
        user_id=row.id,
        login=row.login,
        kind=Kind(row.kind),
        email=row.email,
        admin=row.admin,
        permissions=permissions,
        revision=version,
    )
    return Account(identity=who, password_hash=row.password_hash, active=row.active, created_at=row.created_at)
