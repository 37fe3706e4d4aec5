"""Who may see what: a todo, the links between todos, and the reasons that name them. Answers are shaped here."""

from collections.abc import Callable
from dataclasses import replace

from app.accounts.identity import NOTHING, Identity, Kind, Permission
from app.todos.history import Entry
from app.todos.outcome import Outcome
from app.todos.todo import Change, Link, Todo

_HIDDEN = "the reference was held by a todo that you may not see"


def may_read(identity: Identity, link: Link) -> bool:
    """Say whether the caller may read a todo: agents in their workspaces, customers those of their company."""
    if identity.kind is Kind.CUSTOMER:
        return _is_own(identity, link)
    return identity.may(Permission.READ, link.workspace_id)


def may_know_of(identity: Identity, link: Link) -> bool:
    """Say whether the caller, as a sender, may hear of a todo: whoever may do anything to it gets it as the answer."""
    if identity.kind is Kind.CUSTOMER:
        return _is_own(identity, link)
    return identity.admin or bool(identity.permissions.get(link.workspace_id, NOTHING) - {Permission.CREATE})


def as_seen_by(identity: Identity, todo: Todo) -> Todo:
    """Give a todo as somebody may read it: without links to what is hidden."""
    return _with_links(todo, lambda link: may_read(identity, link))


def outcome_as_seen_by(identity: Identity, outcome: Outcome) -> Outcome:
    """Give an outcome as its sender may hear of it: neither link nor reason tell of a predecessor that is hidden."""
    todo = None if outcome.todo is None else _with_links(outcome.todo, lambda link: may_know_of(identity, link))
    if outcome.previous is None or may_know_of(identity, outcome.previous):
        return outcome if todo is outcome.todo else replace(outcome, todo=todo)
    return replace(outcome, todo=todo, previous=None, reason=_HIDDEN)


def entry_as_seen_by(identity: Identity, todo: Todo, entry: Entry) -> Entry:
    """Give an entry of a todo's history as somebody may read it: without a word of others that are hidden."""
    previous = todo.previous
    if previous is not None and entry.reason.startswith(f"{previous.key} ") and not may_read(identity, previous):
        entry = replace(entry, reason=_HIDDEN)
    moved = entry.changes.get("customer")
    if moved is None or identity.kind is not Kind.CUSTOMER:
        return entry
    shown = Change(*(company if company == identity.customer else None for company in moved))
    return replace(entry, changes={**entry.changes, "customer": shown})


def reason_as_seen_by(identity: Identity, found: Todo | None, reason: str) -> str:
    """Give a reason as its sender may hear it: it names the todo found only to those who may know of it."""
    return reason if found is None or may_know_of(identity, found.link) else _HIDDEN


def _is_own(identity: Identity, link: Link) -> bool:
    return identity.customer is not None and link.customer == identity.customer


def _with_links(todo: Todo, is_shown: Callable[[Link], bool]) -> Todo:
    links = [link if link is not None and is_shown(link) else None for link in (todo.previous, todo.next)]
    if links == [todo.previous, todo.next]:
        return todo
    return replace(todo, previous=links[0], next=links[1])
