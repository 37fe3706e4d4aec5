"""The changes an administrator makes to users, each checked against what is stored, then written and remembered."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any

from app import errors
from app.accounts import customers, references, store, user_rows, user_rules
from app.accounts.identity import NOTHING, Kind, permissions_named
from app.accounts.logins import is_login, login_key
from app.accounts.store import Account
from app.accounts.user_rules import Facts, Profile
from app.audit import trail
from app.audit.trail import Change
from app.db.database import Transaction
from app.errors import Problem


@dataclass(frozen=True, slots=True)
class Edit:
    """What somebody says of a user, and when; the password comes as its hash too, which takes long to make."""

    login: str
    facts: Facts = field(repr=False)
    hashed: str | None = field(repr=False)
    actor: str
    at: datetime

    @property
    def values(self) -> dict[str, object]:
        """What to store of the password."""
        return {} if self.hashed is None else {"password_hash": self.hashed, "password_set_at": self.at}

    @property
    def remembered(self) -> dict[str, tuple[object, object]]:
        """What to remember of the password: that it is another one."""
        return {} if self.hashed is None else {"password": (None, "changed")}


def put(transaction: Transaction, edit: Edit) -> bool:
    """Create a user or replace what is known of one; says whether it is new. Raises what `change` raises."""
    found = find(transaction, edit.login)
    if found is None:
        _insert(transaction, edit, _with(Profile(), edit.facts))
    else:
        _update(transaction, edit, found, _with(Profile(kind=found.identity.kind), edit.facts))
    return found is None


def change(transaction: Transaction, edit: Edit) -> None:
    """Change a user. Raises `NotFound`, `Invalid`; `Conflict` for another kind, or for want of an administrator."""
    found = get(transaction, edit.login)
    _update(transaction, replace(edit, login=found.identity.login), found, _with(profile_of(found), edit.facts))


def delete(transaction: Transaction, login: str, actor: str) -> int:
    """Delete a user for whom nothing acts, and give its id.

    Raises `NotFound`, `Conflict` naming what acts for it, or for the last administrator.
    """
    found = get(transaction, login)
    who = found.identity
    acting = references.keys_and_clients(transaction, who.user_id)
    if acting:
        raise errors.Conflict(f"These act for user {who.login}: {references.spoken(acting)}. Delete them first.")
    _keep_an_administrator(transaction, found, None)
    user_rows.delete(transaction, who.user_id)
    gone = user_rules.differences(profile_of(found), None)
    trail.remember(transaction, Change(actor, "delete", "user", who.login, gone))
    return who.user_id


def grant(
    transaction: Transaction, login: str, workspace_id: int, names: Sequence[str], *, workspace: str, actor: str
) -> bool:
    """Give an agent exactly these permissions in a workspace; says whether there were none before.

    Raises `NotFound`, `Invalid`.
    """
    who, given = get(transaction, login).identity, permissions_named(names)
    if given and who.kind is Kind.CUSTOMER:
        raise errors.Invalid([Problem("/permissions", "must be empty for a customer, who has none")])
    before = who.permissions.get(workspace_id, NOTHING)
    store.replace_permissions(transaction, who.user_id, workspace_id, given)
    if given != before:
        changes = {"permissions": (sorted(before), sorted(given))}
        named = f"{who.login} in {workspace or workspace_id}"
        trail.remember(transaction, Change(actor, "change", "permission", named, changes))
    return not before


def find(transaction: Transaction, login: str) -> Account | None:
    """Find a user by login, in any case."""
    return store.find_by_login(transaction, login_key(login)) if is_login(login) else None


def get(transaction: Transaction, login: str) -> Account:
    """Find a user. Raises `NotFound`."""
    account = find(transaction, login)
    if account is None:
        raise errors.NotFound("There is no such user.")
    return account


def profile_of(account: Account) -> Profile:
    """Give what is known of a user as an administrator says it."""
    who = account.identity
    return Profile(email=who.email, admin=who.admin, active=account.active, kind=who.kind, customer=who.customer)


def _insert(transaction: Transaction, edit: Edit, after: Profile) -> None:
    user_rules.check_new(edit.login, after, edit.facts)
    _check_customer(transaction, None, after)
    own = {"login": edit.login, "login_key": login_key(edit.login), "created_at": edit.at}
    store.insert(transaction, {**own, **asdict(after), **edit.values})
    changes = user_rules.differences(None, after) | edit.remembered
    trail.remember(transaction, Change(edit.actor, "create", "user", edit.login, changes))


def _update(transaction: Transaction, edit: Edit, found: Account, after: Profile) -> None:
    before, who = profile_of(found), found.identity
    user_rules.check_change(who.login, before, after, edit.facts)
    _check_customer(transaction, before, after)
    _keep_an_administrator(transaction, found, after)
    store.update(transaction, who.user_id, {"login": edit.login, **asdict(after), **edit.values})
    if edit.hashed is not None:
        user_rows.forget_failures(transaction, who.user_id)
    if edit.hashed is not None or not after.active:
        store.end_sign_ins(transaction, who.user_id)
    respelled = {} if edit.login == who.login else {"login": (who.login, edit.login)}
    changes = respelled | user_rules.differences(before, after) | edit.remembered
    if changes:
        trail.remember(transaction, Change(edit.actor, "change", "user", edit.login, changes))


def _with(profile: Profile, facts: Facts) -> Profile:
    said: Any = user_rules.profile_facts(facts)
    return replace(profile, **said)


def _check_customer(transaction: Transaction, before: Profile | None, after: Profile) -> None:
    """Check that the customer of a user exists, where it is another than before. Raises `Invalid`."""
    wanted = after.customer
    is_other = before is None or before.customer != wanted
    if wanted is not None and is_other and not customers.is_known(transaction, wanted):
        raise errors.Invalid([Problem("/customer", "is no customer; add it first")])


def _keep_an_administrator(transaction: Transaction, found: Account, after: Profile | None) -> None:
    """Refuse to lose the last one who may change anything. Raises `Conflict`."""
    stays = after is not None and after.is_administrator
    if stays or not profile_of(found).is_administrator:
        return
    if not user_rows.has_other_administrator(transaction, found.identity.user_id):
        raise errors.Conflict(f"{found.identity.login} is the last active administrator. Make another one first.")
