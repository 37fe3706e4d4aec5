"""A todo at one moment, and what an update makes of it. Values in, values out."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

from app.errors import NotFound
from app.sources.configuration import Workspace
from app.sources.fields import FIELDS, INCIDENT, LISTS, Facts, Value, is_empty, longest
from app.sources.rules import FieldPolicy, ListPolicy, StateRule, Status, StatusType

_LONGEST_NUMBER = 19


REFERENCE_TAG = "#reference"
"""The owner of a tag that shows an external reference; no source can have this name."""


class Tag(NamedTuple):
    """A tag and who set it: the name of a source, or nothing for a person."""

    text: str
    owner: str


class Reference(NamedTuple):
    """An external reference as it was sent, in the scope where it is unique."""

    scope: str
    reference: str


class Link(NamedTuple):
    """A predecessor or successor."""

    key: str
    status: str


class Change(NamedTuple):
    """What a field held before and holds now."""

    before: Value
    after: Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Todo:
    """An incident or task. `facts` holds every field of the wire but its tags, custom fields as `fields.<name>`."""

    id: int
    key: str
    facts: Mapping[str, Value]
    tags: tuple[Tag, ...] = ()
    status: Status
    workspace: Workspace
    customer: str | None = None
    source: str | None = None
    references: tuple[Reference, ...] = ()
    touched: frozenset[str] = frozenset()
    """The fields a person has changed since a source last did."""
    occurrences: int = 1
    first_seen_at: datetime
    last_seen_at: datetime
    created_at: datetime
    updated_at: datetime
    closed_at: datetime | None = None
    occurred_at: datetime | None = None
    version: int = 1
    previous_id: int | None = None
    previous: Link | None = None
    next: Link | None = None

    @property
    def type(self) -> str:
        """INCIDENT or TASK."""
        return str(self.facts["todoType"])

    @property
    def number(self) -> str:
        """The reference people quote, such as INC-2026-00125."""
        return f"{'INC' if self.type == INCIDENT else 'TSK'}-{self.created_at.year}-{self.id:05}"

    @property
    def link(self) -> Link:
        """This todo as others point at it."""
        return Link(self.key, self.status.name)

    @property
    def is_closed(self) -> bool:
        """Whether its status is of the closed type."""
        return self.status.type is StatusType.CLOSED

    @property
    def shown_tags(self) -> tuple[str, ...]:
        """Order numbers and LRN first (the second BzCtrl document), then the other tags; each once."""
        orders, lrn = self.facts["orderID"], self.facts["lrn"]
        first = (*(orders if isinstance(orders, tuple) else ()), *((lrn,) if isinstance(lrn, str) and lrn else ()))
        return tuple(dict.fromkeys((*first, *(tag.text for tag in self.tags))))


def key_of(prefix: str, number: int) -> str:
    """Build a todo's key from the workspace it was created in and its number: EXA-CON-BUS-WOR-03."""
    return f"{prefix}-{number:02}"


def split_key(key: str) -> tuple[str, int]:
    """Take a key apart again. Raises `NotFound` for what is no key."""
    prefix, _, number = key.rpartition("-")
    is_number = number.isascii() and number.isdigit() and len(number) < _LONGEST_NUMBER
    if not (is_number and key.isprintable()) or key != key_of(prefix, int(number)):
        raise NotFound("There is no such todo, or you may not see it.")
    return prefix, int(number)


def updated(
    todo: Todo, facts: Facts, status: Status | None, workspace: Workspace | None, by: "Author", now: datetime
) -> Todo:
    """Give the todo as the author's facts leave it; `updated_at` and `version` move only where something changed."""
    new_status = status if status is not None and by.may_set("status", todo) else todo.status
    merged = dict(todo.facts)
    for name, value in facts.items():
        if name not in _set_apart(status, new_status) and by.may_set(name, todo):
            merged[name] = by.merged(name, todo.facts.get(name), value)
    new_workspace = workspace if workspace is not None and by.may_set("workspace", todo) else todo.workspace
    merged |= {"status": new_status.name, "workspace": new_workspace.key}
    tags = by.tagged(todo.tags, facts) if by.may_set("tags", todo) else todo.tags
    after = replace(todo, facts=merged, tags=tags, status=new_status, workspace=new_workspace)
    after = _with_closing(todo, after, now)
    changed = changes(todo, after)
    if not changed:
        return todo
    touched = by.touched(todo.touched, frozenset(changed))
    return replace(after, touched=touched, updated_at=now, version=todo.version + 1)


