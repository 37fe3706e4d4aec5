"""Gathering: who leads, who waits for whom, and whose result is whose."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app import errors
from tests.kitchen import HELD, POISON, Kitchen, Spoiled, gathered, names


class Away(Kitchen):
    """Is not to be had, but for the piece that held it up."""

    def cook(self, works: Sequence[str]) -> Sequence[str | Exception]:
        if HELD not in works:
            raise errors.DatabaseUnavailable
        return super().cook(works)


class Ending(Kitchen):
    """Ends the thread it runs in, where it was held up."""

    def cook(self, works: Sequence[str]) -> Sequence[str | Exception]:
        if HELD in works:
            raise SystemExit
        return super().cook(works)


def test_a_lone_piece_of_work_is_run_at_once_in_the_caller_s_own_thread() -> None:
    kitchen = Kitchen()
    assert kitchen.gatherer.submit("bread") == "done bread"
    assert kitchen.gatherer.submit("soup") == "done soup"
    assert kitchen.batches == [["bread"], ["soup"]]
    assert set(kitchen.threads) == {threading.current_thread()}


def test_what_arrives_while_others_are_worked_on_is_run_together_in_the_order_of_arrival() -> None:
    kitchen, works = Kitchen(), names(8)
    with gathered(kitchen, works) as (leader, futures):
        assert leader.result() == f"done {HELD}"
        assert [future.result() for future in futures] == [f"done {work}" for work in works]
    assert kitchen.batches == [[HELD], works]


def test_a_leader_hands_over_to_the_first_in_line_who_leads_for_as_many_as_may_go_together() -> None:
    kitchen, works = Kitchen(limit=3), names(7)
    with gathered(kitchen, works) as (_, futures):
        assert [future.result() for future in futures] == [f"done {work}" for work in works]
    assert kitchen.batches == [[HELD], works[:3], works[3:6], works[6:]]
    assert len(set(kitchen.threads)) == len(kitchen.threads)


def test_when_the_line_is_empty_nobody_leads_and_the_next_caller_does() -> None:
    kitchen = Kitchen()
    with gathered(kitchen, names(3)) as (_, futures):
        assert all(future.result() for future in futures)
    assert kitchen.gatherer.submit("late") == "done late"
    assert kitchen.threads[-1] is threading.current_thread()


def test_an_error_of_one_leaves_its_neighbours_their_own_results() -> None:
    kitchen = Spoiled()
    works = [*names(4), POISON, "last"]
    with gathered(kitchen, works) as (_, futures):
        assert [future.result() for future in futures if future is not futures[4]] == [
            f"done {work}" for work in works if work != POISON
        ]
        with pytest.raises(ValueError, match=POISON):
            futures[4].result()
    assert kitchen.batches == [[HELD], works, *([work] for work in works)]


def test_a_lone_piece_that_fails_is_not_run_a_second_time() -> None:
    kitchen = Spoiled()
    with pytest.raises(ValueError, match=POISON):
        kitchen.gatherer.submit(POISON)
    assert kitchen.batches == [[POISON]]
    assert kitchen.gatherer.submit("bread") == "done bread"


def test_an_error_that_is_given_for_one_is_raised_to_that_one() -> None:
    class Strict(Kitchen):
        def cook(self, works: Sequence[str]) -> Sequence[str | Exception]:
            return [errors.Forbidden() if work == POISON else work for work in works]

    kitchen = Strict()
    with gathered(kitchen, ["bread", POISON, "soup"]) as (_, (bread, poison, soup)):
        assert (bread.result(), soup.result()) == ("bread", "soup")
        with pytest.raises(errors.Forbidden):
            poison.result()
    assert len(kitchen.batches) == 2


def test_unavailable_is_told_to_all_and_nothing_is_run_one_by_one() -> None:
    kitchen, works = Away(), names(5)
    with gathered(kitchen, works) as (leader, futures):
        assert leader.result() == f"done {HELD}"
        for future in futures:
            with pytest.raises(errors.DatabaseUnavailable):
                future.result()
    assert kitchen.batches == [[HELD], works]


def test_where_a_leader_s_thread_is_ended_the_next_one_leads() -> None:
    kitchen, works = Ending(), names(3)
    with gathered(kitchen, works) as (leader, futures):
        with pytest.raises(SystemExit):
            leader.result()
        assert [future.result() for future in futures] == [f"done {work}" for work in works]


@settings(max_examples=25, deadline=None)
@given(works=st.lists(st.integers(0, 999).map(str) | st.just(POISON), min_size=1, max_size=24), limit=st.integers(1, 9))
def test_whatever_is_gathered_with_whatever_everyone_gets_their_own(works: list[str], limit: int) -> None:
    kitchen, barrier = Spoiled(limit), threading.Barrier(len(works))

    def told(work: str) -> str:
        barrier.wait()
        return _told(kitchen.gatherer.submit, work)

    with ThreadPoolExecutor(len(works)) as threads:
        answers = list(threads.map(told, works))
    assert answers == [POISON if work == POISON else f"done {work}" for work in works]
    assert max(map(len, kitchen.batches)) <= limit


def _told(submit: Callable[[str], str], work: str) -> str:
    try:
        return submit(work)
    except ValueError as error:
        return str(error)
