"""OAuth clients (RFC 6749 section 2): programs that ask for tokens, confidential with a secret, public without one."""

import hmac
import re
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, TypedDict

import sqlalchemy as sa

from app import errors
from app.accounts import programs, tokens
from app.accounts.directory import Check, Directory, utc_now
from app.accounts.models import access_token, account, oauth_client
from app.accounts.tokens import Prefix
from app.audit import trail
from app.audit.trail import Change
from app.db.database import Database, Transaction
from app.errors import Problem

PUBLIC_CLIENT = "refgate"
"""The id of the client that is built in; whoever names no client is it."""

_ID = re.compile(r"[A-Za-z0-9._~@+-]{1,100}")
_UNKNOWN = "There is no such client."


class GrantType(StrEnum):
    """How a client gets tokens."""

    PASSWORD = "password"  # noqa: S105 - the name of a grant
    CLIENT_CREDENTIALS = "client_credentials"
    REFRESH_TOKEN = "refresh_token"  # noqa: S105 - likewise


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """A client. `login` names the agent it acts as where it gets tokens for itself."""

    id: str
    name: str
    login: str | None = None
    user_id: int | None = None
    grant_types: tuple[GrantType, ...]
    secret_hash: str | None = field(default=None, repr=False)
    created_at: datetime | None = None
    """None: it is built in."""

    @property
    def public(self) -> bool:
        """Whether it has no secret and so cannot prove who it is."""
        return self.secret_hash is None

    def check_secret(self, secret: str) -> bool:
        """Say whether this is its secret, in the same time whatever the secret is."""
        return self.secret_hash is not None and hmac.compare_digest(tokens.token_hash(secret), self.secret_hash)

    def may_use(self, grant_type: str) -> bool:
        """Say whether it may get tokens this way."""
        return grant_type in self.grant_types


BUILT_IN = Client(id=PUBLIC_CLIENT, name="Built-in client", grant_types=(GrantType.PASSWORD, GrantType.REFRESH_TOKEN))


class Facts(TypedDict, total=False):
    """What changes of a client; what is not said is not in it."""

    name: str
    login: str | None
    grant_types: Sequence[str]


class Clients:
    """Keeps the clients of one database."""

    def __init__(self, database: Database, directory: Directory, *, now: Callable[[], datetime] = utc_now) -> None:
        self._database = database
        self._directory = directory
        self._now = now

    def create(
        self,
        name: str,
        *,
        login: str | None = None,
        grant_types: Sequence[str] = (GrantType.CLIENT_CREDENTIALS,),
        client_id: str | None = None,
        public: bool = False,
        actor: str = trail.GATEWAY,
        after: int | None = None,
    ) -> tuple[Client, str | None]:
        """Make a client; gives its secret, this once, unless it is public. Raises `Invalid`.

        Raises `Conflict` for an id that is taken, and for who has made another since the entry `after` of the trail.
        """
        _check(name, login, grant_types, client_id, public=public)
        secret, secret_hash = (None, None) if public else tokens.new_token(Prefix.CLIENT_SECRET)
        row = {
            "id": client_id or uuid.uuid4().hex,
            "name": name,
            "secret_hash": secret_hash,
            "grant_types": _with_refreshing(grant_types),
            "created_at": self._now(),
        }
        with self._directory.changing() as transaction:
            trail.check_none_made_since(transaction, after, kind="client", actor=actor)
            user_id = None if login is None else programs.agent_id(transaction, login)
            if _find(transaction, str(row["id"])) is not None:
                raise errors.Conflict("There is a client with this id already.")
            transaction.sql.execute(sa.insert(oauth_client).values(account_id=user_id, **row))
            made = _get(transaction, str(row["id"]))
            trail.remember(transaction, Change.between(actor, "client", made.id, {}, _facts(made)))
        return made, secret

    def find(self, client_id: str) -> Client | None:
        """Find a client by its id, the built-in one too."""
        if client_id == PUBLIC_CLIENT:
            return BUILT_IN
        if not _ID.fullmatch(client_id):
            return None
        with self._database.reading() as transaction:
            return _find(transaction, client_id)

    def get(self, client_id: str) -> Client:
        """Read a client that an administrator made. Raises `NotFound`."""
        found = None if client_id == PUBLIC_CLIENT else self.find(client_id)
        if found is None:
            raise errors.NotFound(_UNKNOWN)
        return found

    def page(self, *, limit: int, after: str | None = None) -> tuple[Sequence[Client], str | None]:
        """List clients by id, those after one where it is given; gives the id to go on after, None at the end."""
        query = _CLIENTS.order_by(oauth_client.c.id).limit(limit + 1)
        if after is not None:
            query = query.where(oauth_client.c.id > after)
        with self._database.reading() as transaction:
            found = [_client(row) for row in transaction.sql.execute(query)]
        return found[:limit], found[limit - 1].id if len(found) > limit else None

    def change(
        self, client_id: str, facts: Facts, *, actor: str = trail.GATEWAY, check: Check[Client] | None = None
    ) -> Client:
        """Change what is said of a client; the tokens it has got end where it acts as another agent or in other ways.

        Raises `NotFound`, `Invalid`.
        """
        self.get(client_id)
        with self._directory.changing() as transaction:
            before = _get(transaction, client_id)
            if check is not None:
                check(before)
            _update(transaction, before, facts)
            after = _get(transaction, client_id)
            if (before.user_id, before.grant_types) != (after.user_id, after.grant_types):
                transaction.sql.execute(sa.delete(access_token).where(access_token.c.client_id == client_id))
            if after != before:
                trail.remember(transaction, Change.between(actor, "client", client_id, _facts(before), _facts(after)))
            return after

    def delete(self, client_id: str, *, actor: str = trail.GATEWAY, check: Check[Client] | None = None) -> None:
        """Delete a client and all tokens it has got, at once. Raises `NotFound`."""
        self.get(client_id)
        with self._directory.changing() as transaction:
            gone = _get(transaction, client_id)
            if check is not None:
                check(gone)
            transaction.sql.execute(sa.delete(access_token).where(access_token.c.client_id == client_id))
            transaction.sql.execute(sa.delete(oauth_client).where(oauth_client.c.id == client_id))
            trail.remember(transaction, Change.between(actor, "client", client_id, _facts(gone), {}))


