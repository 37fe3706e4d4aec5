"""Taking a batch through the operation: in steps that each commit, or as one."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from app import errors
from app.entrypoints.api import batch_echoes
from app.entrypoints.api.batch_asking import Asked, Asking, Parsed, parsed
from app.entrypoints.api.batch_items import Item
from app.todos import gathering
from app.todos.echoes import Known
from app.todos.operation import Answer, OneFailed, Operation
from app.todos.outcome import Outcome, OutcomeKind
from app.todos.requests import Request

AT_ONCE = 250
"""So many items share a transaction. More are no faster, and hold up for longer whoever waits for the same todos."""

Ended = tuple[Asked, Answer | Known | Exception]
"""An item, and what became of it."""

_Answers = Sequence[Answer | Exception]
_Run = Callable[[Sequence[Request]], _Answers]


class Failed(Exception):
    """Because of one item, none of a batch was taken."""

    def __init__(self, asked: Asked, answer: Outcome | Exception) -> None:
        super().__init__(asked, answer)
        self.asked = asked
        self.answer = answer


@dataclass(frozen=True, slots=True)
class Step:
    """Items that were taken together, in their order, and how long that took."""

    ended: Sequence[Ended]
    duration: timedelta


def in_steps(operation: Operation, asking: Asking, items: Sequence[Item]) -> Iterator[Step]:
    """Take each item by itself, many in one transaction; give those of each transaction once it has committed.

    Where the database goes away, the items from there on are `Unavailable`. Raises it only where it was never there.
    """
    course, is_away = _Course(operation, asking), False
    for first in range(0, len(items), AT_ONCE):
        started, part = time.perf_counter(), items[first : first + AT_ONCE]
        try:
            ended = _gone(part) if is_away else course.taken(parsed(part))
        except errors.Unavailable as error:
            if first == 0:
                raise
            ended = _gone(part, error)
        is_away = is_away or any(isinstance(answer, errors.Unavailable) for _, answer in ended)
        yield Step(ended, timedelta(seconds=time.perf_counter() - started))


def at_once(operation: Operation, asking: Asking, items: Sequence[Item]) -> Step:
    """Take all items, or none. Raises `Failed` with the first that fails, and `Unavailable`."""
    started = time.perf_counter()
    asked = asking.asked(parsed(items))
    _check_made(operation, asked)
    try:
        answers = operation.submit_whole(_requests(asked)) if asked else []
    except OneFailed as failed:
        raise Failed(asked[failed.index], failed.answer) from failed
    ended = [*zip(asked, answers, strict=True)]
    return Step(ended, timedelta(seconds=time.perf_counter() - started))


def rehearsed(operation: Operation, asking: Asking, items: Sequence[Item]) -> Step:
    """Say what would become of each item after those before it. Raises `Unavailable`."""
    started = time.perf_counter()
    ended = _taken(operation.rehearse_all, asking.asked(parsed(items)))
    return Step(ended, timedelta(seconds=time.perf_counter() - started))


def check(step: Step) -> Step:
    """Check that all of a step ended well. Raises `Failed` with the first that did not."""
    for asked, answer in step.ended:
        if isinstance(answer, Exception) or (isinstance(answer, Outcome) and answer.kind is OutcomeKind.REJECTED):
            raise Failed(asked, answer)
    return step


class _Course:
    """How the parts of a batch are taken: for echoes it is asked wherever the part before has left todos unchanged."""

    def __init__(self, operation: Operation, asking: Asking) -> None:
        self._operation = operation
        self._asking = asking
        self._expects_echoes = asking.may_echo

    def taken(self, items: Sequence[Parsed]) -> list[Ended]:
        """Take some items. Raises `Unavailable`."""
        ended = (self._counted_or_taken if self._expects_echoes else self._all_taken)(items)
        self._expects_echoes = self._asking.may_echo and any(_is_unchanged(answer) for _, answer in ended)
        return ended

    def _all_taken(self, items: Sequence[Parsed]) -> list[Ended]:
        marks = batch_echoes.marks(self._asking, items) if self._asking.may_echo else ()
        return _taken(self._operation.submit_all, self._asking.asked(items, marks))

    def _counted_or_taken(self, items: Sequence[Parsed]) -> list[Ended]:
        """Take some items; those that are echoes are counted first, and no more."""
        counted, marks = batch_echoes.heard(self._operation, self._asking, items)
        rest = [place for place in range(len(items)) if place not in counted]
        try:
            asked = self._asking.asked([items[place] for place in rest], [marks[place] for place in rest])
            taken = _taken(self._operation.submit_all, asked)
        except errors.Unavailable as error:
            if not counted:
                raise
            taken = _gone([items[place].item for place in rest], error)
        ended: dict[int, Ended] = {**counted, **dict(zip(rest, taken, strict=True))}
        return [ended[place] for place in range(len(items))]


def _is_unchanged(answer: Answer | Known | Exception) -> bool:
    return isinstance(answer, Known) or (isinstance(answer, Outcome) and answer.kind is OutcomeKind.UNCHANGED)


def _check_made(operation: Operation, asked: Sequence[Asked]) -> None:
    """Check that each item makes a request; where one does not, an earlier one may fail all the same."""
    made = next((index for index, each in enumerate(asked) if isinstance(each.request, Exception)), len(asked))
    if made < len(asked):
        check(Step(_taken(operation.rehearse_all, asked[: made + 1]), timedelta()))


def _taken(run: _Run, asked: Sequence[Asked]) -> list[Ended]:
    requests = _requests(asked)
    answers: Iterator[Answer | Exception] = iter(gathering.apart(run, requests) if requests else ())
    return [(each, each.request if isinstance(each.request, Exception) else next(answers)) for each in asked]


def _requests(asked: Sequence[Asked]) -> list[Request]:
    return [each.request for each in asked if isinstance(each.request, Request)]


def _gone(items: Sequence[Item], error: errors.Unavailable | None = None) -> list[Ended]:
    away = error or errors.Unavailable()
    return [(Asked(item, away), away) for item in items]
