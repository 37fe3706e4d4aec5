"""Whether a caller may do what was decided: all of it, or nothing. Messages name permissions, never a hidden todo."""

from collections.abc import Mapping

from app import errors
from app.accounts.identity import Identity, Kind, Permission, permission_for_change
from app.sources.configuration import Workspace
from app.sources.fields import Facts
from app.todos import customer_permits, sight
from app.todos.submission import Submission
from app.todos.todo import Change, Todo


def check_sight(identity: Identity, existing: Todo | None, workspace: Workspace | None) -> None:
    """Check that the caller has any business here, before anything is told of the todo that holds the reference.

    Whoever may not know of that todo must be allowed to create one where the reference is free, and is else refused as
    if it were. Raises `Forbidden`.
    """
    if identity.kind is Kind.CUSTOMER:
        customer_permits.check_sight(identity, existing, workspace)
        return
    if existing is not None and sight.may_know_of(identity, existing.link):
        return
    check_touch(identity, None, workspace)
    if existing is not None and not identity.may_anything(existing.workspace.id):
        raise errors.Forbidden


def check_company(identity: Identity, sent: Facts) -> None:
    """Check that the caller may speak for the company it names, if it names one. Raises `Forbidden`."""
    if identity.kind is Kind.CUSTOMER:
        customer_permits.check_company(identity, sent)


def check_comment(identity: Identity, submission: Submission) -> None:
    """Check that the caller may keep its comment from customers, if it wants to. Raises `Forbidden`."""
    if identity.kind is Kind.CUSTOMER and submission.internal:
        customer_permits.refuse_internal()


def check_create(identity: Identity, workspace: Workspace, sent: Facts, defaults: Mapping[str, object]) -> None:
    """Check that the caller may create a todo in this workspace from what it sent. Raises `Forbidden`."""
    if identity.kind is Kind.CUSTOMER:
        customer_permits.check_create(identity, workspace, sent, defaults)
    else:
        check_permission(identity, Permission.CREATE, workspace)


def check_change(
    identity: Identity, before: Todo, after: Todo, changes: Mapping[str, Change], submission: Submission
) -> None:
    """Check that the caller may make all of these changes; a repeat that changes nothing is an update too.

    Raises `Forbidden`.
    """
    if identity.kind is Kind.CUSTOMER:
        customer_permits.check_change(identity, before, changes, submission)
        return
    into_closed = after.is_closed and not before.is_closed
    names = {name for name in changes if not (name == "dueDate" and into_closed and name not in submission.facts)}
    if submission.comment is not None:
        names.add("comment")
    needed = {permission_for_change(name, into_closed=into_closed) for name in names} or {Permission.UPDATE}
    for permission in sorted(needed):
        check_permission(identity, permission, before.workspace)
    if after.workspace.id != before.workspace.id:
        check_permission(identity, Permission.CREATE, after.workspace)


def check_touch(identity: Identity, existing: Todo | None, workspace: Workspace | None) -> None:
    """Check that the caller may learn that its submission changes nothing. Raises `Forbidden`."""
    if identity.kind is Kind.CUSTOMER:
        customer_permits.check_sight(identity, existing, workspace)
    elif existing is not None:
        check_permission(identity, Permission.UPDATE, existing.workspace)
    elif workspace is not None:
        check_permission(identity, Permission.CREATE, workspace)
    elif identity.workspaces_with(Permission.CREATE) == frozenset():
        raise errors.Forbidden


def check_note(identity: Identity, todo: Todo, *, internal: bool | None) -> bool:
    """Check that the caller may add a note, and say whether it is internal: an agent's is, unless it says otherwise.

    Raises `Forbidden`.
    """
    if identity.kind is Kind.CUSTOMER:
        return customer_permits.check_note(identity, todo, internal=internal)
    check_permission(identity, Permission.NOTE, todo.workspace)
    return internal is not False


def check_read(identity: Identity, todo: Todo | None) -> Todo:
    """Give a todo the caller may read. Raises `NotFound` alike for one that is hidden and for one that is not there."""
    if todo is None or not sight.may_read(identity, todo.link):
        raise errors.NotFound("There is no such todo, or you may not see it.")
    return todo


def check_permission(identity: Identity, permission: Permission, workspace: Workspace) -> None:
    """Check that an agent has a permission in a workspace. Raises `Forbidden`."""
    if not identity.may(permission, workspace.id):
        where = f" in workspace {workspace.key}" if identity.may_anything(workspace.id) else ""
        raise errors.Forbidden(f"You need the permission {permission}{where} for this.")
