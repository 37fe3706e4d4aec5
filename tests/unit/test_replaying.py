"""A remembered request decided again: what an edited rule changes of its ending, and what it does not."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.sources.configuration import Vocabulary
from app.sources.rules import OnClosed, OnNone, OnNoneClosed, OnOpen, StateRule, Status, StatusType
from app.todos.decision import Existing, decide
from app.todos.outcome import OutcomeKind
from app.todos.remembered import Met, Remembered, Said
from app.todos.replaying import REFUSED, again, ends_otherwise
from app.todos.submission import Submission
from tests.factories import (
    CONFIGURATION,
    DONE,
    EXPIRED,
    IN_PROGRESS,
    KEY,
    NIGHTLY,
    NOW,
    TO_DO,
    bare_submissions,
    existing,
    existings,
    rules,
)

HOUR = timedelta(hours=1)


def met(found: Existing) -> Met:
    return Met(
        todo_id=3,
        key=found.key,
        status_id=found.status.id,
        status_type=found.status.type,
        created_at=found.created_at,
        closed_at=found.closed_at,
        occurred_at=found.occurred_at,
    )


def past(
    found: Status | None = None,
    said: Status | None = None,
    *,
    word: str | None = None,
    reference: str | None = "EXTREF001",
    outcome: OutcomeKind = OutcomeKind.CREATED,
) -> Remembered:
    """Remember a request that met a todo in this status, or none, and named this status, in this word."""
    return Remembered(
        source=NIGHTLY,
        at=NOW,
        rule_version=1,
        outcome=outcome,
        todo_id=3,
        todo_key=KEY,
        reference=reference,
        met=None if found is None else met(existing(found)),
        said=None if said is None else Said(word or said.name, said.id, said.type),
    )


def of(sent: Submission, found: Existing | None, at: datetime = NOW) -> Remembered:
    """Remember a request with what it was decided from."""
    return Remembered(
        source=NIGHTLY,
        at=at,
        rule_version=1,
        outcome=OutcomeKind.CREATED,
        todo_id=None,
        todo_key=None,
        reference=sent.reference,
        met=None if found is None else met(found),
        said=None if sent.status is None else Said(sent.status.name, sent.status.id, sent.status.type),
        occurred_at=sent.occurred_at,
    )


@pytest.mark.parametrize(
    ("request_", "rule", "word"),
    [
        (past(), StateRule(), "created"),
        (past(), StateRule(on_none=OnNone.IGNORE), "ignored"),
        (past(), StateRule(on_none=OnNone.REJECT), "rejected"),
        (past(None, DONE), StateRule(on_none_closed=OnNoneClosed.IGNORE), "ignored"),
        (past(None, IN_PROGRESS), StateRule(on_none_closed=OnNoneClosed.IGNORE), "created"),
        (past(IN_PROGRESS), StateRule(), "updated"),
        (past(IN_PROGRESS), StateRule(on_open=OnOpen.REJECT), "rejected"),
        (past(IN_PROGRESS), StateRule(open_states=("new",)), "created"),
        (past(IN_PROGRESS), StateRule(max_open_age=HOUR), "created"),
        (past(IN_PROGRESS), StateRule(max_open_age=3 * HOUR), "updated"),
        (past(DONE), StateRule(), "created"),
        (past(DONE), StateRule(on_closed=OnClosed.IGNORE), "ignored"),
        (past(DONE), StateRule(on_closed=OnClosed.REOPEN), "reopened"),
        (past(DONE), StateRule(on_closed=OnClosed.REOPEN, reopen_within=HOUR), "reopened"),
        (past(DONE), StateRule(on_closed=OnClosed.REOPEN, reopen_within=HOUR / 2), "created"),
        (past(DONE), StateRule(on_closed=OnClosed.REOPEN, never_reopen=("Done",)), "created"),
        (past(DONE, EXPIRED), StateRule(on_closed=OnClosed.REOPEN), "ignored"),
        (past(None, DONE, word="ok"), StateRule(status_map={"OK": "Done"}), "created"),
        (past(None, DONE, word="ok"), StateRule(), REFUSED),
        (past(None, DONE, word="ok"), StateRule(on_none=OnNone.IGNORE), REFUSED),
        (past(DONE, DONE, word="ok"), StateRule(status_map={"ok": "To do"}), "created"),
        (past(reference="n/a"), StateRule(), REFUSED),
        (past(reference="extref001"), StateRule(forbidden_references=("EXTREF001",)), REFUSED),
        (past(reference="n/a"), StateRule(forbidden_references=()), "created"),
        (past(reference=None), StateRule(), "created"),
    ],
)
def test_an_edited_rule_decides_a_remembered_request_again(request_: Remembered, rule: StateRule, word: str) -> None:
    assert again(request_, rule, CONFIGURATION).word == word


def test_the_reason_says_what_the_rule_made_of_the_todo_as_it_stood() -> None:
    ending = again(past(DONE), StateRule(on_closed=OnClosed.IGNORE), CONFIGURATION)
    assert ending.reason == f"{KEY} is Done, which source {NIGHTLY} does not count as open, and ignores"


@pytest.mark.parametrize(
    ("request_", "reason"),
    [
        (past(None, DONE, word="ok"), "'ok' is no status"),
        (past(reference="n/a"), "the reference 'n/a' says nothing: the source forbids it as a reference"),
    ],
)
def test_the_reason_says_what_would_have_been_refused(request_: Remembered, reason: str) -> None:
    assert again(request_, StateRule(), CONFIGURATION).reason == reason


def test_the_todo_met_has_the_name_its_status_has_now_and_the_type_it_had_then() -> None:
    words = Vocabulary(statuses=(Status(DONE.id, "Finished", StatusType.OPEN, 1),))
    ending = again(past(DONE), StateRule(), words)
    assert (ending.word, ending.reason.partition(",")[0]) == ("created", f"{KEY} is Finished")


def test_what_the_sender_said_is_of_the_type_it_had_then_unless_the_rule_maps_it_elsewhere() -> None:
    words = Vocabulary(statuses=(Status(DONE.id, "Done", StatusType.OPEN, 1), TO_DO))
    ignoring = StateRule(on_none_closed=OnNoneClosed.IGNORE)
    assert again(past(None, DONE), ignoring, words).word == "ignored"
    mapping = StateRule(on_none_closed=OnNoneClosed.IGNORE, status_map={"Done": "To do"})
    assert again(past(None, DONE), mapping, words).word == "created"


def test_a_status_and_a_todo_that_are_gone_are_called_so() -> None:
    gone = Met(**{name: getattr(met(existing(DONE)), name) for name in Met.__slots__} | {"key": None})
    sent = Remembered(**{name: getattr(past(), name) for name in Remembered.__slots__} | {"met": gone})
    ending = again(sent, StateRule(), Vocabulary())
    assert ending.word == "created"
    assert ending.reason.startswith("a todo that is gone is in a status that is gone, which source")


@pytest.mark.parametrize(
    ("outcome", "found", "is_otherwise"),
    [
        (OutcomeKind.UPDATED, IN_PROGRESS, False),
        (OutcomeKind.UNCHANGED, IN_PROGRESS, False),
        (OutcomeKind.CREATED, IN_PROGRESS, True),
        (OutcomeKind.CREATED, DONE, False),
        (OutcomeKind.REOPENED, DONE, True),
        (OutcomeKind.REJECTED, DONE, True),
    ],
)
def test_an_update_that_changed_nothing_has_ended_as_an_update(
    outcome: OutcomeKind,
    found: Status,
    is_otherwise: bool,  # noqa: FBT001 - a column of the table
) -> None:
    request = past(found, outcome=outcome)
    assert ends_otherwise(request, again(request, StateRule(), CONFIGURATION)) is is_otherwise


@given(rules, st.none() | existings, bare_submissions)
def test_what_is_decided_again_is_what_was_decided(rule: StateRule, found: Existing | None, sent: Submission) -> None:
    decision = decide(found, sent, NIGHTLY, rule, NOW)
    assert again(of(sent, found), rule, CONFIGURATION).reason == decision.reason
