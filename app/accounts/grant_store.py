"""The statements on families of tokens. Every function takes the transaction it runs in.

A family is what one sign-in has led to: the refresh tokens that came one after the other, and their access tokens.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from app.accounts.clients import PUBLIC_CLIENT
from app.accounts.models import access_token, account, oauth_client, refresh_token, token_family
from app.accounts.tokens import Prefix
from app.db.database import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Whom tokens act as, and through which client."""

    user_id: int
    login: str
    client_id: str


@dataclass(frozen=True, slots=True)
class Family:
    """A family of tokens: whose, and when it ends whatever happens."""

    id: int
    holder: Holder
    ends_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """What is stored of an access token or a refresh token. Only access tokens have a `jti`."""

    prefix: Prefix
    token_hash: str
    family_id: int | None
    client_id: str
    login: str
    jti: str | None
    issued_at: datetime
    expires_at: datetime
    is_usable: bool
    """False: its user is shut out, or it was redeemed."""


def is_client(transaction: Transaction, client_id: str) -> bool:
    """Say whether there is still such a client."""
    if client_id == PUBLIC_CLIENT:
        return True
    found = sa.select(oauth_client.c.id).where(oauth_client.c.id == client_id)
    return transaction.sql.execute(found).first() is not None


def begin_family(transaction: Transaction, holder: Holder, *, now: datetime, ends_at: datetime) -> Family:
    """Begin a family."""
    client_id = None if holder.client_id == PUBLIC_CLIENT else holder.client_id
    row = {"account_id": holder.user_id, "client_id": client_id, "created_at": now, "ends_at": ends_at}
    insert = sa.insert(token_family).values(row).returning(token_family.c.id)
    return Family(transaction.sql.execute(insert).scalar_one(), holder, ends_at)


def insert_access_token(transaction: Transaction, row: Mapping[str, object]) -> None:
    """Store an access token."""
    transaction.sql.execute(sa.insert(access_token).values(row))


def insert_refresh_token(transaction: Transaction, row: Mapping[str, object]) -> None:
    """Store a refresh token."""
    transaction.sql.execute(sa.insert(refresh_token).values(row))


def find_family(transaction: Transaction, refresh_hash: str) -> Family | None:
    """Find the family that a refresh token belongs to."""
    query = (
        sa.select(token_family, account.c.login)
        .join(refresh_token, refresh_token.c.family_id == token_family.c.id)
        .join(account, account.c.id == token_family.c.account_id)
        .where(refresh_token.c.token_hash == refresh_hash)
    )
    row = transaction.sql.execute(query).first()
    if row is None:
        return None
    holder = Holder(user_id=row.account_id, login=row.login, client_id=row.client_id or PUBLIC_CLIENT)
    return Family(row.id, holder, row.ends_at)


def lock_family(transaction: Transaction, family_id: int) -> bool:
    """Wait for those who redeem a token of this family or end it; say whether there still is one."""
    query = sa.select(token_family.c.id).where(token_family.c.id == family_id).with_for_update()
    return transaction.sql.execute(query).first() is not None


def claim(transaction: Transaction, refresh_hash: str, now: datetime) -> bool:
    """Redeem a refresh token, in one statement; say whether it was good, which it is for one caller only."""
    good = (
        refresh_token.c.token_hash == refresh_hash,
        refresh_token.c.used_at.is_(None),
        refresh_token.c.expires_at > now,
    )
    return transaction.sql.execute(sa.update(refresh_token).where(*good).values(used_at=now)).rowcount == 1


def is_used(transaction: Transaction, refresh_hash: str) -> bool:
    """Say whether a refresh token was redeemed."""
    query = sa.select(refresh_token.c.used_at).where(refresh_token.c.token_hash == refresh_hash)
    return transaction.sql.execute(query).scalar() is not None


def end_family(transaction: Transaction, family_id: int) -> None:
    """End a family: its refresh tokens go with it, its access tokens are told to."""
    transaction.sql.execute(sa.delete(access_token).where(access_token.c.family_id == family_id))
    transaction.sql.execute(sa.delete(token_family).where(token_family.c.id == family_id))


def delete_access_token(transaction: Transaction, token_hash: str) -> None:
    """Delete an access token."""
    transaction.sql.execute(sa.delete(access_token).where(access_token.c.token_hash == token_hash))


def find_access_token(transaction: Transaction, token_hash: str) -> Stored | None:
    """Find an access token, whether or not it is still good."""
    query = (
        sa.select(access_token, account.c.login, account.c.active)
        .join(account, account.c.id == access_token.c.account_id)
        .where(access_token.c.token_hash == token_hash)
    )
    row = transaction.sql.execute(query).first()
    if row is None:
        return None
    return Stored(
        prefix=Prefix.ACCESS,
        token_hash=token_hash,
        family_id=row.family_id,
        client_id=row.client_id,
        login=row.login,
        jti=row.jti,
        issued_at=row.created_at,
        expires_at=row.expires_at,
        is_usable=row.active,
    )


def find_refresh_token(transaction: Transaction, token_hash: str) -> Stored | None:
    """Find a refresh token, whether or not it is still good."""
    query = (
        sa.select(refresh_token, token_family.c.client_id, account.c.login, account.c.active)
        .join(token_family, token_family.c.id == refresh_token.c.family_id)
        .join(account, account.c.id == token_family.c.account_id)
        .where(refresh_token.c.token_hash == token_hash)
    )
    row = transaction.sql.execute(query).first()
    if row is None:
        return None
    return Stored(
        prefix=Prefix.REFRESH,
        token_hash=token_hash,
        family_id=row.family_id,
        client_id=row.client_id or PUBLIC_CLIENT,
        login=row.login,
        jti=None,
        issued_at=row.created_at,
        expires_at=row.expires_at,
        is_usable=row.active and row.used_at is None,
    )


def delete_ended(transaction: Transaction, now: datetime, *, at_most: int) -> int:
    """Delete access tokens that have ended, and families none of whose tokens is good any more; gives how many."""
    refreshable = sa.exists().where(refresh_token.c.family_id == token_family.c.id, refresh_token.c.expires_at > now)
    in_use = sa.exists().where(access_token.c.family_id == token_family.c.id, access_token.c.expires_at > now)
    dead = sa.or_(token_family.c.ends_at <= now, sa.and_(~refreshable, ~in_use))
    expired = sa.select(access_token.c.id).where(access_token.c.expires_at <= now).limit(at_most)
    ended = sa.select(token_family.c.id).where(dead).limit(at_most)
    tokens = transaction.sql.execute(sa.delete(access_token).where(access_token.c.id.in_(expired)))
    families = transaction.sql.execute(sa.delete(token_family).where(token_family.c.id.in_(ended)))
    return tokens.rowcount + families.rowcount
