"""What a second of requests adds up to: every request is counted once, and nothing grows without end."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.journal import lines
from app.journal.lines import Batch, Line, Several, Tally
from tests.journalling import HOUR, NOW, exchange, line

OUTCOMES = ("created", "updated", "unchanged", "reopened", "ignored", "rejected", "replayed", "refused")
SEEN = frozenset(OUTCOMES[:4])

several_lines = st.lists(
    st.builds(
        line,
        st.sampled_from(OUTCOMES),
        at=st.datetimes(NOW.replace(tzinfo=None), timezones=st.just(UTC), max_value=datetime(2026, 11, 21, 14)),  # noqa: DTZ001
        source=st.sampled_from(["nightly", "erp", None]),
        todo_id=st.none() | st.integers(1, 4),
        duration=st.timedeltas(timedelta(0), timedelta(seconds=9)),
    )
)


def added(told: list[Line]) -> Batch:
    batch = Batch()
    assert all(batch.add(each, exchange()) for each in told)
    return batch


@given(told=several_lines)
def test_every_request_is_counted_once_under_its_hour_source_and_outcome(told: list[Line]) -> None:
    batch = added(told)
    counted = Counter((lines.hour_of(each.at), each.source or "", each.outcome) for each in told)
    assert {key: tally.count for key, tally in batch.activity.items()} == counted
    assert sum((tally.duration for tally in batch.activity.values()), timedelta()) == sum(
        (each.duration for each in told), timedelta()
    )
    assert batch.count == len(told)


@given(told=several_lines)
def test_a_todo_is_seen_once_by_each_submission_that_reached_it(told: list[Line]) -> None:
    reached = [each for each in told if each.todo_id is not None and each.outcome in SEEN]
    assert added(told).sightings == Counter((each.todo_id, lines.hour_of(each.at)) for each in reached)


@given(told=several_lines, at=st.integers(0, 20))
def test_a_batch_that_had_to_wait_counts_as_if_it_had_been_one_with_the_next(told: list[Line], at: int) -> None:
    later = added(told[at:])
    assert later.absorb(added(told[:at])) == 0
    assert later == added(told)


@given(told=several_lines)
def test_those_that_ended_alike_count_as_if_each_had_been_brought(told: list[Line]) -> None:
    batch, one_by_one = Batch(), Batch()
    for (at, source, outcome), alike in _alike(told).items():
        todo_ids = [each.todo_id for each in alike if each.todo_id is not None]
        took = sum((each.duration for each in alike), timedelta())
        several = Several(at=at, source=source, outcome=outcome, count=len(alike), duration=took, todo_ids=todo_ids)
        assert batch.add_up(several) == 0
    assert all(one_by_one.add(each, None) for each in told)
    assert batch == one_by_one


def _alike(told: list[Line]) -> dict[tuple[datetime, str | None, str], list[Line]]:
    found: dict[tuple[datetime, str | None, str], list[Line]] = {}
    for each in told:
        found.setdefault((each.at, each.source, each.outcome), []).append(each)
    return found


def test_a_sighting_for_which_there_is_no_room_is_counted_as_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "MOST_SIGHTINGS", 2)
    several = Several(at=NOW, source="erp", outcome="updated", count=4, duration=timedelta(), todo_ids=[1, 2, 3, 1])
    assert Batch().add_up(several) == 1


def test_a_flood_is_counted_and_its_first_lines_are_written_out() -> None:
    batch = added([line(reference=str(number)) for number in range(lines.MOST_LINES + 1)])
    assert [kept.reference for kept, _ in batch.lines] == [str(number) for number in range(lines.MOST_LINES)]
    assert not batch.has_room()
    assert batch.count == lines.MOST_LINES + 1


def test_a_line_without_its_exchange_is_only_counted() -> None:
    batch = Batch()
    batch.add(line(), None)
    assert (batch.lines, batch.count) == ([], 1)


def test_more_todos_than_a_batch_can_tell_apart_are_not_all_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "MOST_SIGHTINGS", 2)
    batch = Batch()
    assert [batch.add(line(todo_id=number), None) for number in (1, 2, 3, 1)] == [True, True, False, True]
    assert batch.sightings == {(1, HOUR): 2, (2, HOUR): 1}
    assert batch.count == 4


def test_what_a_waiting_batch_has_no_room_for_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    earlier = added([line(todo_id=1), line(todo_id=1), line(todo_id=2)])
    monkeypatch.setattr(lines, "MOST_SIGHTINGS", 1)
    assert added([line(todo_id=2)]).absorb(earlier) == 2


def test_the_mean_of_nothing_is_no_time() -> None:
    assert Tally().mean == timedelta()
    assert Tally(4, timedelta(seconds=2)).mean == timedelta(seconds=0.5)
