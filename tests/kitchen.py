"""What gathered work is run by, and callers that come in while it is held up."""

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

from app.todos.gathering import Gatherer
from tests.gateway import PATIENCE_SECONDS, wait_until

POISON = "poison"
HELD = "held"


class Kitchen:
    """What the work is run by: notes every batch and its thread, and holds up the piece called `held` until told."""

    def __init__(self, limit: int = 256, patience: float = PATIENCE_SECONDS) -> None:
        self.batches: list[list[str]] = []
        self.threads: list[threading.Thread] = []
        self.may_go_on = threading.Event()
        self.is_held = threading.Event()
        self.gatherer: Gatherer[str, str] = Gatherer(self.run, limit, patience)

    def run(self, works: Sequence[str]) -> Sequence[str | Exception]:
        self.batches.append([*works])
        self.threads.append(threading.current_thread())
        if HELD in works:
            self.is_held.set()
            self.may_go_on.wait()
        return self.cook(works)

    def cook(self, works: Sequence[str]) -> Sequence[str | Exception]:
        return [f"done {work}" for work in works]

    def waiting(self) -> int:
        """Say how many stand in line."""
        return len(self.gatherer._line)


class Spoiled(Kitchen):
    """Fails as a whole where one piece is poison."""

    def cook(self, works: Sequence[str]) -> Sequence[str | Exception]:
        if POISON in works:
            raise ValueError(POISON)
        return super().cook(works)


@contextmanager
def gathered(kitchen: Kitchen, works: Sequence[str]) -> Iterator[tuple["Future[str]", list["Future[str]"]]]:
    """Let the works come in, in order, while a leader is held up; then let it go on. Gives its future and theirs."""
    with ThreadPoolExecutor(len(works) + 1) as threads:
        leader = threads.submit(kitchen.gatherer.submit, HELD)
        kitchen.is_held.wait()
        try:
            futures = [_arrived(kitchen, threads, work, place) for place, work in enumerate(works, start=1)]
        finally:
            kitchen.may_go_on.set()
        yield leader, futures


def _arrived(kitchen: Kitchen, threads: ThreadPoolExecutor, work: str, place: int) -> "Future[str]":
    future = threads.submit(kitchen.gatherer.submit, work)
    wait_until(lambda: kitchen.waiting() == place)
    return future


def names(number: int) -> list[str]:
    return [f"work {each}" for each in range(number)]
