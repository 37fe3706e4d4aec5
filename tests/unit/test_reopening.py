"""Reopening a todo in memory: what the decision says happens, whatever the field policies say of the status."""

import pytest

from app.accounts.identity import Identity
from app.sources.rules import FieldPolicy, OnClosed, StateRule
from app.todos import steps
from app.todos.ledger import Ledger, Place
from app.todos.outcome import Outcome, OutcomeKind
from app.todos.requests import Request
from app.todos.submission import Message, Submission
from app.todos.todo import Todo
from tests.factories import CONFIGURATION, DONE, NIGHTLY, NOW, TO_DO, source, submission, todo

PLACE = Place(NIGHTLY, "EXTREF001")


def taken(found: Todo, sent: Submission, rule: StateRule) -> Outcome:
    """Take a submission whose reference the todo holds through all steps."""
    request = Request(
        message=Message(facts=sent.facts),
        source_name=None,
        submission=sent,
        source=source(rule),
        rule=rule,
        configuration=CONFIGURATION,
        identity=Identity(user_id=1, login="admin", admin=True),
        now=NOW,
        door="api",
    )
    outcome = steps.take(Ledger(holders={PLACE: found.id}, todos={found.id: found}), request)
    assert isinstance(outcome, Outcome)
    return outcome


@pytest.mark.parametrize("policy", [policy for policy in FieldPolicy if policy is not FieldPolicy.APPEND])
def test_a_todo_that_is_said_to_be_reopened_is_open(policy: FieldPolicy) -> None:
    rule = StateRule(on_closed=OnClosed.REOPEN, reopen_status="To do", field_policy={"status": policy})
    outcome = taken(todo(status=DONE, touched=frozenset({"status"})), submission(), rule)
    assert outcome.kind is OutcomeKind.REOPENED
    assert outcome.todo is not None
    assert (outcome.todo.status, outcome.todo.closed_at) == (TO_DO, None)
    assert outcome.changes["status"] == ("Done", "To do")


def test_the_other_fields_of_a_reopened_todo_follow_their_policies() -> None:
    rule = StateRule(on_closed=OnClosed.REOPEN, field_policy={"title": FieldPolicy.KEEP})
    outcome = taken(todo(status=DONE), submission({"title": "New", "priority": "HIGH"}), rule)
    assert outcome.todo is not None
    assert (outcome.todo.facts["title"], outcome.todo.facts["priority"]) == ("Claim", "HIGH")
