"""What becomes of a submission: every setting of the state rule, and what holds whatever is configured."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.sources.rules import (
    OnClosed,
    OnClosedClosed,
    OnNone,
    OnNoneClosed,
    OnOpen,
    StateRule,
    Status,
    StatusType,
)
from app.todos.decision import Create, Decision, Existing, Ignore, Reject, Reopen, Update, decide
from app.todos.submission import Submission
from tests.factories import (
    DONE,
    EXPIRED,
    IN_PROGRESS,
    KEY,
    NIGHTLY,
    NOW,
    TO_DO,
    WAITING,
    bare_submissions,
    existing,
    existings,
    moments,
    rules,
    submission,
)

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
OPEN_BY_NAME = Status(6, "Open", StatusType.CLOSED, 6)
REOPENS = StateRule(on_closed=OnClosed.REOPEN)


def decided(found: Existing | None, sent: Submission, rule: StateRule) -> Decision:
    return decide(found, sent, NIGHTLY, rule, NOW)


@pytest.mark.parametrize(
    ("rule", "status", "becomes"),
    [
        (StateRule(), None, Create),
        (StateRule(), DONE, Create),
        (StateRule(on_none=OnNone.IGNORE), None, Ignore),
        (StateRule(on_none=OnNone.REJECT), None, Reject),
        (StateRule(on_none=OnNone.REJECT), DONE, Reject),
        (StateRule(on_none_closed=OnNoneClosed.IGNORE), None, Create),
        (StateRule(on_none_closed=OnNoneClosed.IGNORE), WAITING, Create),
        (StateRule(on_none_closed=OnNoneClosed.IGNORE), DONE, Ignore),
        (StateRule(on_none_closed=OnNoneClosed.IGNORE, on_none=OnNone.REJECT), EXPIRED, Ignore),
    ],
)
def test_where_no_todo_holds_the_reference_the_rule_says_what_happens(
    rule: StateRule, status: Status | None, becomes: type[Decision]
) -> None:
    decision = decided(None, submission(status=status), rule)
    assert isinstance(decision, becomes)
    assert not (isinstance(decision, Create) and decision.succeeds)


@pytest.mark.parametrize(
    ("rule", "status", "becomes"),
    [
        (StateRule(), TO_DO, Update),
        (StateRule(), IN_PROGRESS, Update),
        (StateRule(), WAITING, Update),
        (StateRule(), DONE, Create),
        (StateRule(open_states=("new",)), IN_PROGRESS, Create),
        (StateRule(open_states=("waiting", "new")), WAITING, Update),
        (StateRule(open_states=("open", "Done")), DONE, Update),
        (StateRule(open_states=("Open",)), IN_PROGRESS, Update),
        (StateRule(open_states=("Open",)), OPEN_BY_NAME, Create),
        (StateRule(open_states=()), TO_DO, Create),
        (StateRule(on_open=OnOpen.REJECT), IN_PROGRESS, Reject),
        (StateRule(on_open=OnOpen.REJECT), DONE, Create),
        (StateRule(on_closed=OnClosed.CREATE), DONE, Create),
        (StateRule(on_closed=OnClosed.REOPEN), DONE, Reopen),
        (StateRule(on_closed=OnClosed.IGNORE), DONE, Ignore),
        (StateRule(on_closed=OnClosed.REJECT), DONE, Reject),
        (StateRule(on_closed=OnClosed.REJECT), IN_PROGRESS, Update),
    ],
)
def test_the_status_of_the_todo_found_decides(rule: StateRule, status: Status, becomes: type[Decision]) -> None:
    assert isinstance(decided(existing(status), submission(), rule), becomes)


@pytest.mark.parametrize(
    ("on_closed", "on_closed_closed", "becomes"),
    [
        (OnClosed.CREATE, OnClosedClosed.IGNORE, Ignore),
        (OnClosed.CREATE, OnClosedClosed.CREATE, Create),
        (OnClosed.REOPEN, OnClosedClosed.IGNORE, Ignore),
        (OnClosed.REOPEN, OnClosedClosed.CREATE, Create),
        (OnClosed.IGNORE, OnClosedClosed.CREATE, Ignore),
        (OnClosed.REJECT, OnClosedClosed.CREATE, Reject),
    ],
)
def test_a_repeated_closing_has_its_own_setting(
    on_closed: OnClosed, on_closed_closed: OnClosedClosed, becomes: type[Decision]
) -> None:
    rule = StateRule(on_closed=on_closed, on_closed_closed=on_closed_closed)
    assert isinstance(decided(existing(DONE), submission(status=EXPIRED), rule), becomes)


@pytest.mark.parametrize(
    ("within", "ago", "becomes"),
    [
        (None, timedelta(days=900), Reopen),
        (HOUR, HOUR - MINUTE, Reopen),
        (HOUR, HOUR, Reopen),
        (HOUR, HOUR + MINUTE, Create),
    ],
)
def test_a_todo_is_reopened_only_this_soon_after_it_was_closed(
    within: timedelta | None, ago: timedelta, becomes: type[Decision]
) -> None:
    found = existing(DONE, created_at=NOW - timedelta(days=1000), closed_at=NOW - ago)
    rule = StateRule(on_closed=OnClosed.REOPEN, reopen_within=within)
    assert isinstance(decided(found, submission(), rule), becomes)


def test_a_todo_that_is_not_open_but_was_never_closed_counts_from_its_creation() -> None:
    rule = StateRule(open_states=("new",), on_closed=OnClosed.REOPEN, reopen_within=HOUR)
    assert isinstance(decided(existing(WAITING, created_at=NOW - HOUR), submission(), rule), Reopen)
    assert isinstance(decided(existing(WAITING, created_at=NOW - 2 * HOUR), submission(), rule), Create)


def test_a_reopened_todo_gets_the_status_of_the_rule() -> None:
    decision = decided(existing(DONE), submission(), StateRule(on_closed=OnClosed.REOPEN, reopen_status="To do"))
    assert isinstance(decision, Reopen)
    assert decision.status == "To do"


@pytest.mark.parametrize(
    ("never", "becomes"), [((), Reopen), (("Expired",), Reopen), (("DONE",), Create), (("closed",), Create)]
)
def test_what_is_closed_for_good_gets_a_successor(never: tuple[str, ...], becomes: type[Decision]) -> None:
    rule = StateRule(on_closed=OnClosed.REOPEN, never_reopen=never)
    assert isinstance(decided(existing(DONE), submission(), rule), becomes)


@pytest.mark.parametrize(
    ("age", "on_open", "becomes"),
    [
        (HOUR - MINUTE, OnOpen.UPDATE, Update),
        (HOUR, OnOpen.UPDATE, Update),
        (HOUR + MINUTE, OnOpen.UPDATE, Create),
        (HOUR + MINUTE, OnOpen.REJECT, Create),
        (HOUR, OnOpen.REJECT, Reject),
    ],
)
def test_an_open_todo_that_is_too_old_is_left_alone(age: timedelta, on_open: OnOpen, becomes: type[Decision]) -> None:
    rule = StateRule(max_open_age=HOUR, on_open=on_open)
    assert isinstance(decided(existing(IN_PROGRESS, created_at=NOW - age), submission(), rule), becomes)


def test_what_closes_a_todo_that_is_too_old_closes_that_todo() -> None:
    found = existing(IN_PROGRESS, created_at=NOW - HOUR - MINUTE)
    assert isinstance(decided(found, submission(status=DONE), StateRule(max_open_age=HOUR)), Update)


@pytest.mark.parametrize("status", [IN_PROGRESS, DONE])
def test_late_facts_are_ignored_and_those_of_the_same_instant_are_not(status: Status) -> None:
    found = existing(status, occurred_at=NOW - HOUR)
    assert isinstance(decided(found, submission(occurred_at=NOW - HOUR - MINUTE), REOPENS), Ignore)
    assert not isinstance(decided(found, submission(occurred_at=NOW - HOUR), REOPENS), Ignore)


def test_facts_without_a_moment_are_never_late() -> None:
    assert isinstance(decided(existing(IN_PROGRESS, occurred_at=NOW), submission(), StateRule()), Update)
    assert isinstance(decided(existing(IN_PROGRESS), submission(occurred_at=NOW - HOUR), StateRule()), Update)


def test_a_reason_says_what_the_todo_is_and_what_the_source_makes_of_it() -> None:
    decision = decided(existing(IN_PROGRESS), submission(), StateRule())
    assert decision.reason == f"{KEY} is In Progress, which source nightly counts as open"


@given(found=st.none() | existings, sent=bare_submissions, rule=rules)
def test_every_submission_has_exactly_one_outcome_under_every_rule(
    found: Existing | None, sent: Submission, rule: StateRule
) -> None:
    decision = decided(found, sent, rule)
    assert isinstance(decision, Create | Update | Reopen | Ignore | Reject)
    assert decision == decided(found, sent, rule)


@given(sent=bare_submissions, rule=rules)
def test_nothing_is_updated_reopened_or_succeeded_where_nothing_exists(sent: Submission, rule: StateRule) -> None:
    decision = decided(None, sent, rule)
    assert not isinstance(decision, Update | Reopen)
    assert not (isinstance(decision, Create) and decision.succeeds)


@given(found=existings, sent=bare_submissions, rule=rules)
def test_what_is_created_beside_a_todo_succeeds_it(found: Existing, sent: Submission, rule: StateRule) -> None:
    decision = decided(found, sent, rule)
    assert not isinstance(decision, Create) or decision.succeeds


@given(found=existings, sent=bare_submissions, rule=rules)
def test_an_open_todo_is_updated_or_the_sender_is_told_no(found: Existing, sent: Submission, rule: StateRule) -> None:
    decision = decided(found, sent, rule)
    late = found.occurred_at and sent.occurred_at and sent.occurred_at < found.occurred_at
    too_old = rule.max_open_age is not None and NOW - found.created_at > rule.max_open_age
    if rule.is_open(found.status) and not late:
        assert isinstance(decision, Create if too_old and not sent.closes else Update | Reject)
    if not rule.is_open(found.status):
        assert not isinstance(decision, Update)


@given(found=existings, sent=bare_submissions, rule=rules, moment=moments, later=moments)
def test_a_late_fact_is_always_ignored(
    found: Existing, sent: Submission, rule: StateRule, moment: datetime, later: datetime
) -> None:
    early, late = sorted((moment, later))
    decision = decided(
        Existing(key=KEY, status=found.status, created_at=found.created_at, occurred_at=late),
        submission(status=sent.status, occurred_at=early - MINUTE),
        rule,
    )
    assert isinstance(decision, Ignore)


@given(found=existings, sent=bare_submissions, rule=rules)
def test_a_repeated_closing_makes_nothing_unless_the_rule_says_so(
    found: Existing, sent: Submission, rule: StateRule
) -> None:
    closed_before = found.status.type is StatusType.CLOSED and not rule.is_open(found.status)
    if closed_before and sent.closes:
        decision = decided(found, sent, rule)
        assert not isinstance(decision, Reopen | Update)
        assert not isinstance(decision, Create) or rule.on_closed_closed is OnClosedClosed.CREATE


@given(found=existings, sent=bare_submissions, rule=rules)
def test_what_is_reopened_becomes_the_status_of_the_rule_and_was_not_closed_for_good(
    found: Existing, sent: Submission, rule: StateRule
) -> None:
    decision = decided(found, sent, rule)
    if isinstance(decision, Reopen):
        assert decision.status == rule.reopen_status
        assert rule.on_closed is OnClosed.REOPEN
        assert not rule.is_closed_for_good(found.status)


@given(found=st.none() | existings, sent=bare_submissions, rule=rules)
def test_every_reason_names_the_source_and_the_todo_found(
    found: Existing | None, sent: Submission, rule: StateRule
) -> None:
    reason = decided(found, sent, rule).reason
    assert f"source {NIGHTLY}" in reason
    assert found is None or found.key in reason
