"""What a reader may do to a todo: the rules are asked what they would say. Pure."""

from collections.abc import Sequence
from dataclasses import replace

from app import errors
from app.accounts.identity import Identity
from app.sources.configuration import CUSTOM, Vocabulary, Workspace
from app.sources.fields import FIELDS
from app.sources.rules import Status
from app.todos import permits
from app.todos.submission import Submission
from app.todos.todo import Change, Todo

REFERENCES = "externalReferences"
_FIXED = frozenset({"todoType", "tags"})
_ANY = Change(None, None)
_NOTHING_SENT = Submission(facts={})


def may_change(identity: Identity, todo: Todo, name: str, after: Todo | None = None) -> bool:
    """Say whether somebody may change a field of a todo, which may depend on what the todo is afterwards."""
    try:
        permits.check_change(identity, todo, after or todo, {name: _ANY}, _NOTHING_SENT)
    except errors.Forbidden:
        return False
    return True


def may_note(identity: Identity, todo: Todo) -> bool:
    """Say whether somebody may add a note to a todo."""
    try:
        permits.check_note(identity, todo, internal=None)
    except errors.Forbidden:
        return False
    return True


def statuses(identity: Identity, todo: Todo, vocabulary: Vocabulary) -> Sequence[Status]:
    """Give the status a todo has and those that somebody may give it, in the administrator's order."""
    ordered = sorted(vocabulary.statuses, key=lambda status: (status.position, status.id))
    return [
        status
        for status in ordered
        if status.id == todo.status.id or may_change(identity, todo, "status", replace(todo, status=status))
    ]


def workspaces(identity: Identity, todo: Todo, vocabulary: Vocabulary) -> Sequence[Workspace]:
    """Give the workspace a todo is in and those to which somebody may move it."""
    return [
        workspace
        for workspace in vocabulary.workspaces
        if workspace.id == todo.workspace.id
        or may_change(identity, todo, "workspace", replace(todo, workspace=workspace))
    ]


def changeable(identity: Identity, todo: Todo, vocabulary: Vocabulary) -> frozenset[str]:
    """Name the fields that somebody may change, `externalReferences` where a reference may be attached."""
    suiting = [name for name, field in FIELDS.items() if name not in _FIXED and field.only in {None, todo.type}]
    choices = {"status": statuses, "workspace": workspaces}
    return frozenset(
        name
        for name in (*suiting, *(CUSTOM + custom.name for custom in vocabulary.fields), REFERENCES)
        if (len(choices[name](identity, todo, vocabulary)) > 1 if name in choices else may_change(identity, todo, name))
    )


def may_tag(identity: Identity, todo: Todo) -> bool:
    """Say whether somebody may add tags to a todo and take them away."""
    return may_change(identity, todo, "tags")