def _check(name: str, login: str | None, grant_types: Sequence[str], client_id: str | None, *, public: bool) -> None:
    own = GrantType.CLIENT_CREDENTIALS in grant_types
    chosen = client_id is None or (_ID.fullmatch(client_id) is not None and client_id.lower() != PUBLIC_CLIENT)
    known = set(grant_types) <= set(GrantType) and not set(grant_types) <= {GrantType.REFRESH_TOKEN}
    checks = (
        ("/name", programs.is_name(name), f"must be 1 to {programs.LONGEST_NAME} printable characters"),
        ("/grantTypes", known, "must be client_credentials, password or both, and may have refresh_token with them"),
        ("/grantTypes", not (public and own), "must not be client_credentials for a public client: it has no secret"),
        ("/login", login is not None or not own, "must be the agent that a client acts as by client_credentials"),
        ("/clientId", chosen, f"must be 1 to 100 of A-Z a-z 0-9 . _ ~ @ + - and not {PUBLIC_CLIENT}"),
    )
    problems = [Problem(pointer, detail) for pointer, is_right, detail in checks if not is_right]
    if problems:
        raise errors.Invalid(problems)


def _update(transaction: Transaction, client: Client, facts: Facts) -> None:
    name, login = facts.get("name", client.name), facts.get("login", client.login)
    grant_types = facts.get("grant_types", client.grant_types)
    _check(name, login, grant_types, None, public=client.public)
    user_id = None if login is None else programs.agent_id(transaction, login)
    values = {"name": name, "account_id": user_id, "grant_types": _with_refreshing(grant_types)}
    transaction.sql.execute(sa.update(oauth_client).where(oauth_client.c.id == client.id).values(**values))


def _with_refreshing(grant_types: Sequence[str]) -> list[str]:
    """Who may use the password grant gets refresh tokens, and may use them."""
    more = {GrantType.REFRESH_TOKEN} if GrantType.PASSWORD in grant_types else set()
    return sorted({*grant_types, *more})


_CLIENTS = sa.select(oauth_client, account.c.login).outerjoin(account, account.c.id == oauth_client.c.account_id)


def _find(transaction: Transaction, client_id: str) -> Client | None:
    row = transaction.sql.execute(_CLIENTS.where(oauth_client.c.id == client_id)).first()
    return None if row is None else _client(row)


def _get(transaction: Transaction, client_id: str) -> Client:
    found = _find(transaction, client_id)
    if found is None:
        raise errors.NotFound(_UNKNOWN)
    return found


def _client(row: sa.Row[Any]) -> Client:
    return Client(
        id=row.id,
        name=row.name,
        login=row.login,
        user_id=row.account_id,
        grant_types=tuple(GrantType(name) for name in row.grant_types),
        secret_hash=row.secret_hash,
        created_at=row.created_at,
    )


def _facts(client: Client) -> dict[str, object]:
    return {"name": client.name, "login": client.login, "public": client.public, "grantTypes": client.grant_types}
