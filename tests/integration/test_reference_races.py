"""References under real threads: while their source changes, and while they are moved between todos."""

import random
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial
from itertools import cycle, pairwise

import pytest
import sqlalchemy as sa

from app import errors
from app.assembly import Services, assemble
from app.sources.configuration import Source
from app.sources.rules import reference_key
from app.todos.moving import giving_for
from app.todos.outcome import OutcomeKind
from tests import sending

THREADS = 8
MOVES = 40
SENDINGS = 60
SENDINGS_AN_EDIT = 8
EDITS: tuple[dict[str, object], ...] = (
    {"settings": {"match": "caseless"}},
    {"scope": "elsewhere"},
    {"settings": {"match": "trimmed"}},
    {"scope": "erp", "settings": {"match": "caseless"}},
    {"settings": {"match": "exact"}},
)


@pytest.fixture
def workers(services: Services) -> Iterator[list[Services]]:
    """Give services that share nothing with each other but the database, as those of eight processes."""
    services.configuration.put_source("erp", rule={})
    found = [assemble(services.settings) for _ in range(THREADS)]
    yield found
    for each in found:
        each.database.close()


def deadlocks(services: Services) -> int:
    if services.database.dialect == "sqlite":
        return 0
    asked = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
    with services.database.reading() as transaction:
        return int(transaction.sql.execute(sa.text(asked)).scalar_one())


def run_all(steps: list[Callable[[], object]]) -> None:
    """Run each step in a thread of its own, all starting at the same instant."""
    barrier = threading.Barrier(len(steps))

    def run(step: Callable[[], object]) -> None:
        barrier.wait()
        step()

    with ThreadPoolExecutor(len(steps)) as threads:
        list(threads.map(run, steps))


# ----------------------------------------------------------------------------------------- while the source is changed


