"""What the page of a todo makes of its facts: risk, groups of facts, the timeline and how often it was seen."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.entrypoints.web import shown, timeline
from app.entrypoints.web.risk import risk
from app.entrypoints.web.sections import sections
from app.entrypoints.web.sightings import earliest, sightings
from app.sources.configuration import Configuration, CustomField, FieldType
from app.sources.fields import LEVELS
from app.todos.history import A_NOTE, NOTED, Entry
from app.todos.todo import Change
from tests import factories
from tests.factories import CONFIGURATION, ERP, NIGHTLY, NOW

_HOUR = timedelta(hours=1)
_RANKS = {"LOW": 0, "MEDIUM": 1, "HIGH": 2}


# ---------------------------------------------------------------------------------------------------------------- risk
@pytest.mark.parametrize(
    ("impact", "likelihood", "level"),
    [
        ("LOW", "LOW", "low"),
        ("LOW", "MEDIUM", "low"),
        ("LOW", "HIGH", "medium"),
        ("MEDIUM", "MEDIUM", "medium"),
        ("MEDIUM", "HIGH", "high"),
        ("HIGH", "HIGH", "high"),
    ],
)
def test_the_risk_is_the_impact_times_the_likelihood_either_way(impact: str, likelihood: str, level: str) -> None:
    for facts in ({"impact": impact, "likelihood": likelihood}, {"impact": likelihood, "likelihood": impact}):
        found = risk(facts)
        assert found is not None
        assert found.level == level


@given(impact=st.sampled_from(LEVELS), likelihood=st.sampled_from(LEVELS), graver=st.sampled_from(LEVELS))
def test_a_graver_impact_never_makes_the_risk_smaller(impact: str, likelihood: str, graver: str) -> None:
    less, more = sorted((impact, graver), key=_RANKS.__getitem__)
    before, after = (risk({"impact": each, "likelihood": likelihood}) for each in (less, more))
    assert before is not None
    assert after is not None
    assert _RANKS[before.level.upper()] <= _RANKS[after.level.upper()]


@pytest.mark.parametrize("facts", [{}, {"impact": "HIGH"}, {"impact": None, "likelihood": "LOW"}])
def test_there_is_no_risk_where_half_of_it_is_unknown(facts: dict[str, str | None]) -> None:
    assert risk(facts) is None


# ------------------------------------------------------------------------------------------------------------ in words
def test_a_custom_field_is_called_by_its_label_or_else_by_its_name() -> None:
    named = Configuration(fields=(CustomField(1, "t", FieldType.TEXT, label="Terminal"), CUSTOM_WITHOUT_LABEL))
    assert [shown.label(f"fields.{name}", named) for name in ("t", "gate", "gone")] == ["Terminal", "gate", "gone"]


CUSTOM_WITHOUT_LABEL = CustomField(2, "gate", FieldType.TEXT)


def test_what_stands_elsewhere_on_the_page_is_not_told_twice() -> None:
    groups = sections(factories.todo(), CONFIGURATION, apart=("status", "dueDate"))
    labels = [row.label for group in groups for row in group.rows]
    assert "Priority" in labels
    assert not {"Status", "Due"} & set(labels)


# ------------------------------------------------------------------------------------------------------------ timeline
def _entry(number: int, **facts: str | bool | None) -> Entry:
    entry = Entry(
        todo_id=3, at=NOW - number * _HOUR, actor="sys", outcome="updated", reason="", source=NIGHTLY, id=100 - number
    )
    return replace(entry, changes={"title": Change("a", "b")}, **facts)  # type: ignore[arg-type]


def _titles(entries: Sequence[Entry]) -> list[str | None]:
    return [run.title for run in timeline.runs(timeline.events(entries, CONFIGURATION))]


def test_what_one_source_does_several_times_on_end_is_folded_with_its_first_and_last_instant() -> None:
    [run] = timeline.runs(timeline.events([_entry(number) for number in range(12)], CONFIGURATION))
    assert run.title == "12 updates"
    assert (run.oldest.at, run.newest.at) == (NOW - 11 * _HOUR, NOW)


@pytest.mark.parametrize(
    "other",
    [
        {"actor": "ann"},
        {"source": ERP},
        {"outcome": "created"},
        {"comment": "a note", "outcome": NOTED, "reason": A_NOTE},
    ],
)
def test_an_entry_of_another_kind_ends_what_is_folded(other: dict[str, str]) -> None:
    entries = [_entry(0), _entry(1), _entry(2), _entry(3, **other), _entry(4), _entry(5)]
    assert _titles(entries) == ["3 updates", None, None, None]


def test_what_people_do_and_what_is_written_is_never_folded() -> None:
    assert _titles([_entry(number, source=None) for number in range(5)]) == [None] * 5
    assert _titles([_entry(number, comment="look") for number in range(5)]) == [None] * 5


_entries = st.builds(
    _entry,
    st.integers(0, 50),
    actor=st.sampled_from(["sys", "ann"]),
    source=st.sampled_from([NIGHTLY, ERP, None]),
    outcome=st.sampled_from(["created", "updated", "ignored", "rejected", "reopened", NOTED]),
    comment=st.sampled_from([None, "look"]),
)


@given(st.lists(_entries, max_size=30))
def test_folding_loses_no_entry_and_keeps_their_order(entries: list[Entry]) -> None:
    events = timeline.events(entries, CONFIGURATION)
    assert [event for run in timeline.runs(events) for event in run.events] == list(events)


@given(st.lists(_entries, max_size=30))
def test_only_what_is_alike_is_folded(entries: list[Entry]) -> None:
    for run in timeline.runs(timeline.events(entries, CONFIGURATION)):
        assert len({(event.actor, event.source, event.outcome) for event in run.events}) == 1
        assert run.title is None or all(event.note is None and event.source for event in run.events)


# ----------------------------------------------------------------------------------------------------------- sightings
def test_nothing_is_drawn_where_nothing_was_seen() -> None:
    assert sightings([], NOW) is None


def test_what_was_first_seen_within_a_week_is_told_by_the_hour_with_zeros_between() -> None:
    found = sightings([(NOW - 30 * _HOUR, 4), (NOW - 28 * _HOUR, 2)], NOW)
    assert found is not None
    assert found.unit == "hour"
    assert [number for _, (number,) in found.rows][:4] == [4, 0, 2, 0]
    assert found.rows[-1] == (NOW, (0,))


def test_a_lone_sighting_stands_at_the_end_of_a_whole_day() -> None:
    found = sightings([(NOW, 1)], NOW + timedelta(minutes=30))
    assert found is not None
    assert len(found.rows) == 25
    assert found.rows[-1] == (NOW, (1,))


def test_what_was_first_seen_before_that_is_told_by_the_day() -> None:
    found = sightings([(NOW - timedelta(days=8), 1), (NOW - _HOUR, 2), (NOW, 3)], NOW)
    assert found is not None
    assert found.unit == "day"
    assert [number for _, (number,) in found.rows] == [1, *[0] * 7, 5]


_hours = st.integers(0, 24 * 90).map(lambda back: NOW - back * _HOUR)


@given(counted=st.dictionaries(_hours, st.integers(1, 1000), min_size=1), minutes=st.integers(0, 59))
def test_a_chart_counts_every_sighting_once_and_leaves_no_gap(counted: dict[datetime, int], minutes: int) -> None:
    now = NOW + timedelta(minutes=minutes)
    found = sightings(sorted(counted.items()), now)
    assert found is not None
    assert sum(number for _, (number,) in found.rows) == sum(counted.values())
    step = _HOUR if found.unit == "hour" else timedelta(days=1)
    moments = [moment for moment, _ in found.rows]
    assert all(after - before == step for before, after in pairwise(moments))
    assert len(moments) <= 24 * 8
    assert moments[-1] <= now < moments[-1] + step


def test_the_chart_begins_with_a_day() -> None:
    assert earliest(datetime(2026, 11, 21, 10, 5, tzinfo=UTC)) == datetime(2026, 8, 23, tzinfo=UTC)
