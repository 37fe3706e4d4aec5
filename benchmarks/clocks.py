"""How long something takes one submission: the least of short runs, of which a busy machine leaves some alone."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar
from unittest.mock import patch

from app.db.database import Row, Transaction

AT_ONCE = 10
"""So many submissions are timed together: a few milliseconds."""

T = TypeVar("T")


@dataclass(frozen=True)
class Spent:
    """Microseconds that one submission takes: of this process's time on the processors, and by the clock."""

    processor_us: float
    wall_us: float

    def __add__(self, other: "Spent") -> "Spent":
        return Spent(self.processor_us + other.processor_us, self.wall_us + other.wall_us)

    def __sub__(self, other: "Spent") -> "Spent":
        return Spent(self.processor_us - other.processor_us, self.wall_us - other.wall_us)


def least(spent: Iterable[Spent]) -> Spent:
    """Give the least of each."""
    processor, wall = zip(*((each.processor_us, each.wall_us) for each in spent), strict=True)
    return Spent(min(processor), min(wall))


def overall(take: Callable[[Sequence[T]], object], items: Sequence[T], at_once: int = AT_ONCE) -> Spent:
    """Take items, so many at once, and say what each takes."""
    clock, laps = _Clock(), []
    for some in _shares(items, at_once):
        with clock.running():
            take(some)
        laps.append(clock.lap(len(some)))
    return least(laps)


def after(before: Callable[[T], object], take: Callable[[T], object], items: Sequence[T]) -> Spent:
    """Take items one by one, each after something that is not counted, and say what each takes."""
    clock, laps = _Clock(), []
    for some in _shares(items, AT_ONCE):
        for each in some:
            before(each)
            with clock.running():
                take(each)
        laps.append(clock.lap(len(some)))
    return least(laps)


def in_statements(take: Callable[[Sequence[T]], object], items: Sequence[T], at_once: int = AT_ONCE) -> Spent:
    """Take items, and say what each takes from handing a statement over to having its rows."""
    clock, laps, run = _Clock(), [], Transaction.run

    def clocked(transaction: Transaction, *calls: Any) -> list[list[Row]]:
        with clock.running():
            return run(transaction, *calls)

    with patch.object(Transaction, "run", clocked):
        for some in _shares(items, at_once):
            take(some)
            laps.append(clock.lap(len(some)))
    return least(laps)


@dataclass
class _Clock:
    """Adds up what is spent while it runs."""

    processor: float = 0.0
    wall: float = 0.0

    @contextmanager
    def running(self) -> Iterator[None]:
        processor, wall = time.process_time(), time.perf_counter()
        try:
            yield
        finally:
            self.processor += time.process_time() - processor
            self.wall += time.perf_counter() - wall

    def lap(self, count: int) -> Spent:
        """Give each one's share since the last lap."""
        spent = Spent(self.processor / count * 1_000_000, self.wall / count * 1_000_000)
        self.processor = self.wall = 0.0
        return spent


def _shares(items: Sequence[T], at_once: int) -> Iterator[Sequence[T]]:
    return (items[start : start + at_once] for start in range(0, len(items), at_once))
