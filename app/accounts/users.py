"""The users, agents and customers: what an administrator sees and changes of them."""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import NamedTuple

from app.accounts import password_rules, passwords, store, user_rows, user_rules, user_writing
from app.accounts.directory import Check, Directory, utc_now
from app.accounts.identity import Kind, Permission
from app.accounts.store import Account
from app.accounts.user_rows import ANYBODY, Wanted
from app.accounts.user_rules import Facts, Profile
from app.accounts.user_writing import Edit
from app.audit import trail
from app.db.database import Database, Transaction

Forget = Callable[[Transaction, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """An account as an administrator sees it; permissions by workspace id."""

    login: str
    kind: Kind
    email: str | None
    customer: str | None
    admin: bool
    active: bool
    created_at: datetime
    permissions: Mapping[int, frozenset[Permission]]


class Saved(NamedTuple):
    """A user as it is now, and whether there was none before."""

    user: User
    is_new: bool


class Users:
    """Keeps the users of one database. Every change counts at once, and is remembered with who made it."""

    def __init__(
        self,
        database: Database,
        directory: Directory,
        *,
        now: Callable[[], datetime] = utc_now,
        forget: Forget | None = None,
    ) -> None:
        """`forget` is told the id of a user who has just gone: an id may come again, for somebody else."""
        self._database = database
        self._directory = directory
        self._now = now
        self._forget = forget

    def save_user(
        self,
        login: str,
        *,
        password: str | None = None,
        email: str | None = None,
        admin: bool = False,
        active: bool = True,
        kind: Kind | None = None,
        customer: str | None = None,
        actor: str = trail.GATEWAY,
    ) -> User:
        """Do what `put_user` does."""
        facts = Facts(email=email, admin=admin, active=active, customer=customer)
        if kind is not None:
            facts["kind"] = kind
        if password is not None:
            facts["password"] = password
        return self.put_user(login, facts, actor=actor).user

    def put_user(
        self, login: str, facts: Facts, *, actor: str = trail.GATEWAY, check: Check[User] | None = None
    ) -> Saved:
        """Create a user, or replace what is known of one: what is not said takes its default.

        Only the kind and the password stay as they are where they are not said. A new password and a deactivation end
        all tokens and sessions of the user. Raises `Invalid`, and `Conflict` for another kind or where no administrator
        would be left.
        """
        edit = self._edit(login, facts, actor)
        with self._directory.changing() as transaction:
            _examine(transaction, login, check)
            is_new = user_writing.put(transaction, edit)
            return Saved(_user(user_writing.get(transaction, login)), is_new)

    def change_user(
        self, login: str, facts: Facts, *, actor: str = trail.GATEWAY, check: Check[User] | None = None
    ) -> User:
        """Change what is said of a user. Raises what `put_user` raises, and `NotFound`."""
        edit = self._edit(login, facts, actor)
        with self._directory.changing() as transaction:
            _examine(transaction, login, check)
            user_writing.change(transaction, edit)
            return _user(user_writing.get(transaction, login))

    def delete_user(self, login: str, *, actor: str = trail.GATEWAY, check: Check[User] | None = None) -> None:
        """Forget a user.

        Raises `NotFound`, `Conflict` naming the keys and clients that act for it, or for the last administrator.
        """
        with self._directory.changing() as transaction:
            _examine(transaction, login, check)
            self.delete_in(transaction, login, actor=actor)

    def delete_in(self, transaction: Transaction, login: str, *, actor: str) -> None:
        """Do what `delete_user` does, in a transaction that changes accounts already."""
        user_id = user_writing.delete(transaction, login, actor)
        if self._forget is not None:
            self._forget(transaction, user_id)

    def grant(
        self,
        login: str,
        workspace_id: int,
        permissions: Sequence[str] | None,
        *,
        workspace: str = "",
        actor: str = trail.GATEWAY,
        check: Check[User] | None = None,
    ) -> Saved:
        """Give an agent exactly these permissions in a workspace; `full` is all of them, none takes them away.

        Without any word of them they stay. `workspace` is what the trail calls it. New is what had none before. Raises
        `Invalid` for an unknown permission and for a customer, `NotFound` for an unknown user or workspace.
        """
        with self._directory.changing() as transaction:
            _examine(transaction, login, check)
            is_new = permissions is not None and user_writing.grant(
                transaction, login, workspace_id, permissions, workspace=workspace, actor=actor
            )
            return Saved(_user(user_writing.get(transaction, login)), is_new)

    def ensure_admin(self, login: str, password: str | None) -> str | None:
        """Create the first administrator in a database without users; gives the password where it had to make one.

        Raises `Invalid`.
        """
        with self._database.reading() as transaction:
            if not store.is_empty(transaction):
                return None
        chosen = password or secrets.token_urlsafe(18)
        facts = Facts(admin=True, password=chosen)
        user_rules.check_new(login, Profile(admin=True), facts)
        edit = self._edit(login, facts, trail.GATEWAY)
        with self._directory.changing() as transaction:
            if not store.is_empty(transaction):
                return None  # another process was first, and its password counts
            user_writing.put(transaction, edit)
        return None if password else chosen

    def get_user(self, login: str) -> User:
        """Read one user. Raises `NotFound`."""
        with self._database.reading() as transaction:
            return _user(user_writing.get(transaction, login))

    def list_users(self) -> tuple[User, ...]:
        """Read all users, by login."""
        with self._database.reading() as transaction:
            return tuple(_user(account) for account in store.all_accounts(transaction))

    def page(
        self, *, limit: int, after: str | None = None, wanted: Wanted = ANYBODY
    ) -> tuple[Sequence[User], str | None]:
        """Read those users that are wanted, by login, after a folded login where one is given.

        Gives the one to go on after, too.
        """
        with self._database.reading() as transaction:
            accounts, last = user_rows.page(transaction, limit=limit, after=after, wanted=wanted)
        return [_user(account) for account in accounts], last

    def _edit(self, login: str, facts: Facts, actor: str) -> Edit:
        """Hash a password before anybody waits for it; one that will be refused is not worth it."""
        password = facts.get("password")
        is_good = password is not None and password_rules.problem_with(password, login) is None
        hashed = passwords.hash_password(password) if password is not None and is_good else None
        return Edit(login, facts, hashed, actor, self._now())


def _examine(transaction: Transaction, login: str, check: Check[User] | None) -> None:
    if check is not None:
        found = user_writing.find(transaction, login)
        check(None if found is None else _user(found))


def _user(account: Account) -> User:
    who, profile = account.identity, asdict(user_writing.profile_of(account))
    return User(login=who.login, created_at=account.created_at, permissions=who.permissions, **profile)
