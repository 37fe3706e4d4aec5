"""Who a caller is: by token, key, session or password. Whatever the way, the same account gives the same identity."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import TypeGuard, assert_never

from app import errors
from app.accounts import passwords, store, tokens
from app.accounts.attempts import Attempts
from app.accounts.directory import Directory, utc_now
from app.accounts.identity import Credential, Identity, Kind, Way
from app.accounts.logins import is_login, login_key
from app.accounts.passwords import Verifier
from app.accounts.store import Account
from app.accounts.tokens import Prefix
from app.db.database import Database, Transaction

_BY_TOKEN = {Prefix.ACCESS: Way.TOKEN, Prefix.API_KEY: Way.API_KEY}


class Authentication:
    """Says who a caller is, and later, in the transaction it is about to write in, whether that is still so."""

    def __init__(
        self,
        database: Database,
        directory: Directory,
        attempts: Attempts,
        verifier: Verifier,
        *,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._database = database
        self._directory = directory
        self._attempts = attempts
        self._verifier = verifier
        self._now = now

    def identity_for_token(self, token: str) -> Identity:
        """Say who acts with this access token or API key. Raises `Unauthenticated`."""
        prefix = tokens.prefix_of(token)
        way = None if prefix is None else _BY_TOKEN.get(prefix)
        if way is None:
            raise errors.Unauthenticated
        return self._identity_for_secret(way, token)

    def identity_for_session(self, session_id: str) -> Identity:
        """Say whose session this is. Raises `Unauthenticated`."""
        if tokens.prefix_of(session_id) is not Prefix.SESSION:
            raise errors.Unauthenticated
        return self._identity_for_secret(Way.SESSION, session_id)

    def identity_for_password(self, login: str, password: str, *, kind: Kind | None, address: str) -> Identity:
        """Say who has this login and password; of any kind where None is given.

        An unknown login, a wrong password, a user that is locked out, inactive or of another kind are refused alike and
        in the same time. Raises `Unauthenticated`, `LockedOut` for an address that guesses, or `Unavailable` where too
        many are signing in.
        """
        account = self._known(login, password, address) or self._verified(login, password, kind, address)
        if not _fits(account, kind):
            raise errors.Unauthenticated
        credential = Credential(Way.PASSWORD, _password_mark(account), address)
        return replace(account.identity, credential=credential)

    def confirm(self, transaction: Transaction, identity: Identity, revision: int) -> Identity:
        """Say who a caller is now, in a transaction that sees the accounts at this revision.

        Raises `Unauthenticated`.
        """
        credential = identity.credential
        if identity.revision == revision or credential is None:
            return identity
        match credential.way:
            case Way.TOKEN | Way.API_KEY | Way.SESSION:
                bearer = self._directory.find_in(transaction, credential.way, credential.mark)
                confirmed = None if bearer is None else bearer.identity
            case Way.PASSWORD:
                account = store.find_by_id(transaction, identity.user_id)
                is_good = account is not None and self._is_still_good(account, credential)
                confirmed = replace(account.identity, credential=credential) if account and is_good else None
            case unknown:
                assert_never(unknown)
        if confirmed is None:
            raise errors.Unauthenticated
        return confirmed

    def confirm_now(self, identity: Identity) -> Identity:
        """Say who a caller is at this very moment. Raises `Unauthenticated`."""
        with self._database.reading() as transaction:
            return self.confirm(transaction, identity, store.revision(transaction))

    @contextmanager
    def issuing(self, identity: Identity) -> Iterator[Transaction]:
        """Open a transaction that issues something to a caller, who stays who it is until the transaction ends.

        Raises `Unauthenticated` where that is no longer so.
        """
        with self._database.transaction() as transaction:
            revision = store.hold_active(transaction, identity.user_id)
            self.confirm(transaction, identity, revision)
            yield transaction

    def _identity_for_secret(self, way: Way, secret: str) -> Identity:
        bearer = self._directory.by_secret(way, tokens.token_hash(secret))
        if bearer is None:
            raise errors.Unauthenticated
        return bearer.identity

    def _known(self, login: str, password: str, address: str) -> Account | None:
        """Find an account in memory whose password was verified a short time ago, for this address."""
        key = login_key(login)
        account = self._directory.known_by_login(key)
        if account is None or account.is_shut_out(address, self._now()):
            return None
        return account if self._verifier.remembers(key, password, account.password_hash, address) else None

    def _verified(self, login: str, password: str, kind: Kind | None, address: str) -> Account:
        """Verify by what the database says now. Known and unknown logins go the same steps, so they take as long."""
        key = login_key(login)
        with self._verifier.turn(key):
            known = self._known(login, password, address)
            if known is not None:  # somebody with the same credentials was a moment earlier
                return known
            account = self._directory.read_by_login(key) if is_login(login) else None
            attempt = self._attempts.begin(key, account.identity.user_id if account else None, address)
            stored = account.password_hash if account is not None and attempt.may_succeed else None
            right = self._verifier.is_right(key, password, stored, address, known=attempt.is_known)
            if not right or not _fits(account, kind):
                raise errors.Unauthenticated
            self._attempts.succeed(attempt)
        self._renew_hash(account, password)
        return account

    def _is_still_good(self, account: Account, credential: Credential) -> bool:
        same = _password_mark(account) == credential.mark
        return account.active and same and not account.is_shut_out(credential.address, self._now())

    def _renew_hash(self, account: Account, password: str) -> None:
        old = account.password_hash
        if old is None or not passwords.is_outdated(old):
            return
        new = passwords.hash_password(password)
        with self._database.transaction() as transaction:
            store.replace_hash(transaction, account.identity.user_id, old=old, new=new)


def _password_mark(account: Account) -> str:
    """Tell this password of an account from its later ones; a renewed hash of the same one changes nothing."""
    return "" if account.password_set_at is None else account.password_set_at.isoformat()


def _fits(account: Account | None, kind: Kind | None) -> TypeGuard[Account]:
    return account is not None and account.active and kind in {None, account.identity.kind}
