"""What all changes by hand share: the todo and its references are held, and who did what is remembered and told."""

from dataclasses import replace
from datetime import datetime
from typing import NoReturn

from app import errors
from app.accounts.identity import Identity
from app.db.database import Transaction
from app.sources.service import ConfigurationService
from app.todos import history, permits, sight, store
from app.todos.history import Entry
from app.todos.ledger import Ledger
from app.todos.outcome import Outcome, OutcomeKind
from app.todos.store import Wanted
from app.todos.todo import Change, Link, Todo, changes, split_key


def held(
    transaction: Transaction, configuration: ConfigurationService, key: str, identity: Identity, wanted: Wanted
) -> tuple[Ledger, Todo]:
    """Claim what is wanted, and hold the todo with this key for the rest of the transaction.

    Raises `NotFound`, for hidden todos too.
    """
    _, number = split_key(key)
    ledger = store.claim(transaction, configuration, replace(wanted, ids=[number]))
    todo = ledger.todos.get(number)
    return ledger, permits.check_read(identity, todo if todo is not None and todo.key == key else None)


def check_version(todo: Todo, versions: frozenset[int] | None) -> None:
    """Check that a todo is at one of these versions; None where any will do. Raises `PreconditionFailed`."""
    if versions is not None and todo.version not in versions:
        raise errors.PreconditionFailed(f"{todo.key} has changed since: it is at version {todo.version} now.")


def refuse_held(holder: Todo, identity: Identity) -> NoReturn:
    """Say that another todo holds the reference: which one only to those who may see it. Raises `Conflict`."""
    raise errors.Conflict(f"The reference is held by {named(holder.link, identity)}.")


def named(link: Link, identity: Identity) -> str:
    """Name a todo to those who may see it."""
    return link.key if sight.may_read(identity, link) else "another todo"


def differences(before: Todo, after: Todo) -> dict[str, Change]:
    """Compare two states of a todo, its references too."""
    found = changes(before, after)
    old, new = (tuple(reference.reference for reference in todo.references) for todo in (before, after))
    return found if old == new else found | {"externalReferences": Change(old, new)}


def remember(
    ledger: Ledger,
    before: Todo,
    after: Todo,
    *,
    actor: str,
    at: datetime,
    reason: str,
    reference: str | None = None,
    comment: str | None = None,
    internal: bool = False,
) -> None:
    """Write down what somebody has changed, and announce it; an internal comment is kept from customers."""
    outcome = Outcome(
        kind=OutcomeKind.UPDATED,
        reason=reason,
        source="",
        rule_version=0,
        reference=reference,
        todo=after,
        changes=differences(before, after),
    )
    entry = Entry(
        todo_id=after.id,
        at=at,
        actor=actor,
        outcome=outcome.kind.value,
        reason=reason,
        reference=reference,
        changes=outcome.changes,
        comment=comment,
        internal=internal,
    )
    ledger.told.append(outcome)
    ledger.entries.extend(history.apart(entry))
