"""The accounts: who a caller is by token or password, and the changes an administrator makes."""

import secrets
import time
import unicodedata
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from app import errors
from app.accounts import passwords, store, tokens
from app.accounts.directory import Directory, utc_now
from app.accounts.identity import Identity, Kind, Permission, permissions_named
from app.accounts.passwords import Verifier
from app.accounts.store import Account
from app.db.database import Database, Transaction

PUBLIC_CLIENT = "refgate"
EVERY_SCOPE = "*"
PRUNED_AT_ONCE = 1000

_LONGEST_LOGIN = 255
_LONGEST_EMAIL = 320


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedToken:
    """A token as its owner gets it, this once. `expires_in` is in seconds."""

    access_token: str = field(repr=False)
    jti: str
    expires_in: int
    scope: str


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """An account as an administrator sees it; permissions by workspace id."""

    login: str
    kind: Kind
    email: str | None
    admin: bool
    active: bool
    created_at: datetime
    permissions: Mapping[int, frozenset[Permission]]


class AccountService:
    """Authenticates callers and keeps the accounts of one database."""

    def __init__(
        self,
        database: Database,
        *,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._database = database
        self._now = now
        self._verifier = Verifier(clock=clock)
        self._directory = Directory(database, clock=clock, now=now)

    def identity_for_token(self, token: str) -> Identity:
        """Say who acts with this access token. Raises `Unauthenticated`."""
        account = self._directory.by_token(tokens.token_hash(token)) if tokens.is_access_token(token) else None
        if account is None or not account.active:
            raise errors.Unauthenticated
        return account.identity

    def identity_for_password(self, login: str, password: str) -> Identity:
        """Say which agent has this login and password, in the same time whether or not there is one.

        Raises `Unauthenticated`, or `Unavailable` where too many are signing in.
        """
        account = self._known(login, password) or self._verified(login, password)
        if account is None or not account.active or account.identity.kind is not Kind.AGENT:
            raise errors.Unauthenticated
        return account.identity

    def issue_token(self, identity: Identity, lifetime: timedelta, client_id: str = PUBLIC_CLIENT) -> IssuedToken:
        """Make an access token that acts for somebody who has just been authenticated."""
        token, token_hash = tokens.new_token()
        jti, now = str(uuid.uuid4()), self._now()
        row = {
            "token_hash": token_hash,
            "jti": jti,
            "account_id": identity.user_id,
            "client_id": client_id,
            "scope": EVERY_SCOPE,
            "created_at": now,
            "expires_at": now + lifetime,
        }
        with self._database.transaction() as transaction:
            store.insert_token(transaction, row)
        return IssuedToken(access_token=token, jti=jti, expires_in=int(lifetime.total_seconds()), scope=EVERY_SCOPE)

    def save_user(
        self,
        login: str,
        *,
        password: str | None = None,
        email: str | None = None,
        admin: bool = False,
        active: bool = True,
        kind: Kind = Kind.AGENT,
    ) -> User:
        """Create a user, or replace what is known of one; without a password the present one stays.

        A new password and a deactivation end all tokens of the user. Raises `Invalid`.
        """
        _check_user(login, password=password, email=email, admin=admin, kind=kind)
        values: dict[str, object] = {"login": login, "email": email, "admin": admin, "active": active, "kind": kind}
        if password is not None:
            values["password_hash"] = passwords.hash_password(password)
        with self._changing() as transaction:
            return _user(self._save(transaction, values, end_tokens=password is not None or not active))

    def grant(self, login: str, workspace_id: int, permissions: Sequence[str]) -> None:
        """Give a user exactly these permissions in a workspace; `full` is all of them, none takes them away.

        Raises `Invalid` for an unknown permission, `NotFound` for an unknown user or workspace.
        """
        given = permissions_named(permissions)
        with self._changing() as transaction:
            account = _get(transaction, login)
            store.replace_permissions(transaction, account.identity.user_id, workspace_id, given)

    def ensure_admin(self, login: str, password: str | None) -> str | None:
        """Create the first administrator in a database without users; gives the password where it had to make one.

        Raises `Invalid`.
        """
        with self._database.reading() as transaction:
            if not store.is_empty(transaction):
                return None
        chosen = password or secrets.token_urlsafe(18)
        _check_user(login, password=chosen, email=None, admin=True, kind=Kind.AGENT)
        values = {"login": login, "admin": True, "active": True, "kind": Kind.AGENT}
        hashed = passwords.hash_password(chosen)
        with self._changing() as transaction:
            if not store.is_empty(transaction):
                return None  # another process was first, and its password counts
            self._save(transaction, {**values, "password_hash": hashed}, end_tokens=False)
        return None if password else chosen

    def get_user(self, login: str) -> User:
        """Read one user. Raises `NotFound`."""
        with self._database.reading() as transaction:
            return _user(_get(transaction, login))

    def list_users(self) -> tuple[User, ...]:
        """Read all users, by login."""
        with self._database.reading() as transaction:
            return tuple(_user(account) for account in store.all_accounts(transaction))

    def prune_tokens(self) -> int:
        """Delete some of the tokens that have ended; gives how many, 0 where none is left."""
        with self._database.transaction() as transaction:
            return store.delete_ended_tokens(transaction, self._now(), at_most=PRUNED_AT_ONCE)

    def _known(self, login: str, password: str) -> Account | None:
        key = login_key(login)
        account = self._directory.known_by_login(key)
        return account if account and self._verifier.remembers(key, password, account.password_hash) else None

    def _verified(self, login: str, password: str) -> Account | None:
        """Verify by what the database says now. Both a known and an unknown login are read, so they take as long."""
        key = login_key(login)
        account = self._directory.read_by_login(key) if _is_login(login) else None
        if not self._verifier.is_right(key, password, account.password_hash if account else None) or account is None:
            return None
        self._renew_hash(account, password)
        return account

    @contextmanager
    def _changing(self) -> Iterator[Transaction]:
        with self._database.transaction() as transaction:
            store.bump(transaction)  # first: whoever changes accounts too waits here
            yield transaction
        self._directory.forget()

    def _save(self, transaction: Transaction, values: dict[str, object], *, end_tokens: bool) -> Account:
        key = login_key(str(values["login"]))
        found = store.find_by_login(transaction, key)
        if found is None:
            store.insert(transaction, {**values, "login_key": key, "created_at": self._now()})
        else:
            store.update(transaction, found.identity.user_id, values)
            if end_tokens:
                store.delete_tokens(transaction, found.identity.user_id)
        return _get(transaction, key)

    def _renew_hash(self, account: Account, password: str) -> None:
        old = account.password_hash
        if old is None or not passwords.is_outdated(old):
            return
        new = passwords.hash_password(password)
        with self._changing() as transaction:
            store.replace_hash(transaction, account.identity.user_id, old=old, new=new)


def login_key(login: str) -> str:
    """Fold a login, so that case and the way a keyboard composes a letter do not matter."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", login).casefold())


def _get(transaction: Transaction, login: str) -> Account:
    account = store.find_by_login(transaction, login_key(login)) if _is_login(login) else None
    if account is None:
        raise errors.NotFound("There is no such user.")
    return account


def _user(account: Account) -> User:
    who = account.identity
    return User(
        login=who.login,
        kind=who.kind,
        email=who.email,
        admin=who.admin,
        active=account.active,
        created_at=account.created_at,
        permissions=who.permissions,
    )


def _check_user(login: str, *, password: str | None, email: str | None, admin: bool, kind: Kind) -> None:
    checks = (
        ("/login", _is_login(login), f"must be 1 to {_LONGEST_LOGIN} printable characters without a colon"),
        ("/password", password is None or password != "", "must not be empty"),
        ("/email", email is None or _is_email(email), "must be an e-mail address"),
        ("/admin", not admin or kind is Kind.AGENT, "must be false for a customer"),
    )
    problems = [errors.Problem(pointer, detail) for pointer, is_right, detail in checks if not is_right]
    if problems:
        raise errors.Invalid(problems)


def _is_login(login: str) -> bool:
    """Say whether it can be one. A colon would end the login in HTTP Basic (RFC 7617 section 2)."""
    return 0 < len(login) <= _LONGEST_LOGIN and login.isprintable() and ":" not in login


def _is_email(text: str) -> bool:
    local, _, domain = text.rpartition("@")
    return bool(local and domain) and len(text) <= _LONGEST_EMAIL and text.isprintable() and " " not in text