def closing(todo: Todo, now: datetime) -> Todo:
    """Give a todo that stands in a closed status with its closing dates: due today, closed now."""
    return replace(todo, closed_at=now, facts={**todo.facts, "dueDate": now.date()})


def changes(before: Todo, after: Todo) -> dict[str, Change]:
    """Compare two states of a todo, field by field, in the order of the wire."""
    found = {
        name: Change(before.facts.get(name), after.facts.get(name))
        for name in (*FIELDS, *sorted(after.facts.keys() - FIELDS.keys()))
        if name != "tags" and before.facts.get(name) != after.facts.get(name)
    }
    old, new = (tuple(tag.text for tag in todo.tags) for todo in (before, after))
    return found | {"tags": Change(old, new)} if old != new else found


def _set_apart(sent: Status | None, new: Status) -> frozenset[str]:
    """Name the facts that are not simply taken: tags have owners, and the due date that comes with a closing is its."""
    closes = sent is not None and sent.type is new.type is StatusType.CLOSED
    return frozenset({"tags", "dueDate"} if closes else {"tags"})


def _with_closing(before: Todo, after: Todo, now: datetime) -> Todo:
    if after.is_closed and not before.is_closed:
        return closing(after, now)
    if before.is_closed and not after.is_closed:
        return replace(after, closed_at=None)
    return after


class Author:
    """A person who changes a todo: everything sent is taken, and remembered as touched by a person."""

    def may_set(self, _name: str, _todo: Todo) -> bool:
        """Whether this author may overwrite a field of the todo."""
        return True

    def merged(self, _name: str, _old: Value, new: Value) -> Value:
        """What a field holds after this author set it."""
        return new

    def tagged(self, tags: tuple[Tag, ...], facts: Facts) -> tuple[Tag, ...]:
        """The tags after this author sent theirs: those kept keep their owner."""
        if "tags" not in facts:
            return tags
        owners = dict(tags)
        return tuple(Tag(text, owners.get(text, "")) for text in _words(facts["tags"]))

    def touched(self, touched: frozenset[str], changed: frozenset[str]) -> frozenset[str]:
        """The fields that count as touched by a person after this author's change."""
        return touched | changed


class SourceAuthor(Author):
    """A source that changes a todo, within its rule's field and list policies."""

    def __init__(self, name: str, rule: StateRule) -> None:
        self.name = name
        self.rule = rule

    def may_set(self, name: str, todo: Todo) -> bool:
        """Keep, ifEmpty and ifUntouched protect what is there."""
        match self.rule.policy_for(name):
            case FieldPolicy.KEEP:
                return False
            case FieldPolicy.IF_EMPTY:
                return not todo.tags if name == "tags" else is_empty(todo.facts.get(name))
            case FieldPolicy.IF_UNTOUCHED:
                return name not in todo.touched
            case _:
                return True

    def merged(self, name: str, old: Value, new: Value) -> Value:
        """Append text, add to lists, or replace."""
        if name in LISTS and new is not None:
            adds = self.rule.list_policy_for(name) is ListPolicy.ADD and name != "orderID"
            return tuple(dict.fromkeys((*_words(old), *_words(new)))) if adds else new
        if self.rule.policy_for(name) is FieldPolicy.APPEND:
            return _appended(old, new, longest(name))
        return new

    def tagged(self, tags: tuple[Tag, ...], facts: Facts) -> tuple[Tag, ...]:
        """Replace or extend the tags this source set; those of all others stay, each in its place."""
        if "tags" not in facts:
            return tags
        sent = _words(facts["tags"])
        drops = facts["tags"] is None or self.rule.list_policy_for("tags") is ListPolicy.REPLACE
        kept = [tag for tag in tags if tag.text in sent or not (drops and tag.owner == self.name)]
        texts = {tag.text for tag in kept}
        return (*kept, *(Tag(text, self.name) for text in sent if text not in texts))

    def touched(self, touched: frozenset[str], changed: frozenset[str]) -> frozenset[str]:
        """What the source has set is no longer a person's."""
        return touched - changed


def _appended(old: Value, new: Value, limit: int) -> Value:
    if is_empty(old) or is_empty(new):
        return old if is_empty(new) else new
    before, addition = str(old), str(new)
    if f"\n\n{addition}\n\n" in f"\n\n{before}\n\n":
        return old
    return f"{before}\n\n{addition}"[-limit:]


def _words(value: Value) -> tuple[str, ...]:
    return value if isinstance(value, tuple) else ()
