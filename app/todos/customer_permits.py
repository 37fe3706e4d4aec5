"""What customers may do: create for their own company where that is open to them, and change what is their company's.

Never who a todo is assigned to, the workspace of one that exists, whose it is, nor which references it holds. Whatever
is another company's, or nobody's, is refused in the same words as what is closed to customers.
"""

from collections.abc import Mapping
from typing import NoReturn

from app import errors
from app.accounts.identity import Identity
from app.sources.configuration import Workspace
from app.sources.fields import Facts
from app.todos import sight
from app.todos.submission import Submission
from app.todos.todo import Change, Todo

_CLOSED = "Customers create todos in workspaces that are open to them, and change those of their own company."
_NEVER = ("assignee", "workspace", "customer", "externalReferences")


def check_sight(identity: Identity, existing: Todo | None, workspace: Workspace | None) -> None:
    """Check that the todo found is the company's, or that the company may create one. Raises `Forbidden`, all alike."""
    if existing is None:
        check_create(identity, workspace, {}, {})
    else:
        check_own(identity, existing)


def check_own(identity: Identity, todo: Todo) -> None:
    """Check that a todo is the company's. Raises `Forbidden`."""
    if not sight.may_read(identity, todo.link):
        raise errors.Forbidden(_CLOSED)


def check_create(identity: Identity, workspace: Workspace | None, sent: Facts, defaults: Mapping[str, object]) -> None:
    """Check that the company may create this; a workspace that is not known yet is checked later.

    Raises `Forbidden`.
    """
    if identity.customer is None or not (workspace is None or workspace.customers_may_create):
        raise errors.Forbidden(_CLOSED)
    given = defaults.get("assignee")
    if sent.get("assignee", given) != given:
        raise errors.Forbidden("Customers may not say who a todo is assigned to.")


def check_change(identity: Identity, before: Todo, changes: Mapping[str, Change], submission: Submission) -> None:
    """Check that the company may make all of these changes. Raises `Forbidden`."""
    check_own(identity, before)
    check_company(identity, submission.facts)
    refused = [name for name in _NEVER if name in changes]
    if refused:
        raise errors.Forbidden(f"Customers may not change of a todo: {', '.join(refused)}.")


def check_company(identity: Identity, sent: Facts) -> None:
    """Check that a customer names no company but its own. Raises `Forbidden`, alike for one that does not exist."""
    if sent.get("customer", identity.customer) != identity.customer:
        raise errors.Forbidden("Customers speak for their own company only.")


def check_note(identity: Identity, todo: Todo, *, internal: bool | None) -> bool:
    """Check a note and say whether it is internal: that of a customer never is. Raises `Forbidden`."""
    check_own(identity, todo)
    if internal:
        refuse_internal()
    return False


def refuse_internal() -> NoReturn:
    """Say that customers cannot write what is kept from customers. Raises `Forbidden`."""
    raise errors.Forbidden("The notes of customers cannot be internal: they would not see them themselves.")
