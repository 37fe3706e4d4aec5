"""Requests that arrive while a transaction is running share the next one.

There is no thread of its own: the first caller leads, in its own thread and at once. Whoever arrives meanwhile waits
in line; a leader that is done appoints the first in line, who leads for all that wait by then. So nobody waits for
company, nobody is left behind when the process stops (every caller is a request the server still answers), and the
order of arrival is the order of work.

Nobody stands in line for long either. Whoever is not taken into a transaction in time withdraws, and while nothing
moves, newcomers are refused at once.
"""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from queue import Empty, SimpleQueue
from typing import Generic, TypeVar

from app import errors, metrics, shedding

Work = TypeVar("Work")
Result = TypeVar("Result")


PATIENCE_SECONDS = 0.75
"""Whoever waits in line for longer is refused: within a second, with what comes before and after."""


class _Place(Generic[Work, Result]):
    """A caller's place in line, with the letter box its answer comes to: None appoints it leader."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.letters: SimpleQueue[Result | Exception | None] = SimpleQueue()


class Gatherer(Generic[Work, Result]):
    """Runs single pieces of work together: `run` takes many and gives each one's result, or its error, in order."""

    def __init__(
        self,
        run: Callable[[Sequence[Work]], Sequence[Result | Exception]],
        limit: int,
        patience: float = PATIENCE_SECONDS,
    ) -> None:
        self._run = run
        self._limit = limit
        self._patience = patience
        self._line: deque[_Place[Work, Result]] = deque()
        self._lock = threading.Lock()
        self._led = False
        self._stalled = False
        """Whether somebody has withdrawn and nothing has moved since."""

    def submit(self, work: Work) -> Result:
        """Run a piece of work, together with what others bring at the same time; give its result or raise its error.

        Raises `Overloaded` where it could not be begun in time, and then it never is.
        """
        if self._stalled:
            raise shedding.refusal("line")
        place: _Place[Work, Result] = _Place(work)
        with self._lock:
            self._line.append(place)
            leads, self._led = not self._led, True
        letter = None if leads else self._awaited(place)
        if letter is None:
            self._lead()
            letter = place.letters.get()
        if isinstance(letter, Exception):
            raise letter
        if letter is None:
            raise AssertionError("a leader answers itself")
        return letter

    def _awaited(self, place: _Place[Work, Result]) -> Result | Exception | None:
        try:
            return place.letters.get(timeout=self._patience)
        except Empty:
            if self._withdrew(place):
                raise shedding.refusal("line") from None
            return place.letters.get()

    def _withdrew(self, place: _Place[Work, Result]) -> bool:
        """Leave the line; say whether that was possible: work that was taken will end, and who is appointed leads."""
        with self._lock:
            if place not in self._line or not place.letters.empty():
                return False
            self._line.remove(place)
            self._stalled = True
            return True

    def _lead(self) -> None:
        with self._lock:
            places = [self._line.popleft() for _ in range(min(len(self._line), self._limit))]
        metrics.GATHERED_SIZE.observe(len(places))
        results: Sequence[Result | Exception] = [errors.Unavailable()] * len(places)
        try:
            results = self._results(places)
        finally:  # even where this thread is being ended, nobody is left waiting
            for place, result in zip(places, results, strict=True):
                place.letters.put(result)
            self._hand_over()

    def _results(self, places: list[_Place[Work, Result]]) -> Sequence[Result | Exception]:
        try:
            return apart(self._run, [place.work for place in places])
        except errors.Unavailable as error:
            return [error] * len(places)

    def _hand_over(self) -> None:
        with self._lock:
            self._stalled = False
            self._led = bool(self._line)
            if self._led:
                self._line[0].letters.put(None)


def apart(
    run: Callable[[Sequence[Work]], Sequence[Result | Exception]], works: Sequence[Work]
) -> list[Result | Exception]:
    """Run pieces of work together; where that fails, each alone, so that an error is its own and no neighbour's.

    Where one finds the database away then, those after it would only wait for the same. Raises `Unavailable` where that
    is what all of them find.
    """
    try:
        return [*run(works)]
    except errors.Unavailable:
        raise
    except Exception as error:  # noqa: BLE001 - the worker loop: an error is its caller's, never its neighbours'
        return [error] if len(works) == 1 else _one_by_one(run, works)


def _one_by_one(
    run: Callable[[Sequence[Work]], Sequence[Result | Exception]], works: Sequence[Work]
) -> list[Result | Exception]:
    results: list[Result | Exception] = []
    for work in works:
        try:
            results += apart(run, [work])
        except errors.Unavailable as error:
            return [*results, *[error] * (len(works) - len(results))]
    return results