class Editor:
    """Changes a source again and again while others send; who sends waits for it, since a database need not be fair."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._moved = threading.Condition()
        self._ended = False
        self.number = 0

    def edit(self) -> None:
        for settings in cycle(EDITS):
            self._services.configuration.change_source("erp", **settings)  # type: ignore[arg-type]  # of all types
            with self._moved:
                self.number += 1
                self._moved.notify_all()
                if self._moved.wait_for(lambda: self._ended, 0.02):
                    return

    def wait_for(self, number: int) -> None:
        with self._moved:
            assert self._moved.wait_for(lambda: self.number >= number, 60), f"only {self.number} edits"

    def end(self) -> None:
        with self._moved:
            self._ended = True
            self._moved.notify_all()


def submit_often(services: Services, seed: int, editor: Editor) -> None:
    chance = random.Random(seed)
    for number in range(SENDINGS):
        editor.wait_for(number // SENDINGS_AN_EDIT)
        sending.submit(services, f" Order {chance.randrange(10)} ", source="erp")


def test_a_reference_has_one_todo_however_its_source_changes_meanwhile(
    services: Services, workers: list[Services]
) -> None:
    editor = Editor(services)
    with ThreadPoolExecutor(1) as thread:
        edits = thread.submit(editor.edit)
        try:
            run_all([partial(submit_often, each, seed, editor) for seed, each in enumerate(workers)])
        finally:
            editor.end()
        edits.result()
    assert editor.number > len(EDITS)
    check(services, _source(services), submissions=THREADS * SENDINGS)
    assert deadlocks(services) == 0


def _source(services: Services) -> Source:
    found = services.configuration.reload().source_named("erp")
    assert found is not None
    return found


def check(services: Services, source: Source, *, submissions: int) -> None:
    """Check that ten references have ten todos, each held and told of where its source now looks for it."""
    assert source.rule is not None
    match = source.rule.match
    todos = sending.todos(services)
    assert sorted(todo.refs[0] for todo in todos) == [[source.scope, f" Order {number} "] for number in range(10)]
    assert sending.claims(services) == {
        (source.scope, reference_key(match, todo.refs[0][1])): todo.id for todo in todos
    }
    assert sum(todo.occurrences for todo in todos) == submissions


def test_a_reference_that_is_claimed_by_an_older_rule_is_claimed_by_the_newest(
    services: Services, workers: list[Services]
) -> None:
    older = workers[0].configuration.reload()
    for number in range(20):
        match = ("caseless", "exact")[number % 2]
        request = sending.request(workers[0], "Order 1", source="erp")
        services.configuration.change_source("erp", settings={"match": match})
        workers[0].operation.submit(request)
        assert len(sending.todos(services)) == len(sending.claims(services)) == 1
    assert older.version < workers[0].configuration.current().version


# ------------------------------------------------------------------------------------- while references are moved about


def give(services: Services, key: str, reference: str) -> None:
    actor, configuration, now = sending.ADMINISTRATOR, services.configuration.current(), datetime.now(UTC)
    services.references.move(giving_for(key, reference, None, actor, configuration, None, now))


def test_a_reference_that_is_moved_and_sent_by_many_at_once_is_held_by_one(
    services: Services, workers: list[Services]
) -> None:
    keys = [sending.held_by(sending.submit(services, f"OWN{number}")).key for number in range(4)]
    sending.submit(services, "HOT")

    def move(worker: Services, seed: int) -> None:
        chance = random.Random(seed)
        for _ in range(MOVES):
            give(worker, chance.choice(keys), "HOT")

    def send(worker: Services, seed: int) -> None:
        for number in range(MOVES):
            sent = sending.submit(worker, "HOT", title=f"{seed}-{number}")
            assert sent.kind in {OutcomeKind.UPDATED, OutcomeKind.UNCHANGED}

    run_all([partial(move if seed % 2 else send, each, seed) for seed, each in enumerate(workers)])
    todos = sending.todos(services)
    holders = [todo.id for todo in todos if ["default", "HOT"] in todo.refs]
    assert holders == [sending.claims(services)["default", "HOT"]]
    assert sum(todo.occurrences for todo in todos) == 5 + THREADS // 2 * MOVES
    check_histories(services)
    assert deadlocks(services) == 0


def check_histories(services: Services) -> None:
    """Check that each todo has a version for each entry, and that the entries lead from its first references to now."""
    for todo in sending.todos(services):
        entries = [entry for entry in sending.history(services) if entry.todo_id == todo.id]
        assert todo.version == len(entries)
        told = [entry.changes["externalReferences"] for entry in entries if "externalReferences" in entry.changes]
        assert all(after == following for (_, after), (following, _) in pairwise(told))
        assert not told or told[-1][1] == [reference for _, reference in todo.refs]
    took, lost = (
        [entry for entry in sending.history(services) if entry.reason == reason]
        for reason in (
            "a reference taken over from another todo by hand",
            "a reference moved to another todo by hand",
        )
    )
    assert len(took) == len(lost) > 0


def test_references_that_change_places_wait_for_each_other_and_do_not_deadlock(
    services: Services, workers: list[Services]
) -> None:
    keys = [sending.held_by(sending.submit(services, f"OWN{number}")).key for number in range(2)]

    def exchange(worker: Services, seed: int) -> None:
        for number in range(MOVES):
            give(worker, keys[(seed + number) % 2], f"OWN{seed // 2 % 2}")

    def amend(worker: Services, seed: int) -> None:
        for number in range(MOVES):
            try:
                sending.amend(worker, keys[seed // 2 % 2], f"OWN{(seed + number) % 2}", title=f"{seed}-{number}")
            except errors.Conflict:
                time.sleep(0)

    run_all([partial(amend if seed % 4 == 3 else exchange, each, seed) for seed, each in enumerate(workers)])
    held = sending.claims(services)
    for todo in sending.todos(services):
        assert {reference for _, reference in todo.refs} == {
            key for (_, key), number in held.items() if number == todo.id
        }
    check_histories(services)
    assert deadlocks(services) == 0
