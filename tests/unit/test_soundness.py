"""Rules that can never do what they say, and changes that would make a working one such."""

from dataclasses import replace

import pytest

from app.errors import Conflict, Invalid
from app.sources import soundness
from app.sources.configuration import Configuration, Source
from app.sources.rules import Match, OnClosed, OnNone, OnOpen, StateRule, StatusType
from tests.factories import CONFIGURATION, ERP, IN_PROGRESS, NIGHTLY, WAITING, source

NOTHING = StateRule(on_none=OnNone.IGNORE, on_open=OnOpen.REJECT, on_closed=OnClosed.REJECT)


def configured(*sources: Source) -> Configuration:
    return replace(CONFIGURATION, sources=sources)


@pytest.mark.parametrize(
    ("rule", "pointer"),
    [
        (StateRule(open_states=()), "/rule/openStates"),
        (StateRule(on_closed=OnClosed.REOPEN, never_reopen=("closed",)), "/rule/neverReopen"),
        (StateRule(on_closed=OnClosed.REOPEN, never_reopen=("Done", "Expired")), "/rule/neverReopen"),
        (NOTHING, "/rule/onNone"),
        (replace(NOTHING, on_none=OnNone.REJECT, on_closed=OnClosed.IGNORE), "/rule/onNone"),
    ],
)
def test_a_rule_that_can_never_match_is_refused(rule: StateRule, pointer: str) -> None:
    with pytest.raises(Invalid) as refused:
        soundness.check_rule(rule, CONFIGURATION)
    assert [problem.pointer for problem in refused.value.problems] == [pointer]


@pytest.mark.parametrize(
    "rule",
    [
        StateRule(),
        StateRule(open_states=("Waiting",)),
        StateRule(on_closed=OnClosed.REOPEN, never_reopen=("Expired",)),
        StateRule(on_closed=OnClosed.CREATE, never_reopen=("closed",)),
        replace(NOTHING, on_none=OnNone.CREATE),
        replace(NOTHING, on_closed=OnClosed.REOPEN),
    ],
)
def test_a_rule_that_can_do_something_is_taken(rule: StateRule) -> None:
    soundness.check_rule(rule, CONFIGURATION)


def test_a_state_that_no_status_has_does_not_count_as_open() -> None:
    without = replace(CONFIGURATION, statuses=tuple(each for each in CONFIGURATION.statuses if each is not WAITING))
    with pytest.raises(Invalid, match="openStates"):
        soundness.check_rule(StateRule(open_states=("pending",)), without)


def test_a_change_that_leaves_a_working_rule_without_sense_is_refused() -> None:
    rule = StateRule(open_states=("In Progress",))
    before = configured(source(rule))
    closed = tuple(replace(each, type=StatusType.CLOSED) for each in CONFIGURATION.statuses)
    soundness.check(before, replace(before, statuses=closed))  # In Progress is named, whatever its type
    with pytest.raises(Conflict, match=NIGHTLY):
        soundness.check(before, replace(before, statuses=tuple(each for each in closed if each.id != IN_PROGRESS.id)))


def test_a_rule_that_had_no_sense_before_stands_in_nobodys_way() -> None:
    soundness.check(configured(source(NOTHING)), configured(source(NOTHING), replace(source(), id=2, name=ERP)))


def test_sources_of_one_scope_compare_references_alike() -> None:
    shared = replace(source(), id=2, name=ERP, rule=StateRule(match=Match.CASELESS))
    with pytest.raises(Invalid, match="nightly and erp"):
        soundness.check(configured(), configured(source(), shared))


def test_a_source_that_comes_has_to_work_by_what_is_left() -> None:
    with pytest.raises(Conflict, match=NIGHTLY):
        soundness.check(configured(), replace(configured(source(StateRule(open_states=("Waiting",)))), statuses=()))
