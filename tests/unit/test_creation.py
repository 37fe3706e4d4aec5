"""What a new todo looks like: what was sent, then the source's defaults, then the house's."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given

from app.errors import Invalid, Misconfigured
from app.sources.configuration import Configuration
from app.sources.fields import FIELDS, INCIDENT, TASK, Facts
from app.sources.rules import StateRule, Status, StatusType
from app.todos import creation
from app.todos.submission import Submission
from app.todos.todo import Tag, Todo
from tests.factories import (
    CONFIGURATION,
    DONE,
    IN_PROGRESS,
    INBOUND,
    NIGHTLY,
    NOW,
    OUTBOUND,
    STATUSES,
    TO_DO,
    WAITING,
    submission,
    submissions,
)

COMPLETE: Facts = {"todoType": INCIDENT, "title": "Potential Customs claim"}
DEFAULTS = StateRule(defaults={"todoType": TASK, "title": "Alert", "workspace": OUTBOUND.key})


def created(sent: Submission, rule: StateRule | None = None, configuration: Configuration = CONFIGURATION) -> Todo:
    drafted = creation.draft(sent, rule or StateRule(), configuration)
    return creation.todo_from(drafted, 7, NIGHTLY, sent.occurred_at, NOW)


def problems(sent: Submission, rule: StateRule | None = None) -> dict[str, str]:
    with pytest.raises(Invalid) as refused:
        creation.draft(sent, rule or StateRule(), CONFIGURATION)
    return dict(refused.value.problems)


def test_a_new_todo_has_every_field_its_key_and_its_moments() -> None:
    todo = created(submission(COMPLETE, workspace=INBOUND, occurred_at=NOW - timedelta(hours=1)))
    assert todo.key == "EXA-CON-BUS-WOR-07"
    assert todo.facts.keys() == FIELDS.keys() - {"tags"}
    assert {name for name, value in todo.facts.items() if value is not None} == {
        *("todoType", "title", "status", "workspace"),
    }
    assert {todo.created_at, todo.updated_at, todo.first_seen_at, todo.last_seen_at} == {NOW}
    assert todo.occurred_at == NOW - timedelta(hours=1)
    assert (todo.occurrences, todo.version, todo.source, todo.closed_at) == (1, 1, NIGHTLY, None)


def test_everything_that_is_missing_is_named_at_once() -> None:
    assert set(problems(submission())) == {"/title", "/todoType", "/domainWorkSpace"}
    assert set(problems(submission(workspace=INBOUND))) == {"/title", "/todoType"}
    assert set(problems(submission(COMPLETE))) == {"/domainWorkSpace"}
    assert "is required for a new todo" in problems(submission(COMPLETE))["/domainWorkSpace"]


def test_what_is_missing_and_what_does_not_fit_are_named_together() -> None:
    sent = submission({"todoType": INCIDENT, "result": "Found"}, workspace=INBOUND)
    assert problems(sent) == {
        "/title": "is required for a new todo: neither the submission nor the source's defaults give it",
        "/result": "is a field of TASKs only",
    }


def test_defaults_stand_in_where_the_submission_is_silent() -> None:
    rule = replace(DEFAULTS, defaults={**DEFAULTS.defaults, "priority": "LOW", "tags": ["night"], "status": "To do"})
    todo = created(submission(), rule)
    assert (todo.type, todo.workspace, todo.status) == (TASK, OUTBOUND, TO_DO)
    assert (todo.facts["title"], todo.facts["priority"]) == ("Alert", "LOW")
    assert todo.tags == (Tag("night", NIGHTLY),)


def test_what_is_sent_comes_before_the_defaults() -> None:
    rule = replace(DEFAULTS, defaults={**DEFAULTS.defaults, "priority": "LOW", "tags": ["night"], "status": "To do"})
    sent = submission({**COMPLETE, "priority": "HIGH", "tags": ("day",)}, status=WAITING, workspace=INBOUND)
    todo = created(sent, rule)
    assert (todo.type, todo.workspace, todo.status) == (INCIDENT, INBOUND, WAITING)
    assert (todo.facts["title"], todo.facts["priority"]) == (COMPLETE["title"], "HIGH")
    assert todo.tags == (Tag("day", NIGHTLY),)


def test_null_is_said_and_not_silence() -> None:
    rule = replace(DEFAULTS, defaults={**DEFAULTS.defaults, "priority": "LOW", "tags": ["night"]})
    todo = created(submission({"priority": None, "tags": None}), rule)
    assert (todo.facts["priority"], todo.tags) == (None, ())


def test_defaults_are_read_like_what_is_sent() -> None:
    given_defaults = {"financialImpact": "5", "dueDate": "2027-01-01", "category": "Customs", "fields.pallets": "12.0"}
    todo = created(submission(COMPLETE), replace(DEFAULTS, defaults={**DEFAULTS.defaults, **given_defaults}))
    assert todo.facts["financialImpact"] == Decimal("5.00")
    assert todo.facts["dueDate"] == date(2027, 1, 1)
    assert todo.facts["category"] == ("Customs",)
    assert todo.facts["fields.pallets"] == "12"


def test_a_default_of_a_custom_field_that_is_gone_stands_for_nothing() -> None:
    rule = replace(DEFAULTS, defaults={**DEFAULTS.defaults, "fields.terminal": "T3"})
    assert created(submission(), rule, replace(CONFIGURATION, fields=())).facts["fields.terminal"] is None


def test_defaults_of_the_other_type_are_passed_over() -> None:
    rule = replace(DEFAULTS, defaults={**DEFAULTS.defaults, "result": "Pending", "impact": "HIGH"})
    task, incident = created(submission(), rule), created(submission({"todoType": INCIDENT}), rule)
    assert (task.facts["result"], task.facts["impact"]) == ("Pending", None)
    assert (incident.facts["result"], incident.facts["impact"]) == (None, "HIGH")


@pytest.mark.parametrize(
    ("kind", "sent", "misfits"),
    [
        (INCIDENT, {"result": "Found"}, {"/result"}),
        (INCIDENT, {"result": None}, set()),
        (INCIDENT, {"result": ""}, {"/result"}),
        (INCIDENT, {"impact": "HIGH", "likelihood": "LOW", "financialImpact": Decimal(1)}, set()),
        (TASK, {"result": "Found"}, set()),
        (
            TASK,
            {"impact": "HIGH", "likelihood": "LOW", "financialImpact": Decimal(0)},
            {
                *("/impact", "/likelihood", "/financialImpact"),
            },
        ),
        (TASK, {"todoType": TASK}, set()),
        (TASK, {"todoType": INCIDENT}, {"/todoType"}),
    ],
)
def test_fields_of_the_other_type_do_not_fit(kind: str, sent: Facts, misfits: set[str]) -> None:
    if not misfits:
        creation.check_fit(kind, sent)
        return
    with pytest.raises(Invalid) as refused:
        creation.check_fit(kind, sent)
    assert {problem.pointer for problem in refused.value.problems} == misfits


def test_a_new_todo_is_in_progress_unless_something_else_is_said() -> None:
    sent = submission(COMPLETE, workspace=INBOUND)
    assert created(sent).status == IN_PROGRESS
    others = (WAITING, Status(8, "Second", StatusType.OPEN, 9), Status(9, "First", StatusType.OPEN, 8))
    assert created(sent, configuration=replace(CONFIGURATION, statuses=others)).status.name == "First"


def test_without_any_open_status_nothing_is_created() -> None:
    closed = replace(CONFIGURATION, statuses=(TO_DO, DONE))
    with pytest.raises(Misconfigured, match="No status of type open"):
        created(submission(COMPLETE, workspace=INBOUND), configuration=closed)
    assert created(submission(COMPLETE, workspace=INBOUND, status=TO_DO), configuration=closed).status == TO_DO


@pytest.mark.parametrize("due", [None, date(2027, 1, 1)])
def test_a_todo_that_is_created_closed_is_due_today(due: date | None) -> None:
    todo = created(submission({**COMPLETE, "dueDate": due}, status=DONE, workspace=INBOUND))
    assert (todo.closed_at, todo.facts["dueDate"]) == (NOW, NOW.date())


def test_an_open_todo_is_due_when_it_was_said_to_be() -> None:
    todo = created(submission({**COMPLETE, "dueDate": date(2027, 1, 1)}, workspace=INBOUND))
    assert (todo.closed_at, todo.facts["dueDate"]) == (None, date(2027, 1, 1))


@given(sent=submissions())
def test_a_new_todo_holds_everything_that_was_sent(sent: Submission) -> None:
    rule = replace(DEFAULTS, defaults={**DEFAULTS.defaults, "todoType": INCIDENT})
    todo = created(sent, rule)
    silent = FIELDS.keys() - sent.facts.keys()
    changed_by_closing = {"dueDate"} if todo.is_closed else set()
    assert all(
        todo.facts[name] == value for name, value in sent.facts.items() if name not in {"tags", *changed_by_closing}
    )
    assert tuple(tag.text for tag in todo.tags) == (sent.facts.get("tags") or ())
    assert {name for name in silent if todo.facts.get(name) is not None} <= {
        *("todoType", "title", "workspace", "status", *changed_by_closing),
    }
    assert todo.status in STATUSES
