"""When a message that could not be delivered is tried again."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.outbox import backoff

NOW = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)

attempts_left = st.integers(min_value=1, max_value=backoff.ATTEMPTS - 1)
jitters = st.floats(min_value=0, max_value=1)
instants = st.datetimes(max_value=datetime(9000, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 -- hypothesis adds the zone


@pytest.mark.parametrize(
    ("attempts", "jitter", "wait"),
    [
        (1, 0.0, timedelta(seconds=5)),
        (1, 1.0, timedelta(seconds=3.75)),
        (2, 0.0, timedelta(seconds=10)),
        (3, 0.0, timedelta(seconds=20)),
        (10, 0.0, timedelta(seconds=2560)),
        (11, 0.0, timedelta(hours=1)),
        (11, 0.5, timedelta(minutes=52.5)),
        (19, 0.0, timedelta(hours=1)),
        (19, 1.0, timedelta(minutes=45)),
    ],
)
def test_the_wait_doubles_up_to_an_hour_and_jitter_shortens_it(attempts: int, jitter: float, wait: timedelta) -> None:
    assert backoff.next_attempt(attempts, NOW, jitter) == NOW + wait


@pytest.mark.parametrize("attempts", [20, 21, 1000])
def test_a_message_is_given_up_after_twenty_attempts(attempts: int) -> None:
    assert backoff.next_attempt(attempts, NOW, 0.5) is None


@given(attempts=attempts_left, now=instants, jitter=jitters)
def test_every_wait_is_between_three_quarters_of_the_shortest_and_the_longest(
    attempts: int, now: datetime, jitter: float
) -> None:
    due_at = backoff.next_attempt(attempts, now, jitter)
    assert due_at is not None
    assert backoff.SHORTEST * (1 - backoff.SPREAD) <= due_at - now <= backoff.LONGEST


@given(attempts=st.integers(min_value=1, max_value=backoff.ATTEMPTS - 2), now=instants, jitter=jitters)
def test_the_next_wait_is_never_shorter_with_the_same_jitter(attempts: int, now: datetime, jitter: float) -> None:
    sooner, later = (backoff.next_attempt(each, now, jitter) for each in (attempts, attempts + 1))
    assert sooner is not None
    assert later is not None
    assert sooner <= later


@given(attempts=attempts_left, now=instants, jitter=jitters)
def test_jitter_never_takes_more_than_a_quarter_away(attempts: int, now: datetime, jitter: float) -> None:
    whole, shortened = (backoff.next_attempt(attempts, now, each) for each in (0.0, jitter))
    assert whole is not None
    assert shortened is not None
    assert (whole - now) * (1 - backoff.SPREAD) <= shortened - now <= whole - now


@given(attempts=st.integers(min_value=backoff.ATTEMPTS), now=instants, jitter=jitters)
def test_whatever_was_given_up_stays_given_up(attempts: int, now: datetime, jitter: float) -> None:
    assert backoff.next_attempt(attempts, now, jitter) is None
