"""A todo at one moment: its facts, its place in the chain, and how two moments of it compare."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from app.errors import NotFound
from app.sources.configuration import Workspace
from app.sources.fields import FIELDS, INCIDENT, Value
from app.sources.rules import Status, StatusType

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


@dataclass(frozen=True, slots=True)
class Link:
    """A predecessor or successor, with what decides on who may see it: by default nobody but the administrator."""

    key: str
    status: str
    workspace_id: int = field(default=0, compare=False)
    customer: str | None = field(default=None, compare=False)


class Change(NamedTuple):
    """What a field held before and holds now."""

    before: Value
    after: Value


@dataclass(frozen=True, kw_only=True)
class Todo:
    """An incident or task. `facts` holds every field of the wire but its tags, custom fields as `fields.<name>`.

    It has no slots, so that `became` can make another one of it quickly.
    """

    id: int
    key: str
    facts: Mapping[str, Value]
    tags: tuple[Tag, ...] = ()
    status: Status
    workspace: Workspace
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
    echo: str | None = None
    """What was last said of it in a batch, as `echo_of` writes it; worth nothing for another version."""

    @property
    def type(self) -> str:
        """INCIDENT or TASK."""
        return str(self.facts["todoType"])

    @property
    def customer(self) -> str | None:
        """The company whose people may see it, by its id."""
        company = self.facts.get("customer")
        return company if isinstance(company, str) else None

    @property
    def number(self) -> str:
        """The reference people quote, such as INC-2026-00125."""
        return f"{'INC' if self.type == INCIDENT else 'TSK'}-{self.created_at.year}-{self.id:05}"

    @property
    def link(self) -> Link:
        """This todo as others point at it."""
        return Link(self.key, self.status.name, self.workspace.id, self.customer)

    @property
    def is_closed(self) -> bool:
        """Whether its status is of the closed type."""
        return self.status.type is StatusType.CLOSED

    @property
    def numbers_shown(self) -> tuple[str, ...]:
        """Order numbers and LRN, which are shown among the tags (the second BzCtrl document)."""
        orders, lrn = self.facts["orderID"], self.facts["lrn"]
        return (*(orders if isinstance(orders, tuple) else ()), *((lrn,) if isinstance(lrn, str) and lrn else ()))

    @property
    def shown_tags(self) -> tuple[str, ...]:
        """The tags as people see them: order numbers and LRN first, then the others; each once."""
        return tuple(dict.fromkeys((*self.numbers_shown, *(tag.text for tag in self.tags))))


def became(todo: Todo, /, **changed: Any) -> Todo:
    """Give a todo as it is after a change: as `dataclasses.replace` does, in a sixth of the time."""
    after = object.__new__(Todo)
    after.__dict__.update(todo.__dict__, **changed)
    assert len(after.__dict__) == len(todo.__dict__), "a todo has no such field"
    return after


def key_of(prefix: str, number: int) -> str:
    """Build a todo's key from the workspace it was created in and its number: EXA-CON-BUS-WOR-03."""
    return f"{prefix}-{number:02}"


def echo_of(mark: str, version: int) -> str:
    """Write the mark of what was said, together with the version of the todo that would not be changed by it."""
    return f"{version}:{mark}"


def split_key(key: str) -> tuple[str, int]:
    """Take a key apart again. Raises `NotFound` for what is no key."""
    prefix, _, number = key.rpartition("-")
    is_number = number.isascii() and number.isdigit() and len(number) < _LONGEST_NUMBER
    if not (is_number and key.isprintable()) or key != key_of(prefix, int(number)):
        raise NotFound("There is no such todo, or you may not see it.")
    return prefix, int(number)


def closing(todo: Todo, now: datetime) -> Todo:
    """Give a todo that stands in a closed status with its closing dates: due today, closed now."""
    return became(todo, closed_at=now, facts={**todo.facts, "dueDate": now.date()})


def changes(before: Todo, after: Todo) -> dict[str, Change]:
    """Compare two states of a todo, field by field, in the order of the wire."""
    found = _changed_facts(before.facts, after.facts)
    if before.tags is after.tags:
        return found
    old, new = (tuple(tag.text for tag in todo.tags) for todo in (before, after))
    return found | {"tags": Change(old, new)} if old != new else found


def _changed_facts(before: Mapping[str, Value], after: Mapping[str, Value]) -> dict[str, Change]:
    if before is after:
        return {}
    differing = {name for name, value in after.items() if value != before.get(name)} - {"tags"}
    order = (*FIELDS, *sorted(differing - FIELDS.keys()))
    return {name: Change(before.get(name), after.get(name)) for name in order if name in differing}
