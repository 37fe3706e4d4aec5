"""Granting tokens: issued to who has just proven who it is, refreshed by rotation, revoked, and told about."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from app import errors
from app.accounts import grant_store, store, tokens
from app.accounts.authentication import Authentication
from app.accounts.clients import PUBLIC_CLIENT, Client
from app.accounts.directory import Directory, utc_now
from app.accounts.grant_store import Family, Holder, Stored
from app.accounts.identity import Identity
from app.accounts.tokens import Prefix
from app.db.database import Database, Transaction

EVERY_SCOPE = "*"
"""The one scope there is: a token covers what its user may do."""
PRUNED_AT_ONCE = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Lifetimes:
    """How long things last: an access token, a refresh token, and at most all that one sign-in leads to."""

    access: timedelta
    refresh: timedelta
    grant: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedTokens:
    """Tokens as their owner gets them, this once. `expires_in` is in seconds."""

    access_token: str = field(repr=False)
    refresh_token: str | None = field(repr=False)
    jti: str
    expires_in: int
    scope: str
    login: str


@dataclass(frozen=True, slots=True)
class _Reused:
    """A refresh token was presented that had been redeemed: it is in two hands."""

    family_id: int


class Grants:
    """Issues, refreshes and revokes the tokens of one database."""

    def __init__(
        self,
        database: Database,
        directory: Directory,
        authentication: Authentication,
        *,
        lifetimes: Lifetimes,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._database = database
        self._directory = directory
        self._authentication = authentication
        self._lifetimes = lifetimes
        self._now = now

    def issue(
        self,
        identity: Identity,
        client_id: str | None = None,
        *,
        refreshable: bool,
        lifetime: timedelta | None = None,
    ) -> IssuedTokens:
        """Issue an access token, and a refresh token where `refreshable`, to somebody who has just signed in.

        No client: the built-in one. `lifetime` is another one than usual for the access token. Raises
        `Unauthenticated` for a user that was shut out meanwhile, `NotFound` for a client that is gone.
        """
        now = self._now()
        holder = Holder(user_id=identity.user_id, login=identity.login, client_id=client_id or PUBLIC_CLIENT)
        with self._authentication.issuing(identity) as transaction:
            _check_client(transaction, holder.client_id)
            if not refreshable:
                until = now + (lifetime or self._lifetimes.access)
                return _issue_access_token(transaction, holder, now=now, until=until)
            ends_at = now + self._lifetimes.grant
            family = grant_store.begin_family(transaction, holder, now=now, ends_at=ends_at)
            return self._issue_pair(transaction, family, now)

    def issue_to(self, client: Client) -> IssuedTokens:
        """Issue an access token to a client that has just authenticated, to act as its agent.

        Raises `Unauthenticated` for an agent that is shut out, `NotFound` for a client that is gone.
        """
        if client.user_id is None or client.login is None:
            raise errors.Unauthenticated("The client acts as nobody.")
        now = self._now()
        holder = Holder(user_id=client.user_id, login=client.login, client_id=client.id)
        with self._database.transaction() as transaction:
            store.hold_active(transaction, holder.user_id)
            _check_client(transaction, holder.client_id)
            return _issue_access_token(transaction, holder, now=now, until=now + self._lifetimes.access)

    def refresh(self, refresh_token: str, client_id: str | None = None) -> IssuedTokens:
        """Redeem a refresh token of this client for new tokens. It is good once: of many callers, one gets them.

        One that was redeemed before ends all tokens of its family, also those the other caller has just got.
        Raises `Unauthenticated`.
        """
        if tokens.prefix_of(refresh_token) is not Prefix.REFRESH:
            raise _not_good()
        mark = tokens.token_hash(refresh_token)
        redeemed = self._database.again(partial(self._redeem, mark, client_id or PUBLIC_CLIENT))
        if isinstance(redeemed, _Reused):
            self._end_family(redeemed.family_id)
            raise _not_good()
        return redeemed

    def find(self, token: str) -> Stored | None:
        """Find what is stored of an access token or a refresh token, good or not."""
        finds = {Prefix.ACCESS: grant_store.find_access_token, Prefix.REFRESH: grant_store.find_refresh_token}
        prefix = tokens.prefix_of(token)
        if prefix not in finds:
            return None
        with self._database.reading() as transaction:
            return finds[prefix](transaction, tokens.token_hash(token))

    def introspect(self, token: str) -> Stored | None:
        """Tell about an access token or a refresh token that is good at this moment; None for any other."""
        found = self.find(token)
        return found if found and found.is_usable and self._now() < found.expires_at else None

    def revoke(self, token: Stored) -> None:
        """End an access token, or with a refresh token its whole family; it counts at once."""
        if token.prefix is Prefix.REFRESH and token.family_id is not None:
            self._end_family(token.family_id)
            return
        with self._directory.changing() as transaction:
            grant_store.delete_access_token(transaction, token.token_hash)

    def prune(self) -> int:
        """Delete some of the tokens and families that have ended; gives how many, 0 where none is left."""
        with self._database.transaction() as transaction:
            return grant_store.delete_ended(transaction, self._now(), at_most=PRUNED_AT_ONCE)

    def _redeem(self, mark: str, client_id: str, transaction: Transaction) -> IssuedTokens | _Reused:
        """Redeem in one transaction. It cannot also end the family: that has to wait for all who issue, itself too."""
        family = grant_store.find_family(transaction, mark)
        if family is None or family.holder.client_id != client_id:
            raise _not_good()
        store.hold_active(transaction, family.holder.user_id)
        if not grant_store.lock_family(transaction, family.id):
            raise _not_good()
        now = self._now()
        if grant_store.claim(transaction, mark, now):
            return self._issue_pair(transaction, family, now)
        if grant_store.is_used(transaction, mark):
            return _Reused(family.id)
        raise _not_good()

    def _issue_pair(self, transaction: Transaction, family: Family, now: datetime) -> IssuedTokens:
        """Issue the next two tokens of a family, which do not outlive it."""
        refresh_token, refresh_hash = tokens.new_token(Prefix.REFRESH)
        expires_at = min(now + self._lifetimes.refresh, family.ends_at)
        row = {"token_hash": refresh_hash, "family_id": family.id, "created_at": now, "expires_at": expires_at}
        grant_store.insert_refresh_token(transaction, row)
        return _issue_access_token(
            transaction,
            family.holder,
            now=now,
            until=min(now + self._lifetimes.access, family.ends_at),
            family_id=family.id,
            refresh_token=refresh_token,
        )

    def _end_family(self, family_id: int) -> None:
        with self._directory.changing() as transaction:
            grant_store.end_family(transaction, family_id)


def _issue_access_token(
    transaction: Transaction,
    holder: Holder,
    *,
    now: datetime,
    until: datetime,
    family_id: int | None = None,
    refresh_token: str | None = None,
) -> IssuedTokens:
    access_token, token_hash = tokens.new_token(Prefix.ACCESS)
    jti = str(uuid.uuid4())
    row = {
        "token_hash": token_hash,
        "jti": jti,
        "account_id": holder.user_id,
        "client_id": holder.client_id,
        "family_id": family_id,
        "scope": EVERY_SCOPE,
        "created_at": now,
        "expires_at": until,
    }
    grant_store.insert_access_token(transaction, row)
    return IssuedTokens(
        access_token=access_token,
        refresh_token=refresh_token,
        jti=jti,
        expires_in=int((until - now).total_seconds()),
        scope=EVERY_SCOPE,
        login=holder.login,
    )


def _check_client(transaction: Transaction, client_id: str) -> None:
    if not grant_store.is_client(transaction, client_id):
        raise errors.NotFound("There is no such client.")


def _not_good() -> errors.Unauthenticated:
    return errors.Unauthenticated("The refresh token is not good, or not this client's.")
