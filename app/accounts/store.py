"""The statements on accounts and their permissions. Every function takes the transaction it runs in."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from app import errors
from app.accounts.identity import Identity, Kind, Permission
from app.accounts.models import (
    access_token,
    account,
    account_revision,
    login_session,
    permission,
    sign_in_failure,
    token_family,
)
from app.db import bulk
from app.db.database import Transaction

REVISION = bulk.Call(bulk.plain("SELECT version FROM account_revision", returns=True))
_BUMP = bulk.Call(
    bulk.plain(
        "INSERT INTO account_revision (id, version) VALUES (1, 1)"
        " ON CONFLICT (id) DO UPDATE SET version = account_revision.version + 1"
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """An account as it is stored; `identity` is what its owner acts as."""

    identity: Identity
    password_hash: str | None = field(repr=False)
    password_set_at: datetime | None
    active: bool
    created_at: datetime
    shut_out: Mapping[str, datetime] = field(default_factory=dict)
    """Addresses that may not try its password, and until when."""

    def is_shut_out(self, address: str, now: datetime) -> bool:
        """Say whether this address may not try its password at this instant."""
        until = self.shut_out.get(address)
        return until is not None and now < until


def revision(transaction: Transaction) -> int:
    """Read the number that grows with every change of the accounts."""
    return revision_in(transaction.run(REVISION)[0])


def revision_in(rows: list[tuple[Any, ...]]) -> int:
    """Give the revision in the rows of `REVISION`."""
    return int(rows[0][0]) if rows else 0


def bump(transaction: Transaction) -> None:
    """Count a change of the accounts. Also queues those who change them, up to the end of the transaction."""
    transaction.run(_BUMP)


def hold_active(transaction: Transaction, user_id: int) -> int:
    """Hold the accounts as they are until the transaction ends, so that nothing is issued to somebody just shut out.

    Those who issue hold them together; those who change them wait. Gives the revision. Raises `Unauthenticated` for an
    inactive account.
    """
    version = transaction.sql.execute(sa.select(account_revision.c.version).with_for_update(read=True)).scalar()
    if not transaction.sql.execute(sa.select(account.c.active).where(account.c.id == user_id)).scalar():
        raise errors.Unauthenticated
    return int(version or 0)


def is_empty(transaction: Transaction) -> bool:
    """Say whether there is no account at all."""
    return transaction.sql.execute(sa.select(account.c.id).limit(1)).first() is None


def find_by_login(transaction: Transaction, login_key: str) -> Account | None:
    """Find an account by its folded login."""
    found = accounts_where(transaction, account.c.login_key == login_key)
    return found[0] if found else None


def find_by_id(transaction: Transaction, user_id: int) -> Account | None:
    """Find an account by its id."""
    found = accounts_where(transaction, account.c.id == user_id)
    return found[0] if found else None


def all_accounts(transaction: Transaction) -> list[Account]:
    """Read all accounts, by login."""
    return accounts_where(transaction, sa.true())


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


def end_sign_ins(transaction: Transaction, user_id: int) -> None:
    """End everything an account has got by its password: tokens and sessions. API keys stay."""
    for table in (token_family, access_token, login_session):
        transaction.sql.execute(sa.delete(table).where(table.c.account_id == user_id))


def accounts_where(transaction: Transaction, condition: sa.ColumnElement[bool]) -> list[Account]:
    """Read the accounts for which this is true, by login."""
    version = revision(transaction)
    rows = transaction.sql.execute(sa.select(account).where(condition).order_by(account.c.login_key)).all()
    given, shut_out = _permissions(transaction, condition), _shut_out(transaction, condition)
    return [_account(row, given.get(row.id, {}), shut_out.get(row.id, {}), version) for row in rows]


def _permissions(
    transaction: Transaction, condition: sa.ColumnElement[bool]
) -> dict[int, dict[int, frozenset[Permission]]]:
    given: dict[int, dict[int, frozenset[Permission]]] = {}
    of_accounts = sa.select(permission).join(account, account.c.id == permission.c.account_id)
    for row in transaction.sql.execute(of_accounts.where(condition)):
        names = frozenset(Permission(name) for name in row.permissions)
        given.setdefault(row.account_id, {})[row.workspace_id] = names
    return given


def _shut_out(transaction: Transaction, condition: sa.ColumnElement[bool]) -> dict[int, dict[str, datetime]]:
    locks: dict[int, dict[str, datetime]] = {}
    failed = sign_in_failure.c
    of_accounts = sa.select(failed.account_id, failed.address, failed.locked_until).join(
        account, account.c.id == failed.account_id
    )
    for row in transaction.sql.execute(
        of_accounts.where(condition, failed.kind == "pair", failed.locked_until.is_not(None))
    ):
        locks.setdefault(row.account_id, {})[row.address] = row.locked_until
    return locks


def _account(
    row: sa.Row[Any], permissions: dict[int, frozenset[Permission]], shut_out: dict[str, datetime], version: int
) -> Account:
    who = Identity(
        user_id=row.id,
        login=row.login,
        kind=Kind(row.kind),
        email=row.email,
        admin=row.admin,
        customer=row.customer,
        permissions=permissions,
        revision=version,
    )
    return Account(
        identity=who,
        password_hash=row.password_hash,
        password_set_at=row.password_set_at,
        active=row.active,
        created_at=row.created_at,
        shut_out=shut_out,
    )
