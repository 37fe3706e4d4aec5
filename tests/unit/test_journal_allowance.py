"""How many lines of one kind are written out, whatever a flood is like."""

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from app.journal.allowance import BURST, PACE, Allowance
from tests.journalling import NOW

KIND = ("nightly", "unchanged")

pauses = st.lists(st.timedeltas(timedelta(0), 3 * PACE), max_size=50)


def moments(waited: list[timedelta]) -> list[datetime]:
    return [NOW + sum(waited[:count], timedelta()) for count in range(len(waited) + 1)]


@given(waited=pauses, before=st.integers(0, BURST))
def test_within_any_time_no_more_is_granted_than_the_burst_and_one_for_each_pace(
    waited: list[timedelta], before: int
) -> None:
    allowance = Allowance()
    granted = sum(allowance.grant(KIND, NOW) for _ in range(before))
    reached = moments(waited)
    granted += sum(allowance.grant(KIND, moment) for moment in reached for _ in range(30))
    assert granted <= BURST + (reached[-1] - NOW) / PACE


@given(waited=pauses)
def test_whoever_keeps_to_the_pace_is_always_granted(waited: list[timedelta]) -> None:
    allowance = Allowance()
    for moment in moments([pause + PACE for pause in waited]):
        assert allowance.grant(KIND, moment)


def test_a_flood_gets_its_burst_and_then_one_for_each_pace() -> None:
    allowance = Allowance()
    assert sum(allowance.grant(KIND, NOW) for _ in range(2 * BURST)) == BURST
    assert [allowance.grant(KIND, NOW + PACE) for _ in range(2)] == [True, False]


def test_each_kind_has_an_allowance_of_its_own() -> None:
    allowance = Allowance()
    assert sum(allowance.grant(KIND, NOW) for _ in range(BURST + 1)) == BURST
    assert allowance.grant(("nightly", "refused"), NOW)
    assert allowance.grant((None, "unchanged"), NOW)


def test_a_clock_that_goes_back_grants_no_more_than_it_would_have() -> None:
    allowance = Allowance()
    assert sum(allowance.grant(KIND, NOW) for _ in range(BURST)) == BURST
    assert not allowance.grant(KIND, NOW - PACE)
