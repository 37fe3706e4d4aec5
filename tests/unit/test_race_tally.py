"""The verdict of a race."""

from dataclasses import replace

import pytest

from app.cli.race_senders import NO_ANSWER, Shot
from app.cli.race_tally import Tally

CREATED = Shot("R-1", "created", None, "K-1", 0.010)
UPDATED = replace(CREATED, outcome="updated")
LOST = Shot("R-1", None, NO_ANSWER, None, 1.0)


def tally(*shots: Shot) -> Tally:
    made = Tally()
    made.add(shots, 0.5)
    return made


def test_one_todo_for_each_reference_is_good() -> None:
    others = (replace(each, reference="R-2", key="K-2") for each in (UPDATED, CREATED))
    assert tally(CREATED, UPDATED, UPDATED, *others).is_good


@pytest.mark.parametrize(
    "shots",
    [
        (),
        (UPDATED, UPDATED),
        (CREATED, CREATED),
        (CREATED, replace(UPDATED, key="K-2")),
        (CREATED, replace(CREATED, key="K-2")),
        (CREATED, LOST),
        (CREATED, replace(CREATED, reference="R-2", outcome="updated", key="K-1")),
    ],
)
def test_everything_else_is_not(shots: tuple[Shot, ...]) -> None:
    assert not tally(*shots).is_good


def test_what_the_gateway_holds_counts_too() -> None:
    made = tally(CREATED)
    made.complaints.append("R-1 counts 2 requests, but 1 were taken")
    assert not made.is_good


def test_duplicates_are_the_todos_beside_the_first_of_each_reference() -> None:
    made = tally(CREATED, replace(CREATED, key="K-2"), replace(CREATED, key="K-3"), replace(UPDATED, key="K-2"))
    assert made.duplicates == 2


def test_all_figures_are_told() -> None:
    shots = [replace(UPDATED, seconds=number / 1000) for number in range(1, 100)]
    told = dict(tally(CREATED, *shots, LOST, LOST, replace(LOST, error="HTTP 503")).rows())
    assert told == {
        "requests": "103",
        "created": "1",
        "updated": "99",
        "unchanged": "0",
        "duplicates": "0",
        "errors": "1 of HTTP 503, 2 of no answer",
        "p50": "50.0 ms",
        "p99": "99.0 ms",
        "requests a second": "200",
    }


def test_where_nothing_was_answered_no_time_is_told() -> None:
    told = dict(tally(LOST).rows())
    assert (told["p50"], told["p99"]) == ("", "")
