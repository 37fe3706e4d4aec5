"""When wrong passwords lock and for how long: the table, its properties, and what counts as one address."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.accounts.lockout import (
    FORGOTTEN_AFTER,
    FREE,
    LONGEST_WAIT,
    Failures,
    Kind,
    address_key,
    wait_after,
)

NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)
SECOND = timedelta(seconds=1)

counts = st.integers(0, 10_000)
kinds = st.sampled_from(Kind)
gaps = st.timedeltas(timedelta(), timedelta(minutes=20))


@st.composite
def told(draw: st.DrawFn) -> Failures:
    """What counts after any row of wrong passwords."""
    failures, now = Failures(), NOW
    for gap in draw(st.lists(gaps, max_size=12)):
        now += gap
        failures = failures.with_one_more(now)
    return failures


@pytest.mark.parametrize(
    ("count", "seconds"),
    [(0, 0), (4, 0), (5, 1), (6, 2), (7, 4), (8, 8), (14, 512), (15, 900), (16, 900), (10_000, 900)],
)
def test_the_wait_doubles_after_the_free_ones(count: int, seconds: int) -> None:
    assert wait_after(count, FREE[Kind.ACCOUNT]) == seconds * SECOND


def test_an_address_has_more_free_ones_than_an_account() -> None:
    assert FREE == {Kind.ACCOUNT: 5, Kind.PAIR: 5, Kind.ADDRESS: 20}
    assert wait_after(19, FREE[Kind.ADDRESS]) == timedelta()
    assert wait_after(20, FREE[Kind.ADDRESS]) == SECOND


@given(counts, counts, kinds)
def test_waits_never_shrink_and_are_never_longer_than_a_quarter_of_an_hour(one: int, other: int, kind: Kind) -> None:
    less, more = sorted((one, other))
    assert wait_after(less, FREE[kind]) <= wait_after(more, FREE[kind]) <= LONGEST_WAIT == timedelta(minutes=15)


@given(told(), kinds)
def test_a_lock_always_ends_and_its_count_is_forgotten(failures: Failures, kind: Kind) -> None:
    last = failures.last_at or NOW
    assert not failures.is_locked(kind, last + LONGEST_WAIT)
    assert failures.with_one_more(last + FORGOTTEN_AFTER).count == 1
    if failures.count:
        assert failures.with_one_more(last + FORGOTTEN_AFTER - SECOND).count == failures.count + 1


@given(counts, kinds)
def test_who_is_locked_is_locked_up_to_the_very_end_of_the_wait(count: int, kind: Kind) -> None:
    failures, wait = Failures(count, NOW), wait_after(count, FREE[kind])
    assert failures.is_locked(kind, NOW) == bool(wait)
    if wait:
        assert failures.is_locked(kind, NOW + wait - SECOND / 2)
    assert not failures.is_locked(kind, NOW + wait)


@given(told(), gaps)
def test_what_is_taken_back_leaves_no_trace(before: Failures, gap: timedelta) -> None:
    now = (before.last_at or NOW) + gap
    after = before.with_one_more(now)
    again = after.without(after, before)
    assert again.last_at == before.last_at
    assert again.count == (before.count if after.count > 1 or not before.count else 0)


@given(told(), st.lists(gaps, min_size=1, max_size=5))
def test_what_came_since_stays_when_one_is_taken_back(before: Failures, since: list[timedelta]) -> None:
    now = (before.last_at or NOW) + SECOND
    after = current = before.with_one_more(now)
    for gap in since:
        now += gap + SECOND
        current = current.with_one_more(now)
    again = current.without(after, before)
    assert (again.count, again.last_at) == (current.count - 1, current.last_at)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("192.0.2.7:4711", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::/64", "2001:db8:1:2::/64"),
        ("[2001:db8:1:2:3:4:5:6]:4711", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::1", "::/64"),
        ("", ""),
        ("unknown", "unknown"),
        ("un\x00known\n", "unknown"),
        ("x" * 100, "x" * 64),
    ],
)
def test_an_address_has_one_key(text: str, key: str) -> None:
    assert address_key(text) == key


@given(st.ip_addresses(v=6).map(int), st.integers(0, 2**64 - 1))
def test_nobody_gains_by_going_through_the_addresses_of_a_network(address: int, other: int) -> None:
    first, second = (_written((address >> 64 << 64) | low) for low in (address & (2**64 - 1), other))
    if not first.startswith("0000:0000:0000:0000:"):  # where IPv4 addresses are mapped
        assert address_key(first) == address_key(second)


@given(st.text(max_size=100) | st.ip_addresses().map(str))
def test_a_key_is_its_own_key_and_fits_its_column(text: str) -> None:
    key = address_key(text)
    assert address_key(key) == key
    assert len(key) <= 64
    assert key.isprintable()


def _written(address: int) -> str:
    digits = f"{address:032x}"
    return ":".join(digits[at : at + 4] for at in range(0, 32, 4))
