"""Entries of the history: who changed what, when, through which source and rule, and why."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from app.todos.todo import Change


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry. It has no todo where a submission was ignored or rejected without one."""

    todo_id: int | None
    at: datetime
    actor: str
    outcome: str
    reason: str
    source: str | None = None
    rule_version: int | None = None
    reference: str | None = None
    changes: Mapping[str, Change] = field(default_factory=dict)
    comment: str | None = None
    internal: bool = False
    id: int | None = None


NOTED = "noted"
"""The outcome of a note."""
A_NOTE = "a note"

_UPDATED = "updated"


def apart(entry: Entry) -> list[Entry]:
    """Take an internal comment out of what everybody may read: an entry of its own, which customers do not see."""
    if not entry.internal:
        return [entry]
    public = replace(entry, comment=None, internal=False)
    if entry.comment is None:
        return [public]
    note = replace(entry, outcome=NOTED, reason=A_NOTE, changes={})
    says_more = entry.changes or entry.outcome != _UPDATED
    return [public, note] if says_more else [note]
