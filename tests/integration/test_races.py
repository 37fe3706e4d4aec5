"""The promises under real threads and real processes: one todo for a reference, nothing lost, nothing refused."""

import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import ExitStack
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import orjson
import pytest
import sqlalchemy as sa

from app import errors
from app.assembly import Services, assemble
from app.db.database import Transaction
from app.outbox.messages import Subscriber
from app.todos import models, store
from app.todos.ledger import Ledger
from app.todos.outcome import OutcomeKind
from tests import race_worker, sending
from tests.gateway import bare_environment
from tests.sending import held_by, submit

T = TypeVar("T")

_ROOT = Path(__file__).parents[2]
_APPLIED = ("created", "updated", "unchanged", "reopened")
_REMEMBERED = ("created", "updated", "reopened", "ignored", "rejected")


class Worker:
    """A process of its own on the same database."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        self._process = process

    def tell(self, *command: object) -> None:
        """Send a command and do not wait."""
        assert self._process.stdin is not None
        self._process.stdin.write(orjson.dumps(command) + b"\n")
        self._process.stdin.flush()

    def answer(self) -> Any:
        """Wait for the answer to the oldest command."""
        assert self._process.stdout is not None
        return orjson.loads(self._process.stdout.readline())


@pytest.fixture(scope="module")
def processes() -> Iterator[list[Worker]]:
    """Start four processes, and await their end when all is done."""
    command = [sys.executable, "-m", "tests.race_worker"]
    with ExitStack() as stack:
        yield [
            Worker(
                stack.enter_context(
                    subprocess.Popen(
                        command, cwd=_ROOT, env=bare_environment("COV"), stdin=subprocess.PIPE, stdout=subprocess.PIPE
                    )
                )
            )
            for _ in range(4)
        ]


@pytest.fixture
def racers(processes: list[Worker], services: Services) -> list[Worker]:
    """Give four processes that have opened the database."""
    for process in processes:
        process.tell("open", services.settings.database_url)
    version = services.configuration.current().version
    assert [process.answer() for process in processes] == [version] * len(processes)
    return processes


@pytest.fixture
def others(services: Services) -> Iterator[list[Services]]:
    """Give services that share nothing with each other but the database, as those of four processes."""
    found = [assemble(services.settings) for _ in range(4)]
    yield found
    for each in found:
        each.database.close()


def at_once(*steps: Callable[[], T]) -> list[T]:
    """Run each step in a thread of its own, all starting at the same instant; give what they return, in order."""
    barrier = threading.Barrier(len(steps))

    def run(step: Callable[[], T]) -> T:
        barrier.wait()
        return step()

    with ThreadPoolExecutor(len(steps)) as threads:
        return list(threads.map(run, steps))


def check_rows(services: Services, tally: Counter[str]) -> None:
    """Check that the tables hold what the senders were told, no less and no more."""
    todos, claims = sending.todos(services), sending.claims(services)
    assert sum(todo.occurrences for todo in todos) == sum(tally[kind] for kind in _APPLIED)
    assert len(todos) == tally["created"]
    assert len(sending.history(services)) == sum(tally[kind] for kind in _REMEMBERED)
    check_holders(todos, claims)


def check_holders(todos: Sequence[sending.Row], claims: dict[tuple[str, str], int | None]) -> None:
    """Check that each reference has one chain of todos, of which the newest holds it and no other is open."""
    chains: dict[tuple[str, str], list[sending.Row]] = {}
    for todo in todos:
        for scope, reference in todo.refs:
            chains.setdefault((scope, reference), []).append(todo)
    assert claims == {place: chain[-1].id for place, chain in chains.items()}
    for chain in chains.values():
        assert [todo.previous_id for todo in chain] == [None, *(todo.id for todo in chain[:-1])]
        assert all(todo.closed_at is not None for todo in chain[:-1])


def test_sixteen_threads_lose_and_double_nothing(services: Services) -> None:
    tally = race_worker.mix(services, 1)
    assert tally.total() == race_worker.THREADS * race_worker.OPERATIONS
    assert len(sending.claims(services)) == race_worker.REFERENCES
    check_rows(services, tally)


def test_four_processes_lose_and_double_nothing(services: Services, racers: list[Worker]) -> None:
    for seed, racer in enumerate(racers):
        racer.tell("mix", seed)
    tally: Counter[str] = sum((Counter(racer.answer()) for racer in racers), Counter())
    assert tally.total() == 4 * race_worker.THREADS * race_worker.OPERATIONS
    check_rows(services, tally)


def test_eight_senders_of_a_new_reference_make_one_todo(services: Services, others: list[Services]) -> None:
    for number in range(50):
        outcomes = at_once(*(partial(submit, one, f"NEW{number}") for one in (*others, *others)))
        assert Counter(outcome.kind.value for outcome in outcomes) == {"created": 1, "unchanged": 7}
        assert len({held_by(outcome).key for outcome in outcomes}) == 1
    check_rows(services, Counter(created=50, unchanged=350))


def test_a_todo_is_not_reopened_by_hand_while_a_successor_takes_its_reference(
    services: Services, others: list[Services]
) -> None:
    hand, system = others[:2]
    reopened = 0
    for number in range(50):
        key = held_by(submit(services, f"OLD{number}", status="Done")).key
        by_hand, created = at_once(partial(_reopened, hand, key), partial(_created, system, f"OLD{number}"))
        assert by_hand != created
        reopened += by_hand
    todos = sending.todos(services)
    assert len(todos) == 100 - reopened
    assert len([todo for todo in todos if todo.closed_at is None]) == 50
    check_holders(todos, sending.claims(services))


def test_a_reference_that_is_typed_into_a_todo_while_a_system_sends_it_has_one_holder(
    services: Services, others: list[Services]
) -> None:
    hand, system = others[:2]
    for number in range(50):
        key = held_by(submit(services, f"OWN{number}")).key
        typed, created = at_once(partial(_typed, hand, key, f"NEW{number}"), partial(_created, system, f"NEW{number}"))
        assert typed != created
        holders = [todo for todo in sending.todos(services) if ["default", f"NEW{number}"] in todo.refs]
        assert [todo.id for todo in holders] == [sending.claims(services)["default", f"NEW{number}"]]


def test_an_idempotency_key_used_by_two_processes_for_two_references_is_taken_once(
    services: Services, racers: list[Worker]
) -> None:
    for number in range(50):
        for name, racer in zip("AB", racers[:2], strict=True):
            racer.tell("submit", f"{name}{number}", f"key-{number}")
        assert sorted(racer.answer() for racer in racers[:2]) == ["Invalid", "created"]
    check_rows(services, Counter(created=50))


def test_an_answer_that_another_process_stores_meanwhile_is_not_overwritten(
    services: Services, others: list[Services], monkeypatch: pytest.MonkeyPatch
) -> None:
    save, meanwhile = store.save, ThreadPoolExecutor(1)
    stored: list[Future[str]] = []

    def save_after_the_other(
        transaction: Transaction, ledger: Ledger, subscribers: Sequence[Subscriber], now: datetime
    ) -> None:
        if not stored:
            stored.append(meanwhile.submit(race_worker.submit, others[0], "B", "key"))
            if transaction.dialect == "postgresql":  # on SQLite the other waits for the end of this transaction
                wait(stored)
        save(transaction, ledger, subscribers, now)

    monkeypatch.setattr(store, "save", save_after_the_other)
    with meanwhile:
        kind = race_worker.submit(services, "A", "key")
        assert sorted([kind, stored[0].result()]) == ["Invalid", "created"]
    check_rows(services, Counter(created=1))


def test_an_idempotency_key_used_by_two_processes_for_one_reference_is_replayed(
    services: Services, racers: list[Worker]
) -> None:
    for number in range(50):
        for racer in racers[:2]:
            racer.tell("submit", f"R{number}", f"key-{number}")
        assert sorted(racer.answer() for racer in racers[:2]) == ["created", "replayed"]
    check_rows(services, Counter(created=50))


@pytest.mark.parametrize("number", [2, 40])
def test_two_processes_that_take_references_in_opposite_order_do_not_deadlock(
    services: Services, racers: list[Worker], number: int
) -> None:
    for race in range(50):
        references = [f"R{race // 2}-{each}" for each in range(number)]
        racers[0].tell("submit_all", references)
        racers[1].tell("submit_all", references[::-1])
        kinds = Counter(kind for racer in racers[:2] for kind in racer.answer())
        assert kinds == (Counter(unchanged=2 * number) if race % 2 else Counter(created=number, unchanged=number))
    check_rows(services, Counter(created=25 * number, unchanged=75 * number))
    if services.database.dialect == "postgresql":
        deadlocks = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
        with services.database.reading() as transaction:
            assert transaction.sql.execute(sa.text(deadlocks)).scalar_one() == 0


def test_the_database_itself_refuses_a_second_claim_of_a_reference(services: Services) -> None:
    first = held_by(submit(services, "EXTREF001"))
    second = held_by(submit(services, "EXTREF002"))
    assert first.id != second.id
    claim = {"scope": "default", "reference_key": "EXTREF001", "reference": "EXTREF001", "todo_id": second.id}
    with services.database.engine.connect() as connection, pytest.raises(sa.exc.IntegrityError):
        connection.execute(models.claim.insert().values(claim))
    assert sending.claims(services)["default", "EXTREF001"] == first.id


def _created(services: Services, reference: str) -> bool:
    return submit(services, reference).kind is OutcomeKind.CREATED


def _reopened(services: Services, key: str) -> bool:
    return _done(lambda: sending.amend(services, key, status="In Progress"))


def _typed(services: Services, key: str, reference: str) -> bool:
    return _done(lambda: sending.amend(services, key, reference))


def _done(amend: Callable[[], object]) -> bool:
    try:
        amend()
    except errors.Conflict:
        return False
    return True
