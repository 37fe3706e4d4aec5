"""API keys: long-lived secrets that let a program act as one agent, optionally through one source only."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypedDict

import sqlalchemy as sa

from app import errors
from app.accounts import programs, tokens
from app.accounts.directory import Check, Directory, utc_now
from app.accounts.logins import login_key
from app.accounts.models import account, api_key
from app.accounts.tokens import Prefix
from app.audit import trail
from app.audit.trail import Change
from app.db.database import Database, Transaction
from app.errors import Problem

_LAST_NUMBER = 2**63 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """An API key as an administrator sees it. `last_used_at` is exact to a minute."""

    id: int
    name: str
    login: str
    source: str | None
    created_at: datetime
    created_by: str
    expires_at: datetime | None
    last_used_at: datetime | None


class Facts(TypedDict, total=False):
    """What changes of a key; what is not said is not in it."""

    name: str
    source: str | None
    expires_at: datetime | None


class Keys:
    """Keeps the API keys of one database."""

    def __init__(self, database: Database, directory: Directory, *, now: Callable[[], datetime] = utc_now) -> None:
        self._database = database
        self._directory = directory
        self._now = now

    def create(
        self,
        login: str,
        name: str,
        *,
        source: str | None = None,
        expires_at: datetime | None = None,
        actor: str = trail.GATEWAY,
        after: int | None = None,
    ) -> tuple[Key, str]:
        """Make a key for an agent; gives what the key itself is, this once. The caller knows that the source exists.

        Raises `Invalid`, and `Conflict` where the actor has made another key after the entry `after` of the trail.
        """
        now = self._now()
        _check(name, expires_at, now)
        secret, key_hash = tokens.new_token(Prefix.API_KEY)
        row = {"key_hash": key_hash, "name": name, "source": source, "created_at": now, "expires_at": expires_at}
        with self._directory.changing() as transaction:
            trail.check_none_made_since(transaction, after, kind="key", actor=actor)
            user_id = programs.agent_id(transaction, login)
            insert = sa.insert(api_key).values(account_id=user_id, created_by=actor, **row).returning(api_key.c.id)
            made = _get(transaction, transaction.sql.execute(insert).scalar_one())
            trail.remember(transaction, Change.between(actor, "key", str(made.id), {}, _facts(made)))
        return made, secret

    def get(self, number: int) -> Key:
        """Read a key by its id. Raises `NotFound`."""
        with self._database.reading() as transaction:
            return _get(transaction, number)

    def page(
        self, *, limit: int, before: int | None = None, login: str | None = None
    ) -> tuple[Sequence[Key], int | None]:
        """List the newest keys, those before an id where it is given; gives the id to go on before, None at the end.

        With a login only the keys that act for it.
        """
        query = _KEYS.order_by(api_key.c.id.desc()).limit(limit + 1)
        if login is not None:
            query = query.where(account.c.login_key == login_key(login))
        if before is not None:
            query = query.where(api_key.c.id < before)
        with self._database.reading() as transaction:
            found = [_key(row) for row in transaction.sql.execute(query)]
        return found[:limit], found[limit - 1].id if len(found) > limit else None

    def change(self, number: int, facts: Facts, *, actor: str = trail.GATEWAY, check: Check[Key] | None = None) -> Key:
        """Change what is said of a key; it counts at once. The caller knows that the source exists.

        Raises `NotFound`, `Invalid`.
        """
        self.get(number)
        with self._directory.changing() as transaction:
            before = _get(transaction, number)
            if check is not None:
                check(before)
            _check(facts.get("name", before.name), facts.get("expires_at"), self._now())
            after = replace(before, **facts)
            if after != before:
                transaction.sql.execute(sa.update(api_key).where(api_key.c.id == number).values(**facts))
                trail.remember(transaction, Change.between(actor, "key", str(number), _facts(before), _facts(after)))
            return after

    def delete(self, number: int, *, actor: str = trail.GATEWAY, check: Check[Key] | None = None) -> None:
        """Delete a key; it counts at once. Raises `NotFound`."""
        self.get(number)
        with self._directory.changing() as transaction:
            gone = _get(transaction, number)
            if check is not None:
                check(gone)
            transaction.sql.execute(sa.delete(api_key).where(api_key.c.id == number))
            trail.remember(transaction, Change.between(actor, "key", str(number), _facts(gone), {}))


def _check(name: str, expires_at: datetime | None, now: datetime) -> None:
    checks = (
        ("/name", programs.is_name(name), f"must be 1 to {programs.LONGEST_NAME} printable characters"),
        ("/expiresAt", expires_at is None or expires_at > now, "must be in the future"),
    )
    problems = [Problem(pointer, detail) for pointer, is_right, detail in checks if not is_right]
    if problems:
        raise errors.Invalid(problems)


_KEYS = sa.select(api_key, account.c.login).join(account, account.c.id == api_key.c.account_id)


def _get(transaction: Transaction, number: int) -> Key:
    row = transaction.sql.execute(_KEYS.where(api_key.c.id == number)).first() if number <= _LAST_NUMBER else None
    if row is None:
        raise errors.NotFound("There is no such key.")
    return _key(row)


def _key(row: sa.Row[Any]) -> Key:
    return Key(
        id=row.id,
        name=row.name,
        login=row.login,
        source=row.source,
        created_at=row.created_at,
        created_by=row.created_by,
        expires_at=row.expires_at,
        last_used_at=row.last_used_at,
    )


def _facts(key: Key) -> dict[str, object]:
    expiry = None if key.expires_at is None else key.expires_at.isoformat()
    return {"name": key.name, "login": key.login, "source": key.source, "expiresAt": expiry}
