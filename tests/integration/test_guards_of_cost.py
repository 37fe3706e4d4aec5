"""What a gathered transaction costs, in statements and rows: the same for one submission as for a hundred."""

from collections.abc import Sequence
from contextlib import ExitStack

import pytest
import sqlalchemy as sa

from app.assembly import Services
from app.db.database import Transaction
from app.journal import allowance
from app.todos import models, statements
from app.todos.outcome import OutcomeKind
from tests import sending
from tests.counting import Cost, counted
from tests.sending import outcome_of

SIZES = (1, 10, 100)
_CREATED, _UNCHANGED, _UPDATED = OutcomeKind.CREATED, OutcomeKind.UNCHANGED, OutcomeKind.UPDATED

STATEMENTS = {_CREATED: 12, _UNCHANGED: 9, _UPDATED: 11}
"""Of one transaction, BEGIN and COMMIT included. Who changes a number here says why in the commit."""


@pytest.fixture(autouse=True)
def _warm(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    """Know what a running process knows, with the burst of repeats that are remembered behind it."""
    monkeypatch.setattr(services.subscribers, "_clock", lambda: 0.0)
    monkeypatch.setattr(services.configuration._snapshots, "_clock", lambda: 0.0)
    monkeypatch.setattr(allowance, "BURST", 0)
    _submit(services, ["WARM"])


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("kind", [_CREATED, _UNCHANGED, _UPDATED])
def test_a_transaction_takes_as_many_statements_for_many_submissions_as_for_one(
    services: Services, kind: OutcomeKind, size: int
) -> None:
    cost = _cost(services, kind, _references(size))
    assert cost.transactions == 1
    assert cost.statements == STATEMENTS[kind]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("kind", [_CREATED, _UNCHANGED, _UPDATED])
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_on_postgresql_a_transaction_takes_two_round_trips(services: Services, kind: OutcomeKind, size: int) -> None:
    assert _cost(services, kind, _references(size)).round_trips == 2


@pytest.mark.parametrize("size", SIZES)
def test_an_unchanged_repeat_writes_its_todo_and_nothing_else(services: Services, size: int) -> None:
    assert _cost(services, _UNCHANGED, _references(size)).written == [f"UPDATE {size}"]


def test_repeats_of_one_reference_write_its_todo_once(services: Services) -> None:
    assert _cost(services, _UNCHANGED, ["HOT"] * 100).written == ["UPDATE 1"]
    assert [todo.occurrences for todo in sending.todos(services)] == [1, 101]


@pytest.mark.parametrize("size", SIZES)
def test_an_update_writes_its_todo_and_one_entry_of_history(services: Services, size: int) -> None:
    assert _cost(services, _UPDATED, _references(size)).written == [
        f"UPDATE {size}",
        f"INSERT {size}",
        f"INSERT {size}",
    ]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_what_follows_a_todo_is_found_by_its_index_also_where_postgresql_knows_nothing_of_the_table(
    services: Services,
) -> None:
    names = [column.name for column in models.todo.c if column.name != "id"]
    copied = f"INSERT INTO todo (id, {', '.join(names)}) SELECT id + g, {', '.join(names)} FROM todo, LATERAL"
    with services.database.transaction() as transaction:
        transaction.sql.execute(sa.text(f"{copied} (SELECT generate_series(100, 40000) g) AS numbers"))
        transaction.sql.execute(sa.text("DELETE FROM pg_statistic WHERE starelid = 'todo'::regclass"))
        found = transaction.sql.exec_driver_sql(f"EXPLAIN {statements.LOCKING.held.postgresql}", ("[]",)).scalars()
        plan = "\n".join(found)
    assert "Index Cond: (previous_id = todo.id)" in plan
    assert "Filter: (previous_id = todo.id)" not in plan


def test_one_after_the_other_works_on_one_connection_however_many_are_open(services: Services) -> None:
    with ExitStack() as together:
        opened = {_connection(together.enter_context(services.database.reading())) for _ in range(3)}
    used = set()
    for _ in range(5):
        with services.database.reading() as transaction:
            used.add(_connection(transaction))
    assert (len(opened), len(used)) == (3, 1)


def _connection(transaction: Transaction) -> int:
    return id(transaction.sql.connection.driver_connection)


def _cost(services: Services, kind: OutcomeKind, references: Sequence[str]) -> Cost:
    """Count what it costs to submit these in one transaction, each of which ends in this kind."""
    if kind is not _CREATED:
        _submit(services, sorted({*references}))
    title = "Found pallet" if kind is _UPDATED else "Lost pallet"
    with counted(services.database) as cost:
        outcomes = _submit(services, references, title)
    assert set(outcomes) == {kind}
    return cost


def _submit(services: Services, references: Sequence[str], title: str = "Lost pallet") -> list[OutcomeKind]:
    requests = [sending.request(services, reference, title=title) for reference in references]
    return [outcome_of(answer).kind for answer in services.operation.submit_all(requests)]


def _references(size: int) -> list[str]:
    return [f"R{number}" for number in range(size)]
