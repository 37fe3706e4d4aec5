"""What is remembered of each decision: one row, for a while; nothing of what was refused, repeated or rehearsed."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from app import errors
from app.accounts.identity import Identity
from app.assembly import Services, assemble
from app.config import Settings
from app.db.database import Database
from app.todos import models, remembering, retention
from app.todos.outcome import OutcomeKind
from app.todos.remembered import Met, Remembered, Said
from app.todos.submission import Expectation
from tests import sending
from tests.conftest import KINDS, DatabaseUrls, prepare
from tests.sending import held_by, submit

NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)
LATER = NOW + timedelta(minutes=5)


def remembered(services: Services, source: str = "default", last: int = 100) -> list[Remembered]:
    """Give what is remembered of a source, the oldest first."""
    return [past for step in remembering.newest(services.database, source, last, 10) for past in step][::-1]


def set_rule(services: Services, **rule: object) -> None:
    services.configuration.put_source("default", rule=rule)


@pytest.fixture(params=KINDS)
def forgetful(request: pytest.FixtureRequest, fresh_databases: DatabaseUrls) -> Iterator[Services]:
    """Give a gateway that is told to remember no request."""
    services = assemble(Settings(database_url=fresh_databases(request.param), request_retention_days=0))
    prepare(services)
    yield services
    services.database.close()


def test_a_request_that_met_nothing_is_remembered_with_what_it_was_decided_from(services: Services) -> None:
    occurred = NOW - timedelta(minutes=1)
    todo = held_by(submit(services, "EXTREF001", now=NOW, status="in progress", occurred_at=occurred))
    status = todo.status
    assert remembered(services) == [
        Remembered(
            source="default",
            at=NOW,
            rule_version=1,
            outcome=OutcomeKind.CREATED,
            todo_id=todo.id,
            todo_key=todo.key,
            reference="EXTREF001",
            said=Said("in progress", status.id, status.type),
            occurred_at=occurred,
        )
    ]


def test_the_todo_met_is_remembered_as_it_stood_before(services: Services) -> None:
    set_rule(services, statusMap={"closed successful": "Done"})
    occurred = NOW - timedelta(minutes=1)
    before = held_by(submit(services, "EXTREF001", now=NOW, occurred_at=occurred))
    closed = held_by(submit(services, "EXTREF001", now=LATER, status="Closed successful"))
    submit(services, "EXTREF001", now=LATER)
    _, second, third = remembered(services)
    met = Met(
        todo_id=before.id,
        key=before.key,
        status_id=before.status.id,
        status_type=before.status.type,
        created_at=NOW,
        closed_at=None,
        occurred_at=occurred,
    )
    assert second.met == met
    assert second.said == Said("Closed successful", closed.status.id, closed.status.type)
    assert third.met == replace(met, status_id=closed.status.id, status_type=closed.status.type, closed_at=LATER)
    assert (third.outcome, third.said, third.occurred_at) == (OutcomeKind.CREATED, None, None)
    assert third.todo_id != before.id


def test_each_outcome_leaves_one_row(services: Services) -> None:
    submit(services, "EXTREF001", now=NOW)
    submit(services, "EXTREF001", now=NOW)
    submit(services, "EXTREF001", now=NOW, status="Done")
    set_rule(services, onClosed="reopen", onNone="ignore")
    submit(services, "EXTREF001", now=NOW)
    submit(services, "EXTREF002", now=NOW)
    set_rule(services, onNone="reject")
    submit(services, "EXTREF003", now=NOW)
    rows = remembered(services)
    assert [(row.outcome.value, row.reference, row.rule_version, row.todo_id is None) for row in rows] == [
        ("created", "EXTREF001", 1, False),
        ("unchanged", "EXTREF001", 1, False),
        ("updated", "EXTREF001", 1, False),
        ("reopened", "EXTREF001", 2, False),
        ("ignored", "EXTREF002", 2, True),
        ("rejected", "EXTREF003", 3, True),
    ]


def test_requests_that_share_a_transaction_are_remembered_in_their_order(services: Services) -> None:
    together = [sending.request(services, "EXTREF001", now=NOW, title=title) for title in ("one", "two", "two")]
    services.operation.submit_all(together)
    rows = remembered(services)
    assert [row.outcome.value for row in rows] == ["created", "updated", "unchanged"]
    assert [None if row.met is None else row.met.todo_id for row in rows] == [None, rows[0].todo_id, rows[0].todo_id]


def test_a_rehearsal_a_repeated_answer_and_a_refusal_leave_none(services: Services) -> None:
    services.operation.rehearse(sending.request(services, "EXTREF001"))
    assert remembered(services) == []
    for _ in range(2):
        services.operation.submit(sending.request(services, "EXTREF001", idempotency_key="k"))
    assert len(remembered(services)) == 1
    nobody = Identity(user_id=2, login="ann")
    with pytest.raises(errors.Forbidden):
        submit(services, "EXTREF001", identity=nobody)
    with pytest.raises(errors.Invalid):
        submit(services, "EXTREF001", todoType="TASK")
    with pytest.raises(errors.PreconditionFailed):
        submit(services, "EXTREF001", expectation=Expectation.CREATE)
    assert len(remembered(services)) == 1


def test_nothing_is_written_where_none_is_to_be_remembered(forgetful: Services) -> None:
    submit(forgetful, "EXTREF001")
    assert remembered(forgetful) == []


def test_neither_texts_nor_names_are_remembered(services: Services) -> None:
    kept = dict.fromkeys(("title", "description", "assignee", "comment"), "unheard-of@example.com")
    submit(services, "EXTREF001", **kept)
    assert "unheard-of" not in str(sending.rows(services, models.remembered_request))


def test_the_last_of_a_source_are_read_in_steps_the_newest_first(services: Services) -> None:
    services.configuration.put_source("erp")
    for number in range(5):
        submit(services, f"R-{number}")
        submit(services, f"E-{number}", source="erp")
    steps = list(remembering.newest(services.database, "default", 4, step=3))
    assert [[past.reference for past in step] for step in steps] == [["R-4", "R-3", "R-2"], ["R-1"]]
    assert [len(step) for step in remembering.newest(services.database, "erp", 10, step=5)] == [5]
    assert list(remembering.newest(services.database, "no-such", 10, step=5)) == []


def test_a_todo_that_is_gone_leaves_its_number(services: Services) -> None:
    number = held_by(submit(services, "EXTREF001")).id
    submit(services, "EXTREF001")
    with services.database.transaction() as transaction:
        for table in (models.history, models.claim, models.todo_tag, models.todo):
            transaction.sql.execute(sa.delete(table))
    past = remembered(services)[-1]
    assert past.met is not None
    assert (past.todo_id, past.todo_key, past.met.todo_id, past.met.key) == (number, None, number, None)


def test_old_requests_are_forgotten_in_steps_and_others_stay(services: Services) -> None:
    for number in range(3):
        submit(services, f"OLD-{number}", now=NOW)
    submit(services, "NEW", now=LATER)
    steps = [retention.forget_requests(services.database, NOW + timedelta(minutes=1), limit=2) for _ in range(3)]
    assert steps == [2, 1, 0]
    assert [past.reference for past in remembered(services)] == ["NEW"]


@pytest.mark.parametrize("forget", [retention.forget_requests, retention.forget_history])
def test_what_is_old_is_found_whenever_it_was_written(
    services: Services, forget: Callable[[Database, datetime, int], int]
) -> None:
    for number, now in enumerate((LATER, NOW, LATER, NOW)):  # as where a clock was set back
        submit(services, f"REF-{number}", now=now)
    steps = [forget(services.database, NOW + timedelta(minutes=1), 1) for _ in range(3)]
    assert steps == [1, 1, 0]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_the_age_of_rows_is_looked_up_in_block_ranges(services: Services) -> None:
    with services.database.reading() as transaction:
        for table in ("history", "remembered_request"):
            asked = f"EXPLAIN SELECT id FROM {table} WHERE at < now() - interval '1 day' LIMIT 1000"
            plan = "\n".join(row[0] for row in transaction.sql.execute(sa.text(asked)))
            assert f"Bitmap Index Scan on ix_{table}_at" in plan, plan
