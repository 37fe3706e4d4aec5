"""Who bears a token, a key or a session id: one look-up for each kind, by the hash of the secret."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from app.accounts import store
from app.accounts.identity import Credential, Identity, Way
from app.accounts.models import access_token, api_key, login_session
from app.accounts.store import Account
from app.db.database import Transaction

TOUCHED_EVERY = timedelta(minutes=1)

_USED = {Way.API_KEY: api_key.c.last_used_at, Way.SESSION: login_session.c.last_seen_at}


@dataclass(frozen=True, slots=True, kw_only=True)
class Bearer:
    """An account as somebody acts for it by a secret, until it ends."""

    account: Account
    credential: Credential
    row_id: int
    ends_at: datetime | None = None
    source: str | None = None
    used_at: datetime | None = None
    identity: Identity = field(init=False, compare=False)
    """Who its bearer acts as."""

    def __post_init__(self) -> None:
        """Say who its bearer acts as, once for all that asks."""
        identity = replace(self.account.identity, source=self.source, credential=self.credential)
        object.__setattr__(self, "identity", identity)

    def is_good(self, now: datetime) -> bool:
        """Say whether it still lets its bearer in."""
        return self.account.active and (self.ends_at is None or now < self.ends_at)

    def is_to_be_touched(self, now: datetime) -> bool:
        """Say whether it is time to write down again that it is in use."""
        used = self.credential.way in _USED
        return used and (self.used_at is None or now - self.used_at >= TOUCHED_EVERY)


def find(transaction: Transaction, way: Way, secret_hash: str, idle: timedelta) -> Bearer | None:
    """Find who bears the secret with this hash; a session ends where it was not used for as long as `idle`."""
    row = transaction.sql.execute(_QUERIES[way](secret_hash)).first()
    account = None if row is None else store.find_by_id(transaction, row.account_id)
    if row is None or account is None:
        return None
    return Bearer(account=account, credential=Credential(way, secret_hash), row_id=row.id, **_facts(way, row, idle))


def touch(transaction: Transaction, bearer: Bearer, now: datetime) -> None:
    """Write down that a key or a session is in use, at most once a minute whoever else does so."""
    used_at = _USED[bearer.credential.way]
    stale = sa.or_(used_at.is_(None), used_at <= now - TOUCHED_EVERY)
    mine = used_at.table.c.id == bearer.row_id
    transaction.sql.execute(sa.update(used_at.table).where(mine, stale).values({used_at: now}))


def _facts(way: Way, row: sa.Row[Any], idle: timedelta) -> dict[str, Any]:
    if way is Way.SESSION:
        return {"ends_at": min(row.ends_at, row.last_seen_at + idle), "used_at": row.last_seen_at}
    if way is Way.API_KEY:
        return {"ends_at": row.expires_at, "used_at": row.last_used_at, "source": row.source}
    return {"ends_at": row.expires_at}


_QUERIES: Mapping[Way, Callable[[str], sa.Select[Any]]] = {
    Way.TOKEN: lambda secret_hash: sa.select(access_token).where(access_token.c.token_hash == secret_hash),
    Way.API_KEY: lambda secret_hash: sa.select(api_key).where(api_key.c.key_hash == secret_hash),
    Way.SESSION: lambda secret_hash: sa.select(login_session).where(login_session.c.session_hash == secret_hash),
}
