"""Durations as people write them."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.sources.durations import LONGEST, format_duration, parse_duration


@pytest.mark.parametrize(
    ("text", "duration"),
    [
        ("PT30M", timedelta(minutes=30)),
        ("P1D", timedelta(days=1)),
        ("P2W", timedelta(weeks=2)),
        ("P1DT2H3M4S", timedelta(days=1, hours=2, minutes=3, seconds=4)),
        ("pt90s", timedelta(seconds=90)),
        ("30m", timedelta(minutes=30)),
        ("2h", timedelta(hours=2)),
        ("7d", timedelta(days=7)),
        ("90s", timedelta(seconds=90)),
        (" 1W ", timedelta(weeks=1)),
    ],
)
def test_a_duration_is_read_in_both_forms(text: str, duration: timedelta) -> None:
    assert parse_duration(text) == duration


@pytest.mark.parametrize(
    "text",
    [
        "",
        "P",
        "PT",
        "P1DT",
        "soon",
        "30",
        "-5m",
        "1.5h",
        "P1Y",
        "P1M",
        "0s",
        "PT0S",
        "٣m",
        "30 m",
        "9999999999d",
        "P36501D",
    ],
)
def test_a_duration_that_makes_no_sense_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="must be"):
        parse_duration(text)


@given(seconds=st.integers(1, LONGEST // timedelta(seconds=1)))
def test_a_duration_written_and_read_again_is_the_same(seconds: int) -> None:
    duration = timedelta(seconds=seconds)
    assert parse_duration(format_duration(duration)) == duration
