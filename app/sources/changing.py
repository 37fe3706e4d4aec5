"""How the configuration changes: held, checked as a whole, remembered, committed, and known here from then on."""

from collections.abc import Callable, Sequence
from typing import Generic, NamedTuple, TypeVar

from app.audit import trail
from app.db.database import Database, Transaction
from app.errors import NotFound
from app.sources import differences, soundness, store
from app.sources.configuration import Configuration
from app.sources.snapshots import Snapshots

T = TypeVar("T")
Step = Callable[[Transaction, Configuration], None]
Find = Callable[[Configuration], T | None]
Check = Callable[[T | None], None]
"""Sees, in the transaction of a change, the thing as it is until then, and may refuse."""
Examine = Callable[[Transaction, Configuration, Configuration], None]


class Saved(NamedTuple, Generic[T]):
    """A thing as it is now, and whether there was none before."""

    thing: T
    is_new: bool


class Changes:
    """Changes the configuration of one database."""

    def __init__(self, database: Database, snapshots: Snapshots, examine: Sequence[Examine]) -> None:
        """`examine` sees each change before it is stored and may refuse it: it knows what this package does not."""
        self._database = database
        self._snapshots = snapshots
        self._examine = examine

    def make(self, step: Step, actor: str) -> Configuration:
        """Take a step in a transaction of its own, and give the configuration as it leaves it."""
        after = self._database.again(lambda transaction: self.make_in(transaction, step, actor))
        self._snapshots.adopt(after)
        return after

    def make_in(self, transaction: Transaction, step: Step, actor: str) -> Configuration:
        """Take a step in a transaction that somebody else commits, who lets the snapshots adopt what this gives.

        Raises `Invalid` and `Conflict` where the whole would not make sense any more.
        """
        store.next_version(transaction)  # first: whoever else changes the configuration waits here
        before = store.read_configuration(transaction)
        step(transaction, before)
        after = store.read_configuration(transaction)
        found = differences.between(before, after)
        if found:
            soundness.check(before, after)
            for examine in self._examine:
                examine(transaction, before, after)
        for each in found:
            trail.remember(transaction, trail.Change(actor, each.action, each.kind, each.name, each.changes))
        return after

    def save(self, step: Step, find: Find[T], actor: str, check: Check[T] | None) -> Saved[T]:
        """Create or replace a thing."""
        known: list[T | None] = []
        after = self.make(_checked(step, find, check, known), actor)
        return Saved(_present(find(after)), is_new=known[-1] is None)

    def alter(self, step: Step, find: Find[T], actor: str, check: Check[T] | None, *, becomes: Find[T]) -> T:
        """Change a thing that is there; afterwards it is found by `becomes`."""
        return _present(becomes(self.make(_checked(_existing(step, find), find, check), actor)))

    def remove(self, step: Step, find: Find[T], actor: str, check: Check[T] | None) -> None:
        """Take a thing away that is there."""
        self.make(_checked(_existing(step, find), find, check), actor)


def _checked(step: Step, find: Find[T], check: Check[T] | None, known: list[T | None] | None = None) -> Step:
    def checked(transaction: Transaction, now: Configuration) -> None:
        found = find(now)
        if check is not None:
            check(found)
        if known is not None:
            known.append(found)
        step(transaction, now)

    return checked


def _existing(step: Step, find: Find[T]) -> Step:
    def existing(transaction: Transaction, now: Configuration) -> None:
        _present(find(now))
        step(transaction, now)

    return existing


def _present(found: T | None) -> T:
    if found is None:
        raise NotFound
    return found
