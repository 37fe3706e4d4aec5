"""Removing todos: what goes, what stays, and what becomes of those who send their references at the same instant."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
import sqlalchemy as sa

from app import errors
from app.accounts.identity import EVERYTHING, Identity
from app.assembly import Services, assemble
from app.journal import models as journal
from app.journal.lines import Line
from app.outbox import models as outbox
from app.todos import models, removal
from app.todos.outcome import OutcomeKind
from app.todos.todo import Todo
from tests import sending

THREADS = 8
ROUNDS = 25
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
def workers(services: Services) -> Iterator[list[Services]]:
    """Give services that share nothing with each other but the database, as those of eight processes."""
    found = [assemble(services.settings) for _ in range(THREADS)]
    yield found
    for each in found:
        each.database.close()


def remove(services: Services, key: str, versions: frozenset[int] | None = None) -> None:
    services.removal.remove(key, sending.ADMINISTRATOR, NOW, versions=versions)


def sent(services: Services, reference: str, **facts: object) -> Todo:
    return sending.held_by(sending.submit(services, reference, **facts))


def count(services: Services, table: sa.Table) -> int:
    return len(sending.rows(services, table))


def see(services: Services, todo: Todo) -> None:
    """Let the journal write down that a todo was seen."""
    line = Line(
        at=NOW,
        source="default",
        door="api",
        actor="admin",
        outcome="updated",
        status=200,
        reason="",
        duration=timedelta(),
        todo_id=todo.id,
    )
    services.recorder.offer(line)
    services.recorder.flush()


def test_everything_that_hangs_on_a_todo_goes_with_it(services: Services) -> None:
    todo = sent(services, "R-1", tags=("night shift",), comment="counted")
    see(services, todo)
    tables = (models.todo, models.claim, models.history, models.todo_tag, journal.sighting)
    assert all(count(services, table) for table in tables)
    remove(services, todo.key)
    assert [count(services, table) for table in tables] == [0] * len(tables)


def test_what_decisions_about_it_were_made_from_goes_too(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(removal, "_AT_ONCE", 2)
    first, second = sent(services, "R-1", status="Done"), sent(services, "R-1")
    other = sent(services, "R-2")
    for number in range(5):
        sending.submit(services, "R-1", title=f"Pallet {number}")
    remove(services, second.key)
    left = sending.rows(services, models.remembered_request)
    assert [(row.todo_id, row.met_id) for row in left] == [(first.id, None), (other.id, None)]


def test_other_todos_keep_what_is_theirs(services: Services) -> None:
    todo, other = (sent(services, reference, tags=("night shift",), comment="counted") for reference in ("R-1", "R-2"))
    see(services, other)
    remove(services, todo.key)
    assert [row.id for row in sending.todos(services)] == [other.id]
    assert sending.claims(services) == {("default", "R-2"): other.id}
    for table in (models.history, models.todo_tag, journal.sighting):
        assert {row.todo_id for row in sending.rows(services, table)} == {other.id}


def test_the_reference_of_a_removed_todo_is_free_again(services: Services) -> None:
    removed = sent(services, "R-1")
    remove(services, removed.key)
    again = sending.submit(services, "R-1")
    assert again.kind is OutcomeKind.CREATED
    assert again.previous is None
    assert sending.claims(services) == {("default", "R-1"): sending.held_by(again).id}


def test_a_key_is_never_given_again(services: Services) -> None:
    numbers = []
    for _ in range(3):
        todo = sent(services, "R-1")
        numbers.append(todo.id)
        remove(services, todo.key)
    assert numbers == sorted(set(numbers))


def test_a_todo_that_was_succeeded_stays_until_its_successor_is_gone(services: Services) -> None:
    first = sent(services, "R-1", status="Done")
    second = sent(services, "R-1")
    with pytest.raises(errors.Conflict, match=second.key):
        remove(services, first.key)
    assert [row.id for row in sending.todos(services)] == [first.id, second.id]
    remove(services, second.key)
    remove(services, first.key)
    assert sending.todos(services) == []


def test_only_administrators_remove(services: Services) -> None:
    todo = sent(services, "R-1")
    agent = Identity(user_id=2, login="ann", permissions={todo.workspace.id: EVERYTHING})
    with pytest.raises(errors.Forbidden):
        services.removal.remove(todo.key, agent, NOW, versions=None)
    assert count(services, models.todo) == 1


def test_a_todo_that_was_changed_since_stays(services: Services) -> None:
    todo = sent(services, "R-1")
    sending.amend(services, todo.key, title="Found")
    with pytest.raises(errors.PreconditionFailed, match="version 2"):
        remove(services, todo.key, frozenset({1}))
    remove(services, todo.key, frozenset({2}))
    assert count(services, models.todo) == 0


@pytest.mark.parametrize("key", ["EXA-CON-BUS-WOR-01", "ELSE-01", "EXA-CON-BUS-WOR-1", "nonsense"])
def test_what_is_not_there_is_not_found(services: Services, key: str) -> None:
    with pytest.raises(errors.NotFound):
        remove(services, key)


def test_the_audit_trail_tells_who_removed_what(services: Services) -> None:
    todo = sent(services, "R-1", status="In Progress")
    remove(services, todo.key)
    (entry, *_), _ = services.trail.page(limit=1)
    assert (entry.change.actor, entry.change.action, entry.change.kind) == ("admin", "delete", "todo")
    assert entry.change.name == todo.key
    assert entry.change.changes == {
        "title": ("Lost pallet", None),
        "workspace": ("EXA-CON-BUS-WOR", None),
        "status": ("In Progress", None),
        "externalReferences": (["default: R-1"], None),
    }


def test_subscribers_are_told(services: Services) -> None:
    todo = sent(services, "R-1")
    services.subscribers.save_subscriber("pager", "https://pager.example/hook")
    remove(services, todo.key)
    (message,) = sending.rows(services, outbox.message)
    assert (message.event, message.payload["key"]) == ("todo.removed", todo.key)


def test_a_removal_that_fails_takes_nothing_away(services: Services) -> None:
    first = sent(services, "R-1", status="Done", comment="counted")
    sent(services, "R-1")
    entries = count(services, models.history)
    with pytest.raises(errors.Conflict):
        remove(services, first.key)
    assert count(services, models.history) == entries
    assert services.trail.page(limit=1, kind="todo") == ([], None)


@pytest.mark.parametrize("comment", [None, "seen"])
def test_whoever_sends_a_reference_while_its_todo_is_removed_ends_on_it_or_on_one_new_todo(
    services: Services, workers: list[Services], comment: str | None
) -> None:
    for number in range(ROUNDS):
        reference = f"R-{number}"
        before = sent(services, reference)
        outcomes: list[Todo] = []
        steps: list[Callable[[], object]] = [partial(remove, workers[0], before.key)]
        steps += [partial(_send, worker, reference, comment, outcomes) for worker in workers[1:]]
        _run_all(steps)
        ends = {todo.id for todo in outcomes} - {before.id}
        _check_ends(services, reference, before, ends)


def _send(worker: Services, reference: str, comment: str | None, outcomes: list[Todo]) -> None:
    outcomes.append(sent(worker, reference, comment=comment))


def _check_ends(services: Services, reference: str, before: Todo, ends: set[int]) -> None:
    """Check that the old todo is gone, and that all who came after it met in one new one, which holds the reference."""
    left = {row.id for row in sending.todos(services) if row.refs == [["default", reference]]}
    assert before.id not in left
    assert left == ends
    assert len(ends) <= 1
    assert sending.claims(services).get(("default", reference)) == next(iter(ends), None)


def test_a_todo_that_is_removed_while_it_is_succeeded_leaves_no_broken_chain(
    services: Services, workers: list[Services]
) -> None:
    for number in range(ROUNDS):
        reference = f"R-{number}"
        first = sent(services, reference, status="Done")
        _run_all([partial(_remove_if_possible, workers[0], first.key), partial(sent, workers[1], reference)])
        todos = {row.id: row for row in sending.todos(services) if row.refs == [["default", reference]]}
        successor = max(todos)
        assert todos[successor].previous_id == (first.id if first.id in todos else None)
        assert sending.claims(services)["default", reference] == successor


def _remove_if_possible(worker: Services, key: str) -> None:
    try:
        remove(worker, key)
    except errors.Conflict:
        return


def _run_all(steps: list[Callable[[], object]]) -> None:
    """Run each step in a thread of its own, all starting at the same instant."""
    barrier = threading.Barrier(len(steps))

    def run(step: Callable[[], object]) -> None:
        barrier.wait()
        step()

    with ThreadPoolExecutor(len(steps)) as threads:
        list(threads.map(run, steps))
