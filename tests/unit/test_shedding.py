"""Refusals: each counts, and one line a second tells of them."""

import orjson
import pytest
from prometheus_client import REGISTRY

from app import errors, logs, shedding
from app.shedding import Teller


class Clock:
    """A clock that stands still until it is told the time."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def teller(clock: Clock) -> Teller:
    logs.configure("INFO")
    return Teller(clock)


def lines(captured: pytest.CaptureFixture[str]) -> list[object]:
    return [orjson.loads(line)["refused"] for line in captured.readouterr().err.splitlines()]


def test_the_first_refusal_is_told_at_once(teller: Teller, capsys: pytest.CaptureFixture[str]) -> None:
    teller.note("line")
    assert lines(capsys) == [{"line": 1}]


def test_a_flood_is_told_of_once_a_second_with_all_since_the_last_time(
    teller: Teller, clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    for millisecond in range(2500):
        clock.now = millisecond / 1000
        teller.note("line" if millisecond % 2 else "door")
    assert lines(capsys) == [{"door": 1}, {"line": 500, "door": 500}, {"door": 500, "line": 500}]


def test_every_refusal_is_counted_where_it_was(teller: Teller) -> None:
    before = _counted()
    for _ in range(3):
        teller.note("door")
    assert _counted() == before + 3


def test_a_refusal_promises_that_nothing_was_stored_and_says_when_to_come_again() -> None:
    refused = shedding.refusal("line")
    assert isinstance(refused, errors.Unavailable)
    assert "nothing was stored" in refused.message
    assert refused.retry_after_seconds == 1


def _counted() -> float:
    return REGISTRY.get_sample_value("refgate_shed_total", {"where": "door"}) or 0.0
