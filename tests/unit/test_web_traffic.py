"""What the overview makes of the counts of the journal."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.entrypoints.web import spans, traffic
from app.journal.lines import Activity, Tally
from tests.journalling import HOUR, NOW

WITHIN = traffic.hours(NOW, 24)
USUAL = ("created", "updated", "unchanged", "ignored", "rejected", "refused")


def activity(
    outcome: str, count: int = 1, *, source: str | None = "nightly", hour: datetime = HOUR, milliseconds: int = 4
) -> Activity:
    return Activity(hour, source, outcome, Tally(count, timedelta(milliseconds=milliseconds)))


several = st.lists(
    st.builds(
        activity,
        st.sampled_from(traffic.KINDS),
        st.integers(1, 1000),
        source=st.sampled_from(["nightly", "erp", None]),
        hour=st.sampled_from(WITHIN),
        milliseconds=st.integers(0, 10_000),
    )
)


def test_the_hours_follow_each_other_up_to_the_present_one() -> None:
    assert (len(WITHIN), WITHIN[-1]) == (24, HOUR)
    assert {later - earlier for earlier, later in pairwise(WITHIN)} == {timedelta(hours=1)}


@given(counted=several)
def test_every_request_stands_in_the_chart_of_its_source_once(counted: list[Activity]) -> None:
    found = traffic.by_source(counted, WITHIN)
    assert [each.source for each in found] == sorted(
        {each.source for each in counted},
        key=lambda name: (-sum(each.tally.count for each in counted if each.source == name), name or ""),
    )
    for each in found:
        told = sum(other.tally.count for other in counted if other.source == each.source)
        assert each.sum.count == told == sum(sum(numbers) for _, numbers in each.rows)
        assert all(len(numbers) == len(each.columns) for _, numbers in each.rows)
        assert [hour for hour, _ in each.rows] == WITHIN


def test_a_chart_shows_the_usual_endings_and_those_that_there_were() -> None:
    [quiet] = traffic.by_source([activity("created")], WITHIN)
    assert tuple(kind for kind, _ in quiet.columns) == USUAL
    [busy] = traffic.by_source([activity("replayed"), activity("reopened")], WITHIN)
    assert tuple(kind for kind, _ in busy.columns) == traffic.KINDS
    assert ("reopened", "Reopened") in busy.columns


@pytest.mark.parametrize(
    ("refused", "others", "share"),
    [
        (0, 3, "0 %"),
        (1, 2, "33.3 %"),
        (1, 0, "100 %"),
        (1, 199, "0.5 %"),
        (2, 1, "66.7 %"),
        (1, 9999, "less than 0.1 %"),
    ],
)
def test_the_share_of_what_was_refused_is_told(refused: int, others: int, share: str) -> None:
    counted = [activity("refused", refused), activity("rejected", others)]
    assert traffic.total(counted).share_refused == share
    assert traffic.total(counted).refused == refused


def test_nothing_adds_up_to_nothing() -> None:
    assert traffic.total([]) == traffic.Sum(0, 0, "0 %", "0.0 ms")
    assert traffic.by_source([], WITHIN) == []


@pytest.mark.parametrize(
    ("duration", "words"),
    [
        (timedelta(microseconds=40), "0.0 ms"),
        (timedelta(microseconds=4_120), "4.1 ms"),
        (timedelta(milliseconds=120), "120 ms"),
        (timedelta(milliseconds=1_250), "1.2 s"),
        (timedelta(minutes=60), "3,600 s"),
    ],
)
def test_a_span_of_time_is_told_in_words(duration: timedelta, words: str) -> None:
    assert spans.took(duration) == words


def test_the_present_hour_is_one_of_them_wherever_in_it_one_looks() -> None:
    for minute in (0, 59):
        assert traffic.hours(datetime(2026, 11, 21, 10, minute, tzinfo=UTC), 1) == [HOUR]
