"""What one transaction knows and is going to write: filled from the database, worked on in memory, written at once."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import NamedTuple

from app.todos.history import Entry
from app.todos.outcome import Outcome
from app.todos.remembered import Decided
from app.todos.todo import Todo


class Place(NamedTuple):
    """Where a reference is unique: its scope, and the key by which it is compared there."""

    scope: str
    reference_key: str


class Key(NamedTuple):
    """An idempotency key of one caller."""

    caller: str
    key: str


class Stored(NamedTuple):
    """The answer that was given under an idempotency key, to a request with this fingerprint."""

    fingerprint: str
    answer: str


@dataclass(kw_only=True)
class Ledger:
    """The state of one transaction. `loaded` holds the todos as the database has them, `todos` as they are by now."""

    accounts_revision: int = 0
    """Of the accounts as this transaction sees them."""
    configuration_version: int = 0
    """Of the configuration as this transaction sees it."""
    numbers: Iterator[int] = field(default_factory=lambda: count(0, -1))
    """Of new todos; below 1 in rehearsals, whose todos get none."""
    holders: dict[Place, int | None] = field(default_factory=dict)
    loaded: dict[int, Todo] = field(default_factory=dict)
    todos: dict[int, Todo] = field(default_factory=dict)
    answers: dict[Key, Stored] = field(default_factory=dict)
    expired: dict[Key, object] = field(default_factory=dict)
    """Answers that no longer count, with the instant they were given as the database writes it."""
    moved: set[Place] = field(default_factory=set)
    customers: frozenset[str] = frozenset()
    """Those of the companies named that exist."""
    entries: list[Entry] = field(default_factory=list)
    told: list[Outcome] = field(default_factory=list)
    """What subscribers are to hear of."""
    decided: list[Decided] = field(default_factory=list)
    new_answers: dict[Key, Stored] = field(default_factory=dict)

    def holder(self, place: Place | None) -> Todo | None:
        """Find the todo that holds a reference by now."""
        number = None if place is None else self.holders.get(place)
        return None if number is None else self.todos[number]

    def keep(self, todo: Todo, place: Place | None) -> None:
        """Keep a todo's new state; the reference, where there is one, points at it from now on."""
        self.todos[todo.id] = todo
        if place is not None and self.holders.get(place) != todo.id:
            self.holders[place] = todo.id
            self.moved.add(place)
