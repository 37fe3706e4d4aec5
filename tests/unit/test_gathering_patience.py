"""Gathering: how long callers stand in line, and what becomes of those who give up."""

import random
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from queue import Empty, SimpleQueue

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app import errors
from app.todos import gathering
from tests.gateway import PATIENCE_SECONDS, wait_until
from tests.kitchen import HELD, POISON, Kitchen, Spoiled, gathered, names


class Late(SimpleQueue[str | Exception | None]):
    """A letter box whose letter comes in the very moment in which its owner has waited long enough."""

    def get(self, block: bool = True, timeout: float | None = None) -> str | Exception | None:  # noqa: FBT001, FBT002 - as it is there
        if timeout is None:
            return super().get(block)
        wait_until(lambda: not self.empty())
        raise Empty


class Busy(Kitchen):
    """Takes a moment for everything, sometimes too long; says whether two ever worked at once."""

    def __init__(self, seed: int, patience: float) -> None:
        super().__init__(limit=4, patience=patience)
        self.done: Counter[str] = Counter()
        self.at_once = 0
        self.most_at_once = 0
        self._choose = random.Random(seed)

    def cook(self, works: Sequence[str]) -> Sequence[str | Exception]:
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        time.sleep(self._choose.choice([0, 0.001, 0.003]))
        self.done.update(works)
        self.at_once -= 1
        return super().cook(works)


def test_whoever_is_not_taken_on_in_time_is_refused_and_the_work_is_never_done() -> None:
    kitchen = Kitchen(patience=0.05)
    with stalled(kitchen):
        pass
    assert kitchen.gatherer.submit("bread") == "done bread"
    assert kitchen.batches == [[HELD], ["bread"]]


def test_while_nothing_moves_newcomers_are_refused_at_once() -> None:
    kitchen = Kitchen(patience=0.05)
    with stalled(kitchen):
        kitchen.gatherer._patience = PATIENCE_SECONDS
        began = time.monotonic()
        with pytest.raises(errors.Overloaded):
            kitchen.gatherer.submit("bread")
        assert time.monotonic() - began < PATIENCE_SECONDS / 2
        assert kitchen.waiting() == 0


def test_when_something_has_moved_newcomers_stand_in_line_again() -> None:
    kitchen = Kitchen(patience=0.05)
    with stalled(kitchen):
        pass
    kitchen.is_held.clear()
    kitchen.may_go_on.clear()
    kitchen.gatherer._patience = PATIENCE_SECONDS
    with gathered(kitchen, ["bread"]) as (_, (bread,)):
        assert bread.result() == "done bread"


def test_whoever_is_appointed_or_answered_at_the_moment_of_giving_up_does_not_give_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(gathering, "SimpleQueue", Late)
    kitchen, works = Kitchen(limit=3), names(7)
    with gathered(kitchen, works) as (leader, futures):
        assert leader.result() == f"done {HELD}"
        assert [future.result(PATIENCE_SECONDS) for future in futures] == [f"done {work}" for work in works]
    assert kitchen.batches == [[HELD], works[:3], works[3:6], works[6:]]


def test_where_one_alone_finds_the_database_away_those_after_it_are_not_run_at_all() -> None:
    class Failing(Spoiled):
        def cook(self, works: Sequence[str]) -> Sequence[str | Exception]:
            if works == ["away"]:
                raise errors.DatabaseUnavailable
            return super().cook(works)

    kitchen, works = Failing(), ["bread", "away", POISON, "soup"]
    with gathered(kitchen, works) as (_, (bread, *others)):
        assert bread.result() == "done bread"
        for future in others:
            with pytest.raises(errors.Unavailable):
                future.result()
    assert kitchen.batches == [[HELD], works, ["bread"], ["away"]]


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**16), patience=st.sampled_from([0.0005, 0.001, 0.002, 0.004]))
def test_whoever_gives_up_when_everything_is_done_once_or_refused_and_one_leads_at_a_time(
    seed: int, patience: float
) -> None:
    kitchen = Busy(seed, patience)

    def told(number: int) -> list[str]:
        return [work for turn in range(12) if _is_done(kitchen, work := f"{number}-{turn}")]

    with ThreadPoolExecutor(12) as threads:
        answered = [work for works in threads.map(told, range(12)) for work in works]
    assert kitchen.done == Counter(answered)
    assert kitchen.most_at_once == 1
    assert (kitchen.waiting(), kitchen.gatherer._led, kitchen.gatherer._stalled) == (0, False, False)
    assert kitchen.gatherer.submit("late") == "done late"


@contextmanager
def stalled(kitchen: Kitchen) -> Iterator[None]:
    """Hold a leader up so long that whoever came after it is refused; let it go on at the end of the block."""
    with ThreadPoolExecutor(2) as threads:
        leader = threads.submit(kitchen.gatherer.submit, HELD)
        kitchen.is_held.wait()
        try:
            with pytest.raises(errors.Overloaded):
                threads.submit(kitchen.gatherer.submit, "late").result(PATIENCE_SECONDS)
            yield
        finally:
            kitchen.may_go_on.set()
        assert leader.result() == f"done {HELD}"


def _is_done(kitchen: Kitchen, work: str) -> bool:
    try:
        return kitchen.gatherer.submit(work) == f"done {work}"
    except errors.Overloaded:
        return False
